#!/usr/bin/env python3
"""Distributions of the prelude against prelude_values.txt: values, and slopes by every real argument.

One program holds all calls, each with arguments and a weight of its own, so that the slope by the
weight is the value of the call. Its points go through the rows of the table.
"""
import json
import os
import subprocess
import sys
import tempfile

TOLERANCE = 2e-10
INF = float("inf")
# out of the support and at its ends: value; where that is finite, slopes must be
EDGES = [("exponential_lpdf", [-0.1, 2], -INF), ("exponential_lpdf", [0, 2], 0.6931471805599453),
         ("gamma_lpdf", [-0.1, 2, 1], -INF), ("gamma_lpdf", [0, 2, 1], -INF), ("gamma_lpdf", [0, 1, 1], 0),
         ("lognormal_lpdf", [-0.1, 0, 1], -INF), ("lognormal_lpdf", [0, 0, 1], -INF),
         ("weibull_lpdf", [0, 1, 1], 0), ("weibull_lpdf", [-1, 1.5, 1], -INF),
         ("inv_gamma_lpdf", [0, 2, 1], -INF), ("chi_square_lpdf", [0, 2], -0.6931471805599453),
         ("scaled_inv_chi_square_lpdf", [-1, 2, 1], -INF), ("frechet_lpdf", [-1, 2, 1], -INF),
         ("rayleigh_lpdf", [-1, 2], -INF), ("loglogistic_lpdf", [0, 1, 1], 0),
         ("pareto_lpdf", [0.9, 1, 1], -INF), ("pareto_lpdf", [1, 1, 2], 0.6931471805599453),
         ("pareto_type_2_lpdf", [-0.1, 0, 1, 1], -INF), ("beta_lpdf", [-0.1, 2, 3], -INF),
         ("beta_lpdf", [1.1, 2, 3], -INF), ("beta_lpdf", [0, 1, 1], 0), ("beta_lpdf", [1, 1, 1], 0),
         ("uniform_lpdf", [2, 0, 1], -INF), ("uniform_lpdf", [0, 0, 1], 0), ("uniform_lpdf", [1, 0, 1], 0),
         ("beta_proportion_lpdf", [1.2, 0.5, 1], -INF), ("von_mises_lpdf", [0.3, 1, 0], -1.8378770664093453),
         ("wiener_lpdf", [0.2, 1, 0.3, 0.5, 0], -INF)]
for lower in [("exponential", [2]), ("gamma", [2, 1]), ("inv_gamma", [2, 1]), ("lognormal", [0, 1]),
              ("weibull", [1.5, 1]), ("frechet", [2, 1]), ("rayleigh", [2]), ("chi_square", [3]),
              ("inv_chi_square", [3]), ("scaled_inv_chi_square", [3, 1]), ("beta", [2, 3]), ("uniform", [0, 1]),
              ("beta_proportion", [0.5, 3]), ("pareto", [0.5, 1]), ("pareto_type_2", [0, 1, 2])]:
    EDGES += [(f"{lower[0]}_lcdf", [-0.1, *lower[1]], -INF), (f"{lower[0]}_lccdf", [-0.1, *lower[1]], 0)]
for upper in [("beta", [2, 3]), ("uniform", [0, 1]), ("beta_proportion", [0.5, 3])]:
    EDGES += [(f"{upper[0]}_lcdf", [1.1, *upper[1]], 0), (f"{upper[0]}_lccdf", [1.1, *upper[1]], -INF)]
# (ints come first as text)
EDGES += [("bernoulli_lpmf 2", [0.5], -INF), ("bernoulli_lpmf 1", [1], 0), ("bernoulli_lpmf 0", [0], 0),
          ("binomial_lpmf 4 3", [0.5], -INF), ("binomial_lpmf 0 3", [0], 0), ("binomial_lpmf 3 3", [1], 0),
          ("poisson_lpmf 0", [0], 0), ("poisson_lpmf 2", [0], -INF), ("yule_simon_lpmf 0", [1], -INF),
          ("neg_binomial_2_lpmf 0", [0, 2], 0)]
for name, reals in [("bernoulli", [0.5]), ("poisson", [1.5]), ("neg_binomial", [2, 1]), ("neg_binomial_2", [2, 1]),
                    ("yule_simon", [2]), ("beta_neg_binomial", [2, 1, 1.5])]:
    EDGES += [(f"{name}_lcdf -1", reals, -INF), (f"{name}_lccdf -1", reals, 0)]
for name, reals in [("binomial", [0.5]), ("beta_binomial", [1.5, 2])]:
    EDGES += [(f"{name}_lcdf -1 4", reals, -INF), (f"{name}_lccdf -1 4", reals, 0),
              (f"{name}_lcdf 4 4", reals, 0), (f"{name}_lccdf 4 4", reals, -INF)]


def read(path):
    calls = {}
    with open(path, encoding="ascii") as table:
        for row in table:
            head, reals, value, slopes = row.split("|")
            name, *ints = head.split()
            key = (name, *ints, len(reals.split()))
            calls.setdefault(key, []).append((reals.split(), float(value), list(map(float, slopes.split()))))
    return calls


def program(calls):
    lines, at = [], 0
    for i, ((name, *ints, n), _) in enumerate(calls):
        arguments = ints + [f"x[{at + k + 1}]" for k in range(n)]
        between = " | " if name.endswith(("pdf", "pmf", "cdf")) else ", "
        bar = between.join([arguments[0], ", ".join(arguments[1:])])
        lines.append(f"  target += w[{i + 1}] * {name}({bar if len(arguments) > 1 else arguments[0]});")
        at += n
    head = f"parameters {{\n  vector[{at}] x;\n  vector[{len(calls)}] w;\n}}\nmodel {{\n"
    return head + "\n".join(lines) + "\n}\n"


def points(calls):
    rows = max(len(rows) for _, rows in calls)
    return [[float(x) for _, rows_of in calls for x in rows_of[i % len(rows_of)][0]]
            + [1.0] * len(calls) for i in range(rows)]


def slopes(program_text, at, *options):
    with tempfile.TemporaryDirectory() as folder:
        model, file = os.path.join(folder, "m.stan"), os.path.join(folder, "at.json")
        with open(model, "w", encoding="ascii") as out:
            out.write(program_text)
        with open(file, "w", encoding="ascii") as out:
            json.dump({"points": at}, out)
        environment = dict(os.environ, MASTING_CACHE=folder)
        run = subprocess.run([os.environ.get("MASTING", "masting"), "check", model, "--at", file, "--json",
                              *options], capture_output=True, text=True, env=environment, check=False)
    if run.returncode != 0:
        sys.exit(f"masting check: {run.returncode}\n{run.stderr}")
    return [point["grad"] for point in json.loads(run.stdout)["points"]]


def close(got, want, tolerance):
    return abs(got - want) <= tolerance * max(abs(want), 1e-3)


def number(x):
    return float("nan") if x is None else float(x)


def check_edges(options):
    calls = [((*name.split(), len(reals)), [(list(map(str, reals)), value, [])]) for name, reals, value in EDGES]
    grad = slopes(program(calls), points(calls), *options)[0]
    arguments, at, bad = sum(key[-1] for key, _ in calls), 0, []
    for i, (key, [(reals, value, _)]) in enumerate(calls):
        got = number(grad[arguments + i])
        slope = [number(x) for x in grad[at:at + key[-1]]]
        if got != value and not abs(got - value) < 1e-14:
            bad.append(f"{' '.join(key[:-1])}({', '.join(reals)}) is {got}, expected {value}")
        if value == 0 and any(x != x for x in slope):
            bad.append(f"{' '.join(key[:-1])}({', '.join(reals)}): slopes {slope}, expected numbers")
        at += key[-1]
    return bad


def check_values(options):
    here = os.path.dirname(os.path.abspath(__file__))
    calls = list(read(os.path.join(here, "prelude_values.txt")).items())
    grads = slopes(program(calls), points(calls), *options)
    arguments = sum(key[-1] for key, _ in calls)
    bad, at = [], 0
    for i, (key, rows) in enumerate(calls):
        for k, (reals, value, slope) in enumerate(rows):
            got = [grads[k][arguments + i], *grads[k][at:at + key[-1]]]
            names = ["value"] + [f"slope {j + 1}" for j in range(len(slope))]
            for what, g, w in zip(names, got, [value] + slope):
                if not close(number(g), w, TOLERANCE):
                    bad.append(f"{' '.join(key[:-1])}({', '.join(reals)}): {what} is {g}, expected {w!r}")
        at += key[-1]
    return bad


def main():
    bad = check_values(sys.argv[1:]) + check_edges(sys.argv[1:])
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
