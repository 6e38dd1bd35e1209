#!/bin/sh
# tests/unit/test_open_model.sh -- models by name and by file, and every message when that fails.
#
# Compiles tests/models/poisson.c as docs/models-in-c.md says (from the headers of this tree), and
# broken objects beside it.
set -u
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
open=$builddir/tests/unit/open_model
models=$srcdir/tests/models
failures=0

# compile OUT SOURCE [FLAGS]
compile() {
  out=$1 source=$2
  shift 2
  # shellcheck disable=SC2046  # words
  ${CC:-cc} -std=gnu17 -Wall -Wextra -Wno-psabi -shared -fPIC -O1 "$@" -I"$MASTING_INCLUDE" \
    $(pkg-config --cflags sleef) "$source" -o "$out" $(pkg-config --libs sleef) -lm || {
    echo "cannot compile $source"
    exit 1
  }
}

# good EXPECTED MODEL
good() {
  got=$("$open" "$2" 2>&1)
  status=$?
  if [ $status != 0 ] || [ "$got" != "$1" ]; then
    printf '%s: status %d\n  expected %s\n  got      %s\n' "$2" $status "$1" "$got"
    failures=$((failures + 1))
  fi
}

# bad STATUS PART MODEL: PART must be in the message, which must name the model
bad() {
  got=$("$open" "$3" 2>&1)
  status=$?
  case $got in
  *"masting: error: "*"$2"*) ;;
  *) status="$status with another message" ;;
  esac
  if [ "$status" != "$1" ]; then
    printf '%s: expected status %s and %s\n  got status %s: %s\n' "$3" "$1" "$2" "$status" "$got"
    failures=$((failures + 1))
  fi
}

for name in linear logistic ppca hierarchical eight_schools eight_schools_centered; do
  "$open" $name | grep -q "^$name: .*; widths 1 2 4 8 16; " || {
    echo "$name does not open"
    failures=$((failures + 1))
  }
done
bad 2 'pcpa: no model of that name (did you mean `ppca`?)' pcpa
bad 2 'try `masting sample --list`' something_else_entirely

compile "$dir/poisson.so" "$models/poisson.c"
good "poisson: file; widths 8; 5 globals, 1 locals" "$dir/poisson.so"
(cd "$dir" && cp poisson.so mine && good "poisson: file; widths 8; 5 globals, 1 locals" poisson.so &&
  good "poisson: file; widths 8; 5 globals, 1 locals" mine && exit $failures) || failures=$((failures + 1))
for lanes in 1 2 16; do # all widths in one object: one file compiled several times
  compile "$dir/poisson$lanes.o" "$models/poisson.c" -DMASTING_LANES=$lanes -c
done
${CC:-cc} -shared "$dir"/poisson*.o -o "$dir/all.so" $(pkg-config --libs sleef) -lm || exit 1
good "poisson: file; widths 1 2 16; 5 globals, 1 locals" "$dir/all.so"
compile "$dir/linear.so" "$srcdir/src/model/gallery/linear.c" -I"$srcdir/src"
good "linear: file; widths 8; 5 globals, 0 locals" "$dir/linear.so"

bad 2 'No such file or directory' "$dir/missing.so"
bad 2 'No such file or directory' no/such/model
bad 2 'this is a directory' "$dir"
mkfifo "$dir/fifo.so" && bad 2 'not a regular file' "$dir/fifo.so"
: >"$dir/empty.so" && bad 65 'an empty file' "$dir/empty.so"
echo 'not an object, but quite a long text that stands in its place, for a while' >"$dir/text.so"
bad 65 'not a shared object; expected an ELF file' "$dir/text.so"
for bytes in 300 9000; do
  head -c $bytes "$dir/poisson.so" >"$dir/short.so" && bad 65 'the file is cut short' "$dir/short.so"
done
bad 65 'not a shared object; expected type 3, got 1' "$dir/poisson1.o"
{ head -c 18 "$dir/poisson.so"; printf '\362\000'; tail -c +21 "$dir/poisson.so"; } >"$dir/other.so"
bad 65 'another architecture' "$dir/other.so"
cp "$models/poisson.c" "$dir/m.c" && bad 2 'this is C source; expected a compiled model.so; try cc -shared' "$dir/m.c"
echo 'parameters {}' >"$dir/m.stan" && bad 2 'a Stan program, which has no simulator' "$dir/m.stan"
compile "$dir/symbol.so" "$models/broken.c" -DBROKEN_SYMBOL
bad 2 'no model in it; expected a symbol masting_model_w1' "$dir/symbol.so"
compile "$dir/abi.so" "$models/broken.c" -DBROKEN_ABI=7
bad 2 'compiled for another ABI; expected number 5, got 7' "$dir/abi.so"
compile "$dir/lanes.so" "$models/broken.c" -DBROKEN_LANES=4
bad 2 'masting_model_w8 says another lane width; expected 8, got 4' "$dir/lanes.so"
compile "$dir/link.so" "$models/broken.c" -DBROKEN_LINK
bad 2 'masting_test_missing_function' "$dir/link.so"
[ "$(id -u)" = 0 ] || { chmod 0 "$dir/abi.so" && bad 2 'Permission denied' "$dir/abi.so"; }

[ $failures = 0 ]
