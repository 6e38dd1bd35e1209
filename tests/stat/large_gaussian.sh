#!/bin/sh
# tests/stat/large_gaussian.sh BUILD [P] [learn] -- a correlated Gaussian in P (2,000) dimensions, condition 1e6, under a dense metric that
# is spread over 1, 2 and 4 ranks: the same hash of all draws, moments within 4 standard errors, and what a rank's memory is.
# By hand: it takes minutes. MASTING_TEST_TIMEOUT: seconds for each (3600).
set -eu
build=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
: "${MASTING_TEST_TIMEOUT:=3600}"
export MASTING_TEST_TIMEOUT
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failed=0 want=
for ranks in 1 2 4; do
  sh "$here/../run_mpi.sh" $ranks "$build/tests/stat/large_gaussian" "$@" >"$dir/log" || failed=1
  cat "$dir/log"
  got=$(sed -n 's/^hash //p' "$dir/log")
  : "${want:=$got}"
  [ -n "$got" ] && [ "$got" = "$want" ] || { echo "FAIL: $ranks ranks: hash '$got', 1 rank: '$want'"; failed=1; }
done
exit $failed
