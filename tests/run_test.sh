#!/bin/sh
# tests/run_test.sh [--sh|--py] TEST -- how `make check` runs one test.
#
# A compiled test of tests/mpi runs under mpirun on 1, 2 and 3 ranks in turn (MASTING_TEST_RANKS); any
# other runs by itself; --sh and --py run a script. What a script finds in its environment:
#   srcdir            top of the source tree, absolute
#   builddir          top of the build tree, absolute, and the folder that it starts in
#   MASTING           the program, builddir/masting, absolute
#   RUN_MPI           tests/run_mpi.sh, absolute
#   MASTING_INCLUDE   public headers, for models that a test compiles
#   MASTING_PYTHON    a Python with scripts/requirements-test.txt, or unset: then exit 77 to skip
# MASTING_TEST_KINDS, if set, names the folders of tests/ whose tests are run; others are passed over.
# Scratch files belong in a folder made by mktemp -d and removed by a trap.
# The log ends with the seconds that the test took, and its CPU time: scripts/slowest.sh reads them.
set -u
began=$(date +%s)
srcdir=$(cd "$(dirname "$0")/.." && pwd)
builddir=$(pwd)
. "$srcdir/tests/env.sh"
export srcdir builddir
export MASTING="$builddir/masting" RUN_MPI="$srcdir/tests/run_mpi.sh"
export MASTING_INCLUDE="$srcdir/include"
export MASTING_VERIFY_IR=1 # the compiler checks the program after each pass (lang/ir/ir_verify.h)
export MASTING_CACHE="$builddir/tests/cache" # Stan programs that tests compile

# Tests of formulas: large programs whose values are compared. They compile them with -O1; that models are
# right as users compile them, with -O3, is held by the others.
case $* in
*/test_prelude.py | */test_prelude_random.py | */test_transforms.py | */test_stan_normal.py | */test_compare.py)
  MASTING_TEST_CC=${CC:-cc} CC="sh $srcdir/tests/quick_cc.sh"
  export MASTING_TEST_CC CC ;;
esac

if [ -n "${MASTING_TEST_KINDS-}" ]; then
  for last; do :; done
  kind=$(basename "$(dirname "$last")")
  case " $MASTING_TEST_KINDS " in
  *" $kind "*) ;;
  *) echo "passed over: MASTING_TEST_KINDS is '$MASTING_TEST_KINDS'"; exit 77 ;;
  esac
fi

took() {
  echo "== took $(($(date +%s) - began)) s; CPU time (user, system) of this shell and of the test:"
  times
}
trap took EXIT
limit() { timeout -k 10 "$MASTING_TEST_TIMEOUT" "$@" </dev/null; }

# Scripts run the program, those of tests/stat the sampler, and MPI in it leaks; compiled tests without
# MPI are searched for leaks.
case $1 in
--sh | --py | */stat/*) export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" ;;
esac

case $1 in
--sh) shift; limit sh "$@" ;;
--py) shift; limit "${MASTING_PYTHON:-/usr/bin/python3}" "$@" ;;
*/mpi/* | mpi/*)
  for ranks in ${MASTING_TEST_RANKS:-1 2 3}; do
    echo "== $ranks rank(s)"
    MASTING_MPI_TAG=1 sh "$RUN_MPI" "$ranks" "$@" || exit
  done ;;
*)
  export OMP_NUM_THREADS="${OMP_NUM_THREADS:-2}"
  limit "$@" ;;
esac
