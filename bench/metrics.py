#!/usr/bin/env python3
"""metrics.py BUILD [OPTIONS] -- what a metric is worth when columns correlate.

A logistic regression whose columns correlate by 0.9 is made (numpy and h5py), and sampled with several metrics by the
masting of a build tree, 8 chains on 2 threads. Counted are passes over the data until every parameter has a bulk ESS of
1,000: those of warm-up and of finding the mode, and those of sampling in proportion to the ESS reached. One pass serves
all chains; for Stan's defaults (4 chains, 1,000 warm-up draws, a metric for each from its own variances) a pass is
counted for every chain's gradient, as there every chain reads the data. Seconds are those of this machine, ESS per second
beside them. Passes hardly depend on N: the default is a tenth of the million rows that the aims name, --rows gives those.
With a million, diag and Stan's defaults are each tens of thousands of passes, an hour; most of them are warm-up, and
--draws shortens the rest.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

WAYS = {
    "dense, from the mode": ["--metric", "dense", "--init", "mode", "--warmup", "40", "--draws", "100"],
    "auto": ["--metric", "auto", "--draws", "150"],
    "dense": ["--metric", "dense", "--draws", "150"],
    "lowrank": ["--metric", "lowrank", "--draws", "150"],
    "diag, 500 warm-up draws": ["--metric", "diag", "--warmup", "500", "--draws", "150"],
    "Stan's defaults": ["--metric", "diag-var", "--no-pool", "--chains", "4", "--warmup", "1000", "--draws", "300"],
}
AIMS = {"diag, 500 warm-up draws": 20.0, "Stan's defaults": 50.0}


def make_data(path, rows, columns, seed):
    import h5py
    import numpy
    random = numpy.random.default_rng(seed)
    beta = random.standard_normal(columns) * 0.3
    with h5py.File(path, "w") as file:
        x = file.create_dataset("X", (rows, columns), "f8")
        y = file.create_dataset("y", (rows,), "i4")
        for first in range(0, rows, 100000):
            n = min(100000, rows - first)
            block = 0.9 ** 0.5 * random.standard_normal((n, 1)) + 0.1 ** 0.5 * random.standard_normal((n, columns))
            x[first:first + n] = block
            y[first:first + n] = random.random(n) < 1 / (1 + numpy.exp(-0.2 - block @ beta))


def measure(masting, data, options, folder):
    env = dict(os.environ, OMP_NUM_THREADS=os.environ.get("OMP_NUM_THREADS", "2"))
    command = [masting, "sample", "logistic", data, "--seed", "1", "--json", "--quiet", "--force", "-o",
               folder / "draws.h5", *options]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    run = json.loads(done.stdout)
    summary = subprocess.run([masting, "summary", folder / "draws.h5", "--json"], capture_output=True, text=True,
                             check=True)
    rows = [row for v in json.loads(summary.stdout)["variables"] for row in v["rows"]]
    least = min(row["ess_bulk"] for row in rows)
    each = run["chains"] if run["chains"] == 4 else 1  # Stan's chains read the data each for themselves
    warm = run["warmup_steps"] + run.get("start_passes", 0)
    passes = each * (warm + (run["steps"] - run["warmup_steps"]) * 1000 / least)
    seconds = run["warmup_seconds"] + run["sampling_seconds"] * 1000 / least
    return {"passes": passes, "warm": warm * each, "ess": least, "seconds": seconds, "metric": run["metric"],
            "rhat": max(row["r_hat"] for row in rows)}


def main():
    parser = argparse.ArgumentParser(description="what a metric is worth when columns correlate")
    parser.add_argument("build")
    parser.add_argument("--rows", type=int, default=100000)
    parser.add_argument("--columns", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--draws", type=int, help="draws of each chain, in place of each way's own; not of the first")
    parser.add_argument("--skip", action="append", default=[], choices=sorted(WAYS))
    args = parser.parse_args()
    masting = Path(args.build).resolve() / "masting"
    missed = 0
    with tempfile.TemporaryDirectory(prefix="masting-bench-") as folder:
        folder = Path(folder)
        make_data(folder / "data.h5", args.rows, args.columns, args.seed)
        print(f"logistic, N = {args.rows}, P = {args.columns}, correlation 0.9; to a bulk ESS of 1,000\n")
        print(f"{'metric':<26} {'passes':>9} {'of warm-up':>11} {'seconds':>9} {'ESS/s':>8} {'R-hat':>7} {'ratio':>7}")
        first = None
        for name, options in WAYS.items():
            if name in args.skip:
                continue
            if args.draws and name != next(iter(WAYS)):
                options = [*options, "--draws", str(args.draws)]
            m = measure(masting, folder / "data.h5", options, folder)
            first = first or m
            ratio = m["passes"] / first["passes"]
            verdict = "" if name not in AIMS else f" aim {AIMS[name]:.0f}: {'met' if ratio >= AIMS[name] else 'MISSED'}"
            missed += "MISSED" in verdict
            print(f"{name:<26} {m['passes']:>9.0f} {m['warm']:>11.0f} {m['seconds']:>9.2f} {1000 / m['seconds']:>8.0f} "
                  f"{m['rhat']:>7.3f} {ratio:>7.1f}{verdict}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
