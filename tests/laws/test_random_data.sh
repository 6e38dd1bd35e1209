#!/bin/sh
# Random numbers in transformed data: the same on any ranks and threads, by --seed, and for every subcommand.
set -u
. "$srcdir/tests/laws/lib.sh"
MASTING_CACHE=$dir/cache
export MASTING_CACHE
model=$srcdir/tests/models/random_data.stan
short="--warmup 30 --draws 20 --chains 4 --seed 7"
die() { echo "FAIL: $*"; cat "$dir/log"; exit 1; }

# mean ELEMENT: of the draws file at hand, by the summary
mean() {
  "$MASTING" summary "$dir/draws.h5" --all --json 2>/dev/null |
    sed -n "s/.*{\"label\":\"$1\",\"mean\":\([^,]*\),.*/\1/p"
}

# 700 rows are three blocks
awk 'BEGIN { s = 5; printf "{\"N\": 700, \"y\": ["
  for (n = 0; n < 700; n++) { s = (s * 16807) % 2147483647; printf "%s%.4f", n ? ", " : "", 3 * s / 2147483647 - 1.5 }
  print "]}" }' >"$dir/rows.json"
"$MASTING" compile "$model" --explain 2>/dev/null | grep -q 'cut over the ranks: N' || die "it is not cut"
law "1x2 2x1 3x1" "$model" "$dir/rows.json" $short
after=$(mean 'made\[4\]') last=$(mean 'zz\[699\]') first=$(mean 'uu\[0\]') other=$(mean 'uu\[256\]')
[ "$first" != "$other" ] || die "the first rows of two blocks are the same: $first"
law "2x1" "$model" "$dir/rows.json" $short --shard none
another_seed data "$model" "$dir/rows.json" $short

# one program and seed, the same data, whatever is done with them
for command in optimize pathfinder laplace; do
  hash 2 1 "$model" "$dir/rows.json" --seed 7 >/dev/null || die "$command"
  [ "$(mean 'made\[4\]'),$(mean 'zz\[699\]')" = "$after,$last" ] ||
    die "$command: $(mean 'made\[4\]'),$(mean 'zz\[699\]'); expected $after,$last"
done
echo '{"points": [[0.1, 0.2]]}' >"$dir/at.json"
at() { "$MASTING" check "$model" "$dir/rows.json" --at "$dir/at.json" --json --seed "$1" 2>"$dir/log"; }
[ "$(at 7)" = "$(at 7)" ] || die "check: one seed, two densities"
[ "$(at 7)" != "$(at 8)" ] || die "check: two seeds, one density"
[ "$(at 7)" = "$(sh "$RUN_MPI" 3 "$MASTING" check "$model" "$dir/rows.json" --at "$dir/at.json" --json --seed 7 2>"$dir/log")" ] ||
  die "check on 3 ranks"
exit $failed
