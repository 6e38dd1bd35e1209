#!/bin/sh
# `masting compile` and `masting check`: a model in C is compiled and judged; a wrong gradient is named;
# log density and gradient at given points are printed.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
die() { echo "FAIL $*"; sed 's/^/  | /' err; exit 1; }

cp "$srcdir/tests/models/poisson.c" .
"$MASTING" compile poisson.c 2>err || die "compile"
[ "$(cat err)" = "masting: wrote poisson.so; next: masting check ./poisson.so DATA" ] || die "compile: what it says"
"$MASTING" simulate ./poisson.so --size N=700 --size P=3 -o data.h5 2>err || die "simulate"
"$MASTING" check ./poisson.so data.h5 --most-local 10 >out 2>err || die "a right gradient"
[ ! -s out ] || die "standard output"
grep -q '^masting: the gradient is right$' err || die "a right gradient: what it says"
grep -q '^  elements       45 at 3 points$' err || die "elements: 5 globals and 10 row-local ones, at 3 points"
grep -q '^  tau            scalar, above 0$' err || die "the table of parameters"
grep -q '^  u              \[N=700\], kept with its rows$' err || die "the table of parameters"
cp err one
sh "$RUN_MPI" 3 "$MASTING" check ./poisson.so data.h5 --most-local 10 >out 2>err || die "on 3 ranks"
[ "$(grep worst one)" = "$(grep worst err)" ] || die "on 3 ranks: another gradient"

# wrong WHAT SED-SCRIPT NAME: a mistake in the model is found, and the element named
wrong() {
  sed "$2" "$srcdir/tests/models/poisson.c" >wrong.c
  cmp -s wrong.c poisson.c && die "$1: the script changes nothing"
  "$MASTING" compile wrong.c 2>err || die "$1: compile"
  "$MASTING" check ./wrong.so data.h5 --most-local 10 >out 2>err
  [ $? = 2 ] || die "$1: not found"
  grep -q "^masting: error: check: the gradient of $3 is wrong " err || die "$1: expected $3"
}
wrong "a sign in a row-local gradient" 's/residual \* tau - u;/residual * tau + u;/' 'u\[[0-9]*\]'
wrong "a prior's gradient" 's/grad\[ALPHA\] -= 0.25/grad[ALPHA] -= 0.26/' alpha
wrong "one covariate too far" 's/grad_beta\[j\] += x\[j\]/grad_beta[j] += x[0]/' 'beta\[[23]\]'

# A compiler's errors are shown; nothing is left, and what stood there stays.
cp poisson.so before.so
cp poisson.so after.so
sed 's/const vreal alpha/const vreal alfa/' poisson.c >after.c
"$MASTING" compile after.c >out 2>err
[ $? = 2 ] || die "a model that does not compile"
grep -q "error: .alpha. undeclared\|error: use of undeclared identifier .alpha." err || die "the compiler's message"
grep -q '^masting: error: compile: .* ended with status 1; its messages are above$' err || die "our message"
cmp -s before.so after.so || die "after.so was touched"
for left in ./*.so.*; do [ ! -e "$left" ] || die "$left was left behind"; done

# --at: JSON in, JSON out; the same for any number of ranks; what is not finite as text.
cat >schools.c <<'END'
#include <masting/model_abi.h>
/* x ~ Normal(1, 2), s ~ Exponential(1): lp and gradient can be written down by hand. */
static const masting_param params[] = {{.name = "x"}, {.name = "s", .transform = MASTING_LOWER}};
static void global(void *state, int slot, const int64_t *size, const void *const *data,
                   const vreal *theta, const vreal *shared_grad, const vreal *normal_grad,
                   vreal *grad, vreal *lp) {
  (void)slot;
  (void)shared_grad;
  (void)normal_grad;
  (void)state; (void)size; (void)data;
  vreal r = theta[0] - 1.0;
  *lp -= 0.125 * r * r + theta[1];
  grad[0] -= 0.25 * r;
  grad[1] -= v_all(1.0);
}
MASTING_MODEL(schools) = {.abi = MASTING_ABI, .lanes = MASTING_LANES, .name = "schools", .doc = "a test",
  .shard = MASTING_NO_SIZE, .params = params, .nparams = 2, .global = global};
END
"$MASTING" compile schools.c 2>err || die "compile schools.c"
echo '{"points": [[3, 0], [1, -100.0], ["NaN", 0]]}' >points.json
"$MASTING" check ./schools.so --at points.json --json >out 2>err || die "--at"
# lp = -(x-1)^2/8 - exp(y) + y; its gradient by x and y; e^-100 is lost beside 100
printf '{"points":[{"lp":-1.5,"grad":[-0.5,0.0]},{"lp":-100.0,"grad":[0.0,1.0]},%s]}\n' \
  '{"lp":"NaN","grad":["NaN","NaN"]}' >want
sed 's/-0\.0\([],]\)/0.0\1/g; s/"NaN",0.0\]/"NaN","NaN"]/' out | diff want - || die "--at: expected what the formula gives"
sh "$RUN_MPI" 2 "$MASTING" check ./schools.so --at points.json --json 2>err | cmp - out || die "--at on 2 ranks"
"$MASTING" check ./schools.so --at points.json 2>err | grep -q '^  d/d x  *-0.5$' || die "--at as a table"

# refused STATUS MESSAGE CONTENTS
refused() {
  printf '%s\n' "$3" >bad.json
  "$MASTING" check ./schools.so --at bad.json --json >out 2>err
  [ $? = "$1" ] && [ "$(cat err)" = "masting: error: $2" ] || die "expected status $1: $2"
}
refused 65 'bad.json: point 1: wrong length; expected 2 numbers (unconstrained, in Stan'"'"'s order), got 3' \
  '{"points": [[1, 2, 3]]}'
refused 65 'bad.json: point 1: element 2 is not a number; expected a number, "NaN", "Inf" or "-Inf"' \
  '{"points": [[1, "two"]]}'
refused 65 'bad.json: no points; expected {"points": [[...], ...]} with 1 to 1000000 points' '{"point": [[1, 2]]}'
refused 65 "bad.json:2:0: broken JSON: ']' expected near end of file" '{"points": [[1'
