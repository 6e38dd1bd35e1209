#!/bin/sh
# masting convert: JSON and CSV become HDF5 that gives the same draws; types; messages; nothing is left behind
# after a failure.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
fail() { echo "FAIL: $*"; exit 1; }

convert() { # convert ARGS: must succeed
  "$MASTING" convert "$@" 2>err || { cat err; fail "convert $*"; }
}

refused() { # refused STATUS MESSAGE ARGS
  want=$1 message=$2
  shift 2
  "$MASTING" convert "$@" >out 2>all
  status=$?
  [ "$status" = "$want" ] || { cat all; fail "status $status, not $want: $*"; }
  grep '^masting: error: ' all >err
  printf 'masting: error: %s\n' "$message" | cmp -s - err || { cat all; fail "expected once: $message"; }
  [ ! -e new.h5 ] && [ ! -e new.h5.partial ] || fail "output was left: $*"
}

draws() { # draws DATA: a summary that any difference in the data changes
  sh "$RUN_MPI" 2 "$MASTING" sample linear "$1" --draws 20 --warmup 30 --chains 2 --force -o draws.h5 >all 2>&1 ||
    { cat all; fail "sample linear $1"; }
  "$MASTING" summary --json draws.h5 >"$1.summary" || fail "summary of $1"
}

awk 'BEGIN {
  srand(3)
  print "y,X.1,X.2" >"a.csv"
  for (i = 0; i < 700; i++) {
    y[i] = rand() - 0.5; u[i] = 4 * rand(); v[i] = int(9 * rand())
    printf "%.12g,%.12g,%d\n", y[i], u[i], v[i] >"a.csv"
  }
  printf "{\"y\": [" >"a.json"
  for (i = 0; i < 700; i++) printf "%s%.12g", i ? "," : "", y[i] >"a.json"
  printf "],\n\"X\": [" >"a.json"
  for (i = 0; i < 700; i++) printf "%s[%.12g, %d]", i ? ",\n" : "", u[i], v[i] >"a.json"
  print "], \"site\": [\"a\", \"b\"], \"k\": 3}" >"a.json"
}'
convert a.json json.h5 linear
convert a.csv csv.h5 linear
convert a.csv plain.h5
grep -q '^masting: wrote plain.h5: ' err || fail "it does not say what it wrote"
convert a.json all.h5
grep -q '^masting: warning: left out: a.json:701:[0-9]*: site\[1\]: wrong type; expected a number, got the text "a"$' err ||
  { cat err; fail "nothing is said of what was left out"; }
for data in a.json a.csv json.h5 csv.h5 plain.h5 all.h5; do
  draws "$data"
  cmp -s a.json.summary "$data.summary" || fail "other draws from $data"
done
cmp -s json.h5 csv.h5 || fail "the same data, for the same model, in other bytes"
convert a.csv narrow.h5 linear --float32
[ "$(wc -c <narrow.h5)" -lt "$(wc -c <csv.h5)" ] || fail "--float32 saves nothing"

refused 2 'a.h5: No such file or directory; expected a data file' a.h5 new.h5
refused 65 'csv.h5: it is HDF5; expected JSON or CSV' csv.h5 new.h5
refused 2 'plain.h5: exists already; try another name, or --force' a.csv plain.h5
convert a.csv plain.h5 --force
refused 2 'masting convert: --size, --data and --float32 are for a MODEL; expected masting convert IN OUT MODEL' \
  a.csv new.h5 --size N=3
refused 2 "nowhere/new.h5.partial: cannot create it: No such file or directory" a.csv nowhere/new.h5
refused 65 "a.csv: there is no variable 'g'; expected g[N], got X, y" a.csv new.h5 hierarchical
printf '{"y": [1, NaN], "X": [[1], [2]]}' >nan.json
refused 65 'nan.json: y: 1 value is not finite; expected finite numbers, got y[2] = nan (row 2, 1-based)' \
  nan.json new.h5 linear
printf '{"y": [1, 2], "X": [[1], [2]' >cut.json
refused 65 "cut.json:1:29: not JSON; expected ',' or ']', got the end of the file" cut.json new.h5
printf '{"site": ["a"]}' >text.json
refused 65 'text.json: there are no numbers in it; expected variables' text.json new.h5
echo ok
