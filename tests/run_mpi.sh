#!/bin/sh
# tests/run_mpi.sh RANKS PROGRAM [ARGS] -- runs PROGRAM on RANKS ranks with a time limit.
#
# Exit status: that of mpirun (the program's own when it ends by itself), or 124 after
# MASTING_TEST_TIMEOUT seconds (default 600). Standard input is empty, output passes through unchanged.
#   OMP_NUM_THREADS   threads a rank, default 1
#   MASTING_MPI_TAG   if set, each line of output begins with the rank that wrote it
#   MASTING_MPIRUN    the launcher, default mpirun
set -u
if [ $# -lt 2 ]; then
  echo "usage: run_mpi.sh RANKS PROGRAM [ARGS]" >&2
  exit 2
fi
. "$(dirname "$0")/env.sh"
ranks=$1
shift
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
# MPI itself leaks: leaks are looked for in programs without it.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"
exec timeout -k 10 "$MASTING_TEST_TIMEOUT" \
  ${MASTING_MPIRUN:-mpirun} ${MASTING_MPI_TAG:+--tag-output} -n "$ranks" "$@" </dev/null
