#!/bin/sh
# configure names what is missing, and the package that brings it: without popt, HDF5, ScaLAPACK, LAPACK.
set -u
[ -x "$srcdir/configure" ] || { echo "no configure in $srcdir"; exit 1; }
[ ! -e "$srcdir/config.status" ] || { echo "the source tree is configured in place: skipped"; exit 77; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1

# refused LIBRARY PATTERN PACKAGE: configure without the pkg-config files that match PATTERN.
refused() {
  rm -rf pc && mkdir pc || exit 1
  for folder in $(pkg-config --variable pc_path pkg-config | tr : ' '); do
    for file in "$folder"/*.pc; do
      # shellcheck disable=SC2254  # a pattern
      case $(basename "$file") in $2 | '*.pc') ;; *) ln -sf "$file" pc/ ;; esac
    done
  done
  if PKG_CONFIG_PATH='' PKG_CONFIG_LIBDIR=$dir/pc "$srcdir/configure" >out 2>&1; then
    echo "configured without $1"
    exit 1
  fi
  for text in "configure: error: $1" "is missing or does not link" "apt-get install $3" 'spack install' \
    'EasyBuild:'; do
    grep -qF "$text" out || { echo "no '$text' in:"; tail -n 8 out; exit 1; }
  done
}
refused 'popt (options)' 'popt*.pc' libpopt-dev
refused 'parallel HDF5 (H5Pset_fapl_mpio, H5DSset_scale)' 'hdf5*.pc' libhdf5-openmpi-dev
refused 'ScaLAPACK (pdpotrf, pdsyevd; SCALAPACK_LIBS names another)' 'scalapack*.pc' libscalapack-openmpi-dev
refused 'LAPACK (dpotrf, dsyevd; LAPACK_LIBS names another)' '*la[sp]*.pc' libopenblas-dev
