#!/usr/bin/env python3
"""spread.py BUILD [--ranks R] [--sizes P,...] [--repeats K] -- from how many parameters a dense metric is better spread over the ranks.

A logistic regression of 16 rows and P - 1 columns (so that the metric is nearly all that a step does) is sampled by the
masting of a build tree, 8 chains, with a given dense metric and step size: the same metric whole on every rank
(--metric-spread never) and spread (always), in turn, R ranks of one thread. Printed is the least mean time of a leapfrog step of
all chains over K runs each, and the ratio. Needs numpy and h5py. Absolute times are this machine's.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def make_metric(path, parameters):
    """Correlations 0.5^|i-j|, and a step size at which trees have some depth."""
    import h5py
    import numpy
    i = numpy.arange(parameters)
    with h5py.File(path, "w") as file:
        file["inv_metric"] = 0.5 ** numpy.abs(i[:, None] - i[None, :])
        file["stepsize"] = 0.1


def step_seconds(masting, ranks, data, metric, way, steps):
    env = dict(os.environ, OMP_NUM_THREADS="1", OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
               OMPI_MCA_hwloc_base_binding_policy="none", OMPI_MCA_rmaps_base_oversubscribe="1")
    command = ["mpirun", "-n", str(ranks), masting, "sample", "logistic", data, "--metric-file", metric, "--metric-spread", way,
               "--warmup", "0", "--draws", "1000", "--max-steps", str(steps), "--seed", "1", "--json", "--quiet"]
    done = subprocess.run(list(map(str, command)), env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"spread.py: {' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)["step_seconds"]


def main():
    parser = argparse.ArgumentParser(description="from how many parameters a dense metric is better spread")
    parser.add_argument("build")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--sizes", default="256,512,1024,2048,4096")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    masting = Path(given.build).resolve() / "masting"
    print(f"{given.ranks} ranks of 1 thread, 8 chains; milliseconds a leapfrog step of all chains\n")
    print(f"{'P':>6} {'whole':>9} {'spread':>9} {'whole / spread':>15}")
    with tempfile.TemporaryDirectory() as folder:
        for p in map(int, given.sizes.split(",")):
            data, metric = Path(folder) / "data.h5", Path(folder) / "metric.h5"
            subprocess.run([masting, "simulate", "logistic", "--size", "N=16", "--size", f"P={p - 1}", "--seed", "1", "-o", data,
                            "--force"], check=True, capture_output=True)
            make_metric(metric, p)
            steps = max(20, min(1500, 400_000_000 // (p * p)))
            least = {"never": float("inf"), "always": float("inf")}
            for _ in range(given.repeats):
                for way in least:
                    least[way] = min(least[way], step_seconds(masting, given.ranks, data, metric, way, steps))
            print(f"{p:>6} {1e3 * least['never']:>9.3f} {1e3 * least['always']:>9.3f} {least['never'] / least['always']:>15.2f}",
                  flush=True)


if __name__ == "__main__":
    main()
