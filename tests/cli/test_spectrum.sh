#!/bin/sh
# Spectra of the Hessian at the mode and of the learnt metric, as `optimize --hessian`, `laplace` and `sample --spectrum`
# tell them: two columns that are nearly the same make the slackest direction, by name; the same on any ranks, to rounding.
set -u
run() { sh "$RUN_MPI" "$@"; }
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
cat >twins.stan <<'STAN'
data { int<lower=0> N; vector[N] x; vector[N] y; }
transformed data { vector[N] twin = x + 0.01 * y; }
parameters { real a; real b; real c; }
model { a ~ normal(0, 10); b ~ normal(0, 10); c ~ normal(0, 3); y ~ normal(a * x + b * twin, 1); }
STAN
awk 'BEGIN { for (i = 1; i <= 200; i++) { x = sin(i); y = cos(3 * i); X = X (i > 1 ? "," : "") x; Y = Y (i > 1 ? "," : "") y }
  printf "{\"N\": 200, \"x\": [%s], \"y\": [%s]}\n", X, Y }' >data.json
fail() { echo "$1"; exit 1; }
for ranks in 1 2 3; do
  run $ranks "$MASTING" optimize twins.stan data.json --hessian --json -q >modes$ranks.json || fail "optimize on $ranks ranks"
  run $ranks "$MASTING" laplace twins.stan data.json --json -q -o laplace$ranks.h5 >laplace$ranks.json ||
    fail "laplace on $ranks ranks"
done
run 2 "$MASTING" sample twins.stan data.json --metric dense --spectrum --json -q --draws 200 -o draws.h5 >sample.json ||
  fail "sample"
run 1 "$MASTING" sample twins.stan data.json --spectrum --draws 20 --warmup 20 -o diag.h5 2>diag.err || fail "sample, diagonal"
grep -q 'the metric is diagonal' diag.err || fail "a diagonal metric is not told"
python3 - <<'PY'
import json, math
# minus the Hessian by the formulas of a linear model
x = [float(f"{math.sin(i):.6g}") for i in range(1, 201)]
y = [float(f"{math.cos(3 * i):.6g}") for i in range(1, 201)]
t = [u + 0.01 * v for u, v in zip(x, y)]
dot = lambda u, v: sum(p * q for p, q in zip(u, v))
aa, ab, bb = dot(x, x) + 0.01, dot(x, t), dot(t, t) + 0.01
middle, half = (aa + bb) / 2, math.hypot((aa - bb) / 2, ab)
eigen = sorted([middle + half, middle - half, 1 / 9])
sd = sorted(1 / math.sqrt(e) for e in eigen)
for name in [f"{kind}{ranks}" for kind in ("modes", "laplace") for ranks in (1, 2, 3)]:
    s = json.load(open(name + ".json"))["spectrum"]
    for got, want in zip(s["sd"], (sd[0], sd[-1])):
        assert abs(got / want - 1) < 1e-6, (name, got, want)
    assert abs(s["condition"] / (eigen[2] / eigen[0]) - 1) < 1e-5, (name, s["condition"])
    slack = s["slackest"][-1]["components"]
    assert set(slack) == {"a", "b"} and slack["a"] * slack["b"] < 0 and abs(abs(slack["a"]) - 0.5 ** 0.5) < 0.02, (name, slack)
    assert s["flat"] == 0
s = json.load(open("sample.json"))["spectrum"]
assert 0.5 < s["sd"][1] / sd[-1] < 2, s
assert set(s["slackest"][-1]["components"]) == {"a", "b"}, s
PY
