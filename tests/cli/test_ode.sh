#!/bin/sh
# Differential equations in Stan programs: gradients, methods that agree, one equation a row over the ranks, stiff ones,
# mistakes in times and sizes, and what is linked.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
MASTING_CACHE=$dir/cache
export MASTING_CACHE
die() { echo "FAIL $*"; sed 's/^/  | /' err; exit 1; }
cp "$srcdir"/tests/models/*.stan .
numbers='BEGIN { RS = "[],:{}[]"; } { gsub(/["a-z \n]/, ""); if ($0 != "") print }'

# every method: the gradient, by everything that may depend on parameters; and all tell the same
cat >oscillator.json <<'END'
{"N": 5, "t": [0.5, 1, 2, 2, 4], "obs": [0.1, 0.5, 0.2, -0.3, 0.4], "which": [3, 1], "push": [0.1, 0.7]}
END
echo '{"points": [[0.3, -0.4, 0.2, -1.5, -2.1, -1.9, 0.5, -0.3, 0.8, -0.2, 0.4, 0.1],
 [1.3, 0.4, -0.6, -2.5, -1.1, -2.4, -0.5, 0.7, 0.2, 1.2, -0.8, -0.3]]}' >points.json
for method in rk45 ckrk bdf adams; do
  sed "s/ode_rk45/ode_$method/" oscillator.stan >$method.stan
  "$MASTING" check $method.stan oscillator.json >out 2>err || die "gradient by $method"
  "$MASTING" check $method.stan oscillator.json --at points.json --json 2>err | awk "$numbers" >at_$method
  [ "$(wc -l <at_$method)" -ge 26 ] || die "--at by $method"
  paste at_rk45 at_$method | awk '{ d = $1 - $2; if (d * d > 1e-12 * (1 + $1 * $1)) bad++ } END { exit bad > 0 }' ||
    die "$method and rk45 differ"
done

# generated quantities solve it again; a constraint there holds them to the transformed parameters
"$MASTING" sample rk45.stan oscillator.json -o draws.h5 --draws 5 --warmup 20 --chains 2 --seed 1 >out 2>err ||
  die "sample"
grep -q 'apart' err && die "solved again: something else"

# one equation a row: the same bits over any ranks, and the same without a cut
awk 'BEGIN {
  N = 40; s = 12345
  for (n = 1; n <= N; n++) {
    s = (s * 16807) % 2147483647; dose = dose sep sprintf("%.6f", 1 + s / 2147483647); row = ""
    for (k = 1; k <= 3; k++) { s = (s * 16807) % 2147483647; row = row (k > 1 ? ", " : "") sprintf("%.6f", 0.3 + s / 2147483647) }
    conc = conc sep "[" row "]"; sep = ", "
  }
  printf "{\"N\": %d, \"ts\": [0.5, 1, 3], \"dose\": [%s],\n\"conc\": [%s]}\n", N, dose, conc }' >doses.json
"$MASTING" check doses.stan doses.json >out 2>err || die "gradient of doses.stan"
grep -q '^  rows a rank    40 to 40$' err || die "doses.stan is not cut"
awk 'BEGIN { s = 99; printf "{\"points\": [["
  for (i = 0; i < 43; i++) { s = (s * 16807) % 2147483647; printf "%s%.4f", i ? ", " : "", s / 2147483647 - 0.5 }
  print "]]}" }' >points.json
"$MASTING" check doses.stan doses.json --at points.json --json >one 2>err || die "--at"
sh "$RUN_MPI" 3 "$MASTING" check doses.stan doses.json --at points.json --json >three 2>err || die "--at on 3 ranks"
cmp -s one three || die "3 ranks: another density or gradient"
"$MASTING" check doses.stan doses.json --shard none --at points.json --json 2>err | awk "$numbers" >whole
awk "$numbers" one | paste - whole |
  awk '{ d = $1 - $2; if (d * d > 1e-22 * (1 + $1 * $1)) bad++ } END { exit bad > 0 || NR < 44 }' ||
  die "--shard none: another density or gradient"

# stiff; from data; by time and reject() in the right-hand side
echo '{"ts": [0.4, 400]}' >times.json
"$MASTING" check robertson.stan times.json >out 2>err || die "gradient of robertson.stan"
"$MASTING" check late.stan >out 2>err || die "gradient of late.stan"
echo '{"points": [[0], [4.5]]}' >points.json
"$MASTING" check late.stan --at points.json --json >out 2>err || die "late.stan --at"
awk "$numbers" out >values
# y(1) = 1 + k, y(2) = (1 + k) exp(-k), and the log Jacobian of k = 1 is 0
awk 'NR == 1 { d = $1 + 2 * exp(-1) + 1; exit d * d > 1e-14 }' values || die "late.stan: $(cat out)"
grep -q '{"lp":"NaN"' out || die "reject() in a right-hand side: $(cat out)"

# mistakes
refused() { # WHAT MESSAGE PROGRAM DATA
  "$MASTING" check "$3" "$4" >out 2>err && die "$1: taken"
  grep -q "$2" err || die "$1: expected $2"
}
echo '{"ts": [0.4, 0.3]}' >unsorted.json
refused "times that are not sorted" \
  'robertson.stan:12: times of a differential equation; expected .*, got 0.3 after 0.4; try sorting them' robertson.stan \
  unsorted.json
sed 's/return \[-slow + fast, .*/return [fast, slow]'"'"';/' robertson.stan >short.stan
refused "too few derivatives" 'derivatives of the states; expected 3 of them, got 2' short.stan times.json

# SUNDIALS where it is needed
"$MASTING" compile rk45.stan -v -o rk45.so 2>err || die "compile rk45.stan"
grep -q sundials_cvodes err && die "rk45 needs no SUNDIALS"
"$MASTING" compile bdf.stan -v -o bdf.so 2>err || die "compile bdf.stan"
grep -q sundials_cvodes err || die "bdf needs SUNDIALS"
exit 0
