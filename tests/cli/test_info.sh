#!/bin/sh
# Threads follow the CPUs that a rank was given, and a warning comes when they do not fit; models listed.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
die() { echo "FAIL $*"; cat out err; exit 1; }
unset OMP_NUM_THREADS OMP_PLACES OMP_PROC_BIND

# row RANK: CPUs, sharers and threads of a rank
row() { awk -v rank="$1" '$1 == rank && NF == 7 { print $3, $4, $5 }' out; }
cpus=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
first=${cpus%%[-,]*}

taskset -c "$first" "$MASTING" info >out 2>err || die "info"
[ "$(row 0)" = "1 1 1" ] || die "on one CPU: one thread"
[ ! -s err ] || die "on one CPU: a message"
for library in MPI HDF5 BLAS LAPACK ScaLAPACK SLEEF; do
  grep -Eq "^$library +[A-Za-z]*.*[0-9]" out || die "no $library"
done
taskset -c "$first" "$MASTING" info --threads 3 >out 2>err || die "info --threads"
[ "$(row 0)" = "1 1 3" ] || die "--threads 3"
[ "$(cat err)" = "masting: warning: placement: 1 of 1 ranks run 3 threads on 1 CPU; try \`mpirun --bind-to none\`, or \`--map-by ppr:1:numa:PE=3\`" ] ||
  die "more threads than CPUs"
OMP_NUM_THREADS=2 taskset -c "$first" "$MASTING" info >out 2>err || die "info"
[ "$(row 0)" = "1 1 2" ] || die "OMP_NUM_THREADS=2"
# OpenMP's own binding pins the first thread from the start: the CPUs are counted all the same.
"$MASTING" info >out 2>err || die "info"
here=$(row 0)
OMP_PROC_BIND=close OMP_PLACES=threads "$MASTING" info >out 2>err || die "info"
[ "$(row 0)" = "$here" ] || die "with OMP_PROC_BIND: $(row 0), without: $here"
# Ranks that are not bound share their node's CPUs.
env taskset -c "$first" sh "$RUN_MPI" 2 env -u OMP_NUM_THREADS "$MASTING" info >out 2>err || die "on two ranks"
[ "$(row 0)" = "1 2 1" ] && [ "$(row 1)" = "1 2 1" ] || die "two ranks on one CPU"
grep -q '^masting: warning: placement: 2 ranks of 1 threads share 1 CPUs; try fewer ranks or threads$' err ||
  die "two ranks on one CPU: the warning"

for name in ppca linear logistic hierarchical eight_schools eight_schools_centered; do
  "$MASTING" sample --list | grep -qx "$name" || { echo "FAIL $name is not listed"; exit 1; }
done
