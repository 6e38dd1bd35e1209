#!/usr/bin/env python3
"""metric_dist.py BUILD [--ranks R] [--sizes P,...] [--repeats K] -- from how many parameters a dense metric is better spread over the ranks.

A logistic regression of 16 rows and P - 1 columns, so that the metric is nearly all that a step does; bench/metric_dist of the build tree
makes its steps with the metric whole on every rank and spread, in turn, R ranks of one thread. Printed are the fastest steps of K
runs, and the ratio; in brackets the same of the step at a tenth of all, the least of K. Absolute times are this machine's.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description="from how many parameters a dense metric is better spread")
    parser.add_argument("build")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--sizes", default="256,512,1024,2048,4096")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    build = Path(given.build).resolve()
    env = dict(os.environ, OMP_NUM_THREADS="1", OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
               OMPI_MCA_hwloc_base_binding_policy="none", OMPI_MCA_rmaps_base_oversubscribe="1")
    print(f"{given.ranks} ranks of 1 thread, 8 chains; microseconds a leapfrog step of all chains\n")
    print(f"{'P':>6} {'whole':>9} {'spread':>9} {'whole / spread':>15}")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.h5"
        for p in map(int, given.sizes.split(",")):
            subprocess.run([build / "masting", "simulate", "logistic", "--size", "N=16", "--size", f"P={p - 1}", "--seed", "1", "-o",
                            data, "--force"], env=env, check=True, capture_output=True)
            steps = max(100, min(3000, 500_000_000 // (p * p)))
            runs = []
            for _ in range(given.repeats):
                done = subprocess.run(["mpirun", "-n", str(given.ranks), build / "bench" / "spread", "logistic", data, str(steps)],
                                      env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
                if done.returncode:
                    sys.exit(f"metric_dist.py: {p} parameters: status {done.returncode}\n{done.stderr}")
                runs.append(json.loads(done.stdout))
            least = {key: min(run[key] for run in runs) for key in runs[0]}
            whole, spread = least["whole_us"], least["spread_us"]
            print(f"{p:>6} {whole:>9.0f} {spread:>9.0f} {whole / spread:>15.2f}"
                  f"   [{least['whole_tenth_us'] / least['spread_tenth_us']:.2f}]", flush=True)


if __name__ == "__main__":
    main()
