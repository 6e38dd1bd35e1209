#!/bin/sh
# --metric-file and --save-metric: what is refused, with the whole message; files as CmdStan writes them; a saved metric
# carries on as well as the run that learnt it; the same draws on any ranks.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0
"$MASTING" simulate logistic --size N=400 --size P=2 --seed 3 -o data.h5 2>/dev/null || exit 1
"$MASTING" simulate ppca --size N=301 --size D=2 --size K=1 --seed 3 -o ppca.h5 2>/dev/null || exit 1

# expect STATUS MESSAGE ARGS...: sampling logistic says `masting: error: MESSAGE`, no more, on 1 and 2 ranks; no output is left.
expect() {
  want=$1 message=$2
  shift 2
  printf 'masting: error: %s\n' "$message" >want
  for ranks in 1 2; do
    sh "$RUN_MPI" $ranks "$MASTING" sample logistic data.h5 -q -d 5 "$@" >out 2>err
    got=$?
    grep '^masting: error' err >said
    if [ "$got" != "$want" ] || ! cmp -s want said || [ -s out ] || ls ./*.partial draws.h5 >/dev/null 2>&1; then
      echo "FAIL on $ranks ranks: sample logistic data.h5 $*"
      echo "  expected status $want: $(cat want)"
      echo "  got      status $got: $(cat err out; ls)"
      failed=1
    fi
  done
}

# refuse MESSAGE JSON: of a metric file with that text
refuse() {
  printf '%s\n' "$2" >m.json
  expect 65 "m.json: $1" --metric-file m.json
}

expect 2 "none.json: cannot be read: No such file or directory; expected a metric file (JSON or HDF5)" --metric-file none.json
printf 'inv_metric <- c(1, 1, 1)\n' >m.R
expect 65 'm.R: an R dump; expected JSON or HDF5; try {"inv_metric": [...]} in a .json, with the same numbers' --metric-file m.R
expect 65 "data.h5: no dataset inv_metric; expected a file of \`masting sample --save-metric\`" --metric-file data.h5
refuse "expected an object with inv_metric, got an array" '[1, 1, 1]'
refuse 'no inv_metric; expected {"inv_metric": [...]}, numbers for a diagonal or arrays of them for a matrix' '{"stepsize": 1}'
refuse "inv_metric: expected an array of numbers, got a number" '{"inv_metric": 1}'
refuse "inv_metric: element 2: expected a number, got text" '{"inv_metric": [1, "one", 1]}'
refuse "inv_metric: row 2: expected 3 numbers, got 2" '{"inv_metric": [[1, 0, 0], [0, 1], [0, 0, 1]]}'
refuse "inv_metric: row 2: expected an array of numbers, got a number" '{"inv_metric": [[1, 0, 0], 1, 1]}'
refuse "inv_metric: expected an array of arrays, as metric_type is dense_e, got numbers" \
  '{"metric_type": "dense_e", "inv_metric": [1, 1, 1]}'
refuse "inv_metric: expected an array of numbers, as metric_type is diag_e, got an array of arrays" \
  '{"metric_type": "diag_e", "inv_metric": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}'
refuse "no masting.scale; expected it, as metric_type is lowrank" '{"masting.metric_type": "lowrank", "inv_metric": [1, 1, 1]}'
refuse "masting.directions: row 1: expected 1 numbers, got 2" '{"masting.metric_type": "lowrank", "masting.scale": [1, 1, 1],
  "masting.eigenvalues": [3], "masting.directions": [[1, 0], [0, 1], [0, 0]]}'
refuse "directions: not orthonormal; the product of column 1 and column 1 is expected to be 1, got 2" \
  '{"masting.metric_type": "lowrank", "masting.scale": [1, 1, 1], "masting.eigenvalues": [3],
  "masting.directions": [[1], [1], [0]]}'
refuse "masting.stepsizes: expected an array of numbers, got text" '{"inv_metric": [1, 1, 1], "masting.stepsizes": "1"}'
refuse "masting.parameters: element 1: expected a name, got a number" '{"inv_metric": [1, 1, 1], "masting.parameters": [1]}'
refuse "stepsize: expected a number, got an array" '{"inv_metric": [1, 1, 1], "stepsize": [1]}'
refuse "stepsize: element 1: expected a finite number above 0, got -1" '{"inv_metric": [1, 1, 1], "stepsize": -1}'
refuse "stepsize: element 1: expected a finite number above 0, got 0" '{"inv_metric": [1, 1, 1], "stepsize": 0}'
refuse "inv_metric: of another size; expected 3 elements, the global parameters (alpha, beta[2]), got 4" \
  '{"inv_metric": [1, 1, 1, 1]}'
refuse "of another model: it has 4 elements; expected 3, the global parameters (alpha, beta[2]); element 2 is b[1] there and beta[1] here" \
  '{"inv_metric": [1, 1, 1, 1], "masting.parameters": ["alpha", "b[1]", "b[2]", "b[3]"]}'
refuse "of another model: it has 2 elements; expected 3, the global parameters (alpha, beta[2]); element 3 is nothing there and beta[2] here" \
  '{"inv_metric": [1, 1], "masting.parameters": ["alpha", "beta[1]"]}'
refuse "inv_metric: element 2 (beta[1]): expected a finite number above 0, got -0.5" '{"inv_metric": [1, -0.5, 1]}'
refuse "inv_metric: element 3 (beta[2]): expected a finite number above 0, got inf" '{"inv_metric": [1, 1, "Inf"]}'
refuse "inv_metric: row 2 (beta[1]), column 1 (alpha): expected a finite number, got nan" \
  '{"inv_metric": [[1, 0, 0], ["NaN", 1, 0], [0, 0, 1]]}'
refuse "inv_metric: not symmetric; row 2 (beta[1]), column 1 (alpha) is 0.25, expected what is at its mirror place, got 0.5 there" \
  '{"inv_metric": [[1, 0.5, 0], [0.25, 1, 0], [0, 0, 1]]}'
refuse "inv_metric: not positive definite; expected a covariance of the parameters, got one that breaks down at row 3 (beta[2])" \
  '{"inv_metric": [[1, 0.9, 0.9], [0.9, 1, 0], [0.9, 0, 1]]}'
printf '{"inv_metric": [1, 1, 1]}\n' >m.json
expect 2 '--metric-file and --warmup 0: m.json has no step size; expected one, as nothing is learnt; try --warmup 20, or "stepsize": NUMBER in the file' \
  --metric-file m.json --warmup 0
expect 2 "--no-pool and --metric-file: the file has one metric for all chains; expected one of the two" \
  --metric-file m.json --no-pool
expect 2 "--metric unit and --metric-file: a unit metric is not read; expected one of the two" --metric-file m.json --metric unit
expect 2 "--warmup 0 and --save-metric: the metric is saved at the end of warm-up; expected one of the two" \
  --save-metric s.json --warmup 0
expect 2 "s.txt: what format? expected a name that ends in .json (as CmdStan reads it) or .h5 (row-local parameters too)" \
  --save-metric s.txt
expect 2 "m.json: exists already; try another name, or --force" --save-metric m.json

run() { # RANKS OUT ARGS...
  ranks=$1 out=$2
  shift 2
  if ! sh "$RUN_MPI" "$ranks" "$MASTING" sample "$@" -o "$out" --force -q --json >json 2>err; then
    echo "FAIL: sample $* on $ranks ranks: $(cat err)"
    failed=1
  fi
}

# leaps ARGS...: gradients of a run
leaps() {
  run 1 draws.h5 "$@"
  sed -n 's/.*"gradients": \([0-9]*\).*/\1/p' json
}

# the saved metric without any warm-up costs what sampling cost after warm-up, whichever form it has
near() { # WHAT GRADIENTS WANTED
  if ! awk -v g="$2" -v w="$3" 'BEGIN { exit !(g > 0.93 * w && g < 1.07 * w) }'; then
    echo "FAIL: $1: $2 gradients, $3 for as many draws after the warm-up that learnt the metric"
    failed=1
  fi
}
for metric in diag dense lowrank auto diag-var unit; do
  short=$(leaps logistic data.h5 --metric $metric -d 1 --save-metric s.json)
  long=$(leaps logistic data.h5 --metric $metric -d 401 --save-metric s.h5)
  for file in s.json s.h5; do
    near "$metric, $file" "$(leaps logistic data.h5 --metric-file $file --warmup 0 -d 400)" $((long - short))
  done
done
short=$(leaps ppca ppca.h5 -d 1 --save-metric p.h5)
long=$(leaps ppca ppca.h5 -d 401)
near "ppca, row-local parameters too" "$(leaps ppca ppca.h5 --metric-file p.h5 --warmup 0 -d 400)" $((long - short))
rm -f draws.h5

# the same draws and the same file on any ranks; all forms, row-local parameters from the file and learnt
hash() {
  "$builddir/tests/laws/dump_draws" "$1" | sha256sum | cut -c1-64
}
same() { # ARGS...
  run 1 one.h5 "$@" -d 20
  for ranks in 2 3; do
    run $ranks many.h5 "$@" -d 20
    if [ "$(hash one.h5)" != "$(hash many.h5)" ]; then
      echo "FAIL: other draws on $ranks ranks: $*"
      failed=1
    fi
  done
}
"$MASTING" sample ppca ppca.h5 -d 1 --save-metric p.json -o draws.h5 --force -q
same ppca ppca.h5 --metric-file p.h5 --warmup 20
same ppca ppca.h5 --metric-file p.h5 --warmup 0
same ppca ppca.h5 --metric-file p.json --warmup 30
same ppca ppca.h5 --metric-file p.h5 --warmup 30 --metric dense
same ppca ppca.h5 --metric-file p.h5 --warmup 30 --metric diag-var --chains 3
for metric in dense lowrank; do
  run 1 draws.h5 logistic data.h5 --metric $metric -d 1 --save-metric s.h5
  same logistic data.h5 --metric-file s.h5 --warmup 20 --chains 10 --lanes 4
done
for ranks in 1 2 3; do
  run $ranks draws.h5 ppca ppca.h5 --warmup 40 -d 1 --save-metric "s$ranks.h5"
done
if ! cmp s1.h5 s2.h5 || ! cmp s1.h5 s3.h5; then
  echo "FAIL: the metric file depends on ranks"
  failed=1
fi

# of a metric that is spread over the ranks, two tiles of it: the same files and draws on any ranks, from either format
"$MASTING" simulate logistic --size N=300 --size P=130 --seed 3 -o wide.h5 2>/dev/null
for ranks in 1 2 4; do
  for kind in json h5; do
    run $ranks draws.h5 logistic wide.h5 --metric dense --metric-spread always --warmup 60 -d 1 --seed 7 --save-metric "w$ranks.$kind"
    if ! cmp "w1.$kind" "w$ranks.$kind"; then
      echo "FAIL: the file of a metric that is spread depends on ranks"
      failed=1
    fi
  done
done
for way in always never; do
  same logistic wide.h5 --metric-spread $way --metric-file w1.h5 --warmup 10
  mv one.h5 first.h5
  run 2 many.h5 logistic wide.h5 --metric-spread $way --metric-file w1.json --warmup 10 -d 20
  if [ "$(hash first.h5)" != "$(hash many.h5)" ]; then
    echo "FAIL: JSON and HDF5 of the same metric: other draws"
    failed=1
  fi
done
run 2 draws.h5 logistic wide.h5 --metric lowrank --warmup 60 -d 1 --save-metric l.h5
same logistic wide.h5 --metric-spread always --metric dense --metric-file l.h5 --warmup 30

# JSON that is too large is refused before it is read, where a file system has room for a hole
printf '{' >big.json
if truncate -s 4T big.json 2>/dev/null; then
  "$MASTING" sample logistic data.h5 --metric-file big.json -q -o never.h5 2>err
  got=$?
  want='^masting: error: big.json: JSON of 4.0 TiB takes about 12.* TiB of memory on one rank; expected at most the [0-9.]* [GMT]iB that are available; try HDF5 (--save-metric NAME.h5), of which every rank reads its own part$'
  if [ $got -eq 0 ] || ! grep -q "$want" err || [ -e never.h5 ]; then
    echo "FAIL: a JSON file of 4 TiB, status $got: $(cat err)"
    failed=1
  fi
fi
rm -f big.json

# a file of other data has no rows for these
"$MASTING" simulate ppca --size N=300 --size D=2 --size K=1 --seed 3 -o other.h5 2>/dev/null
for ranks in 1 2; do
  sh "$RUN_MPI" $ranks "$MASTING" sample ppca other.h5 --metric-file p.h5 -q -o never.h5 2>err
  got=$?
  grep '^masting: error' err >said
  echo "masting: error: p.h5: local/z: of other data; expected [300, 1], got [301, 1]; try the data that the metric was learnt with" >want
  if [ $got -ne 65 ] || ! cmp -s want said || [ -e never.h5 ]; then
    echo "FAIL: other data on $ranks ranks, status $got: $(cat err)"
    failed=1
  fi
done

# as CmdStan writes them, by hand: numbers of three digits; over all parameters in Stan's order, the 2 of w and the 301 of z
printf '{\n"stepsize":\t0.8,\n"metric_type" : "dense_e", "inv_metric" : [[0.0101, -0.0012, 4e-4], [-0.0012, 0.0115, 0.001], [4e-4, 0.001, 0.0122]]\n}' >c.json
same logistic data.h5 --metric-file c.json --warmup 20
same logistic data.h5 --metric-file c.json --warmup 0
printf '{"inv_metric": [0.0101, 0.0115, 0.0122]}' >c.json
same logistic data.h5 --metric-file c.json
awk 'BEGIN {
  printf "{\"stepsize\": 0.4, \"metric_type\": \"diag_e\", \"inv_metric\": [0.001, 0.002"
  for (i = 0; i < 301; i++) printf ", %g", 0.1 + i / 1000
  print "]}" }' >c.json
same ppca ppca.h5 --metric-file c.json --warmup 20
sed 's/0.001, 0.002/0.002/' c.json >d.json
"$MASTING" sample ppca ppca.h5 --metric-file d.json -q -o never.h5 2>err
got=$?
echo "masting: error: d.json: inv_metric: of another size; expected 2 elements, the global parameters (w[2,1]), or 303 with the row-local ones, got 302" >want
if [ $got -ne 65 ] || ! cmp -s want err; then
  echo "FAIL: one element too few, status $got: $(cat err)"
  failed=1
fi

# the draws file says where the metric came from
"$MASTING" sample ppca ppca.h5 --metric-file p.h5 -q -d 5 -o draws.h5 --force || failed=1
grep -a -q "metric_fixed" draws.h5 && grep -a -q "p.h5" draws.h5 || {
  echo "FAIL: no metric_file among the attributes of the draws file"
  failed=1
}
exit $failed
