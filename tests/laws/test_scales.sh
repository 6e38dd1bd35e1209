#!/bin/sh
# Sums of any scale: log densities and gradients that are doubles are right at 1e-150 and 1e150, draws are the same on any
# ranks and threads while sums change their scales, and posteriors of parameters near 1e15 are right.
set -u
. "$srcdir/tests/laws/lib.sh"
MASTING_CACHE=$dir/cache
export MASTING_CACHE
models=$srcdir/tests/models
die() { echo "FAIL: $*"; cat "$dir/log"; exit 1; }

# data SCALE N: {"N", "y", "S"}, y = S * (0.5 + sums of 12 uniforms, nearly normal)
data() {
  awk -v S="$1" -v N="$2" 'BEGIN { s = 77
    printf "{\"N\": %d, \"S\": %s, \"y\": [", N, S
    for (n = 0; n < N; n++) {
      x = -5.5
      for (k = 0; k < 12; k++) { s = (s * 16807) % 2147483647; x += s / 2147483647 }
      printf "%s%.17g", n ? ", " : "", S * x
    }
    print "]}" }'
}

# values MODEL DATA: "lp gradient ..." of the point in $dir/points.json
values() {
  "$MASTING" check "$models/$1.stan" "$2" --at "$dir/points.json" --json 2>"$dir/log" | tr -d '{}[]":a-df-zA-Z' | tr ',' ' '
}
near() { # near WHAT GOT WANT: each number to 1e-12
  echo "$2 $3" | awk '{ n = NF / 2
    for (i = 1; i <= n; i++) { d = $i - $(n + i); a = $(n + i) < 0 ? -$(n + i) : $(n + i); if (d > 1e-12 * a || -d > 1e-12 * a) exit 1 }
    exit n == 0 || n != int(n) }' || die "$1: got $2, expected $3"
}

# -3 exp(a) + 9 a and its slope (mpmath); beyond 2^60 from a = 41 on
echo '{"N": 3, "y": [2, 3, 4]}' >"$dir/counts.json"
echo '{"points": [[44]]}' >"$dir/points.json"
near poisson_log "$(values far_rates "$dir/counts.json")" "-38554800343077924431 -38554800343077924818"
echo '{"points": [[600]]}' >"$dir/points.json"
near poisson_log "$(values far_rates "$dir/counts.json")" "-1.131906090278981947e261 -1.131906090278981947e261"

# one datum 3e80 at mu = 1e80, sigma = 1: -z^2 / 2, slopes z and z^2
echo '{"N": 1, "y": [3e80]}' >"$dir/one.json"
echo '{"points": [[1e80, 0]]}' >"$dir/points.json"
near normal "$(values far_data "$dir/one.json")" "-2e160 2e80 4e160"
# and far below the range: z = 2e-70 in units of e^230.2585..., which is 1e100
echo '{"N": 1, "y": [3e30]}' >"$dir/one.json"
echo '{"points": [[1e30, 230.25850929940457]]}' >"$dir/points.json"
values far_data "$dir/one.json" | awk '{ exit !($2 > 1.9999999999e-170 && $2 < 2.0000000001e-170) }' ||
  die "a small slope: $(values far_data "$dir/one.json")"

short="--warmup 60 --draws 20 --chains 4 --seed 7 --max-depth 6"
data 1e10 900 >"$dir/far.json"
law "1x2 2x1 3x1" "$models/far_data.stan" "$dir/far.json" $short
for S in 1e150 1e-30; do
  data $S 900 >"$dir/two.json"
  law "2x1 3x1" "$models/two_scales.stan" "$dir/two.json" $short
done

# the posterior of mu is N(mean y, S / sqrt(N)), that of b the same over S
for S in 1e12 1e15; do
  data $S 900 >"$dir/two.json"
  mean=$(tr -d '{}":[]A-Z a-df-z' <"$dir/two.json" | tr ',' '\n' | awk -v S=$S 'NR > 2 { m += $1 / S; n++ } END { printf "%.10f", m / n }')
  for metric in diag dense; do
    "$MASTING" sample "$models/two_scales.stan" "$dir/two.json" --seed 3 --draws 500 --metric $metric \
      -o "$dir/draws.h5" --force >"$dir/log" 2>&1 || die "S = $S, $metric"
    "$MASTING" summary "$dir/draws.h5" --json 2>/dev/null | grep -o '"label":"[a-z]*","mean":[^,]*,"sd":[^,]*' |
      sed 's/"label":"\([a-z]*\)","mean":\([^,]*\),"sd":\(.*\)/\1 \2 \3/' >"$dir/numbers"
    awk -v S=$S -v m="$mean" '
      { u = $1 == "mu" ? S : 1; d = ($2 / u - m) * 30; s = $3 / u * 30; if (d > 0.15 || d < -0.15 || s < 0.9 || s > 1.1) bad++; n++ }
      END { exit bad > 0 || n != 2 }' "$dir/numbers" || { cat "$dir/numbers"; die "S = $S, $metric: mean $mean S"; }
  done
done
exit $failed
