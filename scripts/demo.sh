#!/bin/sh
# scripts/demo.sh -- from nothing to two posteriors: installs what is missing, builds in build-demo/,
# simulates a data set, samples it and a real one on two ranks, prints what came out and how fast.
#
# As root or with sudo on Debian; elsewhere the libraries must be there. Takes no arguments.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
. "$top/scripts/lib.sh"

install_packages run
bootstrap
build=$top/build-demo
say "building in $build"
configure_build "$build" >"$build.log" 2>&1 || { tail -n 20 "$build.log" >&2; die "configure failed: $build.log"; }
make -C "$build" -j"$(jobs)" >>"$build.log" 2>&1 || { tail -n 20 "$build.log" >&2; die "make failed: $build.log"; }
mpi_settings
masting=$build/masting
threads=$(($(jobs) / 2))
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$((threads > 0 ? threads : 1))}"
# mpirun puts a pipe between a rank and the terminal, so the program cannot see that there is one.
progress=log
if [ -t 2 ]; then progress=bar; fi
cd "$build"

say "probabilistic PCA: 5,000 points in two dimensions, 5,000 latent scores, simulated"
"$masting" simulate ppca --size N=5000 --size D=2 --size K=1 --seed 42 -o ppca.h5 --force </dev/null
mpirun -n 2 "$masting" sample ppca ppca.h5 -o ppca-draws.h5 --seed 1 --force --progress $progress </dev/null
"$masting" summary ppca-draws.h5 --var w,ww </dev/null
echo "(w and -w are equally good here and a chain settles at one of them: the warnings are right, and expected.)"

say "diamonds: log price of 53,940 diamonds by carat, cut, colour and clarity"
mpirun -n 2 "$masting" sample linear "$top/data/diamonds.h5" -o diamonds-draws.h5 --seed 1 --force \
  --progress $progress </dev/null
"$masting" summary diamonds-draws.h5 </dev/null

say "done: draws are in $build/ppca-draws.h5 and $build/diamonds-draws.h5"
