#!/bin/sh
# scripts/tidy.sh BUILD [--changed | FILE...] -- clang-tidy, with the checks of .clang-tidy, on C files of src, by the flags
# of BUILD, which is built. Files are named from the top of the tree. Fails when it finds something.
#
# Without FILE: the rooms in which a mistake is worst, as ranks and threads share what they touch: base, par, target, nuts.
# --changed: what the last 10 commits changed. All of src takes minutes.
# CLANG_TIDY names the program, MASTING_TIDY_JOBS says how many run at once.
set -u
build=$(cd "$1" && pwd) || exit 2
shift
cd "$(dirname "$0")/.." || exit 2
tidy=${CLANG_TIDY:-clang-tidy-14}
command -v "$tidy" >/dev/null || {
  echo "tidy: $tidy is not there; try apt-get install clang-tidy-14" >&2
  exit 2
}
python3 scripts/compile_commands.py "$build" || exit 2
# A file that was changed may have gone since. A unit of one lane width stands for all: they are one text.
# shellcheck disable=SC2046  # a file a word
case ${1-} in
--changed) set -- $(git log -10 --name-only --format= -- src | grep '\.c$' | sort -u |
  while read -r f; do [ ! -f "$f" ] || echo "$f"; done) ;;
'') set -- $(find src/base src/par src/target src/nuts -name '*.c' | grep -vE '_w(1|2|4|16)\.c$' | sort) ;;
esac
echo "$# files"
printf '%s\n' "$@" | xargs -P "${MASTING_TIDY_JOBS:-2}" -n 1 "$tidy" -p "$build" --quiet --warnings-as-errors='*' 2>/dev/null
