#!/bin/sh
# Stan programs through the whole program: compiled once and kept, cut over the ranks or not with the same
# density and gradient, the same draws on any number of ranks, mistakes told once.
set -u
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
MASTING_CACHE=$dir/cache
export MASTING_CACHE
die() { echo "FAIL $*"; sed 's/^/  | /' err; exit 1; }
cp "$srcdir/tests/models/rows.stan" "$srcdir/data/ppca.stan" .

# data: 90 rows in JSON, made by arithmetic
awk 'BEGIN {
  N = 90; P = 3; G = 7; s = 12345
  for (n = 1; n <= N; n++) {
    for (j = 1; j <= 5; j++) { s = (s * 16807) % 2147483647; v[j] = s / 2147483647 }
    X = X sep sprintf("[1, %.6f, %.6f]", v[1] * 4 - 1, v[2] - 0.3)
    y = y sep sprintf("%.6f", v[3] * 3 - v[1])
    k = k sep int(v[4] * v[4] * 5); g = g sep (1 + int(v[5] * G)); sep = ", "
  }
  printf "{\"N\": %d, \"P\": %d, \"G\": %d, \"prior_only\": 0,\n\"X\": [%s],\n\"y\": [%s],\n\"k\": [%s],\n\"g\": [%s]}\n", N, P, G, X, y, k, g
}' >rows.json
"$MASTING" simulate ppca --size N=300 --size D=2 --size K=1 --seed 3 -o ppca.h5 2>err || die simulate

# compiled once, with what is said about it; kept; found again
"$MASTING" check rows.stan rows.json >out 2>err || die "check rows.stan"
grep -q '^masting: compiling rows \.\.\.$' err || die "compiling is announced"
grep -q '^masting: the gradient is right$' err || die "gradient of rows.stan"
grep -q '^  rows a rank ' err || die "rows.stan is not cut"
"$MASTING" check rows.stan rows.json >out 2>err || die "check rows.stan, again"
grep -q compiling err && die "compiled twice"
"$MASTING" check rows.stan rows.json --shard none >out 2>err || die "check rows.stan, nothing cut"
grep -q '^  rows a rank ' err && die "--shard none cuts rows"

# what is cut: told
"$MASTING" compile rows.stan --explain >out 2>err || die explain
grep -q '^cut over the ranks: N$' out || die "--explain: the size"
grep -q '^variables cut row by row: X k g u$' out || die "--explain: the variables: $(cat out)"
grep -q 'needs y at other rows than its own: y is read whole on every rank' out || die "--explain: lags"
grep -q '^transformed data: ' out || die "--explain: passes over the data"

# the density and the gradient do not depend on what is cut, or over how many ranks
awk 'BEGIN { n = 1 + 2 + 1 + 1 + 7 + 1 + 1 + 90; s = 99
  printf "{\"points\": ["
  for (p = 0; p < 3; p++) {
    printf "%s[", p ? ", " : ""
    for (i = 0; i < n; i++) { s = (s * 16807) % 2147483647; printf "%s%.4f", i ? ", " : "", s / 2147483647 - 0.5 }
    printf "]"
  }
  print "]}" }' >points.json
same='
BEGIN { RS = "[],:{}[]"; }
{ gsub(/["a-z \n]/, ""); if ($0 != "") print }'
at() { "$@" check rows.stan rows.json --at points.json --json 2>err | awk "$same"; }
at "$MASTING" >cut || die "--at"
[ -s cut ] || die "--at: nothing"
"$MASTING" check rows.stan rows.json --shard none --at points.json --json 2>err | awk "$same" >whole
paste cut whole | awk 'NF != 2 || ($1 - $2) ^ 2 > (1e-11 * (1 + $1 * $1 ^ 0.5)) ^ 2 { bad++ } END { exit bad > 0 || NR < 300 }' ||
  die "--shard none: another density or gradient"
for ranks in 2 3; do
  sh "$RUN_MPI" $ranks "$MASTING" check rows.stan rows.json --at points.json --json 2>err | awk "$same" | cmp - cut ||
    die "on $ranks ranks: other bits"
done

# draws: the same on any ranks, the integers and the random numbers of generated quantities too
short="--warmup 60 --draws 20 --seed 5 --progress none --force"
draws() { # draws RANKS THREADS MODEL DATA
  OMP_NUM_THREADS=$2 sh "$RUN_MPI" "$1" "$MASTING" sample "$3" "$4" $short -o d.h5 >out 2>err || die "sample $3"
  "$builddir/tests/laws/dump_draws" d.h5 | sha256sum
}
one=$(draws 1 1 rows.stan rows.json)
for way in "1 2" "2 1" "3 1"; do
  # shellcheck disable=SC2086  # two words
  [ "$(draws $way rows.stan rows.json)" = "$one" ] || die "rows.stan: other draws on $way"
done

# the program of the gallery and the same in Stan: the same posterior, draw by draw up to rounding
draws 1 1 ppca.stan ppca.h5 >/dev/null
"$MASTING" summary d.h5 --var w >stan 2>err || die summary
"$MASTING" sample ppca ppca.h5 $short -o e.h5 >out 2>err || die "sample ppca"
"$MASTING" summary e.h5 --var w >gallery 2>err || die summary
cmp -s stan gallery || { diff stan gallery; die "ppca.stan: other draws than ppca"; }

# effects of groups picked by two indices, of rows taken several at a time and of those that are left
cat >groups.stan <<'END'
data { int N; int G; array[N] int<lower=1, upper=G> g; array[N] int k; vector[N] y; matrix[N, 3] X; }
transformed data { array[N] int<lower=1, upper=G> h; for (n in 1:N) h[n] = 1 + k[n] % G; }
parameters { vector[G] a; matrix[G, 2] b; vector[3] beta; real<lower=0> s; }
model {
  to_vector(b) ~ std_normal();
  a ~ normal(0, 2);
  for (n in 1:N) y[n] ~ normal(X[n] * beta + a[g[n]] - a[h[n]] + b[g[n], 1] * X[n, 2] + b[g[n], 2], s);
}
END
"$MASTING" check groups.stan rows.json >out 2>err || die "groups.stan"
grep -q '^masting: the gradient is right$' err || die "gradient of groups.stan"
"$MASTING" compile groups.stan --emit-c 2>err | grep -q 'ngathers = 2' || die "groups.stan: picked by two indices"

cat >tiles.stan <<'END'
data { int N; int G; array[N] int<lower=1, upper=G> g; vector[N] y; }
parameters { vector[G] a; real b; }
model {
  a ~ normal(0, 2);
  for (n in 1:N) (y[n] > 0.5 ? 1 : 0) ~ bernoulli_logit(a[g[n]] + b * y[n]);
}
END
"$MASTING" check tiles.stan rows.json >out 2>err || die "tiles.stan"
"$MASTING" compile tiles.stan --emit-c 2>err | grep -q 'g_pos__\[row_[0-9_]* + ' || die "tiles.stan: rows several at a time"

# chains one by one where control flow depends on parameters
cat >branch.stan <<'END'
parameters { real x; }
model {
  if (x > 0) x ~ normal(0, 1); else x ~ normal(0, 2);
  target += x > 0 ? -0.6931471805599453 : 0;
}
END
"$MASTING" check branch.stan >out 2>err || die "branch.stan"
"$MASTING" compile branch.stan --explain >out 2>err
grep -q '^chains run one by one: ' out || die "branch.stan: chains run one by one"

# a shared object for later; the C that it is made of
"$MASTING" compile ppca.stan -o p.so 2>err || die "compile -o"
[ "$(cat err)" = "masting: wrote p.so; next: masting check ./p.so DATA" ] || die "compile: what it says"
"$MASTING" check ./p.so ppca.h5 >out 2>err || die "check p.so"
"$MASTING" compile ppca.stan --emit-c 2>err | grep -q 'MASTING_MODEL' || die "--emit-c"

# a declaration whose value is never used, of a variable whose only other use is such a value, too
cat >unused.stan <<'END'
data { int n; }
parameters { vector[n] x; }
model {
  for (t in 1:n) {
    int a = n - t;
    int b = a + 1;
    a = t - 1;
    b = a + 1;
    target += -b * square(x[b]);
  }
}
END
echo '{"n": 3}' >three.json
echo '{"points": [[1, 2, 3]]}' >at.json
"$MASTING" check unused.stan three.json --at at.json --json >out 2>err || die "unused.stan"
grep -q '"lp":-36.0,"grad":\[-2.0,-8.0,-18.0\]' out || die "unused.stan: $(cat out)"

# small ints of the data are compiled in: other data are another program, and never run under the wrong one
cat >known.stan <<'END'
data { int N; int K; array[N] vector[K] x; }
parameters { vector[K] m; matrix[N, K] z; }
model {
  m ~ normal(0, 3);
  to_vector(z) ~ std_normal();
  for (n in 1:N) x[n] ~ normal(m + 0.5 * z[n]', 1);
}
END
echo '{"N": 4, "K": 2, "x": [[1, 2], [0, 1], [3, 1], [1, 1]]}' >two.json
echo '{"N": 3, "K": 3, "x": [[1, 2, 0], [0, 1, 1], [3, 1, 2]]}' >three.json
awk 'BEGIN { printf "{\"N\": 4, \"K\": 20, \"x\": ["
  for (n = 1; n <= 4; n++) {
    printf "%s[", (n > 1 ? ", " : ""); for (k = 1; k <= 20; k++) printf "%s%d", (k > 1 ? ", " : ""), k * n % 5; printf "]" }
  print "]}" }' >twenty.json
for k in two three twenty; do
  "$MASTING" check known.stan $k.json >out 2>err || die "known.stan: $k"
  grep -q '^masting: the gradient is right$' err || die "gradient of known.stan: $k"
done
[ "$(find cache -name 'known-*.so' | wc -l)" = 3 ] || die "known.stan: objects kept: $(ls cache)"
known_points='{"points": [[0.3, -0.2, 0.1, 0.5, -1, 0.4, 0.2, 0.9, -0.7, 0.6]]}'
echo "$known_points" >known.json
"$MASTING" compile known.stan -o plain.so 2>err || die "compile known.stan"
"$MASTING" compile known.stan -o fixed.so --cflags '-DMASTING_KNOWN_K(x)=2' 2>err || die "compile known.stan, K = 2"
for object in plain fixed; do
  "$MASTING" check ./$object.so two.json --at known.json --json >$object.out 2>err || die "check $object.so"
done
awk "$same" plain.out >plain; awk "$same" fixed.out >fixed
paste plain fixed | awk 'NF != 2 || ($1 - $2) ^ 2 > 1e-24 { bad++ } END { exit bad > 0 || NR < 11 }' ||
  die "known.stan: another density or gradient with K compiled in"
"$MASTING" check ./fixed.so three.json >out 2>err && die "fixed.so took another K"
grep -q 'K: another value than the model was compiled for' err || die "message of fixed.so"

# a C compiler that breaks over them does without
cat >fussy <<'END'
#!/bin/sh
case "$*" in *MASTING_KNOWN*) echo "fussy: internal error" >&2; exit 1 ;; esac
exec cc "$@"
END
chmod +x fussy
CC=$dir/fussy "$MASTING" check known.stan two.json >out 2>err || die "known.stan: a compiler that breaks"
grep -q 'trying without' err || die "a compiler that breaks is told: $(cat err)"
grep -q '^masting: the gradient is right$' err || die "gradient of known.stan without known values"

# mistakes: one message, whole, status 2, on two ranks, and no output
printf 'parameters { real x }\nmodel { }\n' >bad.stan
sh "$RUN_MPI" 2 "$MASTING" sample bad.stan rows.json -o bad.h5 >out 2>err
[ $? = 2 ] || die "status of a mistake"
cat >want <<'END'
masting: error: bad.stan:1:20: a semicolon is missing; expected ';' after the declaration of 'x', got '}'
  parameters { real x }
                     ^
END
head -n 3 err | diff want - || die "message of a mistake"
[ "$(grep -c '^masting: error' err)" = 1 ] || die "a mistake is told once"
[ ! -e bad.h5 ] || die "an output was left"
"$MASTING" check none.stan rows.json >out 2>err
[ "$(cat err)" = "masting: error: none.stan: cannot open the model: No such file or directory" ] || die "no file"
"$MASTING" check rows.stan rows.json --shard Q >out 2>err
[ $? = 2 ] || die "status of --shard Q"
grep -q -- '--shard Q: no size of that name; expected an int of the data block' err || die "--shard Q"
# truncation of vectorised distributions: of each element
cat >truncated.stan <<'END'
data { int N; array[N] int k; vector[N] y; matrix[N, 3] X; }
parameters { real mu; real<lower=0> s; vector[3] b; vector[N] m; }
model {
  y ~ normal(mu + X * b, s) T[-3, 7];
  y ~ student_t(4, m, s) T[ , 9];
  k ~ poisson(exp(mu)) T[0, 20];
  y[1] ~ logistic(X * b, s) T[-5, ];
}
END
cat >each.stan <<'END'
data { int N; array[N] int k; vector[N] y; matrix[N, 3] X; }
parameters { real mu; real<lower=0> s; vector[3] b; vector[N] m; }
model {
  vector[N] e = X * b;
  for (n in 1:N) {
    y[n] ~ normal(mu + e[n], s) T[-3, 7];
    y[n] ~ student_t(4, m[n], s) T[ , 9];
    k[n] ~ poisson(exp(mu)) T[0, 20];
    y[1] ~ logistic(e[n], s) T[-5, ];
  }
}
END
awk 'BEGIN { s = 7; printf "{\"points\": [["
  for (i = 0; i < 95; i++) { s = (s * 16807) % 2147483647; printf "%s%.4f", i ? ", " : "", s / 2147483647 - 0.5 }
  print "]]}" }' >points.json
for model in truncated each; do
  "$MASTING" check $model.stan rows.json --at points.json --json 2>err | awk "$same" >$model
done
[ "$(wc -l <truncated)" -gt 90 ] || die truncated.stan
paste truncated each | awk 'NF != 2 || ($1 - $2) ^ 2 > (1e-11 * (1 + $1 * $1 ^ 0.5)) ^ 2 { exit 1 }' ||
  die "truncation of vectors is not that of each element"

# map_rect: a loop over the jobs, one after the other, cut over the ranks where a job is a number
cat >jobs.stan <<'END'
functions {
  vector one(vector phi, vector theta, data array[] real x, data array[] int k) {
    return [normal_lpdf(x | phi[1] + theta[1], exp(theta[2])) + poisson_log_lpmf(k | theta[2])]';
  }
  vector many(vector phi, vector theta, data array[] real x, data array[] int k) {
    return to_vector(x) * theta[1] + phi[1];
  }
}
data { int J; array[J, 4] real x; array[J, 3] int k; }
parameters { vector[1] phi; array[J] vector[2] theta; }
model {
  target += sum(map_rect(one, phi, theta, x, k));
  map_rect(many, phi, theta, x, k) ~ normal(0.3, 1.5);
}
END
sed -e 's/target += sum(map_rect(one, phi, theta, x, k))/for (j in 1:J) target += one(phi, theta[j], x[j], k[j])[1]/' \
  -e 's/map_rect(many, phi, theta, x, k) ~/for (j in 1:J) many(phi, theta[j], x[j], k[j]) ~/' jobs.stan >loop.stan
grep -q map_rect loop.stan && die loop.stan
echo '{"J": 3, "x": [[1, 2, 3, 4], [0.1, 0.2, 0.3, -2], [1, -1, 1, -1]], "k": [[1, 2, 3], [0, 1, 0], [2, 2, 1]]}' >jobs.json
echo '{"points": [[0.1, 0.2, 0.3, 0.4, 1, 2, 0.3], [1, -1, 0.5, 0, 0.3, -0.3, 0.1]]}' >points.json
for model in jobs loop; do
  "$MASTING" check $model.stan jobs.json --at points.json --json 2>err | awk "$same" >$model
done
[ "$(wc -l <jobs)" -ge 16 ] || die jobs.stan
paste jobs loop | awk 'NF != 2 || ($1 - $2) ^ 2 > (1e-12 * (1 + $1 * $1 ^ 0.5)) ^ 2 { exit 1 }' || die "map_rect is not the loop"

# truncation of a distribution of the program's own, by its own tails
cat >own.stan <<'END'
functions {
  real foo_lpdf(real y, vector m) { return normal_lpdf(y | m[1], m[2]); }
  real foo_lcdf(real y, vector m) { return normal_lcdf(y | m[1], m[2]); }
  real foo_lccdf(real y, vector m) { return normal_lccdf(y | m[1], m[2]); }
  real bar_lpmf(int y, real m) { return poisson_lpmf(y | m); }
  real bar_lcdf(int y, real m) { return poisson_lcdf(y | m); }
  real bar_lccdf(int y, real m) { return poisson_lccdf(y | m); }
}
data { int k; }
parameters { real<lower=0> x; vector<lower=0>[2] m; }
model { x ~ foo(m) T[0, ]; x ~ foo(m) T[0, 12]; k ~ bar(x) T[1, 5]; k ~ bar(x) T[2, ]; }
END
sed -e 's/foo(m)/normal(m[1], m[2])/g' -e 's/bar(x)/poisson(x)/g' own.stan >plain.stan
echo '{"k": 3}' >k.json
echo '{"points": [[0.3, 0.2, 0.1]]}' >points.json
for model in own plain; do # slopes: the program's own densities keep their constants
  "$MASTING" check $model.stan k.json --at points.json --json 2>err | sed 's/.*"grad"//' | awk "$same" >$model
done
[ "$(wc -l <own)" -ge 3 ] || die own.stan
cmp -s own plain || die "truncation by the program's own tails"
exit 0
