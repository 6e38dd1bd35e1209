#!/bin/sh
# Law: modes are the same, bit for bit, on any number of ranks and threads; and what has no mode is told
# alike, in one message.
set -eu
. "$srcdir/tests/laws/lib.sh"

command=optimize
simulate ppca --size N=1301 --size D=2 --size K=1
simulate logistic --size N=1500 --size P=33
simulate linear --size N=700 --size P=4

law "1x2 2x1 3x2 5x1" ppca "$dir/ppca.h5"
law "2x1 3x1" ppca "$dir/ppca.h5" --starts 10 --lanes 4 --history 12 --seed 3
law "2x2 3x1" logistic "$dir/logistic.h5" --starts 3
law "2x1" linear "$dir/linear.h5" --isa base --history 1
another_seed modes ppca "$dir/ppca.h5"

# draws along the ways there
command=pathfinder
law "1x2 2x1 3x1" ppca "$dir/ppca.h5" --draws 50 --path-draws 40 --elbo-draws 5
law "2x1" ppca "$dir/ppca.h5" --all-draws --path-draws 20 --elbo-draws 3 --paths 3 --latents moments --history 3
law "2x2 3x1" logistic "$dir/logistic.h5" --draws 100 --path-draws 100 --elbo-draws 5 --history 7

# chains that start there
command=sample
short="--init mode --warmup 30 --draws 20 --save-warmup"
law "1x2 2x1 3x1" ppca "$dir/ppca.h5" $short
law "2x1" logistic "$dir/logistic.h5" $short --no-pool --chains 3
law "3x1" linear "$dir/linear.h5" $short --metric diag-var
law "1x2 3x1" ppca "$dir/ppca.h5" $short --init pathfinder
law "2x1" logistic "$dir/logistic.h5" $short --init pathfinder --chains 10
from_mode=$(hash 1 1 linear "$dir/linear.h5" $short) at_random=$(hash 1 1 linear "$dir/linear.h5" $short --init 2)
if [ "$from_mode" = "$at_random" ]; then
  echo "FAIL: --init mode changes nothing"
  failed=1
fi

# a mode at infinity: the whole message
cat >"$dir/separable.json" <<'EOF'
{"N": 8, "K": 2, "y": [0, 0, 0, 0, 1, 1, 1, 1], "x": [[0.3, -2.1], [-0.5, -1.2], [0.7, -0.4], [-0.2, -0.3],
 [0.1, 0.2], [-0.9, 0.8], [0.4, 1.5], [-0.3, 2.2]]}
EOF
sed 's/1, 1, 1, 1\]/1, 1, 0, 1]/' "$dir/separable.json" >"$dir/mixed.json"
cat >"$dir/want" <<'EOF'
masting: error: model separable, start 8: mode at infinity: the log density rises, ever more slowly, as beta[2] goes to infinity (it is 74.1); the data do not bound it (as when one covariate separates the outcomes of a logistic regression); expected a proper posterior; try a proper prior on beta, such as normal(0, 2.5)
EOF
for ranks in 1 2; do
  status=0
  sh "$RUN_MPI" $ranks "$MASTING" optimize "$srcdir/tests/models/separable.stan" "$dir/separable.json" \
    --quiet --isa base -o "$dir/none.h5" >"$dir/out" 2>"$dir/err" || status=$?
  grep '^masting: error' "$dir/err" >"$dir/got" || :
  if [ $status -eq 0 ] || [ -s "$dir/out" ] || [ -e "$dir/none.h5" ] || ! cmp "$dir/want" "$dir/got"; then
    echo "FAIL: separable data on $ranks ranks: status $status"
    cat "$dir/out" "$dir/err"
    failed=1
  fi
done
# a row's parameter, on whichever rank it lives
echo '{"N": 6, "y": [0, 1, 1, 0, 1, 0]}' >"$dir/rows.json"
for ranks in 1 2 3; do
  sh "$RUN_MPI" $ranks "$MASTING" optimize "$srcdir/tests/models/free_rows.stan" "$dir/rows.json" --shard N \
    --quiet --isa base >"$dir/out" 2>"$dir/err" || :
  grep '^masting: error' "$dir/err" >"$dir/rows$ranks" || :
  if ! grep -q 'mode at infinity.* as z\[[1-6]\] goes to -\{0,1\}infinity' "$dir/rows$ranks" ||
    ! cmp "$dir/rows1" "$dir/rows$ranks"; then
    echo "FAIL: rows without a mode on $ranks ranks:"
    cat "$dir/out" "$dir/err"
    failed=1
  fi
done
if ! "$MASTING" optimize "$srcdir/tests/models/separable.stan" "$dir/mixed.json" --quiet >"$dir/out" 2>"$dir/err"; then
  echo "FAIL: data that are not separable:"
  cat "$dir/err"
  failed=1
fi
exit $failed
