#!/bin/sh
# The Python package: its wheel is built, installed and tested as it was installed; types are checked; docs/python.md runs.
set -u
[ -n "${MASTING_PYTHON-}" ] || { echo "MASTING_PYTHON is not set: skipped"; exit 77; }
for module in build wheel mypy; do
  "$MASTING_PYTHON" -c "import $module" 2>/dev/null || { echo "no $module for $MASTING_PYTHON: skipped"; exit 77; }
done
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
die() { echo "FAIL $*"; exit 1; }
# A release cannot be written to, and a build leaves folders beside its sources.
cp -R "$srcdir/python" "$dir/python" && chmod -R u+w "$dir/python" || die "copy"
cd "$dir" || exit 1

number=$(sed -n 's/^AC_INIT(\[masting\], \[\([^]]*\)\].*/\1/p' "$srcdir/configure.ac")
grep -qx "version = \"$number\"" python/pyproject.toml || die "pyproject.toml has another version than configure.ac"
grep -qx "__version__ = \"$number\"" python/src/masting/__init__.py || die "__init__.py has another version"
(cd python && "$MASTING_PYTHON" -m mypy) || die "types"

"$MASTING_PYTHON" -m build --wheel --no-isolation --outdir "$dir" python >log 2>&1 || { cat log; die "build"; }
"$MASTING_PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --no-index --target "$dir/site" \
  "$dir/masting-$number-py3-none-any.whl" || die "install"
[ -e site/masting/py.typed ] || die "py.typed is not in the wheel"
PYTHONPATH=$dir/site MPLBACKEND=Agg OMP_NUM_THREADS=1 MPLCONFIGDIR=$dir
export PYTHONPATH MPLBACKEND OMP_NUM_THREADS MPLCONFIGDIR
"$MASTING_PYTHON" "$srcdir/python/tests/test_masting.py" || die "tests"

# A wheel with the program: it is found where there is no other.
mkdir -p prefix/bin prefix/include && cp "$MASTING" prefix/bin/ && cp -R "$srcdir/include/masting" prefix/include/ &&
  chmod -R u+w prefix || die "prefix"
MASTING_PREFIX=$dir/prefix "$MASTING_PYTHON" -m build --wheel --no-isolation --outdir "$dir/whole" python >log 2>&1 ||
  { cat log; die "build with the program"; }
"$MASTING_PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --no-index --target "$dir/site2" \
  "$dir"/whole/masting-"$number"-py3-none-linux_*.whl || die "install with the program"
(
  unset MASTING MASTING_INCLUDE
  PATH=/usr/bin:/bin PYTHONPATH=$dir/site2 "$MASTING_PYTHON" -c '
import masting
assert masting.program().startswith(masting.__path__[0]), masting.program()
masting.compile("'"$srcdir"'/data/ppca.stan", "ppca.so")'
) || die "the wheel with the program"

# The page, as one program.
awk '/^```/ { if (inside) { inside = 0; print "" } else if (marked && $0 == "```python") inside = 1
              marked = 0; next }
     inside { print; next }
     /^<!--/ { marked = $0 == "<!-- test: python -->" }' "$srcdir/docs/python.md" |
  sed 's/^N, D, K = 5_000,/N, D, K = 500,/' >page.py
grep -q '= 500,' page.py || die "docs/python.md: no 5,000 points"
[ "$(grep -c masting page.py)" -ge 8 ] || die "docs/python.md has too few examples"
"$MASTING_PYTHON" page.py >page.out 2>&1 || { cat page.out; die "docs/python.md"; }
for told in 'theta\[east\]' '65' 'gradient against central differences'; do
  grep -q "$told" page.out || { cat page.out; die "docs/python.md: no $told"; }
done
