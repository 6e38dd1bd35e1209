#!/usr/bin/env python3
"""Programs that are valid, changed a little: compiled with sanitizers, and their C at each lane width.

  mutate.py [--count 5000] [--seed 1] [--first 0] [--keep FOLDER] [--build] [PROGRAM.stan ...]

Each mutant is one of the programs (those of tests, data and bench without any) with one to three changes: names,
numbers, operators and functions replaced, statements removed, repeated, moved, or put under a condition or a loop.
Those that the compiler takes are emitted in three ways by fuzz_emit, which is built with sanitizers and verifies the
program after each pass; what is emitted goes through the C compiler for 1, 4 and 8 lanes. Until `count` have been
taken. What is wrong is kept in FOLDER. Not part of make check: it takes an hour.
"""
import argparse
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ.get("builddir", ".")
SOURCE = os.environ.get("srcdir", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
EMIT = os.path.join(BUILD, "tests/fuzz/fuzz_emit")
SANITIZE = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"]
BATCH = 40
WIDTHS = (1, 4, 8)
WAYS = ("cut", "plain", "whole")
FLAGS = "-std=gnu17 -w -fopenmp-simd -ffp-contract=fast -fno-math-errno -march=native".split()

TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"[^\"]*\"|[A-Za-z]\w*|\d+\.?\d*(?:[eE][+-]?\d+)?|"
                   r"\.\*=|\./=|[-+*/]=|\.\*|\./|<=|>=|==|!=|&&|\|\||%/%|\s+|.", re.S)
SMOOTH = ["exp", "log", "sqrt", "tanh", "inv_logit", "square", "abs", "lgamma", "log1p_exp", "sin", "Phi", "floor"]
WHOLE = ["sum", "mean", "prod", "max", "min", "log_sum_exp", "sd", "variance", "dot_self", "softmax", "cumulative_sum",
         "reverse", "sort_asc", "to_vector", "to_row_vector", "to_array_1d", "size", "num_elements", "rep_vector", "head"]
BINARY = ["+", "-", "*", "/", ".*", "./", "^"]
COMPARE = ["<", "<=", ">", ">=", "==", "!="]
ASSIGN = ["=", "+=", "-=", "*="]
WORDS = [SMOOTH, WHOLE, BINARY, COMPARE, ASSIGN, ["vector", "row_vector"], ["&&", "||"], ["normal", "cauchy", "logistic", "student_t"],
         ["real", "int"], ["bernoulli_logit", "poisson_log"], ["normal_lpdf", "logistic_lpdf", "cauchy_lpdf"]]
KEYWORDS = set("data transformed parameters model generated quantities functions real int vector row_vector matrix array "
               "for in if else while return target lower upper offset multiplier simplex ordered tuple void".split())


def tokens(text):
    return [t for t in TOKEN.findall(text) if not t.startswith(("//", "/*"))]


class Mutant:
    """Tokens of a program, and changes to them."""

    def __init__(self, text, r):
        self.t, self.r = tokens(text), r

    def places(self, wanted):
        return [i for i, x in enumerate(self.t) if wanted(x)]

    def statements(self):
        """(first, last) of statements that end in ';' and stand behind a ';', '{' or '}'."""
        out, begin, round_ = [], None, 0
        for i, x in enumerate(self.t):
            round_ += x in ("(", "[")
            round_ -= x in (")", "]")
            if x in (";", "{", "}") and round_ == 0:
                if x == ";" and begin is not None:
                    out.append((begin, i))
                begin = i + 1
        return [(a + (self.t[a].isspace() and a < b), b) for a, b in out]

    def name(self):
        names = self.places(lambda x: x[0].isalpha() and x not in KEYWORDS)
        if names:
            self.t[self.r.choice(names)] = self.t[self.r.choice(names)]

    def number(self):
        found = self.places(lambda x: x[0].isdigit())
        names = self.places(lambda x: x[0].isupper() and len(x) == 1)
        if found:
            other = [self.t[i] for i in names] + ["0", "1", "2", "3", "0.5", "-1", "1e9", "100"]
            self.t[self.r.choice(found)] = self.r.choice(other)

    def word(self):
        family = self.r.choice(WORDS)
        found = self.places(lambda x: x in family)
        if found:
            self.t[self.r.choice(found)] = self.r.choice(family)

    def wrap_call(self):
        found = self.places(lambda x: x[0].isalpha() and x not in KEYWORDS)
        if found:
            i = self.r.choice(found)
            self.t[i] = f"{self.r.choice(SMOOTH + WHOLE)}({self.t[i]})"

    def index(self):
        """Another index, or one more."""
        found = self.places(lambda x: x in ("[", "]"))
        if not found:
            return
        i = self.r.choice(found)
        name = self.r.choice([self.t[k] for k in self.places(lambda x: x[0].isalpha() and x not in KEYWORDS)])
        self.t[i] += self.r.choice([" 1 + ", " 2 : ", f" {name},", f"{name}[", ":,"]) if self.t[i] == "[" else \
            self.r.choice(["[1]", "[2 : ]", "[1 : 1]", f"[{name}]", "'"])

    def drop(self):
        a, b = self.r.choice(self.statements())
        del self.t[a : b + 1]

    def again(self):
        all_ = self.statements()
        a, b = self.r.choice(all_)
        at = self.r.choice([self.r.choice(all_)[0], b + 1])
        self.t[at:at] = self.t[a : b + 1]

    def move(self):
        a, b = self.r.choice(self.statements())
        s = self.t[a : b + 1]
        del self.t[a : b + 1]
        self.t[(at := self.r.choice(self.statements())[0]):at] = s

    def under(self):
        a, b = self.r.choice(self.statements())
        ints = [x for x in set(self.t) if x[0].isupper() and len(x) <= 2] or ["2"]
        reals = [self.t[k] for k in self.places(lambda x: x[0].islower() and x not in KEYWORDS)]
        head = self.r.choice([f"for (z_ in 1 : {self.r.choice(ints)}) {{ ", f"if ({self.r.choice(ints)} > 2) {{ ", "{ ",
                              f"if ({self.r.choice(reals)} > 0.1) {{ ", f"for (z_ in {self.r.choice(reals)}) {{ ",
                              f"while ({self.r.choice(reals)} > 3) {{ "])
        self.t[a] = head + self.t[a]
        self.t[b] += " }"

    def change(self):
        self.r.choice([self.name] * 4 + [self.number] * 2 + [self.word] * 4 + [self.wrap_call] * 2 + [self.index] * 2
                      + [self.drop, self.again, self.again, self.move, self.move, self.under, self.under])()

    def text(self):
        return "".join(self.t)


def build():
    """fuzz_emit with the compiler, sanitized; the build tree has its configuration and the prelude's text."""
    sources = glob.glob(os.path.join(SOURCE, "src/lang/**/*.c"), recursive=True)
    sources += [os.path.join(SOURCE, x) for x in ("src/base/error.c", "src/base/nearest.c", "src/base/mem.c",
                                                  "tests/fuzz/fuzz_emit.c")]
    include = [f"-I{x}" for x in (BUILD, os.path.join(BUILD, "src"), os.path.join(SOURCE, "src"), os.path.join(SOURCE, "include"))]
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu17", *SANITIZE, *include, *sorted(sources), "-lm", "-o", EMIT], check=True)


def corpus(given):
    if given:
        return given
    out = []
    for pattern in ("tests/**/*.stan", "data/*.stan", "bench/**/*.stan"):
        out += glob.glob(os.path.join(SOURCE, pattern), recursive=True)
    return sorted(out)


def headers(folder):
    """Headers compiled before, for each width: most of what the C compiler does."""
    text = os.path.join(folder, "all.h")
    with open(text, "w", encoding="ascii") as f:
        f.write("".join(f"#include <masting/{x}>\n" for x in ("model_abi.h", "stan/linalg.h", "stan/run.h", "stan/special.h")))
    out = {}
    for w in WIDTHS:
        os.makedirs(os.path.join(folder, str(w)))
        own = os.path.join(folder, str(w), "all.h")
        shutil.copy(text, own)
        subprocess.run([os.environ.get("CC", "cc"), *FLAGS, f"-DMASTING_LANES={w}", "-I" + os.path.join(SOURCE, "include"), "-x", "c-header",
                        own, "-o", own + ".gch"], check=True)
        out[w] = own
    return out


class Tally:
    def __init__(self, keep):
        self.keep, self.made, self.taken, self.bad, self.kinds = keep, 0, 0, 0, {}

    def wrong(self, program, text):
        self.bad += 1
        kind = re.sub(r"m\d+\S*|\d+|\S*/\S*|[‘'`]\w+[’']", "#", text)[:100]
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        print(f"{os.path.basename(program)}: {text}", flush=True)
        if self.keep:
            os.makedirs(self.keep, exist_ok=True)
            to = os.path.join(self.keep, os.path.basename(program))
            shutil.copy(program, to)
            with open(to[:-5] + ".txt", "w", encoding="utf-8") as f:
                f.write(text + "\n")


def c_errors(folder, name, gch):
    for way in WAYS:
        path = os.path.join(folder, f"{name}-{way}.c")
        for w in WIDTHS:
            done = subprocess.run([os.environ.get("CC", "cc"), *FLAGS, f"-DMASTING_LANES={w}", "-I" + os.path.join(SOURCE, "include"),
                                   "-include", gch[w], "-fsyntax-only", path], capture_output=True, text=True, check=False)
            if done.returncode:
                line = next((x for x in done.stderr.splitlines() if "error" in x), done.stderr[:200])
                return f"{way}, {w} lanes: C: {line}"
    return None


def batch(folder, originals, first, seed, tally, gch):
    files = []
    for i in range(first, first + BATCH):
        r = random.Random(f"{seed} {i}")
        mutant = Mutant(r.choice(originals), r)
        for _ in range(r.choice([1, 1, 2, 3])):
            try:
                mutant.change()
            except IndexError:
                pass
        files.append(os.path.join(folder, f"m{i}.stan"))
        with open(files[-1], "w", encoding="utf-8") as f:
            f.write(mutant.text())
    done = subprocess.run([EMIT, folder, *files], capture_output=True, text=True, errors="replace", check=False)
    tally.made += len(files)
    lines = done.stdout.splitlines()
    if done.returncode or len(lines) != len(files):
        raise SystemExit(f"fuzz_emit ended with {done.returncode}: {done.stderr[-1000:]}")
    for path, line in zip(files, lines):
        word, rest = line.split(" ", 1)
        tally.taken += word != "refused"
        if word == "wrong":
            tally.wrong(path, rest)
        elif word == "accepted":
            text = c_errors(folder, rest, gch)
            if text:
                tally.wrong(path, text)
    for path in glob.glob(os.path.join(folder, "m*")):
        os.remove(path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep")
    parser.add_argument("--build", action="store_true", help="builds fuzz_emit anew")
    parser.add_argument("programs", nargs="*")
    a = parser.parse_args()
    if a.build or not os.path.exists(EMIT):
        build()
    originals = [open(p, encoding="utf-8").read() for p in corpus(a.programs)]
    tally, at = Tally(a.keep), a.first
    with tempfile.TemporaryDirectory() as folder:
        gch = headers(folder)
        while tally.taken < a.count:
            batch(folder, originals, at, a.seed, tally, gch)
            at += BATCH
            if at // BATCH % 10 == 0:
                print(f"{tally.made} mutants, {tally.taken} taken, {tally.bad} wrong", flush=True)
    print(f"{tally.made} mutants of {len(originals)} programs, {tally.taken} taken, {tally.bad} wrong")
    for kind, count in sorted(tally.kinds.items(), key=lambda item: -item[1]):
        print(f"{count:6d} {kind}")
    return 1 if tally.bad else 0


if __name__ == "__main__":
    sys.exit(main())
