#!/bin/sh
# Programs as regression packages write them: each is cut over the ranks where it can be, has the same density and
# gradient as uncut, and the same draws on 1, 2 and 3 ranks.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
MASTING_CACHE=$dir/cache
export MASTING_CACHE
die() { echo "FAIL $*"; sed 's/^/  | /' err; exit 1; }
for m in families effects outcomes sums carried; do cp "$srcdir/tests/models/$m.stan" . || exit 1; done

awk 'BEGIN {
  N = 90; P = 3; G = 7; s = 12345
  for (n = 1; n <= N; n++) {
    for (j = 1; j <= 6; j++) { s = (s * 16807) % 2147483647; v[j] = s / 2147483647 }
    X = X sep sprintf("[1, %.6f, %.6f]", v[1] * 2 - 1, v[2] - 0.3)
    y = y sep sprintf("%.6f", v[3] * 3 - v[1]); w = w sep sprintf("%.6f", v[6] * 2 + v[3])
    l = l sep (v[6] < 0.4 ? "\"Inf\"" : sprintf("%.6f", v[6]))
    k = k sep int(v[4] * v[4] * 5); g = g sep (1 + int(v[5] * G)); sep = ", "
  }
  printf "{\"N\": %d, \"N_y\": %d, \"N_v\": %d, \"P\": %d, \"G\": %d, \"prior_only\": 0,\n", N, N, N, P, G
  printf "\"nlevels\": 1, \"levels\": [3], \"prior_share\": [1, 2, 1.5],\n"
  printf "\"X\": [%s],\n\"y\": [%s],\n\"v\": [%s],\n\"limit\": [%s],\n\"k\": [%s],\n\"g\": [%s]}\n", X, y, w, l, k, g
}' >rows.json

# points N: three points of N numbers
points() {
  awk -v n="$1" 'BEGIN { s = 99
    printf "{\"points\": ["
    for (p = 0; p < 3; p++) {
      printf "%s[", p ? ", " : ""
      for (i = 0; i < n; i++) { s = (s * 16807) % 2147483647; printf "%s%.4f", i ? ", " : "", s / 2147483647 - 0.5 }
      printf "]"
    }
    print "]}" }'
}
values='
BEGIN { RS = "[],:{}[]" }
{ gsub(/["a-z \n]/, ""); if ($0 != "") print }'

# model NAME UNCONSTRAINED CUT: CUT is what --explain says first
model() {
  name=$1
  "$MASTING" compile "$name.stan" --explain >out 2>err || die "$name: --explain"
  [ -z "$3" ] || grep -q "$3" out || { cat out; die "$name: what is cut"; }
  points "$2" >points.json
  "$MASTING" check "$name.stan" rows.json --at points.json --json 2>err | awk "$values" >cut
  "$MASTING" check "$name.stan" rows.json --shard none --at points.json --json 2>err | awk "$values" >whole
  paste cut whole | awk -v n="$2" '
    { a = $1 < 0 ? -$1 : $1 }
    NF != 2 || ($1 - $2) ^ 2 > (1e-12 * (1000 + a)) ^ 2 { bad++; print }
    END { exit bad > 0 || NR != 3 * (n + 1) }' || die "$name: --shard none: another density or gradient"
  "$MASTING" check "$name.stan" rows.json >out 2>err || die "$name: gradient"
  for ranks in 1 2 3; do
    OMP_NUM_THREADS=1 sh "$RUN_MPI" $ranks "$MASTING" sample "$name.stan" rows.json --warmup 40 --draws 15 --seed 5 \
      --progress none --force -o d.h5 >out 2>err || die "$name on $ranks ranks"
    "$builddir/tests/laws/dump_draws" d.h5 | sha256sum >"sum$ranks"
    cmp -s sum1 "sum$ranks" || die "$name: other draws on $ranks ranks"
  done
}

model families 12 '^cut over the ranks: N$'
model effects 31 '^cut over the ranks: N$'
model sums 11 '^cut over the ranks: N$'
model carried 3 'total changes from iteration to iteration of a loop around rows that read it'
model outcomes 9 ''

# sizes that are equal in the data are cut as one, which is checked
"$MASTING" check outcomes.stan rows.json >out 2>err || die outcomes
grep -q '^  rows a rank ' err || die "outcomes: not cut"
"$MASTING" compile outcomes.stan --shard N,N_y,N_v --explain >out 2>err || die "--shard with commas"
grep -q '^cut over the ranks: N, N_y, N_v$' out || die "--shard with commas: $(cat out)"
"$MASTING" compile outcomes.stan --shard N,N_y,N_v -o outcomes.so 2>err || die "compile outcomes"
sed 's/"N_v": 90/"N_v": 89/' rows.json >unequal.json
"$MASTING" check ./outcomes.so unequal.json >out 2>err && die "sizes that are not equal"
grep -q 'N_v and N are cut over the ranks as one size; expected N_v = 90, got 89; try --shard N' err || die "what it says of unequal sizes"
"$MASTING" compile outcomes.stan --shard N,Q --explain >out 2>err && die "--shard N,Q"

# all of it goes row by row
for m in families effects sums; do
  "$MASTING" compile $m.stan --explain >out 2>err
  grep -q '^variables cut row by row: .*X' out || die "$m: X is not cut"
done
exit 0
