# tests/cli
EXTRA_DIST += tests/cli/test_includes.sh
TESTS += tests/cli/test_includes.sh
