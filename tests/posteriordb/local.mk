# tests/posteriordb: scripts that hold masting against Stan's numbers, and the test of these scripts
EXTRA_DIST += tests/posteriordb/compare.py tests/posteriordb/judge.py \
  tests/posteriordb/reference.py \
  tests/posteriordb/database.py
EXTRA_DIST += tests/posteriordb/test_compare.py tests/brms/make_programs.R
TESTS += tests/posteriordb/test_compare.py
