#!/bin/sh
# The tree keeps its laws (scripts/check_includes.py), and the check sees each breach when there is one.
set -u
check="/usr/bin/env python3 $srcdir/scripts/check_includes.py"
command -v python3 >/dev/null || { echo "no python3: skipped"; exit 77; }
$check "$srcdir" || exit 1

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/src/par" "$dir/src/attic" "$dir/include/masting"
refused() { # refused WHAT: the tree in $dir must be refused with a message that holds WHAT
  if out=$($check "$dir"); then echo "accepted, though: $1"; exit 1; fi
  case $out in *"$1"*) ;; *) echo "no '$1' in: $out"; exit 1 ;; esac
}
echo '#include "base/error.h"' >"$dir/src/par/a.c"
$check "$dir" >/dev/null || { echo "a downward include was refused"; exit 1; }
echo '#include "run/sampler.h"' >"$dir/src/par/a.c"
refused 'src/par/a.c:1: room par includes "run/sampler.h", which is below it'
echo '#include "../run/sampler.h"' >"$dir/src/par/a.c"
refused 'leaves its folder'
yes '/**/' | head -n 801 >"$dir/src/par/a.c"
refused '801 lines'
: >"$dir/src/par/a.c"
echo '#include "base/error.h"' >"$dir/include/masting/b.h"
refused 'a public header includes'
rm "$dir/include/masting/b.h"
: >"$dir/src/attic/c.c"
refused "room 'attic' is not one of"
