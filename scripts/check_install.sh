#!/bin/sh
# scripts/check_install.sh MASTING DOCDIR -- `make installcheck`: the installed program finds its examples, every link of
# the installed README leads to a file, and a program compiles against the installed headers.
set -eu
masting=$1 docdir=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset MASTING_SOURCE MASTING_INCLUDE || true
examples=$("$masting" info --examples)
[ "$examples" = "$(cd "$docdir" && pwd -P)" ] || {
  echo "masting info --examples: expected $docdir, got $examples"
  exit 1
}
for page in README.md docs/*.md; do
  case $page in docs/\*.md) set -- "$docdir"/docs/*.md ;; *) set -- "$docdir/$page" ;; esac
  for file in "$@"; do
    for link in $(grep -oE '\]\([^)# ]+[)#]' "$file" | sed 's/^](//; s/[)#]$//' | grep -v '^http'); do
      [ -e "$(dirname "$file")/$link" ] || {
        echo "$file links to $link, which is not installed"
        exit 1
      }
    done
  done
done
MASTING_CACHE=$folder "$masting" compile "$examples/data/ppca.stan" -o "$folder/ppca.so"
echo "installed: $examples"
