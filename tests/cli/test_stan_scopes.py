#!/usr/bin/env python3
"""Conditions on parameters beside, in and around what is cut; values handed to functions; returns of what a function's
inner blocks declare: densities and slopes against the plain interpreter (tests/interp), cut over the ranks and not.
And print(): a line a chain that names it, once a gradient, rows in order, on one rank.
"""
import json
import os
import subprocess
import sys
import tempfile

top = os.environ.get("srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(top, "tests", "interp"))
import oracle  # noqa: E402

MASTING = os.path.abspath(os.environ.get("MASTING", "masting"))
INTERP = os.environ.get("INTERP", os.path.join(os.path.dirname(MASTING), "tests/interp/interp"))
DATA = ("data { int<lower=1> N; int J; int M; vector[N] y; array[N] int<lower=1, upper=J> g;"
        " array[M] int<lower=1, upper=N> ck; array[N] int k; }")
VALUES = {"N": 5, "J": 3, "M": 2, "ck": [4, 2], "y": [1.5, 2, 0.3, -1, 4], "g": [1, 3, 2, 2, 1], "k": [0, 1, 2, 3, 1]}

# functions, what follows the data
PROGRAMS = [
    ("",
     "parameters { real mu; } model { y ~ normal(mu, 1); if (mu > 0.1) target += -mu; }"),
    ("",
     "parameters { vector[J] a; } model { for (n in 1:N) { real t = 0; if (a[g[n]] > 0) t = a[g[n]]; "
     "else t = -2*a[g[n]]; y[n] ~ normal(t, 1); } a ~ normal(0, 1); }"),
    ("",
     "parameters { real mu; vector[J] a; } model { for (j in 1:J) { if (a[j] > mu) { for (n in 1:N) "
     "target += normal_lpdf(y[n] | a[j], 1); } else target += -a[j]^2; } }"),
    ("",
     "parameters { real mu; } model { y ~ normal(mu, 1); if (mu < -100) reject(\"far\"); if (mu > 100) "
     "{ reject(\"far \", mu); } else target += mu; }"),
    ("functions { real F(vector x) { return sum(x); } }",
     "parameters { vector[J] a; } model { y ~ normal(0, 1); target += F(a[g]); }"),
    ("functions { vector f(vector X) { { vector[num_elements(X)] m = 2 * X; return m + 1; } } }",
     "parameters { real mu; } model { f(y) ~ normal(mu, 1); }"),
    ("functions { matrix f(vector X, int c) { for (i in 1:3) { matrix[size(X), c] m; for (j in 1:c) "
     "m[, j] = X * j; if (i == 2) return m * i; } return rep_matrix(0, size(X), c); } }",
     "parameters { vector[J] a; } model { target += sum(f(a, 2)); y ~ normal(0, 1); }"),
    ("functions { vector h(vector x) { int n = num_elements(x); { int m = n; { vector[m] z = exp(x); "
     "return z / sum(z); } } } real lp(vector x, vector y) { { real s = 0; for (i in 1:size(y)) s += "
     "(y[i] - x[1])^2; return -s; } } }",
     "parameters { vector[J] a; } model { target += lp(h(a), y); a ~ normal(0,1); }"),
    ("functions { real f(data vector y, array[] int g, vector a) { return normal_lpdf(y | a[g], 1); } "
     "}",
     "parameters { vector[J] a; } model { target += f(y, g, a); target += f(y[ck], g[ck], a); }"),
]

PRINTS = """data { int N; vector[N] y; }
parameters { real mu; }
model {
  print("mu = ", mu, ", 100% of ", N);
  print("data ", N);
  y ~ normal(mu, 1);
  for (n in 1:N) print("row ", n, ": ", y[n] - mu);
}
"""


def programs():
    for number, (functions, rest) in enumerate(PROGRAMS):
        with open("m.stan", "w", encoding="ascii") as f:
            f.write(functions + "\n" + DATA + "\n" + rest + "\n")
        right = oracle.interpreted(INTERP, "m.stan", "d.json")
        with open("at.json", "w", encoding="ascii") as f:
            f.write(json.dumps({"points": right["at"]}))
        for options in ((), ("--shard", "none")):
            found = oracle.faults(oracle.compiled(MASTING, "m.stan", "d.json", "at.json", options), right["points"])
            if found:
                print(f"FAIL program {number + 1} {options}: {found[:5]}\n{functions}\n{rest}")
                sys.exit(1)


def prints():
    with open("p.stan", "w", encoding="ascii") as f:
        f.write(PRINTS)
    with open("p.json", "w", encoding="ascii") as f:
        f.write(json.dumps({"N": 3, "y": [1.5, 2, 0.25]}))
    with open("at.json", "w", encoding="ascii") as f:
        f.write(json.dumps({"points": [[0.5]]}))
    words = [MASTING, "check", "p.stan", "p.json", "--at", "at.json", "--json", "--chains", "2"]
    run = subprocess.run(words, capture_output=True, text=True, check=False)
    said = [x for x in run.stderr.splitlines() if not x.startswith("masting: compil")]
    head = "masting: the model prints, once a gradient, a line a chain; MASTING_PRINT=off turns it off"
    want = [head, "chain 1: mu = 0.5, 100% of 3", "data 3", "chain 1: row 1: 1", "chain 1: row 2: 1.5", "chain 1: row 3: -0.25"]
    if run.returncode or [x for x in said if not x.startswith("chain 2")][:6] != want:
        print(f"FAIL print: {run.returncode}\n{run.stderr}")
        sys.exit(1)
    run = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, "MASTING_PRINT": "off"})
    if run.returncode or run.stderr:
        print(f"FAIL print that is off: {run.returncode}\n{run.stderr}")
        sys.exit(1)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    os.environ["MASTING_CACHE"] = os.path.join(folder, "cache")
    with open("d.json", "w", encoding="ascii") as data:
        data.write(json.dumps(VALUES))
    prints()
    programs()
