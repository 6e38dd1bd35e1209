#!/usr/bin/env python3
"""stan_functions.py [MASTING] > docs/stan-functions.md -- the page of Stan's functions, from the compiler.

It reads `masting compile --functions`; MASTING is the program, by default `masting`.
"""
import re
import subprocess
import sys
import textwrap

WIDTH = 112
NO_BREAK = "\x00"
SUFFIXES = ("_lpdf", "_lpmf", "_lcdf", "_lccdf", "_cdf", "_rng")
EACH, ARRAYS, REFUSED = ", and of containers, element by element", ", and of arrays", "; not translated"

HEAD = """# Stan's functions

This page is made by `scripts/stan_functions.py` from the compiler's table; `masting compile --functions` prints the
same, one signature a line. Every signature here without a `*` is tried through the compiler by a test.

*reals* stands for `real`, `array[] real`, `vector` and `row_vector`, *ints* for `int` and `array[] int`, *vectors*
for `vector`, `row_vector` and arrays of these, *sequence* for `vector`, `row_vector` and `array[] real`, *T* for any
type, `...` for arguments that are handed on. `data` comes before an argument that must not depend on parameters."""

MARKED = """`*`
comes after what is known and not translated yet: a program that calls it is refused, with its place.
"""


class Signature:
    """One line: name, args, result; each: of containers too, arrays: of arrays too; refused."""

    def __init__(self, text):
        self.text = text
        self.refused = text.endswith(REFUSED)
        text = text.removesuffix(REFUSED)
        self.each, self.arrays = text.endswith(EACH), text.endswith(ARRAYS)
        text = text.removesuffix(EACH).removesuffix(ARRAYS)
        head, self.result = text.split(" => ")
        self.name, inside = head[:-1].split("(", 1)
        self.conditional = self.name.endswith(SUFFIXES[:-1])
        inside = inside.replace("vector, row_vector or array[] real", "sequence").replace(" | ", ", ")
        self.args = split(inside)


def split(text):
    """At commas outside brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def read(masting):
    """[(heading, [Signature])], and the names of what is not there."""
    run = subprocess.run([masting, "compile", "--functions"], capture_output=True, text=True, check=True)
    sections, absent = [], []
    for line in run.stdout.splitlines():
        if line.startswith("# "):
            sections.append((line[2:], []))
        elif "(" in line:
            sections[-1][1].append(Signature(line))
        else:
            absent.append(line)
    return [s for s in sections if s[1]], absent


def stem(name):
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return name.removesuffix(suffix), suffix[1:]
    return name, ""


def mark(signatures):
    return "\\*" if all(s.refused for s in signatures) else ""


def grouped(signatures, key):
    groups = {}
    for s in signatures:
        groups.setdefault(key(s), []).append(s)
    return groups


def distributions(signatures):
    rows = ["| distribution | outcome | parameters | functions |", "|---|---|---|---|"]
    for name, all_of in sorted(grouped(signatures, lambda s: stem(s.name)[0]).items()):
        functions = grouped(all_of, lambda s: stem(s.name)[1])
        first = next(iter(v for k, v in functions.items() if k != "rng"), None)
        there = [k + mark(functions[k]) for k in (s[1:] for s in SUFFIXES) if k in functions]
        if first is None:
            outcome, given = functions["rng"][0].result, "; ".join(", ".join(s.args) for s in functions["rng"])
        else:
            outcome = "; ".join(dict.fromkeys(s.args[0] for s in first))
            given = by_outcome(first)
        rows.append(f"| `{name}` | {outcome} | {given} | {' '.join(there)} |")
    return rows


def by_outcome(signatures):
    whole = all(s.refused for s in signatures)  # then the function is marked
    lists = [", ".join(s.args[1:]) + ("\\*" if s.refused and not whole else "") for s in signatures]
    return "; ".join(dict.fromkeys(lists)) or "-"


def elementwise(signatures):
    """Lists of names, one for each kind of arguments."""
    lines = []
    for (args, result), group in grouped(signatures, lambda s: (", ".join(s.args), s.result)).items():
        names = ", ".join(f"`{s.name}`" + mark([s]) for s in group)
        lines += textwrap.wrap(f"({args}) => {result}: {names}", WIDTH, initial_indent="- ",
                               subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return lines


def filled(text):
    """Broken between lists of arguments, not within."""
    whole = "".join(parts if i % 2 == 0 else parts.replace(" ", NO_BREAK)
                    for i, parts in enumerate(re.split(r"(\(.*?\)(?: => [^;]*)?)", text)))
    lines = textwrap.wrap(whole, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    return [line.replace(NO_BREAK, " ") for line in lines]


def block(signatures):
    """Names with their alternatives, those with the same result together."""
    lines = ["```"]
    for name, all_of in grouped(merged(signatures), lambda s: s.name).items():
        texts = []
        for (result, arrays, refused), group in grouped(all_of, lambda s: (s.result, s.arrays, s.refused)).items():
            lists = ", ".join(f"({', '.join(s.args)})" for s in group)
            texts.append(f"{lists} => {result}" + (ARRAYS if arrays else "") + (" *" if refused else ""))
        lines += filled(name + "; ".join(texts))
    return lines + ["```"]


def merged(signatures):
    """x_constrain and x_jacobian take the same."""
    there = {s.name for s in signatures}
    kept = []
    for s in signatures:
        other = s.name.removesuffix("_jacobian") + "_constrain"
        if s.name.endswith("_jacobian") and other in there:
            continue
        if s.name.endswith("_constrain"):
            s.name += ", _jacobian"
        kept.append(s)
    return kept


def section(title, signatures):
    lines = [f"## {title}", ""]
    if all(s.name.endswith(SUFFIXES) for s in signatures):
        return lines + distributions(signatures) + [""]
    each = [s for s in signatures if s.each]
    rest = [s for s in signatures if not s.each]
    if each:
        lines += ["Of numbers, and of containers element by element:", ""] + elementwise(each) + [""]
    return lines + (block(rest) + [""] if rest else [])


def page(masting):
    sections, absent = read(masting)
    refused = any(s.refused for _, all_of in sections for s in all_of)
    lines = [HEAD + (f" {MARKED}" if refused else "\n")]
    for title, signatures in sections:
        lines += section(title, signatures)
    lines += ["## In Stan, not here", ""]
    lines += textwrap.wrap(", ".join(f"`{name}`" for name in absent) + ".", WIDTH, break_long_words=False,
                           break_on_hyphens=False)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page(sys.argv[1] if len(sys.argv) > 1 else "masting"))
