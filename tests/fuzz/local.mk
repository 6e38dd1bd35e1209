# tests/fuzz: spoilt programs; built with sanitizers where the compiler has them
check_PROGRAMS += tests/fuzz/fuzz_parse
EXTRA_DIST += tests/fuzz/test_fuzz_parse.sh tests/fuzz/modern.stan tests/fuzz/old.stan
TESTS += tests/fuzz/test_fuzz_parse.sh
# by hand: programs that are changed a little, compiled with sanitizers, and their C
EXTRA_DIST += tests/fuzz/fuzz_emit.c tests/fuzz/mutate.py
tests_fuzz_fuzz_parse_SOURCES = tests/fuzz/fuzz_parse.c $(LANG_PARSE_SOURCES) src/base/error.c src/base/nearest.c \
  src/base/error.h
tests_fuzz_fuzz_parse_CFLAGS = $(AM_CFLAGS) $(MASTING_SANITIZE) -g -O1
tests_fuzz_fuzz_parse_LDFLAGS = $(MASTING_SANITIZE)
tests_fuzz_fuzz_parse_LDADD =
