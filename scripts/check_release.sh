#!/bin/sh
# scripts/check_release.sh BUILD -- makes the release in BUILD and holds it against the files that git knows: each is in it,
# but for what only a checkout needs. In a tree without git there is nothing to compare: the release is only made.
set -u
build=$(cd "$1" && pwd) || exit 2
cd "$(dirname "$0")/.." || exit 2
make -C "$build" dist || exit 1
[ -e .git ] || { echo "no git checkout: files are not compared"; exit 0; }
archive=$(ls -t "$build"/masting-*.tar.xz | head -n 1)
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
tar -tf "$archive" | sed -n 's|^[^/]*/||; /[^/]$/p' | LC_ALL=C sort >"$dir/has"
# .*: settings of git, of CI and of editors.
git ls-files | grep -v '^\.' | LC_ALL=C sort >"$dir/wanted"
missing=$(LC_ALL=C comm -13 "$dir/has" "$dir/wanted")
rm -f "$archive"
[ -z "$missing" ] || {
  printf 'not in the release (EXTRA_DIST of the local.mk beside them):\n%s\n' "$missing"
  exit 1
}
echo "$(wc -l <"$dir/wanted") files"
