#!/usr/bin/env python3
"""Which programs of a folder are valid Stan, and which of these masting takes.

  judge.py FOLDER [...] --stanc STANC [--masting MASTING] [--list] [--cc]

Stan's own compiler is the judge: `stanc`, as the wheel of httpstan on PyPI has it (`pip download httpstan`; the
program is httpstan/stanc in the archive), or CmdStan; where arrays are written as before Stan 2.26 they are written
anew for it. A program counts as taken when it is translated to C; --cc
lets the C compiler see it too. Prints, for each folder: programs, valid for stanc, taken; and why others are
not, with counts; --list: each of them as it comes. Folders of `#include`d parts are searched when a program asks for one.
"""
import argparse
import collections
import os
import re
import subprocess
import sys
import tempfile

SECONDS = 60


def find(folder):
    found = []
    for path, _, names in os.walk(folder):
        found += [os.path.join(path, name) for name in names if name.endswith(".stan")]
    return sorted(found)


def run(words):
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False, errors="replace")
    except subprocess.TimeoutExpired:
        return -1, "", f"not done in {SECONDS} s"
    return done.returncode, done.stdout, done.stderr


TYPES = (r"(?:int|real|vector|row_vector|matrix|simplex|ordered|positive_ordered|unit_vector|cov_matrix|corr_matrix|"
         r"cholesky_factor_corr|cholesky_factor_cov)")
DECLARED = re.compile(r"^(\s*)(" + TYPES + r"\b(?:\s*<[^;]*?>)?(?:\s*\[[^\]]*\])?)\s+(\w+)\s*\[((?:[^\[\]]|\[[^\]]*\])*)\]\s*(;|=)",
                      re.M)
ARGUMENT = re.compile(r"\b(" + TYPES + r")\s*\[(,*)\]\s+(\w+)")


def updated(text):
    """With arrays as they are written since Stan 2.26: what was valid before is not any more."""
    text = re.sub(r"<-", "=", re.sub(r"^(\s*)#(?!include)", r"\1//", text, flags=re.M))
    return ARGUMENT.sub(r"array[\2] \1 \3", DECLARED.sub(r"\1array[\4] \2 \3 \5", text))


def valid(stanc, path, include):
    """For stanc as it stands, or with its arrays written anew."""
    with tempfile.TemporaryDirectory() as folder:
        words = [stanc, f"--o={folder}/out", f"--include-paths={include}"]
        if run(words + [path])[0] == 0:
            return True
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
        new = updated(text)
        if new == text:
            return False
        anew = os.path.join(folder, "anew.stan")
        with open(anew, "w", encoding="utf-8") as file:
            file.write(new)
        return run(words + [anew])[0] == 0


def reason(text):
    """The message without place and names, so that equal ones can be counted."""
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line] or lines or ["no message"]
    line = re.sub(r"^.*?error: ", "", errors[0])
    line = re.sub(r"\S*\.stan:\d+(:\d+)?: ?", "", line)
    line = re.sub(r"(function|distribution) (\w+)", r"\1 \2", line)
    return re.sub(r"'[^']*'", "'...'", line)[:150]


def taken(masting, path, cc):
    status, out, err = run([masting, "compile", path, "--emit-c"])
    if status == 0 and cc:
        with tempfile.NamedTemporaryFile("w", suffix=".c") as source:
            source.write(out)
            source.flush()
            include = os.environ.get("MASTING_INCLUDE", "include")
            status, _, err = run([os.environ.get("CC", "cc"), "-std=gnu17", "-fsyntax-only", "-w", "-DMASTING_LANES=4",
                                  f"-I{include}", source.name])
            err = "the C compiler: " + re.sub(r"\w*\d\w*", "...", reason(err)) if status else ""
    return (status == 0, "" if status == 0 else reason(err) if status > 0 else err or "ended by a signal")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="+")
    parser.add_argument("--stanc", required=True)
    parser.add_argument("--masting", default=os.environ.get("MASTING", "masting"))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--cc", action="store_true")
    a = parser.parse_args()
    rows, reasons = [], collections.defaultdict(list)
    for folder in a.folder:
        count = [0, 0, 0]
        for path in find(folder):
            count[0] += 1
            if not valid(a.stanc, path, os.path.dirname(path)):
                continue
            count[1] += 1
            good, why = taken(a.masting, path, a.cc)
            count[2] += good
            if not good:
                reasons[why].append(path)
                if a.list:
                    print(f"         {path}: {why}", flush=True)
        rows.append((folder, count))
        print(f"{count[0]:6d} programs {count[1]:6d} valid {count[2]:6d} taken  {folder}", flush=True)
    total = [sum(row[1][i] for row in rows) for i in range(3)]
    print(f"{total[0]:6d} programs {total[1]:6d} valid {total[2]:6d} taken  in all")
    for why, paths in sorted(reasons.items(), key=lambda item: -len(item[1])):
        print(f"{len(paths):6d} {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
