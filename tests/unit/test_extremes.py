#!/usr/bin/env python3
"""Densities, tails and functions at extremes against extreme_values.txt: values, and slopes by every real argument.

One program holds a loop a function, over the rows of the table; each row has arguments and a weight of its own, so
that the slope by the weight is the value of the call. What is told of a number is its relative error beyond 16 units
of rounding times its noise (extreme_values.py): what a formula loses, not what rounding its arguments must lose.

    test_extremes.py                 fails where an error is larger than 1e-10 and is not named here
    test_extremes.py --table         prints docs/accuracy.md
"""
import json
import math
import os
import subprocess
import sys
import tempfile

TOLERANCE = 1e-10
ROUNDING = 16 * 2.0 ** -53
# Larger errors: the largest, and why
BESIDE = "where one parameter is 1e9 beside a small one: the continued fraction then is a difference from 1, of 1e-8 relative"
BY_PHI = "slopes by phi from 1e9 on are sums of terms of the size of n and mu: absolute, 1e-14 by log phi"
NEAR_ONE = "the sum of the masses below, so that it is known as a probability near 1 is: absolute, 1e-14"
NAMED = {
    "beta_lpdf": (2e-8, "slopes by beta where y is 1e-8 and less, of log(1 - y) with 1 - y rounded"),
    "beta_lcdf": (3e-8, BESIDE), "beta_lccdf": (3e-8, BESIDE), "inc_beta": (3e-8, BESIDE),
    "neg_binomial_2_lpmf": (0.1, BY_PHI), "neg_binomial_2_log_lpmf": (0.1, BY_PHI), "neg_binomial_2_lccdf": (0.1, BY_PHI),
    "beta_neg_binomial_lcdf": (1e-4, NEAR_ONE),
    "beta_neg_binomial_lccdf": (1e-4, "one minus the lower tail: absolute, 1e-14 of probability")}

HEAD = """# Accuracy at extremes

Worst relative errors of values and slopes by function, over the {rows} calls of `tests/unit/extreme_values.txt`: tiny
and huge arguments, tails down to logarithms of -1e24, kinks, large counts. Reference values are mpmath's, of 50 digits.
This page is made by `tests/unit/test_extremes.py --table`; `make check` refuses an error beyond 1e-10 that is not named
here.

An error is counted beyond 16 units of rounding (16 * 2^-53) times what the arguments' own rounding must do to the number:
for a value f of arguments x_i that is the sum of |x_i df/dx_i|, for a slope the same of x_j df/dx_j, and one unit of f
more (1 for logarithms, |f| for others), as steps of a sampler are relative to the scale of a parameter. `0` stands for
errors within that.
"""


def read(path):
    """{name: [(ints, reals, [value, slopes...], [noise...])]}"""
    calls = {}
    with open(path, encoding="ascii") as table:
        for row in table:
            head, reals, numbers, noise = row.split("|")
            name, *ints = head.split()
            calls.setdefault(name, []).append((list(map(int, ints)), list(map(float, reals.split())),
                                               list(map(float, numbers.split())), list(map(float, noise.split()))))
    return calls


def program(calls):
    """The text, its data, its point"""
    loops, data, declared, x, w = [], {}, [], [], []
    for f, (name, rows) in enumerate(calls.items()):
        nints, nreals = len(rows[0][0]), len(rows[0][1])
        arguments = [f"k{f}[i, {j + 1}]" for j in range(nints)]
        arguments += [f"x[{len(x)} + {nreals} * (i - 1) + {j + 1}]" for j in range(nreals)]
        if nints:
            declared.append(f"  array[{len(rows)}, {nints}] int k{f};")
            data[f"k{f}"] = [row[0] for row in rows]
        bar = " | " if name.endswith(("pdf", "pmf", "cdf")) else ", "
        call = arguments[0] + (bar if len(arguments) > 1 else "") + ", ".join(arguments[1:])
        loops.append(f"  for (i in 1 : {len(rows)}) target += w[{len(w)} + i] * {name}({call});")
        for _, reals, numbers, _ in rows:
            x += reals
            w.append(2.0 ** -math.ceil(math.log2(max(1, abs(numbers[0])))))
    text = ("data {\n" + "\n".join(declared) + f"\n}}\nparameters {{\n  vector[{len(x)}] x;\n  vector[{len(w)}] w;\n}}\n"
            + "model {\n" + "\n".join(loops) + "\n}\n")
    return text, data, x, w


def gradient(text, data, at, options):
    with tempfile.TemporaryDirectory() as folder:
        def path(name, content):
            file = os.path.join(folder, name)
            with open(file, "w", encoding="ascii") as out:
                out.write(content)
            return file
        model, values = path("extremes.stan", text), path("data.json", json.dumps(data))
        point = path("at.json", json.dumps({"points": [at]}))
        run = subprocess.run([os.environ.get("MASTING", "masting"), "check", model, values, "--at", point, "--json", *options],
                             capture_output=True, text=True, env=dict(os.environ, MASTING_CACHE=folder), check=False)
    if run.returncode != 0:
        sys.exit(f"masting check: {run.returncode}\n{run.stderr}")
    return [float("nan") if g is None else float(g) for g in json.loads(run.stdout)["points"][0]["grad"]]


def error(got, want, noise):
    beyond = abs(got - want) - ROUNDING * noise
    if got == want or beyond <= 0:
        return 0.0
    return math.inf if beyond != beyond else beyond / abs(want) if want else math.inf


def errors(calls, options):
    """{name: [(error of the value, largest of the slopes, text)]}"""
    text, data, x, w = program(calls)
    grad = gradient(text, data, x + w, options)
    at, row, found = 0, 0, {}
    for name, rows in calls.items():
        for ints, reals, numbers, noise in rows:
            n = len(reals)
            got = [grad[len(x) + row], *[g / w[row] for g in grad[at:at + n]]]
            e = [error(*three) for three in zip(got, numbers, noise)]
            worst = max(range(n + 1), key=lambda i: e[i])
            where = f"{name}({', '.join(map(repr, ints + reals))})"
            what = f"slope {worst}" if worst else "value"
            found.setdefault(name, []).append((e[0], max(e[1:], default=0.0),
                                               f"{where}: {what} is {got[worst]!r}, expected {numbers[worst]!r} (noise {noise[worst]:.1e})"))
            at += n
            row += 1
    return found


def shown(e):
    return "0" if e < 1e-16 else f"{e:.0e}"


def table(found):
    rows = sum(map(len, found.values()))
    print(HEAD.format(rows=rows))
    print("| function | calls | value | slopes |\n|---|---|---|---|")
    for name in sorted(found):
        print(f"| `{name}` | {len(found[name])} | {shown(max(e[0] for e in found[name]))} | {shown(max(e[1] for e in found[name]))} |")
    if NAMED:
        print("\nBeyond 1e-10:\n")
        for name, (_, why) in sorted(NAMED.items()):
            print(f"- `{name}`: {why}")


def main(options):
    calls = read(os.path.join(os.path.dirname(os.path.abspath(__file__)), "extreme_values.txt"))
    if options[:1] == ["--table"]:
        table(errors(calls, options[1:]))
        return 0
    bad = []
    for name, rows in errors(calls, options).items():
        limit = NAMED.get(name, (TOLERANCE, ""))[0]
        bad += [f"{max(value, slopes):.1e} {text}" for value, slopes, text in rows if not max(value, slopes) <= limit]
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
