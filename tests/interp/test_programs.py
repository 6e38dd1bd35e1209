#!/usr/bin/env python3
"""Generated programs: compiled in all ways, they have the interpreter's density and slopes.

  test_programs.py [--count 200] [--seed 1] [--size 8] [--batch 10] [--keep FOLDER]

Programs are numbered from the seed on; a number and a size make the same program everywhere. Several are compiled as
one. What fails is tried by itself, made smaller statement by statement, and kept in FOLDER: NAME.stan, NAME.txt.
"""
import argparse
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
POINTS = 3
TRIES = 250  # of one shrinking


class Folder:
    """Where the files of one trial are."""

    def __init__(self, path):
        self.path = path
        self.data = self.write("d.json", json.dumps(programs.data()))

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path


class Right:
    """What a program gives by the interpreter."""

    def __init__(self, folder, program, values=None):
        model = folder.write("one.stan", programs.text([program]))
        at = oracle.points(INTERP, model, folder.data, POINTS, program.seed)
        self.at = json.loads(at)["points"]
        self.points = oracle.interpreted(INTERP, model, folder.data, folder.write("p.json", at))
        if any(isinstance(p["lp"], str) or isinstance(p["error"], str) for p in self.points):
            raise oracle.Trouble("not finite")


def together(rights):
    """Points and answers of several programs as one."""
    at = [sum((r.at[k] for r in rights), []) for k in range(POINTS)]
    points = [{"lp": sum(r.points[k]["lp"] for r in rights), "error": max(r.points[k]["error"] for r in rights),
               "grad": sum((r.points[k]["grad"] for r in rights), [])} for k in range(POINTS)]
    return at, points


def variants(folder, chosen, at, ways=()):
    """Name: points, or a text of trouble."""
    model = folder.write("all.stan", programs.text(chosen))
    points = folder.write("all.json", json.dumps({"points": at}))
    done = subprocess.run([VARIANTS, model, folder.data, "--at", points, *ways], capture_output=True, text=True,
                          timeout=900, check=False)
    out = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        out[row["variant"]] = row.get("points", row.get("error"))
    if done.returncode or not out:
        out["crash"] = f"exit status {done.returncode}: {done.stderr[-2000:]}"
    for name, value in out.items():
        if isinstance(value, str) and "compile:" in value:
            out[name] = value + "\n" + "\n".join(x for x in done.stderr.splitlines() if "error" in x)[:1500]
    return out


def wrong(folder, chosen, rights, ways=()):
    """Variant: texts of what is wrong there."""
    at, right = together(rights)
    out = {}
    for name, got in variants(folder, chosen, at, ways).items():
        found = [got] if isinstance(got, str) else oracle.faults(got, right)
        if found:
            out[name] = found
    return out


# ---- smaller

def lists_of(program):
    """Every list of statements, outer ones first."""
    todo = [getattr(program, part) for part in program.PARTS]
    for one in todo:
        for s in one:
            if not isinstance(s, str):
                todo.append(s.inner)
                if s.other is not None:
                    todo.append(s.other)
    return todo


def still(folder, program, way):
    try:
        return bool(wrong(folder, [program], [Right(folder, program)], [way]))
    except (oracle.Trouble, subprocess.TimeoutExpired):
        return False


def shrink(folder, program, way):
    """Takes statements out, or replaces a block by what is in it, for as long as the fault stays."""
    tries, again = 0, True
    while again and tries < TRIES:
        again = False
        for one in lists_of(program):
            i = len(one)
            while i > 0 and tries < TRIES:
                i -= 1
                if i >= len(one):
                    continue
                kept = one[i]
                for instead in ([], [] if isinstance(kept, str) else kept.inner):
                    if instead is kept or (not instead and isinstance(kept, str) and one[i] is not kept):
                        continue
                    one[i : i + 1] = instead
                    tries += 1
                    if still(folder, program, way):
                        again = True
                        break
                    one[i : i + len(instead)] = [kept]
    return tries


# ---- all

def keep(path, program, found):
    os.makedirs(path, exist_ok=True)
    stem = os.path.join(path, f"program{program.seed}")
    with open(stem + ".stan", "w", encoding="ascii") as file:
        file.write(programs.text([program]))
    with open(stem + ".txt", "w", encoding="ascii", errors="replace") as file:
        for name, texts in found.items():
            file.write(name + "\n" + "".join(f"  {t}\n" for t in texts[:8]))


def judge(folder, program, right, arguments):
    """One program by itself; returns whether it is right."""
    found = wrong(folder, [program], [right])
    if not found:
        return True
    if arguments.keep:
        way = " ".join(next(iter(found)).split()[:-1]) or "cut"
        shrink(folder, program, way)
        try:
            found = wrong(folder, [program], [Right(folder, program)]) or found
        except oracle.Trouble:
            pass
        keep(arguments.keep, program, found)
    print(f"program {program.seed}, size {arguments.size}:")
    for name, texts in found.items():
        print(f"  {name}: {texts[0]}")
    if not arguments.keep:
        print(programs.text([program]))
    sys.stdout.flush()
    return False


def main():
    parser = argparse.ArgumentParser()
    for name, value in (("count", 200), ("seed", 1), ("size", 8), ("batch", 10)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--keep")
    arguments = parser.parse_args()
    tried = dropped = bad = 0
    with tempfile.TemporaryDirectory() as path:
        os.environ["MASTING_CACHE"] = os.path.join(path, "cache")
        folder = Folder(path)
        seed = arguments.seed
        while seed < arguments.seed + arguments.count:
            chosen, rights = [], []
            rough = (seed - arguments.seed) // arguments.batch % 5 == 4
            for _ in range(arguments.batch):
                program = programs.Program(seed, arguments.size, rough)
                seed += 1
                try:
                    right = Right(folder, program)
                except oracle.Trouble as trouble:
                    dropped += 1
                    if "ended with 2" in str(trouble):
                        print(f"program {program.seed} is not valid: {trouble}")
                        bad += 1
                    continue
                chosen.append(program)
                rights.append(right)
            tried += len(chosen)
            if chosen and wrong(folder, chosen, rights):
                bad_now = sum(not judge(folder, p, r, arguments) for p, r in zip(chosen, rights))
                if not bad_now:
                    print(f"programs {chosen[0].seed} to {chosen[-1].seed}: wrong together, right one by one")
                bad += max(1, bad_now)
            subprocess.run(["rm", "-rf", os.environ["MASTING_CACHE"]], check=True)
    print(f"{tried} programs, {dropped} not judged, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
