#!/usr/bin/env python3
"""Generated programs: compiled in all ways, they have the interpreter's density and slopes.

  test_programs.py [--count 200] [--seed 126] [--size 8] [--batch 50] [--every] [--keep FOLDER]

Programs are numbered from the seed on; a batch of them is compiled as one, in two of the ways in turn, or in every
one. The first program of each kind of fault is made smaller statement by statement and kept in FOLDER: NAME.stan,
NAME.txt. A program that is refused by name is counted; one that gives anything else is wrong.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import oracle  # noqa: E402
import programs  # noqa: E402

BUILD = os.environ.get("builddir", ".")
INTERP = os.path.join(BUILD, "tests/interp/interp")
VARIANTS = os.path.join(BUILD, "tests/interp/variants")
POINTS = 2
LARGEST = 1000  # of the numbers that a program may have on the way
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

    def __init__(self, folder, program):
        model = folder.write("one.stan", programs.text([program]))
        right = oracle.interpreted(INTERP, model, folder.data, POINTS, program.seed)
        self.at, self.points = right["at"], right["points"]
        if any(isinstance(p["lp"], str) or isinstance(p["error"], str) for p in self.points):
            raise oracle.Trouble("not finite")
        if max(abs(p["lp"]) for p in self.points) > 1e4:  # differences would lose their digits
            raise oracle.Trouble("too large")
        if max(p["largest"] for p in self.points) > LARGEST:
            raise oracle.Trouble("numbers on the way are too large")


def together(rights):
    """Points and answers of several programs as one."""
    at = [sum((r.at[k] for r in rights), []) for k in range(POINTS)]
    points = [{"lp": sum(r.points[k]["lp"] for r in rights), "error": max(r.points[k]["error"] for r in rights),
               "largest": max(r.points[k]["largest"] for r in rights),
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
        if isinstance(value, str) and "compile" in value:
            out[name] = value + "\n" + "\n".join(x for x in done.stderr.splitlines() if "error" in x)[:1500]
    return out


REFUSED = re.compile(r"not supported here|exists in Stan and is not")


def owner(chosen, line):
    """The program that a line of their text belongs to, or None: a line of the data, say."""
    lines = programs.text(chosen).splitlines()[:line]
    while lines and lines[-1].startswith(" "):
        names = re.findall(r"\bp\d+_", lines.pop())
        for p in chosen:
            if p.prefix in names:
                return p
    return None


def blamed(chosen, rights, got):
    """{program: text} of what one variant gave; None: something is wrong, and nobody can be named."""
    if isinstance(got, str):
        lines = re.findall(r"all\.stan:(\d+)", got)
        found = owner(chosen, int(lines[0])) if lines else None
        return {found: got} if found else None
    out, at = {}, 0
    for p, r in zip(chosen, rights):
        n = len(r.at[0])
        part = [{"lp": right["lp"], "grad": g["grad"][at : at + n]} for g, right in zip(got, r.points)]
        at += n
        found = oracle.faults(part, r.points)
        if found:
            out[p] = "; ".join(found[:3])
    if not out and oracle.faults(got, together(rights)[1]):
        return None
    return out


def wrong(folder, chosen, rights, ways=()):
    """{program: {variant: text}}; those that a compiler refuses are taken out until it takes the others."""
    out = {}
    chosen, rights = list(chosen), list(rights)
    while chosen:
        again = False
        for name, got in variants(folder, chosen, together(rights)[0], ways).items():
            texts = blamed(chosen, rights, got)
            if texts is None and len(chosen) > 1:
                for p, r in zip(chosen, rights):
                    out.update(wrong(folder, [p], [r], ways))
                return out
            for p, text in (texts if texts is not None else {chosen[0]: str(got)[:1000]}).items():
                out.setdefault(p, {})[name] = text
                again = again or isinstance(got, str)
        if not again:
            return out
        good = [(p, r) for p, r in zip(chosen, rights) if p not in out]
        chosen, rights = [p for p, _ in good], [r for _, r in good]
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
                if i >= len(one) or (one is program.parameters and len(one) == 1):
                    continue  # a program without parameters is another matter
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
        for name, text in found.items():
            file.write(f"{name}\n  {text}\n")


def kind_of(text):
    """What several faults have in common."""
    line = next((x for x in text.splitlines() if "error:" in x), text.splitlines()[0])
    return re.sub(r"\d[\d.e+-]*", "#", re.sub(r"\S*/\S*|\bp\d+_\w+", "X", line))[:100]


class Tally:
    """What was found; a kind of fault is made smaller once."""

    def __init__(self, folder, arguments):
        self.folder, self.arguments, self.kinds = folder, arguments, {}
        self.tried = self.dropped = self.refused = self.bad = 0

    def add(self, program, found):
        name, text = next(iter(found.items()))
        kind = kind_of(text)
        if all(REFUSED.search(t) for t in found.values()):
            self.refused += 1
        else:
            self.bad += 1
        first = kind not in self.kinds
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        print(f"program {program.seed}, size {self.arguments.size}: {name}: {text[:300]}", flush=True)
        if not first or not self.arguments.keep:
            return
        shrink(self.folder, program, name if name[-1] != "0" else name[:-2])
        keep(self.arguments.keep, program, found)


def ways_of(batch, every):
    """Two or three ways of a batch, all of them in turn."""
    turn = [["cut optimised 4", "whole plain 8"], ["cut plain 4", "whole optimised 1"],
            ["cut optimised known 8", "whole optimised 4"], ["cut optimised 1", "whole optimised 8"],
            ["cut optimised 8", "cut plain 4"]]
    return [] if every else turn[batch % len(turn)]


def main():
    parser = argparse.ArgumentParser()
    for name, value in (("count", 200), ("seed", 126), ("size", 8), ("batch", 50)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--keep")
    parser.add_argument("--every", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as path:
        os.environ["MASTING_CACHE"] = os.path.join(path, "cache")
        tally = Tally(Folder(path), arguments)
        for seed in range(arguments.seed, arguments.seed + arguments.count, arguments.batch):
            batch, chosen, rights = seed // arguments.batch, [], []
            for number in range(seed, min(seed + arguments.batch, arguments.seed + arguments.count)):
                program = programs.Program(number, arguments.size, rough=batch % 5 == 4)
                try:
                    rights.append(Right(tally.folder, program))
                    chosen.append(program)
                except oracle.Trouble as trouble:
                    tally.dropped += 1
                    if "ended with 2" in str(trouble) or "ended with -" in str(trouble):
                        tally.bad += 1
                        print(f"program {number}: {trouble}")
            tally.tried += len(chosen)
            print(f"programs {seed} to {seed + arguments.batch - 1}", flush=True)
            for program, found in wrong(tally.folder, chosen, rights, ways_of(batch, arguments.every)).items():
                tally.add(program, found)
            subprocess.run(["rm", "-rf", os.environ["MASTING_CACHE"]], check=True)
    print(f"{tally.tried} programs, {tally.dropped} not judged, {tally.refused} refused by name, {tally.bad} wrong")
    for kind, count in sorted(tally.kinds.items(), key=lambda item: -item[1]):
        print(f"{count:6d} {kind}")
    return 1 if tally.bad else 0


if __name__ == "__main__":
    sys.exit(main())
