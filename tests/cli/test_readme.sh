#!/bin/sh
# The README's examples run as they stand, in order, in one folder: every ```sh block after a line
# <!-- test -->, and those after <!-- test: python --> when MASTING_PYTHON is set.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin" "$dir/work"
ln -s "$MASTING" "$dir/bin/masting"
PATH=$dir/bin:$PATH MASTING_SOURCE=$srcdir OMP_NUM_THREADS=1
export PATH MASTING_SOURCE OMP_NUM_THREADS
kinds='test'
if [ -n "${MASTING_PYTHON-}" ]; then
  kinds='test(: python)?'
  # Not a link: a virtual environment is found from the path that its python was called by.
  printf '#!/bin/sh\nexec "%s" "$@"\n' "$MASTING_PYTHON" >"$dir/bin/python3"
  chmod +x "$dir/bin/python3"
fi
awk -v "wanted=^<!-- $kinds -->\$" '
  /^```/ { if (inside) { inside = 0; print "" } else if (marked && $0 == "```sh") inside = 1
           marked = 0; next }
  inside { print; next }
  /^<!--/ { marked = $0 ~ wanted }' "$srcdir/README.md" >"$dir/examples.sh"
commands=$(grep -c . "$dir/examples.sh")
[ "$commands" -ge 6 ] || { echo "only $commands commands found in README.md; expected 6 or more"; exit 1; }
cd "$dir/work" || exit 1
if ! sh -eux "$dir/examples.sh" >"$dir/out" 2>&1; then
  cat "$dir/out"
  exit 1
fi
grep -E '^w\[0, 0\]' "$dir/out" >/dev/null || { cat "$dir/out"; echo "no summary of w"; exit 1; }
# Every file that the README links to is there.
for file in $(grep -oE '\]\([^)#]+\)' "$srcdir/README.md" | tr -d '])(' | grep -v '^http'); do
  [ -e "$srcdir/$file" ] || { echo "README.md links to $file, which is not there"; exit 1; }
done
