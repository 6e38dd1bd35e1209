#!/bin/sh
# `masting compile --emit-ir`: the program after each pass, in the form of docs/ir.md.
set -u
model=$srcdir/data/ppca.stan
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0
fail() { echo "FAIL $*"; failed=1; }
emit() { "$MASTING" compile "$@" "$model"; }

has() { # has PASS LINE: a line of the program after PASS
  emit --emit-ir="$1" | grep -qxF "$2" || fail "after $1: no line '$2'"
}
lacks() { emit --emit-ir="$1" | grep -qF "$2" && fail "after $1: there is '$2'"; }

# What a pass does shows: rows leave the density, sweeps come, target is summed in the reverse one.
has lower 'program ppca'
has lower 'data real x[D, N]'
lacks lower 'rows {'
has cut 'cut N'
has cut 'rows {'
has cut 'row output real z_5[rows, K]'
lacks cut 'reverse {'
has diff 'program ppca (split)'
has diff 'density forward {'
has diff 'rows reverse {'
lacks diff 'density {'

# Every pass prints; without one it is what the C is written from.
passes=$("$MASTING" compile --passes | sed -n 's/ *->.*//p')
[ "$(echo "$passes" | wc -l)" = 14 ] || fail "passes: $passes"
for pass in $(echo "$passes" | sed -e '1,/prelude/d' -e '/emit/d'); do
  emit --emit-ir="$pass" >"$dir/out" || fail "--emit-ir=$pass"
  head -n 1 "$dir/out" | grep -q '^program ppca' || fail "--emit-ir=$pass prints $(head -n 1 "$dir/out")"
  [ "$(grep -c '{$' "$dir/out")" = "$(grep -c '^ *}' "$dir/out")" ] || fail "--emit-ir=$pass: braces do not match"
done
emit --emit-ir | cmp -s - "$dir/out" || fail "--emit-ir is not --emit-ir=$pass"
emit --shard none --emit-ir=cut | grep -qx 'rows {' && fail "--shard none has rows"

# A pass that leaves no program is refused, and a model in C.
emit --emit-ir=parse 2>"$dir/err" && fail "--emit-ir=parse is taken"
grep -q 'expected one of lower, copies, .* got .parse' "$dir/err" || fail "$(cat "$dir/err")"
"$MASTING" compile --emit-ir "$srcdir/tests/models/poisson.c" 2>"$dir/err" && fail "--emit-ir of C is taken"
grep -q 'are for Stan programs' "$dir/err" || fail "$(cat "$dir/err")"
exit $failed
