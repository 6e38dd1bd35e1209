#!/bin/sh
# scripts/count_tests.sh DIR [LOG] -- prints "passed failed skipped" for the tests that make check ran in DIR.
#
# A cmocka program counts as many tests as it reports (under mpirun: as rank 0 reports, all rank
# counts together), and one failed when it ends badly: it stops at its first failure. A script counts
# as one. Tests passed over by MASTING_TEST_KINDS are not counted. No result at all is a failure.
# The log's end of each failure is appended to LOG.
set -u
report=${2:-/dev/null}
passed=0 failed=0 skipped=0
rank0='^(\[[0-9]+,0\]<std(err|out)>:)?'
count_ok() { grep -c -E "$rank0\[ +OK \] " "$1"; }
count_skipped() {
  sed -n -E "s/$rank0\[ *SKIPPED *\] ([0-9]+) test\(s\).*/\3/p" "$1" |
    awk '{ n += $1 } END { print n + 0 }'
}
for trs in $(find "$1" -name '*.trs' | sort); do
  log=${trs%.trs}.log
  result=$(sed -n 's/^:global-test-result: //p' "$trs")
  p=$(count_ok "$log") f=0 s=$(count_skipped "$log")
  case $result in
  PASS | XFAIL) [ $((p + s)) -gt 0 ] || p=1 ;;
  SKIP)
    grep -q '^passed over: ' "$log" && continue
    p=0 s=1 ;;
  *)
    f=1
    { echo "# failed: $trs"; tail -n 30 "$log"; } >>"$report" ;;
  esac
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
[ $((passed + failed + skipped)) -gt 0 ] || failed=1
echo "$passed $failed $skipped"
