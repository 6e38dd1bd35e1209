#!/usr/bin/env python3
"""warmup.py BUILD [--warmup 50,100,...] [--seeds 3] -- how much warm-up is enough?

Samples gallery models on simulated data after warm-ups of several lengths and prints what the whole
run bought: least bulk ESS over the global parameters and derived quantities, gradients a chain
(warm-up included), and their ratio. Counts, not seconds, so a busy machine does not matter. Other
options are given to `masting sample` (--metric diag-var, --no-pool, --chains 1). Needs Python alone.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path

CASES = [("ppca", "N=500 D=2", ["ww"]), ("linear", "N=2000 P=5", None), ("logistic", "N=2000 P=5", None),
         ("hierarchical", "N=2000 G=20", None), ("eight_schools", "J=8", None)]


def call(build, *command):
    env = dict(os.environ, OMP_NUM_THREADS="1")
    return subprocess.run([build / "masting", *map(str, command)], env=env, check=True, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True).stdout


def one(build, folder, model, data, variables, warmup, seed, draws, more):
    out = folder / "draws.h5"
    result = json.loads(call(build, "sample", model, data, "-o", out, "--force", "--quiet", "--json", "--warmup",
                             warmup, "--draws", draws, "--seed", seed, "--latents", "none", *more))
    only = [word for v in variables or [] for word in ("--var", v)]
    table = json.loads(call(build, "summary", out, "--json", "--all", *only))
    ess = min(row["ess_bulk"] for v in table["variables"] for row in v["rows"])
    return ess, result["gradients"] / result["chains"], result["divergences"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("build", type=Path)
    p.add_argument("--warmup", default="75,100,150,200,300,500")
    p.add_argument("--seeds", type=int, default=3)
    p.add_argument("--draws", type=int, default=400)
    args, more = p.parse_known_args()
    print("model           warm-up  least ESS  gradients a chain  ESS per 1,000  divergences")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for model, sizes, variables in CASES:
            data = folder / f"{model}.h5"
            call(args.build, "simulate", model, *[w for s in sizes.split() for w in ("--size", s)], "--seed", 3,
                 "-o", data)
            for warmup in map(int, args.warmup.split(",")):
                rows = [one(args.build, folder, model, data, variables, warmup, seed, args.draws, more)
                        for seed in range(1, args.seeds + 1)]
                ess, gradients = (statistics.mean(r[i] for r in rows) for i in (0, 1))
                print(f"{model:14s}{warmup:9d}{ess:11.0f}{gradients:19.0f}{1000 * ess / gradients:15.1f}"
                      f"{sum(r[2] for r in rows):13d}", flush=True)


if __name__ == "__main__":
    main()
