# Tests: one fragment per kind.
include tests/unit/local.mk
include tests/mpi/local.mk
include tests/laws/local.mk
include tests/fault/local.mk
include tests/stat/local.mk
include tests/cli/local.mk
