#!/bin/sh
# The data sets of data/ are the ones that data/README.md tells of, and their models take them.
set -u
cd "$srcdir/data" && sha256sum -c SHA256SUMS || exit 1
cd "$builddir" || exit 1
for pair in linear:diamonds eight_schools:eight_schools eight_schools_centered:eight_schools; do
  sh "$RUN_MPI" 2 "$MASTING" check "${pair%%:*}" "$srcdir/data/${pair#*:}.h5" || exit 1
done
