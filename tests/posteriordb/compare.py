#!/usr/bin/env python3
"""compare.py POSTERIORDB ORACLE MASTING -- log densities and gradients held against Stan's own.

POSTERIORDB is a checkout of github.com/stan-dev/posteriordb. ORACLE is a folder of files, one a
posterior, with what Stan says at a few points of the unconstrained scale:

    {"posterior": NAME, "model": ..., "points": [[...], ...], "lp": [...], "grad": [[...], ...],
     "stan_version": "2.35.0"}

`lp` is log_prob<propto=true, jacobian=true> and `grad` its gradient (BridgeStan's
log_density_gradient, or PyStan's log_prob and grad_log_prob, give both); what is not finite is
"NaN", "Inf" or "-Inf". A file may name `stan_file` and `data_file`, which are used where the
checkout has no such posterior, so any program with data can be compared.

For each posterior `masting check MODEL.stan DATA.json --at POINTS --json` is run. Compared are,
with a relative tolerance of 1e-8 (--tolerance):

  lp     differences between points, as constants that no parameter changes may be dropped or kept:
         |a - b| <= tol max(1, |a|, |b|) + 1e-13 max |lp|, a and b the two differences
  grad   |a - b| <= tol max(1, |a|, |b|, the point's largest |gradient|)

Programs that solve differential or other equations get --solver-tolerance (1e-4) instead, as two
solvers agree no better than each is told to. A point where both say "not finite" agrees. The table
shows the greatest of these errors divided by their scale, and one of the verdicts

  ok                   both agree at all points
  differs              they do not: masting or the oracle is wrong
  transform differs    they do not, and the program has a parameter of a type whose map from the
                       unconstrained scale is another in the oracle's version of Stan (simplex: from
                       2.37 on)
  ill-conditioned      log densities agree, gradients to 5 % alone; the program takes eigenvectors:
                       with nearly equal eigenvalues, central differences show both to be off
  does not compile     `masting compile` refuses the program; its first line is shown
  fails                it compiles, but `masting check` fails
  no answer            time ran out (--timeout)
  no data              the checkout has no data for it

Exit status: 1 when a posterior differs or fewer than --need agree, else 0.
Python 3.9 and its standard library; nothing is fetched.
"""

import argparse
import json
import math
import re
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from database import Database, first_error, parameter_types, reason_of, run, without_comments

# Types whose map changed, and the version of Stan that changed it; masting has the older map.
CHANGED = {
    "simplex": (2, 37),
    "column_stochastic_matrix": (2, 37),
    "row_stochastic_matrix": (2, 37),
}
# What these give is right to a tolerance that the program asks for (1e-6), not to rounding.
SOLVERS = re.compile(
    r"\b(integrate_ode\w*|ode_\w+|integrate_1d|algebra_solver\w*|solve_\w+|dae\w*)\s*\("
)
ILL_CONDITIONED = re.compile(r"\beigenvectors(_sym)?\s*\(|\beigendecompose\w*\s*\(")
VERDICTS = [
    "ok",
    "transform differs",
    "ill-conditioned",
    "differs",
    "fails",
    "no answer",
    "does not compile",
    "no data",
]


def number(value):
    """A JSON number, or the text for what is not finite, as a float."""
    return float(value) if not isinstance(value, str) else float(value.lower())


def lp_error(ours, theirs):
    """The greatest scaled error of differences to the first point at which both are finite."""
    both = [(a, b) for a, b in zip(ours, theirs) if math.isfinite(a) and math.isfinite(b)]
    if any(math.isfinite(a) != math.isfinite(b) for a, b in zip(ours, theirs)):
        return math.inf
    worst = 0.0
    for a, b in both[1:]:
        da, db = a - both[0][0], b - both[0][1]
        size = max(abs(a), abs(b), abs(both[0][0]), abs(both[0][1]))
        slack = 1e-13 * size
        worst = max(worst, max(0.0, abs(da - db) - slack) / max(1.0, abs(da), abs(db)))
    return worst


def grad_error(ours, theirs):
    """The greatest scaled error of one point's gradient, and the element that has it."""
    finite = [abs(x) for x in ours + theirs if math.isfinite(x)]
    scale = max([1.0] + finite)
    worst, where = 0.0, 0
    for i, (a, b) in enumerate(zip(ours, theirs)):
        if math.isfinite(a) and math.isfinite(b):
            error = abs(a - b) / scale
        else:
            error = 0.0 if math.isfinite(a) == math.isfinite(b) else math.inf
        if error > worst:
            worst, where = error, i
    return worst, where


def judge(oracle, answer, types, tolerance):
    """Verdict, lp error, gradient error and a remark for masting's answer to the points."""
    points = answer.get("points", [])
    theirs = [[number(x) for x in g] for g in oracle["grad"]]
    ours = [[number(x) for x in p["grad"]] for p in points]
    if len(ours) != len(theirs) or any(len(a) != len(b) for a, b in zip(ours, theirs)):
        return "differs", None, None, "another number of points or of parameters"
    lp_a, lp_b = [number(p["lp"]) for p in points], [number(x) for x in oracle["lp"]]
    lp = lp_error(lp_a, lp_b)
    # Where the density is not finite, its gradient means nothing.
    judged = [
        (*grad_error(a, b), i)
        for i, (a, b) in enumerate(zip(ours, theirs))
        if math.isfinite(lp_b[i])
    ]
    grad, element, point = max(judged, default=(0.0, 0, 0))
    if lp <= tolerance and grad <= tolerance:
        return "ok", lp, grad, ""
    names = oracle.get("unconstrained_names", [])
    name = names[element] if element < len(names) else f"element {element + 1}"
    remark = "log density alone: its differences, " + ", ".join(
        f"{a - lp_a[0]:.10g} for {b - lp_b[0]:.10g}" for a, b in zip(lp_a[1:3], lp_b[1:3])
    )
    if grad > tolerance:
        remark = (
            f"point {point + 1}, d/d {name}: masting {ours[point][element]:.10g}, "
            f"Stan {theirs[point][element]:.10g}"
        )
    version = tuple(int(v) for v in re.findall(r"\d+", oracle.get("stan_version", "0"))[:2])
    moved = sorted(t for t in types if version >= CHANGED.get(t, (99,)))
    if moved:
        return "transform differs", lp, grad, ", ".join(moved) + ("; " + remark if remark else "")
    return "differs", lp, grad, remark


def compare(path, database, options, scratch):
    """One row of the table, as a dictionary."""
    oracle = json.loads(path.read_text(encoding="utf-8"))
    name = oracle["posterior"]
    row = {
        "posterior": name,
        "compiles": None,
        "lp": None,
        "grad": None,
        "verdict": "",
        "remark": "",
    }
    try:
        posterior = database.posterior(name)
        model, data = (
            database.model(posterior["model_name"]),
            database.data(posterior["data_name"]),
        )
    except OSError:
        model, data = Path(oracle["stan_file"]), None
    if data is None and oracle.get("data_file") and Path(oracle["data_file"]).is_file():
        data = Path(oracle["data_file"])
    if data is None or not model.is_file():
        return dict(row, verdict="no data")
    text = without_comments(model.read_text(encoding="utf-8"))
    at = scratch / f"{name}.at.json"
    at.write_text(json.dumps({"points": oracle["points"]}), encoding="utf-8")
    command = [options.masting, "check", model, data, "--at", at, "--json"]
    status, out, err = run(command, options.timeout)
    if status == 0:
        try:
            verdict, lp, grad, remark = judge(
                oracle,
                json.loads(out),
                parameter_types(text),
                options.solver_tolerance if SOLVERS.search(text) else options.tolerance,
            )
            near = lp is not None and lp <= options.tolerance and grad <= 0.05
            if verdict == "differs" and near and ILL_CONDITIONED.search(text):
                verdict = "ill-conditioned"
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            verdict, lp, grad, remark = "fails", None, None, f"unexpected output: {problem}"
        return dict(row, compiles=True, lp=lp, grad=grad, verdict=verdict, remark=remark)
    if status is None:
        return dict(row, verdict="no answer", remark=err)
    # Was it the program or what came after? Compiling by itself tells.
    made = scratch / f"{name}.so"
    compiled, _, complaint = run([options.masting, "compile", model, "-o", made], options.timeout)
    made.unlink(missing_ok=True)
    if compiled is None:
        return dict(row, verdict="no answer", remark=complaint)
    if compiled != 0:
        return dict(
            row,
            compiles=False,
            verdict="does not compile",
            remark=first_error(compiled, complaint),
        )
    return dict(row, compiles=True, verdict="fails", remark=first_error(status, err))


def chosen(folder, only):
    """The oracle's files, those whose names contain one of `only`."""
    paths = sorted(Path(folder).glob("*.json"), key=lambda p: p.stem.lower())
    paths = [p for p in paths if not only or any(o in p.stem for o in only)]
    if not paths:
        named = f" named like {', '.join(only)}" if only else ""
        raise SystemExit(f"{folder}: no oracle files{named}")
    return paths


def figure(x):
    return "-" if x is None else f"{x:.1e}"


def table(rows):
    """The rows as text, then counts by verdict and by reason."""
    width = max(len(r["posterior"]) for r in rows)
    show = {True: "yes", False: "no", None: "-"}
    yield f"{'posterior':{width}}  compiles  {'lp':>8}  {'grad':>8}  verdict"
    for r in rows:
        remark = f": {r['remark']}" if r["remark"] else ""
        yield (
            f"{r['posterior']:{width}}  {show[r['compiles']]:8}  {figure(r['lp']):>8}  "
            f"{figure(r['grad']):>8}  {r['verdict']}{remark}"
        )
    yield ""
    counts = Counter(r["verdict"] for r in rows)
    for verdict in VERDICTS:
        if counts[verdict]:
            yield f"{counts[verdict]:5}  {verdict}"
    reasons = Counter(
        (r["verdict"], reason_of(r["remark"]))
        for r in rows
        if r["verdict"] in ("fails", "does not compile")
    )
    if reasons:
        yield ""
    for (verdict, reason), count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:5}  {verdict}: {reason}"


def arguments():
    parser = argparse.ArgumentParser(
        description="Holds log densities and gradients against Stan's."
    )
    parser.add_argument("posteriordb", help="a checkout of posteriordb")
    parser.add_argument("oracle", help="a folder of Stan's answers, as this file's head describes")
    parser.add_argument("masting", help="the program")
    parser.add_argument(
        "--only", action="append", metavar="TEXT", help="posteriors whose name contains TEXT"
    )
    parser.add_argument("--jobs", type=int, default=1, help="posteriors at the same time [1]")
    parser.add_argument(
        "--timeout", type=float, default=120, help="seconds a command may take [120]"
    )
    parser.add_argument("--tolerance", type=float, default=1e-8)
    parser.add_argument("--solver-tolerance", type=float, default=1e-4)
    parser.add_argument("--need", type=int, default=0, help="fail when fewer than this many agree")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    if "/" in options.masting:
        options.masting = Path(options.masting).resolve()
    return options


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(options.posteriordb, folder)
        paths = chosen(options.oracle, options.only)
        with ThreadPoolExecutor(max(1, options.jobs)) as pool:
            rows = list(pool.map(lambda p: compare(p, database, options, Path(folder)), paths))
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        print("\n".join(table(rows)))
    good = sum(r["verdict"] == "ok" for r in rows)
    return 1 if good < options.need or any(r["verdict"] == "differs" for r in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
