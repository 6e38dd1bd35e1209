#!/bin/sh
# reject() in generated quantities: the draw keeps its parameters, what the block declares is NaN, one warning tells
# the first message and how many draws; the same on any ranks and threads. Programs without parameters: their
# generated quantities.
set -u
. "$srcdir/tests/laws/lib.sh"
MASTING_CACHE=$dir/cache
export MASTING_CACHE
models=$srcdir/tests/models
short="--warmup 50 --draws 30 --chains 4 --seed 7"
die() { echo "FAIL: $*"; cat "$dir/log"; exit 1; }

# numbers NAME ELEMENT: `mean sd` of an element, by the summary
numbers() {
  "$MASTING" summary "$dir/draws.h5" --all --json 2>/dev/null |
    sed -n "s/.*{\"label\":\"$1\",\"mean\":\([^,]*\),\"sd\":\([^,]*\),.*/\1 \2/p"
}

echo '{}' >"$dir/none.json"
law "1x2 2x1 3x1" "$models/rejected.stan" "$dir/none.json" $short
grep -q 'rejected.stan:[0-9]*: mu is above 0; the program rejected [0-9]* draws by reject()' "$dir/log" ||
  die "the message and the number of draws"
[ "$(grep -c 'mu is above' "$dir/log")" = 1 ] || die "more than one message"
[ "$(numbers z)" = "null null" ] || die "z is not NaN: $(numbers z)"
case $(numbers mu),$(numbers half) in *null* | ,* | *,) die "parameters of rejected draws: $(numbers mu)" ;; esac

# mu is above 0 in about half of 120 draws
rejected=$(sed -n 's/.*the program rejected \([0-9]*\) draws.*/\1/p' "$dir/log")
[ "$rejected" -gt 30 ] && [ "$rejected" -lt 90 ] || die "$rejected of 120 draws with mu > 0"

awk 'BEGIN { s = 5; printf "{\"N\": 700, \"y\": ["
  for (n = 0; n < 700; n++) { s = (s * 16807) % 2147483647; printf "%s%.4f", n ? ", " : "", 3 * s / 2147483647 - 1.5 }
  print "]}" }' >"$dir/rows.json"
law "1x2 2x1 3x1" "$models/rejected_rows.stan" "$dir/rows.json" $short --shard N
grep -q 'rejected_rows.stan:[0-9]*: row [0-9]* is above 2.6; the program rejected [0-9]* draws' "$dir/log" ||
  die "the message of rows and the number of draws"
case $(numbers 'z\[0\]'),$(numbers 'z\[699\]'),$(numbers mu) in *null* | ,* | *,) die "row-local parameters" ;; esac
[ "$(numbers 'r\[0\]'),$(numbers twice)" = "null null,null null" ] || die "quantities of rejected draws"
[ "$(numbers 'late\[0\]')" = "-2147483648.0 0.0" ] || die "an int of a row without a value: $(numbers 'late\[0\]')"

echo '{"N": 3}' >"$dir/three.json"
law "2x1 3x1" "$models/fixed.stan" "$dir/three.json" --draws 2000 --chains 4 --seed 7
numbers 'y\[2\]' | awk '{ exit !(($1 - 3) ^ 2 < (4 * 2 / sqrt(8000)) ^ 2 && $2 > 1.9 && $2 < 2.1) }' ||
  die "y[3] is not normal(3, 2): $(numbers 'y\[2\]')"
numbers k | awk '{ exit !(($1 - 3) ^ 2 < (4 * sqrt(3 / 8000)) ^ 2) }' || die "k is not poisson(3): $(numbers k)"
another_seed draws "$models/fixed.stan" "$dir/three.json" --draws 20 --chains 4 --seed 7
"$MASTING" optimize "$models/fixed.stan" "$dir/three.json" 2>"$dir/log" && die "a mode of no parameters"
grep -q 'it has no parameters; expected some' "$dir/log" || die "optimize: the message"
"$MASTING" check "$models/fixed.stan" "$dir/three.json" 2>"$dir/log" || die "check"
exit $failed
