#!/bin/sh
# packaging/build_deb.sh masting-VERSION.tar.xz [DIR] -- the Debian source and binary packages, in DIR (where it is called).
set -eu
archive=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "${2-.}" && cd "${2-.}"
version=$(basename "$archive" .tar.xz) && version=${version#masting-}
cp "$archive" "masting_$version.orig.tar.xz"
tar -xf "masting_$version.orig.tar.xz"
cp -R "$here/debian" "masting-$version/debian"
chmod -R u+w "masting-$version/debian"
cd "masting-$version"
dpkg-buildpackage -us -uc
