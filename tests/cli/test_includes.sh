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
rm -r "$dir/src/attic"

# Stages of the compiler stand in an order too.
mkdir -p "$dir/src/lang/syntax" "$dir/src/lang/lower" "$dir/src/lang/emit" "$dir/src/lang/attic"
echo '#include "lang/lower/lower.h"' >"$dir/src/lang/emit/a.c"
echo '#include "lang/context.h"' >>"$dir/src/lang/emit/a.c"
echo '#include "lang/emit/emit.h"' >"$dir/src/lang/compile.c"
$check "$dir" >/dev/null || { echo "an include of an earlier stage was refused"; exit 1; }
echo '#include "lang/emit/emit.h"' >"$dir/src/lang/lower/b.c"
refused 'src/lang/lower/b.c:1: stage lower includes "lang/emit/emit.h", which is below it; order: context'
echo '#include "lang/compile.h"' >"$dir/src/lang/lower/b.c"
refused 'stage lower includes "lang/compile.h", which is below it'
echo '#include "model/build.h"' >"$dir/src/lang/lower/b.c"
refused 'stage lower includes "model/build.h", which is below it; order: base par'
echo '#include "lang/syntax/parse.h"' >"$dir/src/lang/context.c"
: >"$dir/src/lang/lower/b.c"
refused 'lang/context.c includes "lang/syntax/parse.h", which is below it'
rm "$dir/src/lang/context.c"
: >"$dir/src/lang/attic/c.c"
refused "stage 'attic' is not one of"
rm -r "$dir/src/lang/attic"
: >"$dir/src/lang/stray.c"
refused 'src/lang/stray.c:1: belongs to no stage'
rm "$dir/src/lang/stray.c"

# A call that climbs without an include: of a stage, of a room; a word in a comment or a string is no call.
cat >"$dir/src/lang/emit/a.c" <<'END'
const char *mst_emit_this(int x,
                          int y) {
  return "mst_lower_that()"; /* mst_compile_all() */
}
END
echo 'int mst_lower_that(void) { return 1; }' >"$dir/src/lang/lower/b.c"
echo 'int mst_compile_all(void) { return mst_lower_that(); }' >"$dir/src/lang/compile.c"
$check "$dir" >/dev/null || { echo "a call of an earlier stage was refused"; exit 1; }
echo 'int mst_lower_that(void) { return mst_emit_this(1, 2) != 0; }' >"$dir/src/lang/lower/b.c"
refused 'src/lang/lower/b.c:1: stage lower calls mst_emit_this, of stage emit, which is below it; order: context'
printf '%s\n' 'extern int (*f)(void);' 'void mst_lower_that(void) {' '  f = mst_compile_all;' '}' >"$dir/src/lang/lower/b.c"
refused 'src/lang/lower/b.c:3: stage lower calls mst_compile_all, of lang/compile.c, which is below it'
: >"$dir/src/lang/lower/b.c"
: >"$dir/src/lang/compile.c"
mkdir "$dir/src/run"
echo 'void mst_run_it(void) {}' >"$dir/src/run/d.c"
echo 'void mst_par_it(void) { mst_run_it(); }' >"$dir/src/par/a.c"
refused 'src/par/a.c:1: room par calls mst_run_it, of room run, which is below it; order: base par'
