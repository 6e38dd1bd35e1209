#!/bin/sh
# Scalars that a data file lacks are given on the command line: --size J=3, --data J=3 tau=2.5.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
bad() { echo "$*"; exit 1; }

cat >groups.stan <<'END'
data {
  int<lower=0> N;
  int<lower=1> J;
  real<lower=0> tau;
  vector[N] y;
  array[N] int<lower=1, upper=J> g;
}
parameters {
  vector[J] u;
  real<lower=0> sigma;
}
model {
  u ~ normal(0, tau);
  sigma ~ normal(0, 2);
  y ~ normal(u[g], sigma);
}
END
{ echo y,g; for i in 1 2 3 4 5 6 7 8 9; do echo "0.$i,$((i % 3 + 1))"; done; } >groups.csv
cat >groups.json <<'END'
{"N": 9, "J": 3, "tau": 2.5, "y": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
 "g": [2, 3, 1, 2, 3, 1, 2, 3, 1]}
END
few="-c 2 -w 30 -d 30 -q"

draws() { # OUT RANKS DATA OPTIONS: the numbers of a short run
  out=$1 ranks=$2 data=$3
  shift 3
  sh "$RUN_MPI" "$ranks" "$MASTING" sample groups.stan "$data" -o "$out.h5" $few "$@" >log 2>&1 ||
    { cat log; bad "sample $data $*"; }
  "$MASTING" summary "$out.h5" --csv >"$out" 2>/dev/null || bad "summary $out"
}
draws file 1 groups.json
draws apart 1 groups.csv --data J=3 tau=2.5
draws repeated 2 groups.csv --data J=3 --data tau=2.5
draws size 1 groups.csv --size J=3 --data tau=2.5
"$MASTING" convert groups.csv groups.h5 groups.stan --data J=3 tau=2.5 2>log || { cat log; bad convert; }
draws converted 2 groups.h5
draws instead 1 groups.json --data tau=2.5 # what the file has may be given, too
for other in apart repeated size converted instead; do cmp file $other || bad "$other: other numbers"; done
draws wider 1 groups.json --data tau=0.1
cmp -s file wider && bad "--data tau=0.1 does not count"

refused() { # STATUS MESSAGE OPTIONS...
  want=$1 message=$2
  shift 2
  "$MASTING" sample groups.stan groups.csv -o no.h5 $few "$@" >log 2>&1
  status=$?
  [ $status = "$want" ] || { cat log; bad "$*: status $status"; }
  grep -qF "masting: error: $message" log || { cat log; bad "$*: another message"; }
}
refused 65 "groups.csv: there is no variable 'J'; expected J, got g, y; try --data J=VALUE"
refused 65 "groups.csv: there is no variable 'tau'; expected tau, got g, y; try --data tau=VALUE" \
  --size J=3
refused 65 "model groups, rank 0: groups.stan:6: g: a value is too large; expected at most J = 2" --data J=2 tau=1
refused 65 "groups.csv: J: 1 value is not a whole number" --data J=2.5 tau=1
refused 2 "--data j: model groups has no such size or scalar; expected one of N, J, tau; did you mean J?" \
  --data j=3
refused 2 "--data J: not a number, at character 1; expected a number, got 'many'; try 2.5" --data J=many
refused 2 "--data J: no \`=\`; expected NAME=VALUE; try --data tau=2.5" --data J
refused 65 "groups.csv: y: wrong shape; expected y[N] with N = 8 since --data N=8, got [9]; try leaving --data out" \
  --data J=3 tau=1 N=8
