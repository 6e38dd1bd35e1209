#!/bin/sh
# Data that do not keep to what a Stan program declares: refused with exit status 65, variable, index, value and bound,
# by one message, however many ranks there are; what all ranks have and what is cut. Stan's tolerances.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
MASTING_CACHE=$dir/cache
export MASTING_CACHE
model=$srcdir/tests/models/constraints.stan
failed=0
N=600

awk -v N=$N 'BEGIN { printf "{\"N\": %d, \"K\": 2, \"J\": 2, \"lo\": -1, \"hi\": 2,\n", N
  printf "\"x\": ["; for (i = 0; i < N; i++) printf "%s%g", i ? ", " : "", i % 4 * 0.5 - 0.5
  printf "],\n\"g\": ["; for (i = 0; i < N; i++) printf "%s%d", i ? ", " : "", 1 + i % 3
  printf "],\n\"th\": ["; for (i = 0; i < N; i++) printf "%s[0.25, 0.75]", i ? ", " : ""
  printf "],\n\"scale\": ["; for (i = 0; i < N; i++) printf "%s%g", i ? ", " : "", 1 + i % 2
  print "],"
  print "\"pi\": [0.5, 0.500000005],\n\"u\": [0.6, 0.8],\n\"o\": [-1, 2],\n\"po\": [0, 2],\n\"z\": [1, -1],"
  print "\"S\": [[2, 1], [1, 2]],\n\"R\": [[[1, 0], [0, 1]], [[1, 0.5], [0.5, 1]]],\n\"L\": [[1, 0], [3, 2]],"
  print "\"Lr\": [[1, 0], [0.6, 0.8]],\n\"C\": [[0.3, 0.4], [0.7, 0.6]],\n\"D\": [[0.3, 0.7], [0.4, 0.6]],"
  print "\"lb\": [0, 1],\n\"v\": [0, 1]}" }' >"$dir/good.json"

# bad RANKS NAME VALUE MESSAGE: with another value of a variable; bad RANKS NAME[I] VALUE MESSAGE: of its I-th row
bad() {
  case $2 in
  *\[*)
    name=${2%%\[*} row=${2##*\[}
    awk -v name="\"$name\":" -v row="${row%]}" -v value="$3" '
      $1 == name { sub(/^[^[]*\[/, ""); sub(/\],?$/, ""); gsub(/\], \[/, "];["); if (!index($0, ";")) gsub(/, /, ";")
        n = split($0, x, ";"); x[row] = value; printf "%s [", name
        for (i = 1; i <= n; i++) printf "%s%s", (i > 1 ? ", " : ""), x[i]; print "],"; next }
      { print }' "$dir/good.json" >"$dir/bad.json" ;;
  *) awk -v name="\"$2\":" -v value="$3" '
      $1 == name { end = /}$/ ? "}" : ","; print name, value end; next } { print }' "$dir/good.json" >"$dir/bad.json" ;;
  esac
  sh "$RUN_MPI" "$1" "$MASTING" check "$model" "$dir/bad.json" >"$dir/log" 2>&1
  status=$?
  if [ $status != 65 ] || ! grep -qF "$4" "$dir/log" || [ "$(grep -c 'masting: error' "$dir/log")" != 1 ]; then
    echo "FAIL: $2 = $3 on $1 ranks: exit status $status; expected 65 and '$4', got"
    cat "$dir/log"
    failed=1
  fi
}

"$MASTING" compile "$model" --explain 2>/dev/null | grep -q 'cut over the ranks: N' || { echo "FAIL: it is not cut"; failed=1; }
"$MASTING" check "$model" "$dir/good.json" >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }

sed 's/"lo": -1, "hi": 2/"lo": -1, "hi": -2/' "$dir/good.json" >"$dir/low.json"
"$MASTING" check "$model" "$dir/low.json" >"$dir/log" 2>&1
[ $? = 65 ] && grep -q 'hi: a value is too small; expected at least lo = -1, got hi = -2' "$dir/log" ||
  { echo "FAIL: hi"; cat "$dir/log"; failed=1; }
bad 1 'x[7]' -1.5 'x: a value is too small; expected at least lo = -1, got x[7] = -1.5 (1-based)'
bad 3 'x[300]' 2.5 'x: a value is too large; expected at most hi = 2, got x[300] = 2.5 (1-based)'
bad 2 'g[600]' 4 'g: a value is too large; expected at most J + 1 = 3, got g[600] = 4 (1-based)'
bad 3 'th[500]' '[0.25, 0.76]' 'th[500]: no simplex; expected elements that sum to 1, got a sum of 1.01'
bad 1 'th[1]' '[-0.25, 1.25]' 'th[1]: no simplex; expected elements of at least 0, got -0.25 as element 1'
bad 3 'scale[599]' 0.5 'positive: a value is too small; expected at least 0, got positive[599] = -0.5 (1-based)'
bad 1 'scale[1]' 3 'most: a value is too large; expected at most 2, got most = 3'
bad 2 pi '[0.5, 0.50000002]' 'pi: no simplex; expected elements that sum to 1, got a sum of 1.00000002'
bad 1 u '[0.6, 0.81]' 'u: no unit vector; expected squares that sum to 1, got a sum of 1.0161'
bad 1 o '[2, 2]' 'o: not ordered; expected more than the element before, 2, got 2 as element 2'
bad 1 po '[-1, 2]' 'po: not positive; expected at least 0, got -1 as element 1'
bad 1 z '[1, -1.1]' 'z: expected elements that sum to 0, got a sum of -0.1'
bad 1 S '[[1, 2], [2, 1]]' 'S: not positive definite; expected more than 0 left of element [2,2], got -3'
bad 1 S '[[2, 1.1], [1, 2]]' 'S: not symmetric; expected element [2,1] = 1.1 as on the other side, got 1'
bad 1 R '[[[1, 0], [0, 1]], [[1, 0.5], [0.5, 1.1]]]' \
  'R[2]: no correlation matrix; expected 1 on its diagonal, got 1.1 as element [2,2]'
bad 1 L '[[1, 0.1], [3, 2]]' 'L: no Cholesky factor; expected 0 above its diagonal, got 0.1 as element [1,2]'
bad 1 L '[[1, 0], [3, -2]]' 'L: no Cholesky factor; expected more than 0 on its diagonal, got -2 as element [2,2]'
bad 1 Lr '[[1, 0], [0.6, 0.9]]' 'Lr: no Cholesky factor of a correlation matrix; expected squares of a row that sum to 1'
bad 1 C '[[0.3, 0.4], [0.7, 0.7]]' 'C: no column-stochastic matrix; expected columns that sum to 1, got a sum of 1.1 in column 2'
bad 1 D '[[0.3, 0.7], [0.4, 0.7]]' 'D: no row-stochastic matrix; expected rows that sum to 1, got a sum of 1.1 in row 2'
bad 1 v '[0, 0.5]' 'v: a value is too small; expected at least lb = 1, got v[2] = 0.5 (1-based)'

# parameters: a point that breaks a constraint has no density, and quantities that do are NaN in the draw
echo '{"points": [[1], [2]]}' >"$dir/at.json"
"$MASTING" check "$model" "$dir/good.json" --at "$dir/at.json" --json 2>"$dir/log" >"$dir/out"
grep -q '"lp":-[0-9.]*,.*"lp":"-Inf"' "$dir/out" || { echo "FAIL: transformed parameters"; cat "$dir/out"; failed=1; }
sed 's/<lower=-5> z_mu/<lower=0.25> z_mu/' "$model" >"$dir/quantity.stan"
"$MASTING" sample "$dir/quantity.stan" "$dir/good.json" --warmup 50 --draws 20 --chains 4 -o "$dir/draws.h5" >"$dir/log" 2>&1
grep -q 'z_mu: a value is too small; expected at least 0.25, got z_mu = .*; the program rejected' "$dir/log" ||
  { echo "FAIL: generated quantities"; cat "$dir/log"; failed=1; }
exit $failed
