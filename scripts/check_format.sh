#!/bin/sh
# scripts/check_format.sh [--fix] -- the layout of the C files in src, include, tests and bench: fails, and names them, when
# clang-format-14 would change any or a line, of a comment too, is longer than 100 columns.
#
# --fix: lets clang-format change them. CLANG_FORMAT names the program; versions differ in what they make.
set -u
cd "$(dirname "$0")/.." || exit 2
format=${CLANG_FORMAT:-clang-format-14}
command -v "$format" >/dev/null || {
  echo "check_format: $format is not there; try apt-get install clang-format-14" >&2
  exit 2
}
files() { find src include tests bench -name '*.[ch]' | sort; }
if [ "${1-}" = --fix ]; then
  files | xargs "$format" -i || exit 1
elif ! files | xargs "$format" --dry-run --Werror -ferror-limit=1; then
  echo "check_format: the layout of files is another than .clang-format's; try scripts/check_format.sh --fix" >&2
  exit 1
fi
# In characters: comments may have more than ASCII.
long=$(files | LC_ALL=C.UTF-8 xargs grep -nE '^.{101}' | cut -c1-90)
[ -z "$long" ] || {
  printf '%s\ncheck_format: lines above have more than 100 columns\n' "$long" >&2
  exit 1
}
