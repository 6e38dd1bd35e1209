#!/bin/sh
# What is killed, missing, full or wrong: one message, the right status, no hang, nothing half-written.
set -u
dir=$(mktemp -d) || exit 1
mounted=
finish() {
  for pid in ${jobs_started-}; do kill -9 "$pid" 2>/dev/null; done
  [ -z "$mounted" ] || umount "$mounted"
  rm -rf "$dir"
}
trap finish EXIT
cd "$dir" || exit 1
failed=0
mpi() { MASTING_TEST_TIMEOUT=60 sh "$RUN_MPI" "$@"; }
fail() { echo "FAIL $*"; sed 's/^/  | /' err; failed=1; }
# expect WHAT STATUS MESSAGE: of the run that just ended with status $got, its messages in err
expect() {
  [ "$got" = "$2" ] || fail "$1: expected status $2, got $got"
  printf 'masting: error: %s\n' "$3" >want
  grep '^masting: error' err | cmp -s - want || fail "$1: expected $(cat want)"
  echo "$1: status $got, after $(($(date +%s) - start)) s"
}
# sample RANKS ARGS...: status in got, messages in err
sample() {
  ranks=$1 start=$(date +%s)
  shift
  mpi "$ranks" "$MASTING" sample "$@" --progress none >/dev/null 2>err
  got=$?
}
absent() { for file; do [ ! -e "$file" ] || fail "$file is there"; done; }

simulate() { "$MASTING" simulate ppca --size N=5000 --size D=2 --force -o "$1" 2>err || fail "simulate"; }
simulate data.h5
for kind in nan name shape; do cp data.h5 $kind.h5; done
"$builddir/tests/fault/spoil" nan.h5 nan x 4210 || fail "spoil"
"$builddir/tests/fault/spoil" name.h5 rename x X || fail "spoil"
"$builddir/tests/fault/spoil" shape.h5 transpose x || fail "spoil"

# Data: refused before any output exists.
sample 3 ppca none.h5 -o out.h5
expect "a missing file" 2 "none.h5: No such file or directory; expected a data file"
sample 3 ppca name.h5 -o out.h5
expect "a missing dataset" 65 "name.h5: there is no dataset 'x'; expected x[D,N], got D, K, N, X; did you mean 'X' (case matters)?"
sample 3 ppca nan.h5 -o out.h5
expect "a NaN at row 4211" 65 "nan.h5: x: 1 value is not finite; expected finite numbers, got x[1,4211] = nan (row 4211, 1-based)"
sample 3 ppca shape.h5 -o out.h5
expect "a wrong shape" 65 "shape.h5: x: wrong shape; expected x[D,N] with D = 2 since the file says D = 2, got [5000, 2]; it fits with its dimensions exchanged: is it transposed?"
absent out.h5 out.h5.partial out.h5.lock

# Output: looked at before the data are read.
: >there.h5
sample 2 ppca none.h5 -o there.h5
expect "an existing output" 2 "there.h5: exists already; try another -o, or --force to overwrite it"
sample 2 ppca none.h5 -o nowhere/out.h5
expect "a folder that is not there" 2 "nowhere/out.h5: cannot be written: nowhere: No such file or directory"
sample 2 ppca none.h5 -o .
expect "a folder as output" 2 ".: a folder; expected a file name for the output"

# A full disk, or else a limit on the size of files.
mkdir disk
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=1m none disk 2>/dev/null; then
  mounted=$dir/disk
  sample 2 ppca data.h5 -o disk/out.h5
  full='^masting: error: disk/out.h5.partial: .*No space left on device'
else
  start=$(date +%s)
  (ulimit -f 65536; mpi 2 "$MASTING" sample ppca data.h5 -o disk/out.h5 --progress none) >/dev/null 2>err
  got=$?
  full='^masting: error: disk/out.h5.partial: .*File too large'
fi
[ "$got" = 74 ] && [ "$(grep -c '^masting: error' err)" = 1 ] && grep -q "$full" err || fail "a full disk: status $got"
echo "a full disk: status $got, after $(($(date +%s) - start)) s"
absent disk/out.h5 disk/out.h5.partial disk/out.h5.lock

# A program, or a model, that is not the same on all ranks.
cp "$MASTING" other && echo >>other
start=$(date +%s)
mpi 1 "$MASTING" sample ppca data.h5 -o out.h5 : -n 1 ./other sample ppca data.h5 -o out.h5 >/dev/null 2>err
got=$?
expect "another program on rank 1" 2 "start: rank 1 on $(hostname) runs another masting program than rank 0; expected the same build on every node; try a path that all nodes share"

# ranks_of PID: the processes under it that are masting, rank 0 first
ranks_of() {
  for stat in /proc/[0-9]*/stat; do
    read -r pid name _ parent _ 2>/dev/null <"$stat" || continue
    [ "$parent" = "$1" ] || continue
    if [ "$name" = "(masting)" ]; then echo "$pid"; else ranks_of "$pid"; fi
  done | sort -n
}
# long_run OUT: a run on 3 ranks that would take minutes, in the background, already writing draws
long_run() {
  mpi 3 "$MASTING" sample ppca data.h5 -o "$1" --draws 100000 --latents none --force --progress none \
    >/dev/null 2>long.err &
  job=$!
  jobs_started="${jobs_started-} $job"
  i=0
  until [ -e "$1.partial" ] || [ $i -gt 150 ]; do sleep 0.2; i=$((i + 1)); done
  sleep 1
  cp long.err err
  [ $i -le 150 ] || fail "a long run does not begin to sample"
  ranks_of_job=$(ranks_of $job)
}

# Two jobs, one output: the second refuses and names the holder; the first goes on.
long_run two.h5
sample 2 ppca data.h5 -o two.h5
[ "$got" = 2 ] && grep -q "^masting: error: two.h5: another job writes it: process [0-9]* on host $(hostname); try another output, or remove two.h5.lock if that job is gone\$" err ||
  fail "two jobs, one output: status $got"
kill -0 "$job" 2>/dev/null || fail "two jobs, one output: the first has ended"

# kill -9 of one rank: the job ends, with a status of failure, and no draws file stands there.
# shellcheck disable=SC2086
set -- $ranks_of_job
[ $# = 3 ] || { fail "kill -9: $# ranks found, expected 3"; exit 1; }
start=$(date +%s)
kill -9 "$2"
wait "$job"
got=$?
cp long.err err
[ $got != 0 ] && [ $got != 124 ] || fail "kill -9 of a rank: status $got"
took=$(($(date +%s) - start))
[ $took -le 20 ] || fail "kill -9 of a rank: the job took $took s to end"
echo "kill -9 of a rank: status $got, after $took s"
absent two.h5
# The lock of the dead is taken over, its draws are not thrown away unasked.
sample 2 ppca data.h5 -o two.h5 --draws 10 --warmup 50
expect "draws left by a killed run" 2 "two.h5.partial: draws of a run that did not finish are there; try renaming them, or --force to drop them"
sample 2 ppca data.h5 -o two.h5 --draws 10 --warmup 50 --force
[ "$got" = 0 ] && [ -s two.h5 ] || fail "after a killed run, --force: status $got"
absent two.h5.partial two.h5.lock

# kill -9 of rank 0, which writes: the same.
long_run zero.h5
# shellcheck disable=SC2086
set -- $ranks_of_job
kill -9 "$1"
wait "$job"
got=$?
cp long.err err
[ $got != 0 ] && [ $got != 124 ] || fail "kill -9 of rank 0: status $got"
absent zero.h5
exit $failed
