# scripts: what this folder adds to the build and the tarball
EXTRA_DIST += scripts/make_picture.py scripts/check_install.sh
EXTRA_DIST += scripts/check_includes.py scripts/stan_functions.py
EXTRA_DIST += scripts/lib.sh scripts/demo.sh scripts/check.sh scripts/make_venv.sh \
  scripts/check_format.sh scripts/tidy.sh scripts/slowest.sh scripts/check_release.sh \
  scripts/compile_commands.py scripts/count_tests.sh scripts/coverage.sh scripts/packages.txt scripts/requirements-test.txt
