#!/usr/bin/env python3
"""Tuples as data, parameters and results: log densities and slopes are the interpreter's, data in the wrong form are
told by their place, results have the names that CmdStan gives."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle  # noqa: E402

BUILD = os.environ.get("builddir", ".")
MASTING = os.environ["MASTING"]
MODEL = os.path.join(os.environ["srcdir"], "tests/models/tuples.stan")
OBS = [[0.1, 1, [0.1, 0.2]], [0.2, 2, [0.3, 0.2]], [0.3, 3, [0.1, 0.5]], [-0.1, 1, [0.6, 0.2]]]
GOOD = {
    "N": 4,
    "d": {"1": 2, "2": 0.5, "3": [1, 2]},
    "obs": [{"2": b, "1": a, "3": c} for a, b, c in OBS],
    "nest": {"1": {"1": 7, "2": [0.3, 0.4]}, "2": [[1, 2], [3, 4]]},
    "grid": [[{"1": 1, "2": [0.5, 0.5]}, {"1": 2, "2": [0.25, 0.75]}], [{"1": 3, "2": [0.1, 0.9]}, {"1": -1, "2": [0.4, 0.6]}]],
    "none": [],
    "xs": [{"1": 0.1, "2": [1, 2]}, {"1": 0.2, "2": [1, 3]}, {"1": 0.3, "2": [-1, 2]}],
}
X = GOOD["xs"]
BAD = [
    ({"xs": [X[0], {"1": 0.2}, X[2]]}, "xs[2]: tuples differ; expected the components of those before it"),
    ({"xs": [X[0], {"1": 0.2, "2": [1]}, X[2]]}, "xs:2[2]: ragged array; expected 2 elements as in those before it, got 1"),
    ({"xs": [X[0], {"1": 1, "2": [1, 2], "3": 4}]}, "xs[2]: tuples differ; expected the components of those before it"),
    ({"xs": [X[0], 3]}, "xs[2]: wrong type; expected a tuple as before it, got a number"),
    ({"xs": [1, X[0]]}, "xs[2]: wrong type; expected a number as before it, got an object"),
    ({"xs": [{"a": 1, "2": [1, 2]}]}, 'expected a number or a tuple, {"1": ..., "2": ...}, got an object'),
    ({"xs": [{}]}, "xs[1]: wrong type; expected a number, got an empty object"),
    ({"xs": []}, "xs:1: dimension 1 has 0 elements; expected 3"),
    ({"d": 3}, "there is no variable 'd:1'"),
    ({"obs": [{"1": 0.1, "2": 4, "3": [1, 1]}] + GOOD["obs"][1:]}, "obs:2: 1 value is too large; expected at most 3, got obs:2[1] = 4"),
    ({"grid": [[{"1": 1, "2": [0.5, 0.6]}] * 2] * 2}, "grid:2[1,1]: no simplex; expected elements that sum to 1, got a sum of 1.1"),
    ({"d": {"1": 2, "2": 11, "3": [1, 2]}}, "scale:2: a value is too large; expected at most 10, got scale:2 = 11"),
]
NAMES = ["p:1", "p:2", "q:1", "q:2:1", "q:2:2", "e", "rows_of:2", "t:1", "t:2", "ta:1", "ta:2", "g:1", "g:2", "ga:1", "ga:2"]


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MASTING_CACHE"] = os.path.join(folder, "cache")

        def write(name, what):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="ascii") as file:
                json.dump(what, file)
            return path

        data = write("good.json", GOOD)
        right = oracle.interpreted(os.path.join(BUILD, "tests/interp/interp"), MODEL, data)
        at = write("at.json", {"points": right["at"]})
        wrong += oracle.faults(oracle.compiled(MASTING, MODEL, data, at), right["points"])
        for change, message in BAD:
            path = write("bad.json", {**GOOD, **change})
            done = subprocess.run([MASTING, "check", MODEL, path], capture_output=True, text=True, check=False)
            if done.returncode != 65 or message not in done.stderr:
                wrong.append(f"{change}: exit status {done.returncode}; expected 65 and '{message}', got {done.stderr}")
        draws = os.path.join(folder, "draws.h5")
        sample = [MASTING, "sample", MODEL, data, "-o", draws, "--warmup", "20", "--draws", "10", "--quiet"]
        subprocess.run(sample, check=True)
        table = subprocess.run([MASTING, "summary", draws, "--json"], capture_output=True, text=True, check=True).stdout
        names = {label.split("[")[0] for label in re.findall(r'"label": ?"([^"]*)"', table)}
        if names - {"rows_of:1"} != set(NAMES):
            wrong.append(f"names: {sorted(names)}; expected {sorted(NAMES)}")
    for text in wrong:
        print(text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
