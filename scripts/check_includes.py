#!/usr/bin/env python3
"""check_includes.py TOP -- the laws of the source tree, checked.

  1. Data flow one way: a file of a room includes headers of its own room and of rooms above it only, and calls
     functions of those only. So do the stages of the compiler, the folders of src/lang.
  2. A public header includes public headers only; src/ never includes tests or bench.
  3. No source file is longer than 800 lines.

As rooms and stages stand in one order, nothing that climbs means that there is no circle across them.
Prints one line per breach and exits 1; prints a count and exits 0 when all is well.
"""
import re
import sys
from pathlib import Path

ROOMS = ["base", "par", "lang", "model", "data", "linalg", "target", "optim", "nuts", "adapt", "store",
         "diag", "run", "cli"]
# src/lang: files that stand above all stages, the stages, and the driver, which knows them all
ABOVE = ["context", "options", "pointers"]
STAGES = ["syntax", "check", "prelude", "ir", "lower", "shard", "covariance", "optimise", "diff", "emit"]
DRIVER = ["compile"]
LONGEST = 800
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DEFINED = re.compile(r'^(?!static\b|typedef\b)[A-Za-z_][\w \t*]*?\b(\w+)\([^;{}]*\)\s*\{', re.M)
CALLED = re.compile(r'\b([a-z]\w*)\b')


def place_of(parts):
    """Rank and name of what a path below src/ belongs to, as ((room, stage), text); None: to nothing."""
    if len(parts) < 2 or parts[0] not in ROOMS:
        return None
    room = ROOMS.index(parts[0])
    if parts[0] != "lang":
        return (room, 0), f"room {parts[0]}"
    if len(parts) > 2:
        if parts[1] not in STAGES:
            return None
        return (room, 1 + STAGES.index(parts[1])), f"stage {parts[1]}"
    name = parts[1].rsplit(".", 1)[0]
    return (room, 1 + len(STAGES) if name in DRIVER else 0), f"lang/{parts[1]}"


def order_of(one, other):
    """The order that the two belong to, for a message."""
    if one[0][0] == other[0][0]:
        return " ".join(ABOVE + STAGES + DRIVER)
    return " ".join(ROOMS)


def code_of(path):
    """The text with comments and strings blanked, lines kept."""
    return NOT_CODE.sub(lambda m: "\n" * m.group(0).count("\n"), path.read_text(encoding="utf-8"))


def place_breach(name):
    """What is wrong with where a file of src/ stands, or None."""
    parts = name.parts
    if parts[0] != "src" or len(parts) < 3:
        return None
    if parts[1] not in ROOMS:
        return f"{name}:1: room '{parts[1]}' is not one of: {' '.join(ROOMS)}"
    if parts[1] != "lang":
        return None
    if len(parts) > 3 and parts[2] not in STAGES:
        return f"{name}:1: stage '{parts[2]}' is not one of: {' '.join(STAGES)}"
    if len(parts) == 3 and name.stem not in ABOVE + DRIVER:
        return f"{name}:1: belongs to no stage; expected a folder of: {' '.join(STAGES)}"
    return None


def include_breach(name, number, header):
    """What is wrong with one #include, or None."""
    first = header.split("/")[0]
    if name.parts[0] == "include":
        return f"{name}:{number}: a public header includes \"{header}\"; use <masting/...>"
    if ".." in header.split("/"):
        return f"{name}:{number}: \"{header}\" leaves its folder; name the room instead"
    if first in ("tests", "bench"):
        return f"{name}:{number}: \"{header}\" is no part of the program"
    here, there = place_of(name.parts[1:]), place_of(header.split("/"))
    if here and there and there[0] > here[0]:
        return (f"{name}:{number}: {here[1]} includes \"{header}\", which is below it; "
                f"order: {order_of(here, there)}")
    return None


def breaches_of(path, top):
    """Yields what is wrong in one file, as file:line: text."""
    name = path.relative_to(top)
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > LONGEST:
        yield f"{name}:{len(lines)}: {len(lines)} lines; a file has at most {LONGEST}"
    misplaced = place_breach(name)
    if misplaced:
        yield misplaced
        return
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        breach = include_breach(name, number, found.group(1)) if found else None
        if breach:
            yield breach


def definitions(files, top):
    """Functions of src/ that other files see: name to where it is defined. What is compiled several times, under
    names that macros make, is left out."""
    homes = {}
    for path in files:
        parts = path.relative_to(top).parts
        if parts[0] != "src" or path.suffix != ".c":
            continue
        place = place_of(parts[1:])
        for name in DEFINED.findall(code_of(path)) if place else ():
            homes[name] = place
    return homes


def calls_that_climb(path, top, homes):
    """Yields calls of functions that are defined below, one line a function."""
    name = path.relative_to(top)
    here = place_of(name.parts[1:]) if name.parts[0] == "src" else None
    if here is None or path.suffix != ".c":
        return
    told = set()
    for number, line in enumerate(code_of(path).splitlines(), 1):
        for called in CALLED.findall(line):
            there = homes.get(called)
            if there and there[0] > here[0] and called not in told:
                told.add(called)
                yield (f"{name}:{number}: {here[1]} calls {called}, of {there[1]}, which is below it; "
                       f"order: {order_of(here, there)}")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_includes.py TOP")
    top = Path(sys.argv[1]).resolve()
    files = sorted(p for folder in ("src", "include") for p in (top / folder).rglob("*.[ch]"))
    if not files:
        sys.exit(f"check_includes.py: no source files under {top}; expected the top of the source tree")
    homes = definitions(files, top)
    found = [text for path in files for text in breaches_of(path, top)]
    found += [text for path in files for text in calls_that_climb(path, top, homes)]
    for text in found:
        print(text)
    print(f"{len(files)} files, {len(homes)} functions, {len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
