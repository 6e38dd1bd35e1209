# scripts: what this folder adds to the build and the tarball
EXTRA_DIST += scripts/check_includes.py
