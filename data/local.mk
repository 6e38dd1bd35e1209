# data: what README.md's examples read, installed beside it
examplesdir = $(docdir)/data
dist_examples_DATA = data/README.md data/SHA256SUMS data/diamonds.h5 data/eight_schools.h5 data/ppca.stan
EXTRA_DIST += scripts/make_data.py
