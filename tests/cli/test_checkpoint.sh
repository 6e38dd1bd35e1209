#!/bin/sh
# Checkpoints as a user meets them: what is refused and said, resuming by the file alone, a damaged file, more draws.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0
fail() { echo "FAIL $*"; sed 's/^/  | /' log; failed=1; }
hash() { "$builddir/tests/laws/dump_draws" "$1" | sha256sum | cut -c1-64; }
# sample STATUS ARGS...: on one rank, messages in log
sample() {
  want=$1
  shift
  "$MASTING" sample "$@" --progress none >log 2>&1
  got=$?
  [ "$got" = "$want" ] || fail "status $got, expected $want: sample $*"
}
said() { grep -qF "$1" log || fail "not said: $1"; }
# killed OUT ARGS...: a run that is killed after its second checkpoint
killed() {
  out=$1
  shift
  "$MASTING" sample ppca data.h5 -o "$out" "$@" --checkpoint-every 0.01 --progress none >log 2>&1 &
  job=$!
  i=0
  until [ -e "$out.checkpoint.before" ] || [ $i -gt 600 ]; do sleep 0.05; i=$((i + 1)); done
  kill -9 $job
  wait $job 2>/dev/null
  [ -e "$out.checkpoint" ] && [ ! -e "$out" ] || fail "no checkpoint, or an end, after $i looks"
}

"$MASTING" simulate ppca --size N=600 --size D=2 --seed 42 -o data.h5 2>/dev/null
cp data.h5 other.h5
"$MASTING" simulate ppca --size N=600 --size D=2 --seed 43 -o other.h5 --force 2>/dev/null
run="--seed 3 --warmup 60 --draws 400"
# shellcheck disable=SC2086
{
  sample 0 ppca data.h5 -o whole.h5 $run
  [ ! -e whole.h5.checkpoint ] && [ ! -e whole.h5.partial ] || fail "a run that is done leaves nothing beside its draws"
  killed a.h5 $run
}
cp a.h5.checkpoint kept.checkpoint
cp a.h5.partial kept.partial

# What is refused.
# shellcheck disable=SC2086
{
  sample 2 ppca data.h5 -o a.h5 $run
  said "masting: error: a.h5.checkpoint: a run of this output has not ended and can go on from here; expected --resume or --force; try the same command with --resume auto, or --force to begin anew"
  sample 2 ppca data.h5 -o a.h5 $run --seed 4 --target-accept 0.9 --resume auto
  said "the checkpoint is of another run: --seed was 3 and is now 4, --target-accept was 0.80000000000000004 and is now 0.90000000000000002; expected the same"
  sample 2 ppca other.h5 -o a.h5 $run --resume auto
  said "the checkpoint is of another run: data was "
  sample 2 ppca data.h5 -o a.h5 $run --draws 100 --resume auto
  said "a.h5.checkpoint: --draws was 400 and is now 100; expected as many or more"
  sample 2 ppca data.h5 -o a.h5 $run --resume nowhere.checkpoint
  said "masting: error: nowhere.checkpoint: cannot open the checkpoint: No such file or directory"
  sample 65 ppca data.h5 -o b.h5 $run --resume data.h5
  said "data.h5: not a checkpoint of masting"
}
cmp -s a.h5.checkpoint kept.checkpoint || fail "a refused run has changed the checkpoint"

# By the file alone, from another folder; the draws are those of the run that was not killed.
mkdir elsewhere
(cd elsewhere && "$MASTING" sample --resume ../a.h5.checkpoint --progress none) >log 2>&1 || fail "by the file alone"
said "masting: resumed from "
[ "$(hash a.h5)" = "$(hash whole.h5)" ] || fail "by the file alone: other draws"
[ ! -e a.h5.checkpoint ] && [ ! -e a.h5.checkpoint.before ] || fail "the checkpoint of a run that is done is there"
rm a.h5

# Damaged, with one before it, and without.
# shellcheck disable=SC2086
{
  killed a.h5 $run
  printf 'x' | dd of=a.h5.checkpoint bs=1 seek=3000 conv=notrunc 2>/dev/null
  sample 0 ppca data.h5 -o a.h5 $run --resume auto
  said "masting: warning: a.h5.checkpoint: damaged: "
  said "has another checksum; going on from the checkpoint before it, a.h5.checkpoint.before"
  [ "$(hash a.h5)" = "$(hash whole.h5)" ] || fail "from the one before: other draws"
  rm a.h5
  cp kept.partial a.h5.partial
  head -c 1000 kept.checkpoint >a.h5.checkpoint
  sample 65 ppca data.h5 -o a.h5 $run --resume auto
  said "masting: error: a.h5.checkpoint: the file is cut short or grown"
}

# Draws of another run beside it, or none.
# shellcheck disable=SC2086
{
  cp kept.checkpoint a.h5.checkpoint
  killed b.h5 $run
  cp b.h5.partial a.h5.partial
  sample 65 ppca data.h5 -o a.h5 $run --resume auto
  said "a.h5.partial: these draws are of another run than the checkpoint"
  rm a.h5.partial
  sample 2 ppca data.h5 -o a.h5 $run --resume auto
  said "a.h5.partial: the draws that the checkpoint goes on with cannot be found"
  sample 0 ppca data.h5 -o a.h5 $run --force
  rm -f a.h5 b.h5*
}

# auto begins where there is none, and keeps what stands there unfinished.
# shellcheck disable=SC2086
{
  cp kept.partial a.h5.partial
  sample 0 ppca data.h5 -o a.h5 $run --resume auto
  said "a.h5.partial: unfinished draws of an earlier run without a checkpoint are kept as a.h5.partial.before"
  cmp -s kept.partial a.h5.partial.before || fail "unfinished draws have changed"
  rm a.h5*
}

# More draws: of a run that was killed, and of one that is done and kept its checkpoint.
more="--seed 3 --warmup 60 --draws 900"
# shellcheck disable=SC2086
{
  sample 0 ppca data.h5 -o more.h5 $more
  killed a.h5 $run
  sample 0 ppca data.h5 -o a.h5 $more --resume auto
  [ "$(hash a.h5)" = "$(hash more.h5)" ] || fail "more draws of a run that was killed"
  [ ! -e a.h5.partial.old ] || fail "a.h5.partial.old is there"
  sample 0 ppca data.h5 -o c.h5 $run --checkpoint c.checkpoint
  sample 0 --resume c.checkpoint --draws 900 -o d.h5
  [ "$(hash d.h5)" = "$(hash more.h5)" ] || fail "more draws of a run that is done"
  [ "$(hash c.h5)" = "$(hash whole.h5)" ] || fail "the first draws have changed"
}
exit $failed
