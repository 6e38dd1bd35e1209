#!/bin/sh
# Some thousand spoilt Stan programs go through the parser. By hand, for longer:
#   tests/fuzz/fuzz_parse 1000000 SEED tests/fuzz/*.stan
# MASTING_FUZZ_ITERATIONS and MASTING_FUZZ_SEED say otherwise here.
set -eu
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=1"
export ASAN_OPTIONS
"$builddir/tests/fuzz/fuzz_parse" "${MASTING_FUZZ_ITERATIONS:-4000}" "${MASTING_FUZZ_SEED:-1}" \
  "$srcdir/tests/fuzz/modern.stan" "$srcdir/tests/fuzz/old.stan"
