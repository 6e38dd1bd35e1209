# tests/fault
check_PROGRAMS += tests/fault/spoil
tests_fault_spoil_SOURCES = tests/fault/spoil.c
tests_fault_spoil_LDADD = $(MASTING_LDADD)
EXTRA_DIST += tests/fault/test_faults.sh
TESTS += tests/fault/test_faults.sh
