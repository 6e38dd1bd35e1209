#!/bin/sh
# A rank whose state differs, by as little as one bit, stops the job with a clear message and status
# 70: no other rank waits for it, and no wrong draw is made.
set -u
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
MASTING_TEST_TIMEOUT=120
export MASTING_TEST_TIMEOUT
failed=0
for ranks in 2 3; do
  for what in position step_size direction depth metric uniforms "position spread" "depth spread" "step_size spread"; do
    # shellcheck disable=SC2086
    sh "$RUN_MPI" $ranks "$builddir/tests/laws/desync" $what >"$dir/log" 2>&1
    status=$?
    if [ $status -ne 70 ] || ! grep -q "state differs from the other ranks'" "$dir/log"; then
      echo "FAIL: $ranks ranks, another $what: status $status"
      cat "$dir/log"
      failed=1
    fi
  done
  for what in nothing "nothing spread"; do
    # shellcheck disable=SC2086
    if ! sh "$RUN_MPI" $ranks "$builddir/tests/laws/desync" $what >"$dir/log" 2>&1; then
      echo "FAIL: $ranks ranks, all alike: $what"
      cat "$dir/log"
      failed=1
    fi
  done
done
exit $failed
