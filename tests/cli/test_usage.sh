#!/bin/sh
# Mistakes on the command line: status, and the whole of what is printed.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0

# expect STATUS MESSAGE ARGS...: standard error is `masting: error: MESSAGE` and a newline, no more.
expect() {
  want=$1 message=$2
  shift 2
  "$MASTING" "$@" >out 2>err
  got=$?
  printf 'masting: error: %s\n' "$message" >want
  if [ "$got" != "$want" ] || ! cmp -s want err || [ -s out ]; then
    echo "FAIL masting $*"
    echo "  expected status $want: $(cat want)"
    echo "  got      status $got: $(cat err out)"
    failed=1
  fi
}

expect 2 "samle: unknown command; did you mean 'sample'?" samle
expect 2 "qqqqqqqq: unknown command; try \`masting help\`" qqqqqqqq
expect 2 "smaple: unknown command; did you mean 'sample'?" help smaple
expect 2 "--drwas: unknown option; did you mean '--draws'?" sample ppca data.h5 --drwas 10
expect 2 "--drwas: unknown option; did you mean '--draws'?" sample ppca data.h5 --drwas=10
expect 2 "--frobnicate: unknown option; try \`masting sample --help\`" sample ppca --frobnicate
expect 2 "-z: unknown option; try \`masting sample --help\`" sample ppca -z
expect 2 "--draws: no value; expected one after the option; try \`masting sample --help\`" \
  sample ppca data.h5 --draws
expect 2 "--draws: not a number, at character 1; expected a whole number from 1 to 1000000000, got 'ten'; try 1000" \
  sample ppca data.h5 --draws ten
expect 2 "--draws: not a number, at character 3; expected a whole number from 1 to 1000000000, got '10x'; try 1000" \
  sample ppca data.h5 --draws 10x
expect 2 "--draws: not whole; expected a whole number from 1 to 1000000000, got '1.5'" \
  sample ppca data.h5 --draws 1.5
expect 2 "--draws: out of range; expected a whole number from 1 to 1000000000, got '0'" \
  sample ppca data.h5 --draws 0
expect 2 "--chains: out of range; expected a whole number from 1 to 64, got '65'" \
  sample ppca data.h5 --chains 65
expect 2 "--max-depth: out of range; expected a whole number from 1 to 15, got '16'" \
  sample ppca d.h5 --max-depth 16
expect 2 "--target-accept: out of range; expected a number from 0.01 to 0.999, got '1'" \
  sample ppca data.h5 --target-accept 1
expect 2 "--target-accept: not a number, at character 1; expected a number from 0.01 to 0.999, got 'nan'; try 0.8" \
  sample ppca data.h5 --target-accept nan
expect 2 "--target-accept: not a number, at character 2; expected a number from 0.01 to 0.999, got '0,8'; try 0.8" \
  sample ppca data.h5 --target-accept 0,8
expect 2 "--seed: not a number, at character 1; expected a whole number from 0 to 18446744073709551615, got '-1'; try 1" \
  sample ppca data.h5 --seed -1
expect 2 "--seed: out of range; expected a whole number from 0 to 18446744073709551615, got '18446744073709551616'" \
  sample ppca data.h5 --seed 18446744073709551616
expect 2 "--metric: unknown choice; expected one of diag, diag-var, unit, dense, lowrank, auto, got 'diagg'; did you mean 'diag'?" \
  sample ppca data.h5 --metric diagg
expect 2 "--init: expected mode, pathfinder or a radius, got 'modes'; try --init mode" sample ppca data.h5 --init modes
expect 2 "masting optimize: 1 argument too few; expected masting optimize MODEL [DATA] [options]" optimize
expect 2 "masting pathfinder: 1 argument too few; expected masting pathfinder MODEL [DATA] [options]" pathfinder
expect 2 "--isa: unknown choice; expected one of base, v3, v4, best, got 'neon'" \
  sample ppca data.h5 --isa neon
expect 2 "--out: empty; expected FILE" sample ppca data.h5 --out ''
expect 2 "--lanes: expected 1, 2, 4, 8 or 16, got '3'" sample ppca data.h5 --lanes 3
for command in check optimize pathfinder laplace; do
  expect 2 "--lanes: expected 1, 2, 4, 8 or 16, got '12'" $command ppca data.h5 --lanes 12
done
expect 2 "--max-steps and --out: a bounded run stores no draws; expected one of the two; try --max-steps without --out" \
  sample ppca data.h5 --max-steps 10 -o x.h5
expect 2 "--no-pool and --metric unit: a unit metric is not estimated; expected one of the two" \
  sample ppca data.h5 --no-pool --metric unit
expect 2 "--save-warmup and --warmup 0: there is no warm-up to save; expected one of the two" \
  sample ppca data.h5 --save-warmup --warmup 0
expect 2 "masting sample: no model; expected masting sample MODEL [DATA] [options]; try \`masting sample --list\`" \
  sample
expect 2 "masting sample: one argument too many, 'more'; expected masting sample MODEL [DATA] [options]" \
  sample ppca data.h5 more
expect 2 "masting simulate: 1 argument too few; expected masting simulate MODEL [options]" simulate
expect 2 "--size N: no \`=\`; expected NAME=VALUE; try --size N=5000" simulate ppca --size N
expect 2 "--size N: not a number, at character 1; expected a whole number of at least 0, got 'many'; try 5000" \
  simulate ppca --size N=many
expect 2 "--json: needs --at; expected --at points.json --json" check ppca data.h5 --json
expect 2 "--launcher: no {ranks}; expected such as 'mpirun -n {ranks}', got 'mpirun'" \
  scaling ppca --launcher mpirun
expect 2 "--ranks: an empty part; expected values with commas between them, got '1,,2'" \
  scaling ppca --ranks 1,,2
expect 2 "eight_schools: nothing is cut over ranks; expected a model with rows; try \`masting sample --list\`" \
  scaling eight_schools
expect 2 "nothing.c: cannot open: No such file or directory" compile nothing.c
expect 2 "model.stan: cannot open: No such file or directory" compile model.stan
expect 2 "model.py: neither Stan nor C; expected a model whose name ends in .stan or .c; docs/models-in-c.md shows \
how to write one in C" compile model.py
expect 2 "masting compile: no model; expected masting compile MODEL.stan" compile
# Names of CmdStan's and PyMC's: answered with ours.
expect 2 "--adapt-delta: another program's name; expected --target-accept" sample ppca d.h5 --adapt-delta 0.9
expect 2 "--adapt_delta: another program's name; expected --target-accept" sample ppca d.h5 --adapt_delta=0.9
expect 2 "--iter-sampling: another program's name; expected --draws" sample ppca d.h5 --iter-sampling 10
expect 2 "--iter-warmup: another program's name; expected --warmup" sample ppca d.h5 --iter-warmup 10
expect 2 "--tune: another program's name; expected --warmup" sample ppca d.h5 --tune 10
expect 2 "--parallel-chains: another program's name; expected --chains" sample ppca d.h5 --parallel-chains 2
expect 2 "--max-treedepth: another program's name; expected --max-depth" sample ppca d.h5 --max-treedepth 9
expect 2 "--iter: another program's name; expected --max-iterations" optimize ppca d.h5 --iter 9
expect 2 "--tune: unknown option; try \`masting optimize --help\`" optimize ppca d.h5 --tune 9
expect 2 "chains=4: neither a file nor an option; expected options with dashes; try --chains 4" sample ppca chains=4
expect 2 "num_samples=10: neither a file nor an option; expected options with dashes; try --draws 10" \
  sample ppca num_samples=10 adapt delta=0.9
expect 2 "target_accept=0.9: neither a file nor an option; expected options with dashes; try --target-accept 0.9" \
  sample ppca d.h5 target_accept=0.9
expect 2 "file=y.json: neither a file nor an option; expected masting sample MODEL DATA -o FILE" \
  sample ppca data file=y.json
for word in advi variational; do
  expect 2 "$word: ADVI is not here: its noisy ascent seldom tells when it has arrived, nor how far off it is; \
try \`masting pathfinder\`, which weighs its draws and tells Pareto k, or \`masting laplace\`" $word
done
# A file may be called so.
touch chains=4
expect 65 "chains=4: it is empty; expected HDF5, JSON or CSV, got 0 bytes" sample ppca chains=4
echo 'parameters { real mu; } model { mu ~ normal(0, 1); }' >mu.stan
CC=/nowhere/cc MASTING_CACHE=$dir "$MASTING" sample mu.stan >out 2>err
grep -qx "masting: error: /nowhere/cc: cannot be run: No such file or directory; expected a C compiler, as CC says; try \
\`masting compile mu.stan\` where there is one, such as the login node, and then the model.so in place of MODEL" err ||
  { echo "FAIL no compiler: $(cat err)"; failed=1; }

# Files of options.
expect 2 "--config none.json: cannot open: No such file or directory" sample ppca d.h5 --config none.json
printf '{"draws": 10,\n "chains" 4}\n' >a.json
expect 65 "a.json:2:11: broken JSON: ':' expected near '4'" sample ppca d.h5 --config a.json
printf '{"drwas": 10}\n' >a.json
expect 2 "a.json: drwas: unknown option; did you mean 'draws'?" sample ppca d.h5 --config a.json
printf '{"adapt_delta": 0.9}\n' >a.json
expect 2 "a.json: adapt_delta: another program's name; expected target-accept" sample ppca d.h5 --config a.json
printf '{"draws": [true]}\n' >a.json
expect 2 "a.json: draws: not a number, at character 1; expected a whole number from 1 to 1000000000, got 'true'; try 1000" \
  sample ppca d.h5 --config a.json
printf '{"force": "maybe"}\n' >a.json
expect 2 "a.json: force: a switch; expected true or false, got 'maybe'" \
  sample ppca d.h5 --config a.json
printf '# a comment\n\ndraws 10\n' >a.conf
expect 65 "a.conf:3: no \`=\`; expected \`name = value\`, got 'draws 10'" \
  sample ppca d.h5 --config a.conf
printf '\nchains = 0\n' >a.conf
expect 2 "a.conf:2: chains: out of range; expected a whole number from 1 to 64, got '0'" \
  sample ppca d.h5 --config a.conf
# The command line wins: chains of the file is never looked at, draws of the file is.
printf 'chains = 0\ndraws = 0\n' >a.conf
expect 2 "a.conf:2: draws: out of range; expected a whole number from 1 to 1000000000, got '0'" \
  sample ppca d.h5 --chains 2 --config a.conf

# No subcommand: the usage, status 2. Asked for: on standard output, status 0.
"$MASTING" >out 2>err
[ $? = 2 ] && [ ! -s out ] && grep -q '^usage: masting COMMAND' err || { echo "FAIL masting"; failed=1; }
for words in help --help -h version -V 'help --man' 'help --man sample' 'help --completion bash' 'help sample' 'sample --help' 'simulate -h' 'check --help' 'summary --help' \
  'compile --help' 'scaling --help' 'info --help' 'sample --list'; do
  # shellcheck disable=SC2086  # words are words
  "$MASTING" $words >out 2>err && [ -s out ] && [ ! -s err ] || { echo "FAIL masting $words"; failed=1; }
done
[ "$("$MASTING" -V)" = "$("$MASTING" version)" ] && [ "$("$MASTING" --version)" = "masting $(sed -n 's/^#define PACKAGE_VERSION "\(.*\)"/\1/p' "$builddir/config.h")" ] ||
  { echo "FAIL masting --version"; failed=1; }

# Under mpirun the message comes once.
sh "$RUN_MPI" 3 "$MASTING" sample ppca --drwas 3 >out 2>err
[ $? = 2 ] && [ "$(grep -c '^masting: error: --drwas: unknown option' err)" = 1 ] ||
  { echo "FAIL under mpirun:"; cat err; failed=1; }
exit $failed
