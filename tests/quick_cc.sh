#!/bin/sh
# tests/quick_cc.sh ARGS -- the C compiler MASTING_TEST_CC with -O1 in place of -O3: see tests/run_test.sh.
for word; do
  shift
  [ "$word" != -O3 ] || word=-O1
  set -- "$@" "$word"
done
# shellcheck disable=SC2086  # may have flags
exec ${MASTING_TEST_CC:-cc} "$@"
