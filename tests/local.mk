# Tests: one fragment per kind. tests/run_test.sh says how each is run and what it finds around it.
# A compiled test adds itself to check_PROGRAMS and TESTS, a script to EXTRA_DIST and TESTS.
TEST_EXTENSIONS = .sh .py
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run_test.sh
SH_LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run_test.sh
AM_SH_LOG_FLAGS = --sh
PY_LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run_test.sh
AM_PY_LOG_FLAGS = --py
EXTRA_DIST += tests/env.sh tests/quick_cc.sh tests/run_mpi.sh tests/run_test.sh

# What takes long comes first, so that `make -j2 check` does not wait for a last long one.
include tests/cli/local.mk
include tests/interp/local.mk
include tests/laws/local.mk
include tests/posteriordb/local.mk
include tests/stat/local.mk
include tests/fault/local.mk
include tests/mpi/local.mk
include tests/unit/local.mk
include tests/fuzz/local.mk

clean-local:
	rm -rf tests/cache
