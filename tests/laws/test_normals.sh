#!/bin/sh
# Law: normals over many rows, whose covariance is spread over the ranks, give the same draws on any
# number of ranks and threads; where there is no density the run goes on; trouble ends it on all ranks.
# See tests/models/process.c; densities and gradients are held to LAPACK by tests/mpi/test_process.
set -u
. "$srcdir/tests/laws/lib.sh"
cd "$dir" || exit 1
bad() { echo "FAIL: $*"; failed=1; }

# make_data NAME SED-SCRIPT N: NAME.so from the model, changed, and NAME.h5
make_data() {
  sed "$2" "$srcdir/tests/models/process.c" >"$1.c"
  "$MASTING" compile "$1.c" >log 2>&1 || { cat log; exit 1; }
  "$MASTING" simulate "./$1.so" --size R=600 --size N="$3" --size M=30 --seed 3 -o "$1.h5" 2>log ||
    { cat log; exit 1; }
}
make_data small '' 90
make_data large '' 260
make_data latent 's/#define LATENT 0/#define LATENT 1/' 260
make_data hole 's/#define HOLE_OF 1e300/#define HOLE_OF 0.3/' 260
make_data trouble 's/#define TROUBLE 0/#define TROUBLE 1/' 260

sh "$RUN_MPI" 2 "$MASTING" check ./large.so large.h5 --chains 2 >log 2>&1 || { cat log; bad "gradient"; }
grep -q 'y *\[N=260\], spread over the ranks' log || { cat log; bad "check: the matrix is not told"; }
grep -q 'u *\[M=30\], on every rank' log || { cat log; bad "check: the small matrix is not told"; }
sh "$RUN_MPI" 2 "$MASTING" check ./latent.so latent.h5 --chains 2 >log 2>&1 || { cat log; bad "gradient beside latents"; }

short="--seed 7 --warmup 12 --draws 6 --max-depth 4 --save-warmup --chains 2"
law "2x1 3x2" ./small.so small.h5 $short --chains 5 --lanes 2
law "2x1 1x2 3x2 4x1" ./large.so large.h5 $short
law "2x1 3x2" ./latent.so latent.h5 $short
another_seed draws ./small.so small.h5 --warmup 12 --draws 6
command=optimize
law "2x1" ./large.so large.h5 --seed 7 --starts 1
command=sample

# --- no density: divergences, told, and the draws are still the same
law "3x1" ./hole.so hole.h5 $short --metric unit
sh "$RUN_MPI" 2 "$MASTING" sample ./hole.so hole.h5 --seed 7 --warmup 15 --draws 15 --chains 2 -o draws.h5 --force \
  --progress none --json >json 2>log || { cat log; bad "a run with divergences"; }
grep -q '"divergences": [1-9]' json || { cat json; bad "expected divergences"; }

# --- trouble that one rank alone has
for ranks in 1 3; do
  sh "$RUN_MPI" $ranks "$MASTING" sample ./trouble.so trouble.h5 --seed 7 --chains 1 -o draws.h5 --force \
    --progress none >log 2>&1
  [ $? = 2 ] || { cat log; bad "trouble on $ranks ranks: expected exit status 2"; }
  [ "$(grep -c 'a row too many' log)" = 1 ] || { cat log; bad "trouble on $ranks ranks: expected one message"; }
done
[ $failed = 0 ]
