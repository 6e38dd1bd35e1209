#!/bin/sh
# Law: draws of the approximation at a mode are the same, bit for bit, on any number of ranks and threads;
# a mode from a file is the mode that was found.
set -eu
. "$srcdir/tests/laws/lib.sh"

command="laplace --draws 50"
laplace() {
  ranks=$1 threads=$2
  shift 2
  OMP_NUM_THREADS=$threads sh "$RUN_MPI" "$ranks" "$MASTING" $command "$@" --force --progress none
}

simulate ppca --size N=1301 --size D=3 --size K=1
simulate logistic --size N=1500 --size P=33
simulate linear --size N=700 --size P=4

law "1x2 2x1 3x2" ppca "$dir/ppca.h5"
law "2x1" ppca "$dir/ppca.h5" --latents moments --lanes 4
law "2x1 3x2" ppca "$dir/ppca.h5" --joint
law "2x2 3x1" logistic "$dir/logistic.h5" --starts 3
law "2x1" linear "$dir/linear.h5" --isa base
another_seed draws ppca "$dir/ppca.h5"

# the mode of a file, written on two ranks, read by three: lp to all digits that are printed
sh "$RUN_MPI" 2 "$MASTING" optimize ppca "$dir/ppca.h5" --integrated --latents all -o "$dir/mode.h5" --quiet >/dev/null
laplace 1 1 ppca "$dir/ppca.h5" -o "$dir/a.h5" --quiet --json 2>/dev/null | grep '"lp"' >"$dir/sought"
laplace 3 1 ppca "$dir/ppca.h5" -o "$dir/a.h5" --mode "$dir/mode.h5" --quiet --json 2>/dev/null |
  grep '"lp"' >"$dir/given"
if ! cmp "$dir/sought" "$dir/given"; then
  echo "FAIL: the mode of a file is another one"
  failed=1
fi
# scores integrated out: ppca is this Gaussian, all but; of all parameters together it is not
for how in "" --joint; do
  laplace 2 1 ppca "$dir/ppca.h5" -o "$dir/a.h5" --quiet --json $how 2>/dev/null |
    sed -n 's/.*"weight_ess": \([0-9]*\).*/\1/p' >"$dir/worth$how"
done
if [ "$(cat "$dir/worth")" -lt 45 ] || [ "$(cat "$dir/worth--joint")" -gt 5 ]; then
  echo "FAIL: of 50 draws, integrated: $(cat "$dir/worth"); jointly: $(cat "$dir/worth--joint")"
  failed=1
fi
cat >"$dir/want" <<EOT
masting: error: $dir/mode.h5: posterior/alpha: not there; expected all parameters of model linear, row-local ones too; try a file of \`masting optimize --latents all\`
EOT
status=0
laplace 2 1 linear "$dir/linear.h5" -o "$dir/none.h5" --mode "$dir/mode.h5" --quiet >"$dir/out" 2>"$dir/err" ||
  status=$?
grep '^masting: error' "$dir/err" >"$dir/got" || :
if [ $status -eq 0 ] || [ -e "$dir/none.h5" ] || ! cmp "$dir/want" "$dir/got"; then
  echo "FAIL: another model's mode: status $status"
  cat "$dir/err"
  failed=1
fi
exit $failed
