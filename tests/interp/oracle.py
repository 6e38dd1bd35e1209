"""What compiled programs give, held against the interpreter: tests/interp/interp and `masting check`.

As a program: oracle.py MODEL.stan DATA.json [option of masting check ...]
"""
import json
import math
import os
import subprocess
import sys
import tempfile

TOLERANCE = 1e-10
ROUGH = 1e-11  # slopes whose two differences disagree by more are judged by ten times that
MODERATE = 30.0  # numbers on the way; beyond it rounding is allowed to grow as their square


class Trouble(Exception):
    """A program that is not judged: not interpreted, not compiled, not finite."""


def run(words, timeout=120):
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise Trouble(f"{os.path.basename(words[0])} is not done in {timeout} s") from None
    if done.returncode:
        raise Trouble(f"{os.path.basename(words[0])} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def interpreted(interp, model, data, count=3, seed=1):
    """At random points: {"at": [[...] ...], "points": [{"lp", "grad", "error"} ...]}."""
    return json.loads(run([interp, model, data, "--points", str(count), str(seed)]))


def compiled(masting, model, data, at, options=()):
    return json.loads(run([masting, "check", model, data, "--at", at, "--json", *options]))["points"]


def number(x):
    return float(x) if not isinstance(x, str) else {"NaN": math.nan, "Inf": math.inf, "-Inf": -math.inf}[x]


def differs(got, right, tolerance):
    got, right = number(got), number(right)
    if not math.isfinite(right):
        return False if math.isnan(right) else got != right
    return not abs(got - right) <= tolerance * (1 + abs(right))


def faults(got, right, exact=TOLERANCE):
    """Texts of what differs: log densities but for a constant, and slopes."""
    found, base = [], None
    for k, (a, b) in enumerate(zip(got, right)):
        tolerance = exact * max(1, number(b.get("largest", 1)) / MODERATE) ** 2
        lp, want = number(a["lp"]), number(b["lp"])
        if math.isfinite(want) and math.isfinite(lp):
            if base is None:
                base = (lp, want)
            elif differs(lp - base[0], want - base[1], tolerance * (1 + abs(want) + abs(base[1]))):
                found.append(f"point {k + 1}: log density off by {lp - base[0] - want + base[1]:.3g}")
        elif not (math.isnan(want) and not math.isfinite(lp)) and lp != want:
            found.append(f"point {k + 1}: log density {a['lp']}, right {b['lp']}")
        if not math.isfinite(want):
            continue
        scale = max([1.0] + [abs(number(g)) for g in b["grad"] if math.isfinite(number(g))])
        error = number(b["error"])
        if not error <= 1e-6:
            continue  # a kink, or no derivative
        allowed = max(tolerance, 10 * error if error > ROUGH else 0) * max(1, 1e-3 * scale)
        for i, (g, r) in enumerate(zip(a["grad"], b["grad"])):
            if differs(g, r, allowed):
                found.append(f"point {k + 1}: slope {i + 1} is {g}, right {r}")
    return found


def main():
    masting = os.environ.get("MASTING", "masting")
    interp = os.environ.get("INTERP", os.path.join(os.path.dirname(masting), "tests/interp/interp"))
    model, data, options = sys.argv[1], sys.argv[2], sys.argv[3:]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as at:
        right = interpreted(interp, model, data)
        at.write(json.dumps({"points": right["at"]}))
        at.flush()
        got = compiled(masting, model, data, at.name, options)
    found = faults(got, right["points"])
    for text in found[:20]:
        print(text)
    print("equal" if not found else f"{len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        print(f"not judged: {trouble}", file=sys.stderr)
        sys.exit(77)
