#!/bin/sh
# What may be loaded from the folder of compiled models, and what happens where it cannot be used; files that are none.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
failed=0
fail() { echo "FAIL $*"; sed 's/^/  | /' err; failed=1; }
cat >m.stan <<'END'
parameters { real x; }
model { x ~ normal(0, 1); }
END
export MASTING_CACHE="$dir/cache"
# run WHAT STATUS COMPILED: samples; COMPILED yes or no
run() {
  what=$1 want=$2 compiled=$3
  timeout 100 "$MASTING" sample m.stan -o out.h5 --force --draws 20 --warmup 20 --progress none >out 2>err
  got=$?
  [ $got = "$want" ] || fail "$what: status $got, expected $want"
  did=no
  grep -q '^masting: compiling' err && did=yes
  [ $did = "$compiled" ] || fail "$what: compiled: $did, expected $compiled"
  echo "$what: status $got, compiled: $did"
}
(umask 0; run "under umask 0" 0 yes)
[ "$(stat -c %a cache)" = 700 ] || fail "the folder has mode $(stat -c %a cache)"
object=$(echo cache/*.so)
[ "$(stat -c %a "$object")" = 700 ] || fail "the object has mode $(stat -c %a "$object")"
run "again" 0 no
for spoil in 'truncate -s 100 OBJECT' 'truncate -s 0 OBJECT' 'dd if=/dev/zero of=OBJECT bs=4096 count=4' \
  'printf x | dd of=OBJECT bs=1 seek=3000 conv=notrunc' 'cp /bin/true OBJECT' 'chmod 777 OBJECT' 'ln OBJECT other' \
  'rm OBJECT && ln -s /bin/true OBJECT' 'rm OBJECT && mkfifo OBJECT'; do
  sh -c "$(echo "$spoil" | sed "s|OBJECT|$object|g")" 2>/dev/null
  run "$spoil" 0 yes
  rm -f other
  run "  and then" 0 no
done
if [ "$(id -u)" = 0 ]; then
  chown 12345 "$object"
  run "another user's object" 0 yes
  chown 12345 cache
  run "another user's folder" 0 yes
  grep -q "^masting: warning: $dir/cache: cannot keep compiled models there: it belongs to another user (12345); this one is compiled for this run alone" err || fail "another user's folder: the line"
  chown 0 cache
fi
chmod 777 cache
run "a folder that all may write to is closed" 0 no
[ "$(stat -c %a cache)" = 755 ] || fail "the folder has mode $(stat -c %a cache)"
: >file
MASTING_CACHE=$dir/file/cache
TMPDIR=$dir/tmp
mkdir tmp
export TMPDIR
run "a cache that cannot be made" 0 yes
[ "$(grep -c '^masting: warning: .*: cannot keep compiled models there: Not a directory; ' err)" = 1 ] || fail "a cache that cannot be made: the line"
[ -z "$(ls tmp)" ] || fail "a cache that cannot be made: left in TMPDIR: $(ls tmp)"
MASTING_CACHE=$dir/cache

# A pipe as data, of which nobody writes; a program that includes a device without an end; threads without number.
mkfifo pipe.json
echo 'data { int N; array[N] real y; } parameters { real x; } model { y ~ normal(x, 1); }' >d.stan
timeout 20 "$MASTING" sample d.stan pipe.json -o out.h5 --force >out 2>err
[ $? = 2 ] && grep -q '^masting: error: pipe.json: it is a FIFO' err || fail "a FIFO as data"
echo '#include /dev/zero' >endless.stan
ln -s /dev/zero zero.stan
echo '#include zero.stan' >endless.stan
(ulimit -v 2000000; timeout 60 "$MASTING" compile endless.stan -o out.so >out 2>err)
got=$?
[ $got = 2 ] && [ "$(grep -c '^masting: error: ' err)" = 1 ] || fail "an include without an end: status $got"
(OMP_NUM_THREADS=99999999 timeout 20 "$MASTING" summary out.h5 >out 2>err)
got=$?
[ $got = 2 ] && grep -q '^masting: error: OMP_NUM_THREADS=99999999: too many threads; expected at most 4096' err || fail "threads without number: status $got"
exit $failed
