#!/usr/bin/env python3
"""reference.py POSTERIORDB MASTING -- draws held against the reference draws of posteriordb.

For each posterior of a posteriordb checkout that has reference draws, `masting sample` draws with
its defaults (8 chains, 1000 draws, seed 1; --chains, --draws, --seed, --option for others), and
means and mean squares of every element that both have are compared:

    z = (ours - reference) / sqrt(MCSE_ours^2 + MCSE_reference^2),  MCSE = sd / sqrt(ESS)

ESS is ArviZ's for a mean, after Vehtari et al. 2021, of x and of x^2. There is no absolute
tolerance: when both samplers are right, |z| exceeds 5 about once in a million. The table shows
elements compared, the greatest |z|, how many |z| exceed 5, the greatest R-hat of ours, divergences,
seconds of sampling, cost (leapfrog steps of all chains after warm-up for an effective draw of the element that
has fewest, bulk ESS), and one of the verdicts

  ok             no |z| above 5
  differs        some are, and our chains agree among themselves: a wrong density or sampler
  not converged  R-hat above 1.05: our chains do not agree, and z means little
  fails          `masting sample` fails; its first line is shown
  no answer      time ran out (--timeout)
  nothing        no element has a counterpart

Exit status: 1 when a posterior differs or fewer than --need agree, else 0.
Python with scripts/requirements-test.txt (scripts/make_venv.sh makes one).
"""

import argparse
import json
import math
import re
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path

import arviz as az
import h5py
import numpy as np

from database import Database, first_error, reason_of, run

LIMIT = 5.0
VERDICTS = ["ok", "differs", "not converged", "fails", "no answer", "nothing"]
COLUMNS = ["elements", "z", "over", "r_hat", "divergences", "seconds", "cost"]


def moments(draws):
    """Mean and Monte Carlo standard error of an array (chain, draw); a constant has no error."""
    mean = float(np.mean(draws))
    sd = float(np.std(draws, ddof=1))
    if not math.isfinite(mean) or sd <= 1e-14 * abs(mean):
        return mean, 0.0
    return mean, sd / math.sqrt(float(az.ess(draws, method="mean")))


def z_of(ours, reference):
    """z of the difference of two (mean, error) pairs; constants agree or differ without end."""
    difference = ours[0] - reference[0]
    error = math.hypot(ours[1], reference[1])
    if not math.isfinite(difference):
        return math.inf
    if error == 0:
        return 0.0 if abs(difference) <= 1e-9 * max(1.0, abs(reference[0])) else math.inf
    return difference / error


def element(posterior, name):
    """Our draws (chain, draw) of what Stan calls `theta[1,2]`, or None where the file has none."""
    found = re.fullmatch(r"(\w+)(?:\[([\d,\s]+)\])?", name)
    if not found or found.group(1) not in posterior:
        return None
    variable = posterior[found.group(1)]
    index = tuple(int(i) - 1 for i in found.group(2).split(",")) if found.group(2) else ()
    if len(index) + 2 != variable.ndim or any(i >= n for i, n in zip(index, variable.shape[2:])):
        return None
    return np.asarray(variable[(slice(None), slice(None)) + index], dtype=float)


def compare_draws(posterior, reference):
    """Row fields from our `posterior` (name -> (chain, draw, ...)) and the reference's chains."""
    zs, r_hat, missing, least = [], 0.0, [], math.inf
    for name in reference[0]:
        ours = element(posterior, name)
        if ours is None:
            missing.append(name)
            continue
        theirs = np.array([chain[name] for chain in reference], dtype=float)
        for power, label in ((1, name), (2, f"{name}^2")):
            z = z_of(moments(ours**power), moments(theirs**power))
            zs.append((abs(z), label))
        if np.std(ours) > 0:
            r_hat = max(r_hat, float(az.rhat(ours)))
            least = min(least, float(az.ess(ours, method="bulk")))
    if not zs:
        return {"elements": 0, "verdict": "nothing", "remark": "no " + ", ".join(missing[:3])}
    z, worst = max(zs)
    over = sum(value > LIMIT for value, _ in zs)
    verdict = "ok" if over == 0 else "not converged" if not r_hat <= 1.05 else "differs"
    remark = [f"z of {worst}"] if over else []
    remark += [f"{len(missing)} not stored, {missing[0]} among them"] if missing else []
    return {
        "elements": len(zs) // 2,
        "z": z,
        "worst": worst,
        "over": over,
        "r_hat": r_hat,
        "least": least,
        "verdict": verdict,
        "remark": "; ".join(remark),
    }


def compare(name, database, options, scratch):
    """One row of the table, as a dictionary."""
    row = {"posterior": name, **dict.fromkeys(COLUMNS), "verdict": "fails", "remark": ""}
    posterior = database.posterior(name)
    model, data = database.model(posterior["model_name"]), database.data(posterior["data_name"])
    reference = database.reference(posterior["reference_posterior_name"])
    if data is None or reference is None:
        return dict(row, verdict="nothing", remark="the checkout lacks data or draws")
    out = (options.keep or scratch) / f"{name}.h5"
    command = [
        options.masting,
        "sample",
        model,
        data,
        "-o",
        out,
        "--force",
        "--latents",
        "all",
        "--chains",
        options.chains,
        "--draws",
        options.draws,
        "--seed",
        options.seed,
        "--progress",
        "none",
        *options.option,
    ]
    start = time.monotonic()
    status, _, err = run(command, options.timeout)
    row["seconds"] = time.monotonic() - start
    if status is None:
        return dict(row, verdict="no answer", remark=err)
    if status != 0:
        return dict(row, remark=first_error(status, err))
    with h5py.File(out) as file:
        held = {k: v for k, v in file["posterior"].items() if v.ndim >= 2}
        row["divergences"] = int(np.sum(file["sample_stats/diverging"][()]))
        row.update(compare_draws({k: v[()] for k, v in held.items()}, reference))
        row["cost"] = int(np.sum(file["sample_stats/n_steps"][()])) / row.pop("least", math.nan)
    if not options.keep:
        out.unlink()
    return row


def line(row, width):
    """A row as text."""
    form = {
        "elements": "{:d}",
        "z": "{:.1f}",
        "over": "{:d}",
        "r_hat": "{:.3f}",
        "divergences": "{:d}",
        "seconds": "{:.1f}",
        "cost": "{:.1f}",
    }
    cells = ["-" if row[c] is None else form[c].format(row[c]) for c in COLUMNS]
    cells = [cell.rjust(max(6, len(c))) for cell, c in zip(cells, COLUMNS)]
    remark = f": {row['remark']}" if row["remark"] else ""
    return f"{row['posterior']:{width}}  {'  '.join(cells)}  {row['verdict']}{remark}"


def arguments():
    parser = argparse.ArgumentParser(
        description="Holds draws against posteriordb's reference draws."
    )
    parser.add_argument("posteriordb", help="a checkout of posteriordb")
    parser.add_argument("masting", help="the program")
    parser.add_argument(
        "--only", action="append", metavar="TEXT", help="posteriors whose name contains TEXT"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--chains", type=int, default=8)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument(
        "--option", action="append", default=[], help="a further argument for masting sample"
    )
    parser.add_argument("--timeout", type=float, default=600, help="seconds a run may take [600]")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the draws files in DIR")
    parser.add_argument("--need", type=int, default=0, help="fail when fewer than this many agree")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    if "/" in options.masting:
        options.masting = Path(options.masting).resolve()
    return options


def main():
    options = arguments()
    warnings.simplefilter("ignore")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        database = Database(options.posteriordb, folder)
        names = [
            n
            for n in database.with_reference()
            if not options.only or any(o in n for o in options.only)
        ]
        if not names:
            raise SystemExit("no posterior of that name has reference draws")
        width = max(map(len, names))
        if not options.json:
            heads = [c.rjust(max(6, len(c))) for c in COLUMNS]
            print(f"{'posterior':{width}}  {'  '.join(heads)}  verdict")
        for name in names:
            rows.append(compare(name, database, options, Path(folder)))
            if not options.json:
                print(line(rows[-1], width), flush=True)
    counts = Counter(r["verdict"] for r in rows)
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        print()
        for verdict in VERDICTS:
            if counts[verdict]:
                print(f"{counts[verdict]:5}  {verdict}")
        failed = Counter(reason_of(r["remark"]) for r in rows if r["verdict"] == "fails")
        for reason, count in failed.most_common():
            print(f"{count:5}  fails: {reason}")
        costs = sorted(r["cost"] for r in rows if r["verdict"] == "ok" and r["cost"])
        print(f"{costs[len(costs) // 2] if costs else math.nan:5.1f}  leapfrog steps for an effective draw, median")
        print(
            f"{sum(r['over'] or 0 for r in rows):5}  |z| above {LIMIT:g} "
            f"of {2 * sum(r['elements'] or 0 for r in rows)}"
        )
    return 1 if counts["ok"] < options.need or counts["differs"] else 0


if __name__ == "__main__":
    sys.exit(main())
