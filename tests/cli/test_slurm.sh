#!/bin/sh
# jobs/*.sbatch, submitted to a real Slurm of one node that this test starts and stops: its own munge key,
# ports, spool and configuration, all in a temporary folder. Needs root (slurmd does) and Debian's
# slurmctld, slurmd, slurm-client and munge; skipped where they are missing.
set -u
for program in slurmctld slurmd sbatch srun scontrol squeue munged; do
  PATH=$PATH:/usr/sbin command -v $program >/dev/null || { echo "no $program: skipped"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "not root: skipped"; exit 77; }
PATH=$PATH:/usr/sbin
dir=$(mktemp -d /tmp/masting-slurm.XXXXXX) || exit 1
failed=1 daemons=

finish() {
  [ $failed = 0 ] || for log in munged slurmctld slurmd; do
    echo "== $log"
    tail -n 20 "$dir/$log.log"
  done
  scancel --quiet --user=root 2>/dev/null
  for pid in $daemons; do kill "$pid" 2>/dev/null; done
  for pid in $daemons; do
    i=0
    while kill -0 "$pid" 2>/dev/null && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
    kill -9 "$pid" 2>/dev/null
  done
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM
die() { echo "FAIL $*"; exit 1; }
# wait_until WHAT COMMAND...: within 60 s
wait_until() {
  what=$1 i=0
  shift
  until "$@" >/dev/null 2>&1; do
    i=$((i + 1))
    [ $i -lt 300 ] || die "$what: not within 60 s"
    sleep 0.2
  done
}

# The environment of the tests is for mpirun; a job gets what a user's shell would give it.
unset OMPI_MCA_hwloc_base_binding_policy OMPI_MCA_rmaps_base_oversubscribe OMP_NUM_THREADS
host=$(hostname -s)
port=$((20000 + $$ % 10000))
mkdir "$dir/spool" "$dir/state" "$dir/work" && chmod 755 "$dir"
(umask 077 && head -c 1024 /dev/urandom >"$dir/key")
munged --foreground --force --key-file="$dir/key" --socket="$dir/munge" \
  --pid-file="$dir/munged.pid" --seed-file="$dir/munge.seed" >"$dir/munged.log" 2>&1 &
daemons="$!"
cat >"$dir/slurm.conf" <<END
ClusterName=masting
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
AuthInfo=socket=$dir/munge,cred_expire=5
SlurmUser=root
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SchedulerParameters=batch_sched_delay=0,sched_interval=1
SchedulerType=sched/builtin
ReturnToService=2
PlugStackConfig=/dev/null
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=1:00:00 State=UP OverSubscribe=NO
END
# Where no cgroups are mounted, slurmd would look for version 2 and give up.
echo "CgroupPlugin=cgroup/v1" >"$dir/cgroup.conf"
export SLURM_CONF="$dir/slurm.conf"
wait_until "munged" test -S "$dir/munge"
slurmctld -D -f "$SLURM_CONF" >/dev/null 2>&1 &
daemons="$! $daemons"
slurmd -D -f "$SLURM_CONF" -N "$host" >/dev/null 2>&1 &
daemons="$! $daemons"
idle() { [ "$(sinfo -h -o %T)" = idle ]; }
wait_until "an idle node" idle

cd "$dir/work" || exit 1
export MASTING
"$MASTING" simulate ppca --size N=2000 --size D=2 --size K=1 --seed 1 -o data.h5 || die "simulate"
run() { # run NAME SBATCH-ARGS...: submits, waits, and wants it completed; sets id
  name=$1
  shift
  id=$(sbatch --parsable "$@") || die "$name: sbatch refused"
  i=0
  while [ -n "$(squeue -h -j "$id" 2>/dev/null)" ]; do
    i=$((i + 1))
    [ $i -lt 600 ] || die "$name: job $id did not end in 300 s"
    sleep 0.5
  done
  state=$(scontrol -o show job "$id" | sed 's/.*JobState=\([A-Z_]*\).*/\1/')
  [ "$state" = COMPLETED ] || { cat ./*-"$id".log; die "$name: job $id is $state"; }
}

# As they are: one rank a NUMA domain, all its cores as threads.
run sample "$srcdir/jobs/sample.sbatch" ppca data.h5 --draws 100 --warmup 100
[ -s "draws-$id.h5" ] || die "sample: no draws-$id.h5"
grep -v '^z' "masting-$id.log"
grep -q '; 8 chains, 1 rank of 2 threads,' "masting-$id.log" || die "sample: ranks and threads"
grep -q '^w\[0, 0\]' "masting-$id.log" || die "sample: no summary"
grep -q 'warning: placement' "masting-$id.log" && die "sample: threads share CPUs"
alone=$id

# As asked for, with a name of one's own: two ranks. The draws are the same.
run sample --ntasks=2 --cpus-per-task=1 "$srcdir/jobs/sample.sbatch" ppca data.h5 --draws 100 --warmup 100 -o two.h5
[ -s two.h5 ] && [ ! -e "draws-$id.h5" ] || die "sample -o two.h5: the name"
grep -q '; 8 chains, 2 ranks of 1 thread,' "masting-$id.log" || { cat "masting-$id.log"; die "sample: two ranks"; }
"$MASTING" summary "draws-$alone.h5" --var w >one.txt 2>/dev/null
"$MASTING" summary two.h5 --var w >two.txt 2>/dev/null
cmp one.txt two.txt || die "the draws of one rank and of two differ"

run scaling --ntasks=2 --cpus-per-task=1 "$srcdir/jobs/scaling.sbatch" ppca --size D=2 --sizes 1e3,1e4 --seconds 0.1 \
  --repeat 1
cat "scaling-$id.log"
[ "$(wc -l <"scaling-$id.csv")" = 7 ] || die "scaling: points in the CSV"
grep -q '^fit: T = ' "scaling-$id.log" || die "scaling: no table"
[ -s "scaling-$id.gp" ] || die "scaling: no script of the picture"
! command -v gnuplot >/dev/null || grep -q "^masting: wrote scaling-$id.png" "scaling-$id.log" || die "scaling: no picture"
[ ! -e "scaling-$id.data" ] || die "scaling: data were left behind"

# A run that stops before it is done queues itself again under its name, and the draws are those of one that
# did not stop. How long a requeued job waits hangs on cred_expire.
"$MASTING" simulate ppca --size N=20000 --size D=2 --size K=1 --seed 1 -o large.h5 || die "simulate"
long="ppca large.h5 --warmup 60 --draws 500 --latents none --progress none"
run requeue --ntasks=2 --cpus-per-task=1 "$srcdir/jobs/sample.sbatch" $long --time-limit 2s -o again.h5
grep -q 'to go on: masting sample --resume again.h5.checkpoint' "masting-$id.log" ||
  { cat "masting-$id.log"; die "requeue: it was not stopped"; }
grep -c 'not done; queued again' "masting-$id.log"
grep -q 'resumed from again.h5.checkpoint' "masting-$id.log" || { cat "masting-$id.log"; die "requeue: not resumed"; }
[ "$(scontrol -o show job "$id" | sed 's/.*Restarts=\([0-9]*\).*/\1/')" -ge 1 ] || die "requeue: Slurm counts no restart"
"$MASTING" sample $long -o once.h5 2>/dev/null || die "the same without a stop"
"$builddir/tests/laws/dump_draws" again.h5 >again.bin && "$builddir/tests/laws/dump_draws" once.h5 >once.bin
cmp again.bin once.bin || die "requeue: other draws than without a stop"
[ ! -e again.h5.checkpoint ] || die "requeue: the checkpoint was left behind"

# A job that is cancelled says what it has, and is not queued again.
id=$(sbatch --parsable --ntasks=1 "$srcdir/jobs/sample.sbatch" ppca large.h5 --draws 100000 --warmup 20 --latents none \
  --progress none -o gone.h5) || die "sbatch refused"
wait_until "draws of job $id" test -s gone.h5.partial
sleep 4
scancel --batch --signal=TERM "$id"
i=0
while [ -n "$(squeue -h -j "$id" 2>/dev/null)" ] && [ $i -lt 120 ]; do sleep 0.5; i=$((i + 1)); done
grep -q 'to go on: masting sample --resume gone.h5.checkpoint' "masting-$id.log" && grep -q '^w\[0, 0\]' "masting-$id.log" &&
  ! grep -q 'queued again' "masting-$id.log" || { cat "masting-$id.log"; die "a cancelled job: what it says"; }

# A mistake ends the job as failed, with the one message.
id=$(sbatch --parsable "$srcdir/jobs/sample.sbatch" ppca nothing.h5) || die "sbatch refused"
i=0
while [ -n "$(squeue -h -j "$id" 2>/dev/null)" ] && [ $i -lt 600 ]; do sleep 0.5; i=$((i + 1)); done
scontrol -o show job "$id" | grep -q 'JobState=FAILED .*ExitCode=2:0' || die "a missing file: not failed with 2"
[ "$(grep -c '^masting: error: nothing.h5:' "masting-$id.log")" = 1 ] || { cat "masting-$id.log"; die "a missing file: message"; }
failed=0
