#!/bin/sh
# The recipes of packaging/ have the version of configure.ac and the libraries of scripts/packages.txt; what Debian's own tools
# and Python can read of them, they read.
set -u
packaging=$srcdir/packaging
failed=0
fail() { echo "FAIL $*"; failed=1; }
number=$(sed -n 's/^AC_INIT(\[masting\], \[\([^]]*\)\].*/\1/p' "$srcdir/configure.ac")
has() { grep -Fq -e "$2" "$packaging/$1" || fail "$1: no '$2'"; }
has debian/changelog "masting ($number-1)"
has conda/recipe.yaml "version: \"$number\""
has easybuild/masting-"$number"-foss-2024a.eb "version = '$number'"
has spack/package.py "version(\"$number\")"
has modulefile "set version $number"
has apptainer.def "masting-$number.tar.xz"
has ../CITATION.cff "version: $number"
grep -Fq "Version $number." "$srcdir/README.md" || fail "README.md: another version to cite"

for library in $(awk '$1 == "run" && $2 ~ /^lib.*-dev$/ { print $2 }' "$srcdir/scripts/packages.txt"); do
  grep -Eq "[ :]$library(,|\$)" "$packaging/debian/control" || fail "debian/control does not build with $library"
  grep -Eq " $library( |\$)" "$packaging/apptainer.def" || fail "apptainer.def does not install $library"
  # Everywhere else by the library's own name, whatever its case.
  name=$(echo "$library" | sed 's/^lib//; s/-dev$//; s/-openmpi$//')
  case $name in openblas) name='lapack' ;; esac
  for recipe in conda/recipe.yaml spack/package.py easybuild/masting-"$number"-foss-2024a.eb; do
    case $recipe$name in *.ebopenmpi) continue ;; esac # of the toolchain
    grep -iq "$name" "$packaging/$recipe" || fail "$recipe: no $name"
  done
done
# A compiled Stan program links these where it is used.
for library in libsleef-dev libsundials-dev gcc; do
  sed -n '/^Package:/,$p' "$packaging/debian/control" | grep -q "[ :]$library," || fail "debian/control: masting runs without $library"
done

for script in build_deb.sh debian/tests/example; do sh -n "$packaging/$script" || fail "$script"; done
for recipe in spack/package.py easybuild/masting-"$number"-foss-2024a.eb easybuild/SLEEF-3.6.1-GCCcore-13.3.0.eb; do
  python3 -c 'import sys; compile(open(sys.argv[1]).read(), sys.argv[1], "exec")' "$packaging/$recipe" || fail "$recipe"
done
if command -v dpkg-parsechangelog >/dev/null; then
  [ "$(dpkg-parsechangelog -l "$packaging/debian/changelog" -S Version 2>&1)" = "$number-1" ] || fail "debian/changelog"
fi
[ "$(sed -n '/^Redistribution/,$p' "$srcdir/LICENSE")" = \
  "$(sed -n '/^ Redistribution/,$p' "$packaging/debian/copyright" | sed 's/^ //; s/^\.$//')" ] || fail "debian/copyright: not LICENSE"
exit $failed
