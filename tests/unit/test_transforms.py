#!/usr/bin/env python3
"""The constraining transforms: the log Jacobian that they add is that of the map, by differences; NAME_unconstrain
is the way back; a parameter that is declared is the same as NAME_jacobian of an unconstrained one.

One program holds them all, each with weights w of its values and v of the way back: slopes by the
weights are the values.
"""
import json
import math
import os
import random
import subprocess
import sys
import tempfile

STEP = 1e-5


def lower(n, m, diagonal):
    """Places, row by row, of the lower triangle."""
    return [i * m + j for i in range(n) for j in range(min(i + diagonal, m))]


# name, unconstrained type and size, type, further arguments, places that make the Jacobian (None: it is no volume)
CASES = [("simplex", "vector[3]", 3, "simplex[4]", "", [0, 1, 2]), ("ordered", "vector[3]", 3, "ordered[3]", "", [0, 1, 2]),
         ("positive_ordered", "vector[3]", 3, "positive_ordered[3]", "", [0, 1, 2]),
         ("unit_vector", "vector[3]", 3, "unit_vector[3]", "", None),
         ("sum_to_zero", "vector[3]", 3, "sum_to_zero_vector[4]", "", None),
         ("sum_to_zero", "matrix[2, 3]", 6, "sum_to_zero_matrix[3, 4]", "", None),
         ("stochastic_column", "matrix[2, 2]", 4, "column_stochastic_matrix[3, 2]", "", [0, 1, 2, 3]),
         ("stochastic_row", "matrix[2, 2]", 4, "row_stochastic_matrix[2, 3]", "", [0, 1, 3, 4]),
         ("corr_matrix", "vector[6]", 6, "corr_matrix[4]", ", 4", lower(4, 4, 0)),
         ("cov_matrix", "vector[6]", 6, "cov_matrix[3]", ", 3", lower(3, 3, 1)),
         ("cholesky_factor_corr", "vector[6]", 6, "cholesky_factor_corr[4]", ", 4", lower(4, 4, 0)),
         ("cholesky_factor_cov", "vector[9]", 9, "cholesky_factor_cov[4, 3]", ", 4, 3", lower(4, 3, 1)),
         ("lower_bound", "vector[1]", 1, "vector<lower=1.5>[1]", ", 1.5", [0]),
         ("upper_bound", "vector[1]", 1, "vector<upper=1.5>[1]", ", 1.5", [0]),
         ("lower_upper_bound", "vector[1]", 1, "vector<lower=-2, upper=1.5>[1]", ", -2, 1.5", [0]),
         ("lower_upper_bound", "vector[1]", 1, "vector<upper=1.5>[1]", ", negative_infinity(), 1.5", [0]),
         ("offset_multiplier", "vector[1]", 1, "vector<offset=3, multiplier=0.3>[1]", ", 3, 0.3", [0])]


def size(kind):
    inside = kind.split("[")[1][:-1].split(", ")
    square = kind.startswith(("corr", "cov", "cholesky_factor_corr"))
    return int(inside[0]) * int(inside[-1] if square or len(inside) > 1 else 1)


def flat(x, kind):
    """Row by row."""
    matrix = "vector" not in kind and kind.split("[")[0] not in ("simplex", "ordered", "positive_ordered")
    return f"to_vector({x}')" if matrix else x


def programs():
    """With the functions; with declared parameters."""
    ys, xs, declared, functions, model, back = "", "", "", "", "", ""
    for i, (name, free, count, kind, more, _) in enumerate(CASES):
        ys += f"  {free} y{i};\n"
        xs += f"  {kind} x{i};\n"
        plain = kind.split("<")[0] + kind.split(">")[-1] if "<" in kind else kind
        functions += f"  {plain} x{i} = {name}_jacobian(y{i}{more});\n"
        declared += f"  vector[{size(kind)}] w{i};\n"
        back += f"  vector[{count}] v{i};\n"
        model += f"  target += dot_product(w{i}, {flat(f'x{i}', kind)});\n"
    arrays = "".join(f"  target += dot_product(v{i}, {'to_vector' if 'matrix' in free else ''}"
                     f"({name}_unconstrain({{{name}_constrain(y{i}{more})}}{'' if len(kind.split('<')) == 1 else more})[1]));\n"
                     for i, (name, free, _, kind, more, _) in enumerate(CASES))
    return (f"parameters {{\n{ys}{declared}{back}}}\ntransformed parameters {{\n{functions}}}\nmodel {{\n{model}{arrays}}}\n",
            f"parameters {{\n{xs}{declared}}}\nmodel {{\n{model}}}\n")


def evaluate(text, at):
    with tempfile.TemporaryDirectory() as folder:
        model, file, data = (os.path.join(folder, n) for n in ("m.stan", "at.json", "data.json"))
        for path, content in [(model, text), (file, json.dumps({"points": at})), (data, "{}")]:
            with open(path, "w", encoding="ascii") as out:
                out.write(content)
        run = subprocess.run([os.environ.get("MASTING", "masting"), "check", model, data, "--at", file, "--json"],
                             capture_output=True, text=True, env=dict(os.environ, MASTING_CACHE=folder), check=False)
    if run.returncode != 0:
        sys.exit(f"masting check: {run.returncode}\n{run.stderr}")
    return [(p["lp"], p["grad"]) for p in json.loads(run.stdout)["points"]]


def log_determinant(rows):
    rows, total = [list(r) for r in rows], 0.0
    for k in range(len(rows)):
        best = max(range(k, len(rows)), key=lambda i: abs(rows[i][k]))
        rows[k], rows[best] = rows[best], rows[k]
        total += math.log(abs(rows[k][k]))
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k])]
    return total


def main():
    draw = random.Random(5)
    counts, sizes = [c[2] for c in CASES], [size(c[3]) for c in CASES]
    first = [sum(counts[:i]) for i in range(len(CASES) + 1)]
    w = [first[-1] + sum(sizes[:i]) for i in range(len(CASES) + 1)]
    v = [w[-1] + sum(counts[:i]) for i in range(len(CASES) + 1)]
    base = [draw.uniform(-1, 1) for _ in range(first[-1])]
    points, bad = [base], []
    for i, count in enumerate(counts):  # one transform elsewhere, and its neighbourhood, there and at the base
        moved = base[:first[i]] + [draw.uniform(-1, 1) for _ in range(count)] + base[first[i + 1]:]
        points.append(moved)
        for y in (base, moved):
            for j in range(count):
                for step in (-STEP, STEP):
                    points.append([a + step * (k == first[i] + j) for k, a in enumerate(y)])
    functions, declared = programs()
    at = evaluate(functions, [y + [0.0] * (v[-1] - first[-1]) for y in points])
    same = evaluate(declared, [y + [0.0] * (w[-1] - first[-1]) for y in points])
    for k, (one, other) in enumerate(zip(at, same)):
        got = [one[0], *one[1][:w[-1]]]
        want = [other[0], *other[1]]
        if any(abs(a - b) > 1e-11 * (1 + abs(b)) for a, b in zip(got, want)):
            bad.append(f"point {k}: a declared parameter is not NAME_jacobian of an unconstrained one")
            break
    k = 1
    for i, (name, free, count, kind, _, places) in enumerate(CASES):
        jacobians, moved = [], at[k]
        for y, (_, slope) in ((base, at[0]), (points[k], moved)):
            x, again = slope[w[i]:w[i + 1]], slope[v[i]:v[i + 1]]
            here = y[first[i]:first[i + 1]]
            if name != "unit_vector" and any(abs(a - b) > 1e-10 for a, b in zip(again, here)):
                bad.append(f"{name} ({free}): unconstrained again {again}, expected {here}")
            rows = []
            for j in range(count):
                low, high = (at[k + 1 + len(jacobians) * 2 * count + 2 * j + s][1][w[i]:w[i + 1]] for s in (0, 1))
                rows.append([(high[p] - low[p]) / (2 * STEP) for p in places or []])
            if name == "unit_vector":
                jacobians.append(-0.5 * sum(a * a for a in here))
                if abs(sum(a * a for a in x) - 1) > 1e-12:
                    bad.append(f"{name}: of length {sum(a * a for a in x)}")
            elif places is None:
                jacobians.append(0.0)
                if abs(sum(a * a for a in x) - sum(a * a for a in here)) > 1e-12 or abs(sum(x)) > 1e-12:
                    bad.append(f"{name} ({free}): {x} of {here}")
            else:
                jacobians.append(log_determinant(rows))
        got, want = moved[0] - at[0][0], jacobians[1] - jacobians[0]
        if not abs(got - want) < 1e-6:
            bad.append(f"{name} ({free}, {kind}): the log Jacobian differs by {got}, expected {want}")
        k += 1 + 4 * count
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
