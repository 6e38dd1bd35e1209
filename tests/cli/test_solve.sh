#!/bin/sh
# Roots and integrals in Stan programs: values and gradients against closed forms, chains of other widths and ranks, what has
# none, mistakes, and what is linked.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
MASTING_CACHE=$dir/cache
export MASTING_CACHE
die() { echo "FAIL $*"; sed 's/^/  | /' err; exit 1; }
cp "$srcdir"/tests/models/integrals.stan "$srcdir"/tests/models/roots.stan .
numbers='BEGIN { RS = "[],:{}[]"; } { gsub(/["a-z \n]/, ""); if ($0 != "") print }'
near() { # VALUES FILE: log density and gradient, to rounding
  awk "$numbers" "$2" | paste - "$1" |
    awk '{ d = $1 - $2; if (!(d * d <= 1e-26 * (1 + $2 * $2))) bad++ } END { exit bad > 0 || NR < 12 }'
}

# by mpmath with 40 digits: error functions, beta and gamma functions, antiderivatives
echo '{"points": [[0.3, -0.2, 0.1, -0.4, 0.6], [-1.3, 0.2, -0.5, 0.9, -1.6]]}' >points.json
printf '%s\n' 13.688891683117841 1.1081242156420404 1.0080349962635272 -5.494590773489178 -21.329915083637223 \
  -1.8863378384828138 0.031556726629620323 1.7362092682428154 0.03766272578604059 -37.52164112880124 \
  -43.97743109181878 41.81909993584344 >known
"$MASTING" check integrals.stan --at points.json --json >out 2>err || die "integrals.stan"
near known out || die "integrals.stan: $(cat out)"
sh "$RUN_MPI" 3 "$MASTING" check integrals.stan --at points.json --json >three 2>err || die "on 3 ranks"
cmp -s out three || die "3 ranks: another density or gradient"

# by mpmath: polynomials' roots, one equation after the other
echo '{"g": [1, 1], "xr": [0], "xi": [1], "K": 3, "g3": [5, 5, 5]}' >roots.json
echo '{"points": [[0.3, -0.2, 0.1, -0.4, 0.6, 1.2], [-1.3, 0.8, 0.5, 0.9, -1.6, 0.1]]}' >points.json
printf '%s\n' 4.2302179946876196 -0.47096236372533766 1.4136710683327972 -0.5139689925189622 0.17763370508659328 \
  1.0331410431545592 0.24842188729920804 1.007372060896526 2.934498016628381 -3.5012983684944602 -0.12689939288490931 \
  0.34775715819325418 1.0077771745915167 0.64836894668092594 >known
"$MASTING" check roots.stan roots.json --at points.json --json >out 2>err || die "roots.stan"
near known out || die "roots.stan: $(cat out)"
"$MASTING" check roots.stan roots.json >out 2>err || die "gradient of roots.stan"

# a chain without an integral or root has no density; the others do not notice. Generated quantities find it again
cat >none.stan <<'END'
functions {
  real f(real x, real xc, real a) { if (x > 2) reject("x is ", x); return exp(-a * x * x); }
  vector g(vector y, real a) { return y .* y - a; }
}
parameters { real<lower=0> a; real lim; }
model { target += log(integrate_1d_double_exponential(f, 0, exp(lim), a)) + solve_newton(g, [2.0]', 1 - lim)[1]; }
generated quantities { vector[1] y = solve_powell(g, [2.0]', a); }
END
echo '{"points": [[0.1, 0.1], [0.1, 0.9], [0.1, 0.1], [-3, -9], [-3, -3]]}' >points.json
"$MASTING" check none.stan --at points.json --json >out 2>err || die "none.stan"
sed 's/^{"points":\[//; s/]}]}/]}/; s/]},/]}\n/g' out >lines
[ "$(sed -n 1p lines)" = "$(sed -n 3p lines)" ] || die "a neighbour without a density changes a point: $(cat lines)"
sed -n 2p lines | grep -q '"lp":"NaN"' || die "reject() in an integrand: $(cat lines)"
sed 's/1 - lim/-1 - exp(lim)/' none.stan >rootless.stan
"$MASTING" check rootless.stan --at points.json --json >out 2>err || die "rootless.stan"
[ "$(grep -o '"lp":"NaN"' out | wc -l)" = 5 ] || die "y^2 has no root below 0: $(cat out)"
"$MASTING" sample none.stan -o draws.h5 --draws 5 --warmup 20 --chains 2 --seed 1 >out 2>err || die "sample"

# at load
refused() { # WHAT MESSAGE PROGRAM
  "$MASTING" check "$3" >out 2>err && die "$1: taken"
  grep -q "$2" err || die "$1: expected $2"
}
cat >load.stan <<'END'
functions {
  vector g(vector y, real a) { return y .* y + a; }
  real f(real x, real xc, real a) { return 1 / (x - a); }
}
transformed data { vector[1] y = solve_newton(g, [0.3]', 1.0); }
parameters { real p; }
model { p ~ normal(y[1], 1); }
END
refused "no root of data" 'load.stan:5: no root of the equations; expected one near the guess, .*; try another guess' load.stan
sed 's/vector\[1\] y = .*/array[1] real y = {integrate_1d_gauss_kronrod(f, 0, 1, 0.5)};}/' load.stan >pole.stan
refused "no integral of data" 'pole.stan:5: integral from 0 to 1; expected limits in order and an error estimate' pole.stan
sed 's/return y .\* y + a;/return append_row(y, a);/; s/^transformed data .*//; s/y\[1\], 1/solve_newton(g, [1.0]'"'"', p)[1], 1/' \
  load.stan >short.stan
refused "too many equations" 'values of the function for a root; one for each unknown; expected 1 of them, got 2' short.stan

# SUNDIALS where it is needed
"$MASTING" compile integrals.stan -v -o integrals.so 2>err || die "compile integrals.stan"
grep -q sundials err && die "integrals need no SUNDIALS"
"$MASTING" compile roots.stan -v -o roots.so 2>err || die "compile roots.stan"
grep -q sundials_kinsol err || die "roots need KINSOL"
exit 0
