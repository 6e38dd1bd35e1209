#!/usr/bin/env python3
"""Programs that were once wrong, as small as they were shrunk: tests/interp/cases/*.stan, each compiled in all ways,
against the interpreter. Their data are those of programs.py."""
import glob
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle  # noqa: E402
import programs  # noqa: E402

BUILD = os.environ.get("builddir", ".")
INTERP = os.path.join(BUILD, "tests/interp/interp")
VARIANTS = os.path.join(BUILD, "tests/interp/variants")
WAYS = ["cut optimised 4", "whole plain 8", "cut optimised known 8"]


def write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


def check(folder, model, ways):
    data = write(folder, "d.json", json.dumps(programs.data()))
    right = oracle.interpreted(INTERP, model, data)
    at = write(folder, "p.json", json.dumps({"points": right["at"]}))
    done = subprocess.run([VARIANTS, model, data, "--at", at, *ways], capture_output=True, text=True, check=False)
    found = []
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    for row in rows:
        texts = oracle.faults(row["points"], right["points"]) if "points" in row else [row["error"] + "\n" + done.stderr]
        found += [f"{row['variant']}: {text}" for text in texts[:4]]
    if done.returncode or not rows:
        found.append(f"variants ended with {done.returncode}: {done.stderr}")
    return found


def main():
    bad = 0
    here = os.path.dirname(os.path.abspath(__file__))
    chosen = sys.argv[1:] or sorted(glob.glob(os.path.join(here, "cases", "*.stan")))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MASTING_CACHE"] = os.path.join(folder, "cache")
        for model in chosen:
            found = check(folder, model, WAYS if not sys.argv[1:] else [])
            for text in found:
                print(f"{os.path.basename(model)}: {text}")
            bad += bool(found)
    print(f"{len(chosen)} programs, {bad} wrong")
    return 1 if bad or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
