#!/usr/bin/env python3
"""The interpreter itself, against densities and slopes worked out by hand: an oracle has to be right.

Each case: a program, its data, a point, and the slopes there; where the log density is of interest, what it
is above that at the first point.
"""
import json
import math
import os
import subprocess
import sys
import tempfile

CASES = [
    # the right side is complete before anything is stored: f = 100 x[1] + 10 x[3] + x[1], and so on
    ("parameters { vector[3] x; } model { vector[3] z = x; array[3] int i = {2, 1, 1}; z[i] = z;"
     " target += 100 * z[1] + 10 * z[2] + z[3]; }", {}, [0.5, 0.25, 2], [10, 0, 101]),
    ("parameters { real a; real b; } model { real x = a; real y = b; (x, y) = (y, x); target += 10 * x + y; }",
     {}, [1, 2], [1, 10]),
    # x[{1, 1}] += v is x[i] = x[i] + v: the last wins
    ("parameters { real a; } model { vector[2] x = rep_vector(0, 2); x[{1, 1}] += [a, 2 * a]'; target += x[1]; }",
     {}, [1], [2]),
    # && and || do not look at what they need not
    ("data { int n; array[2] int k; } parameters { real a; } model { if (n > 0 && k[n] > 0) target += a;"
     " if (n < 1 || k[n] > 0) target += 2 * a; }", {"n": 0, "k": [1, 1]}, [1], [2]),
    # a matrix parameter comes by columns, to_vector too; indices of indices; ranges that are empty
    ("parameters { matrix[2, 3] m; } model { vector[6] v = to_vector(m); target += 3 * v[2] + 5 * m[1, 3]"
     " + sum(m[{2, 2}, 2 : 3]) + sum(v[3 : 2]); }", {}, [0, 0, 0, 0, 0, 0], [0, 3, 0, 2, 5, 2]),
    ("functions { real f(real x, int n) { if (n == 0) return 1; return x * x; } } parameters { real x; }"
     " model { target += f(x, 1) + f(x, 0); }", {}, [3], [6]),
    # foreach over a matrix, break, continue, while
    ("parameters { matrix[2, 2] m; } model { int n = 0; for (x in m) { n += 1; if (n == 2) continue;"
     " if (n == 4) break; target += n * x; } while (n > 2) { n -= 1; target += m[1, 1]; } }",
     {}, [1, 1, 1, 1], [3, 0, 3, 0]),
    # bounds and their Jacobians: e^y + y; log u + log(u (1 - u)), whose slope is 2 - 3 u
    ("parameters { real<lower=2> a; } model { target += a; }", {}, [0], [2]),
    ("parameters { real<lower=0, upper=1> u; } model { target += log(u); }", {}, [0], [0.5]),
    ("parameters { real<offset=3, multiplier=2> a; } model { a ~ normal(3, 2); }", {}, [0.7], [-0.7]),
    ("parameters { ordered[2] c; } model { target += 2 * c[2]; }", {}, [1, 0], [2, 3]),
    # a simplex of two is u, 1 - u, u = inv_logit(y): Dirichlet(2, 1) has log u, the Jacobian u (1 - u)
    ("parameters { simplex[2] p; } model { p ~ dirichlet([2, 1]'); }", {}, [0], [0.5]),
    ("parameters { cholesky_factor_corr[2] L; } model { target += L[2, 1]; }", {}, [0], [1]),
    ("parameters { real<lower=0> s; } model { [1, 2]' ~ normal(0, s); }", {}, [0], [5 - 2 + 1]),
    ("parameters { real m; } model { 3 ~ poisson_log(m); target += bernoulli_logit_lpmf({1, 0} | m); }",
     {}, [0], [3 - 1 + 0.5 - 0.5]),
    ("parameters { real m; } model { 1.5 ~ normal(m, 1) T[1, ]; }", {}, [1],
     [0.5 - math.exp(-0.5 * 0) / math.sqrt(2 * math.pi) / 0.5]),
    ("parameters { vector[2] x; } model { matrix[2, 2] S = [[2, 1], [1, 2]]; x ~ multi_normal(rep_vector(0, 2), S); }",
     {}, [1, 0], [-2 / 3, 1 / 3]),
    ("transformed data { tuple(int, array[2] real) t = (2, {1, 4}); } parameters { real a; } model {"
     " tuple(real, real) u = (a, 3); u.2 = t.2[2] * u.1; target += t.1 * u.2; }", {}, [1], [8]),
]


def run(interp, folder, program, data, point):
    for name, text in (("m.stan", program), ("d.json", json.dumps(data)),
                       ("p.json", json.dumps({"points": [point]}))):
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)
    words = [interp] + [os.path.join(folder, name) for name in ("m.stan", "d.json")]
    done = subprocess.run(words + ["--at", os.path.join(folder, "p.json")], capture_output=True, text=True,
                          check=False)
    return (done.returncode, json.loads(done.stdout)["points"][0] if done.returncode == 0 else done.stderr)


def main():
    interp = os.path.join(os.environ["builddir"], "tests/interp/interp")
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for program, data, point, right in CASES:
            status, got = run(interp, folder, program, data, point)
            if status or not all(abs(a - b) < 1e-12 * (1 + abs(b)) for a, b in zip(got["grad"], right)):
                print(f"{program}\n  expected {right}, got {got if status else got['grad']}")
                bad += 1
        # what it does not know it does not guess; a wrong index is a mistake of the program
        for program, status in (("parameters { real a; } model { target += hypergeometric_1F0(a, 0.1) + owens_t(a, a); }", 69),
                                ("parameters { vector[2] a; } model { for (i in 1 : 3) target += a[i]; }", 65),
                                ("parameters { real a; } model { target += b; }", 2)):
            got, _ = run(interp, folder, program, {}, [0.5, 0.5][: 2 if "vector" in program else 1])
            if got != status:
                print(f"{program}\n  expected exit status {status}, got {got}")
                bad += 1
    print(f"{len(CASES)} cases, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
