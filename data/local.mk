# data: what this folder adds to the build and the tarball
EXTRA_DIST += data/README.md data/SHA256SUMS data/diamonds.h5 data/eight_schools.h5 data/ppca.stan \
  scripts/make_data.py
