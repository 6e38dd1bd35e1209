#!/usr/bin/env python3
"""check_includes.py TOP -- the laws of the source tree, checked.

  1. Data flows one way: a file of a room includes headers of its own room and of rooms above it only.
  2. A public header includes public headers only; src/ never includes tests or bench.
  3. No source file is longer than 800 lines.

Prints one line per breach and exits 1; prints a count and exits 0 when all is well.
"""
import re
import sys
from pathlib import Path

ROOMS = ["base", "par", "lang", "model", "data", "linalg", "target", "optim", "nuts", "adapt", "store",
         "diag", "run", "cli"]
LONGEST = 800
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def breaches_of(path, top):
    """Yields what is wrong in one file, as file:line: text."""
    name = path.relative_to(top)
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) > LONGEST:
        yield f"{name}:{len(lines)}: {len(lines)} lines; a file has at most {LONGEST}"
    parts = name.parts
    room = parts[1] if parts[0] == "src" and len(parts) > 2 else None
    if room is not None and room not in ROOMS:
        yield f"{name}:1: room '{room}' is not one of: {' '.join(ROOMS)}"
        return
    for number, line in enumerate(lines, 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        header = found.group(1)
        first = header.split("/")[0]
        if parts[0] == "include":
            yield f"{name}:{number}: a public header includes \"{header}\"; use <masting/...>"
        elif ".." in header.split("/"):
            yield f"{name}:{number}: \"{header}\" leaves its folder; name the room instead"
        elif first in ROOMS and "/" in header and room is not None:
            if ROOMS.index(first) > ROOMS.index(room):
                yield (f"{name}:{number}: room {room} includes \"{header}\", which is below it; "
                       f"order: {' '.join(ROOMS)}")
        elif first in ("tests", "bench"):
            yield f"{name}:{number}: \"{header}\" is no part of the program"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_includes.py TOP")
    top = Path(sys.argv[1]).resolve()
    files = sorted(p for folder in ("src", "include") for p in (top / folder).rglob("*.[ch]"))
    if not files:
        sys.exit(f"check_includes.py: no source files under {top}; expected the top of the source tree")
    found = [text for path in files for text in breaches_of(path, top)]
    for text in found:
        print(text)
    print(f"{len(files)} files, {len(found)} breaches")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
