#!/bin/sh
# Statements that need rows of parameters together: they run on every rank alike and the rest row by row, with the
# density and gradient of the uncut program, the same draws on 1, 2 and 3 ranks, and right generated quantities.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
MASTING_CACHE=$dir/cache
export MASTING_CACHE
die() { echo "FAIL $*"; sed 's/^/  | /' err; exit 1; }
for m in walk coupled autoregression; do cp "$srcdir/tests/models/$m.stan" . || exit 1; done

# rows N: data of N rows
rows() {
  awk -v N="$1" 'BEGIN {
    P = 3; G = 7; s = 12345
    for (n = 1; n <= N; n++) {
      for (j = 1; j <= 6; j++) { s = (s * 16807) % 2147483647; v[j] = s / 2147483647 }
      X = X sep sprintf("[1, %.6f, %.6f]", v[1] * 2 - 1, v[2] - 0.3)
      y = y sep sprintf("%.6f", v[3] * 3 - v[1]); w = w sep sprintf("%.6f", v[6] * 2 + v[3])
      k = k sep int(v[4] * v[4] * 5); g = g sep (1 + int(v[5] * G)); sep = ", "
    }
    printf "{\"N\": %d, \"P\": %d, \"G\": %d, \"prior_only\": 0,\n", N, P, G
    printf "\"X\": [%s],\n\"y\": [%s],\n\"v\": [%s],\n\"k\": [%s],\n\"g\": [%s]}\n", X, y, w, k, g
  }'
}
rows 24 >few.json
rows 700 >many.json

# points N: two points of N numbers
points() {
  awk -v n="$1" 'BEGIN { s = 99
    printf "{\"points\": ["
    for (p = 0; p < 2; p++) {
      printf "%s[", p ? ", " : ""
      for (i = 0; i < n; i++) { s = (s * 16807) % 2147483647; printf "%s%.4f", i ? ", " : "", s / 2147483647 - 0.5 }
      printf "]"
    }
    print "]}" }'
}
values='
BEGIN { RS = "[],:{}[]" }
{ gsub(/["a-z \n]/, ""); if ($0 != "") print }'

# same NAME DATA UNCONSTRAINED: cut and uncut agree
same() {
  points "$3" >points.json
  "$MASTING" check "$1" "$2" --at points.json --json 2>err | awk "$values" >cut
  "$MASTING" check "$1" "$2" --shard none --at points.json --json 2>err | awk "$values" >uncut
  paste cut uncut | awk -v n="$3" '
    { a = $1 < 0 ? -$1 : $1 }
    NF != 2 || ($1 - $2) ^ 2 > (1e-12 * (1 + a)) ^ 2 { bad++; print }
    END { exit bad > 0 || NR != 2 * (n + 1) }' || die "$1 with $2: --shard none: another density or gradient"
}

# model NAME GLOBAL LOCAL ROW_LINES ALL_LINES: so many unconstrained numbers, LOCAL of them a row; where lines run
model() {
  "$MASTING" compile "$1.stan" --explain >out 2>err || die "$1: --explain"
  grep -q '^cut over the ranks: N$' out || { cat out; die "$1: not cut"; }
  grep -q "^row by row: lines $4\$" out || { cat out; die "$1: lines row by row"; }
  grep -q "^on every rank alike: lines $5\$" out || { cat out; die "$1: lines on every rank"; }
  same "$1.stan" few.json $(($2 + $3 * 24))
  same "$1.stan" many.json $(($2 + $3 * 700))
  for ranks in 1 2 3; do
    OMP_NUM_THREADS=1 sh "$RUN_MPI" $ranks "$MASTING" sample "$1.stan" few.json --warmup 6 --draws 4 --seed 5 \
      --max-depth 5 --progress none --force -o "$1.h5" >out 2>err || die "$1 on $ranks ranks"
    "$builddir/tests/laws/dump_draws" "$1.h5" | sha256sum >"sum$ranks"
    cmp -s sum1 "sum$ranks" || die "$1: other draws on $ranks ranks"
  done
}

model walk 6 2 '16 25 27 29 30' '17 18 19 22 23 28'
model coupled 10 8 '29 31 33 35 36 44 46 47' '14 17 18 21 30 32 34 37 38 39 40'
model autoregression 8 1 '41 42 43 45' '23 24 27 46 47 48 49'

# what couples is named
"$MASTING" compile walk.stan --explain >out 2>err
grep -q '^line [0-9]*: couples rows of z: z is kept whole on every rank$' out || die "walk: what couples"

# rows add to the slopes of what is whole at their own places alone: no array of all rows for each block
for m in walk coupled; do
  "$MASTING" compile $m.stan --emit-c >out 2>err || die "$m: --emit-c"
  grep -q 'row_number_pos__\[' out || die "$m: not gathered by the row's number"
  grep -Eq '(free_)?(z|drift|err|scale|effect|share|pair)[_0-9]*_adj[_0-9]* = block->theta_grad' out && die "$m: slopes of all rows"
done

# generated quantities of what is whole and of rows: linear ones, so means over draws tell
means() { "$MASTING" summary "$1" --all --var "$2" --json 2>err | sed -n 's/^{"label":.*"mean":\([^,]*\),.*/\1/p'; }
close='{ d = $1 - $2; if (d < 0) d = -d; if (!(d <= 1e-9 * (1 + ($1 < 0 ? -$1 : $1)))) bad++ } END { exit bad > 0 || NR != n }'
means walk.h5 z | awk '{ s += $1 } END { printf "%.17g\n", s / NR }' >want
means walk.h5 level | paste - want | awk -v n=1 "$close" || die "walk: the mean of what is whole"
means coupled.h5 z | awk '{ s += $1; printf "%.17g\n", s }' >want
means coupled.h5 drift | paste - want | awk -v n=24 "$close" || die "coupled: sums of what is whole"
means coupled.h5 mu >mu
means coupled.h5 drift | paste mu - | awk '{ printf "%.17g\n", $1 + $2 }' >want
means coupled.h5 m >m
paste m want | awk -v n=24 "$close" || die "coupled: whole and by row"
awk '{ s += $1 } END { printf "%.17g\n", $1 + s }' m >want
means coupled.h5 last | paste - want | awk -v n=1 "$close" || die "coupled: the sum of rows"

# nothing is left to cut: announced, and right
cat >all.stan <<'E2'
data {
  int N;
  vector[N] y;
}
parameters {
  real a;
  real<lower=0> s;
}
model {
  vector[N] err;
  err[1] = y[1] - a;
  for (n in 2 : N) err[n] = y[n] - a * err[n - 1];
  y ~ normal(err, s);
}
E2
"$MASTING" compile all.stan --explain >out 2>err || die "all"
grep -q '^nothing is cut over the ranks: line [0-9]*: err is needed as a whole, not row by row, and nothing that is left reads data row by row$' out ||
  { cat out; die "all: what is said"; }
same all.stan few.json 2
exit 0
