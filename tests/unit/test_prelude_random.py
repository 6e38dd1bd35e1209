#!/usr/bin/env python3
"""Random numbers of the prelude: prelude_random.stan, at a fixed seed.

Each of its numbers is Kolmogorov's statistic for a sample that should be uniform. Its mean is
0.8687 and its standard deviation 0.2603 (Marsaglia, Tsang and Wang 2003); the mean of 8 of them
is held within 5 standard errors.
"""
import json
import os
import subprocess
import sys
import tempfile

DRAWS = 8
MEAN, SD = 0.8687, 0.2603


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.returncode}\n{done.stderr}")
    return done.stdout


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    masting = os.environ["MASTING"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MASTING_CACHE"] = folder
        out = os.path.join(folder, "draws.h5")
        run(masting, "sample", os.path.join(here, "prelude_random.stan"), "-o", out, "-q", "--chains", "1",
            "--lanes", "1", "--warmup", "20", "--draws", str(DRAWS), "--seed", "11")
        summary = json.loads(run(masting, "summary", out, "--var", "ks", "--all", "--json"))
    found = {row["label"]: row["mean"] for row in summary["variables"][0]["rows"]}
    most = 5 * SD / DRAWS ** 0.5
    bad = [f"{name} (from 0): {mean:.3f}, expected {MEAN} +- {most:.3f}"
           for name, mean in found.items() if not abs(mean - MEAN) < most]
    if len(found) != 72:
        bad.append(f"{len(found)} numbers, expected 72")
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
