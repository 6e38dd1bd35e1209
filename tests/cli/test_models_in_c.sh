#!/bin/sh
# tests/cli/test_models_in_c.sh -- the commands of docs/models-in-c.md, and the gallery through them.
#
# Compiles the page's model, simulates, checks its gradient, samples on one and two ranks to the same
# draws; a model whose gradient was broken on purpose is refused by `check`. Every gallery model is
# simulated and checked.
set -u
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
# MPI leaks by itself: see tests/run_mpi.sh.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
failures=0
fail() {
  echo "FAILED: $1"
  [ -z "${2-}" ] || cat "$2"
  failures=$((failures + 1))
}
# run NAME COMMAND: must succeed
run() {
  name=$1
  shift
  "$@" >log 2>&1 </dev/null || fail "$name: status $?: $*" log
}
compile() { # compile SOURCE OUT: the page's command, with the headers of this tree
  # shellcheck disable=SC2046
  ${CC:-cc} -shared -fPIC -O3 -march=native -I"$MASTING_INCLUDE" $(pkg-config --cflags sleef) \
    "$1" -o "$2" -Wno-psabi $(pkg-config --libs sleef) || exit 1
}

compile "$srcdir/tests/models/poisson.c" poisson.so
run simulate "$MASTING" simulate ./poisson.so --size N=700 --size P=3 --seed 1 -o data.h5
run check "$MASTING" check ./poisson.so data.h5
for ranks in 1 2; do
  run "sample on $ranks" sh "$RUN_MPI" $ranks "$MASTING" sample ./poisson.so data.h5 -o draws$ranks.h5 \
    --seed 1 --warmup 60 --draws 40 --chains 4 --progress none
  "$MASTING" summary draws$ranks.h5 >summary$ranks 2>log || fail "summary" log
done
cmp -s summary1 summary2 || fail "other draws on 2 ranks than on 1" summary2
grep -q '^tau ' summary1 || fail "tau is not in the summary" summary1

sed 's/grad_tau += residual \* u;/grad_tau += residual;/' "$srcdir/tests/models/poisson.c" >wrong.c
cmp -s wrong.c "$srcdir/tests/models/poisson.c" && fail "the model could not be broken"
compile wrong.c wrong.so
"$MASTING" check ./wrong.so data.h5 >log 2>&1
status=$?
[ $status = 2 ] && grep -q tau log || fail "check lets a wrong gradient of tau pass: status $status" log

simulate_and_check() { # MODEL SIZES
  run "simulate $*" "$MASTING" simulate "$@" --seed 3 -o "$1.h5" --force
  run "check $1" "$MASTING" check "$1" "$1.h5"
}
simulate_and_check ppca --size N=300 --size D=2 --size K=1
simulate_and_check ppca --size N=300 --size D=4 --size K=3
simulate_and_check linear --size N=300 --size P=5
simulate_and_check logistic --size N=300 --size P=5
simulate_and_check hierarchical --size N=300 --size G=12
simulate_and_check eight_schools --size J=8
simulate_and_check eight_schools_centered --size J=8
[ $failures = 0 ]
