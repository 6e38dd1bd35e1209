#!/usr/bin/env python3
"""docs/stan-functions.md is what the compiler knows, and what it marks as not translated is just that.

For every signature that `masting compile --functions` prints a call with arguments of each type that it
names goes through the compiler, with parameters for what may depend on them, and with data alone; what it
makes goes through the C compiler.
With an argument: only signatures in which it occurs, and what is said about each that is refused.
"""
import itertools
import os
import re
import subprocess
import sys
import tempfile

top = os.environ.get("srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(top, "scripts"))
import stan_functions  # noqa: E402

MASTING = os.environ.get("MASTING", "masting")
CHUNK = 40  # signatures in one program

CLASSES = {"reals": ["real", "vector", "row_vector", "array[] real"], "ints": ["int", "array[] int"],
           "vectors": ["vector", "row_vector", "array[] vector", "array[] row_vector"],
           "vector or row_vector": ["vector", "row_vector"],
           "sequence": ["vector", "row_vector", "array[] real"],
           "T": ["int", "real", "vector", "matrix", "array[] int"]}
CONTAINERS = ["vector", "row_vector", "matrix", "array[] real", "array[,] real", "array[] vector", "array[] matrix"]
SIZES = {"vector": "[3]", "row_vector": "[3]", "matrix": "[3, 3]"}

# what takes the name of a function: by prefix, its arguments and result
WANTED = [("integrate_ode_", "real t, array[] real y, array[] real a, data array[] real x, data array[] int k",
           "array[] real", "y"),
          ("algebra_solver", "vector y, vector a, data array[] real x, data array[] int k", "vector", "y"),
          ("integrate_1d_", "real x, real c, real a", "real", "x * a"),
          ("integrate_1d", "real x, real c, array[] real a, data array[] real d, data array[] int k", "real",
           "x * a[1]"),
          ("map_rect", "vector a, vector b, data array[] real x, data array[] int k", "vector", "a + b"),
          *(("reduce_sum", f"{x} x, int a, int b, real c", "real", "size(x) * c") for x in
            ("array[] int", "array[] real", "array[] vector", "array[] matrix", "array[,] int")),
          ("ode_", "real t, vector y, real a", "vector", "a * y"), ("solve_", "vector y, real a", "vector", "a * y")]


def variable(kind, data):
    """A variable of a type: d_a_real, p_vector, ...; data and parameters have at most 8 dimensions."""
    if kind.count(",") == 8:
        inner = variable(kind.replace(",", "", 1), data)
        return f"{{{inner}, {inner}}}"
    name = kind.replace("array[", "a").replace("]", "").replace(",", "_").replace(" ", "_")
    return ("d_" if data or kind.endswith("int") else "p_") + name


def declaration(kind, data):
    depth = kind.count(",") + 1 if kind.startswith("array") else 0
    base = kind.split()[-1]
    head = f"array[{', '.join(['3'] * depth)}] " if depth else ""
    return f"  {head}{base}{SIZES.get(base, '')} {variable(kind, data)};\n"


def summed(call, kind):
    """A number that depends on all of a value, near enough."""
    if kind.startswith("tuple"):
        kinds = stan_functions.split(kind[len("tuple("):-1])
        return " + ".join(summed(f"({call}).{i + 1}", part) for i, part in enumerate(kinds))
    if kind in ("int", "real"):
        return call
    if kind.startswith("array") and (kind.split()[-1] not in ("int", "real") or "," in kind):
        inner = kind.replace("array[] ", "", 1) if kind.startswith("array[]") else kind.replace("[,", "[", 1)
        return summed(f"{call}[1]", inner)
    return f"sum({call})"


def shapes(s):
    """The argument types and result of each call that a signature is tried with."""
    if s.each:
        yield [a for a in s.args], s.result
        scalars = range(len(s.args))
        for c in CONTAINERS:
            for which in {tuple(scalars), *((i,) for i in scalars)}:
                args = [c if i in which else a for i, a in enumerate(a.removeprefix("data ") for a in s.args)]
                whole = c.replace(c.split()[-1], "int") if c.startswith("array") and c.endswith("real") else None
                args = [whole if a == c and s.args[i].endswith("int") else a for i, a in enumerate(args)]
                if None in args or (s.result == "int" and whole is None):
                    continue
                args = ["data " + a if s.args[i].startswith("data ") else a for i, a in enumerate(args)]
                yield args, (whole if s.result == "int" else c)
        return
    choices = [CLASSES.get(a.replace("data ", ""), None) for a in s.args]
    if any("T" in a.split() for a in s.args):
        for t in CLASSES["T"]:
            yield [substitute(a, t) for a in s.args], substitute(s.result, t)
        return
    free = [i for i, c in enumerate(choices) if c]
    if len(free) <= 2:
        rows = itertools.product(*(choices[i] for i in free))
    else:  # all alike, and each alone
        scalar = [choices[i][0] for i in free]
        alike = [[choices[i][min(k, len(choices[i]) - 1)] for i in free] for k in range(4)]
        rows = alike + [scalar[:k] + [choices[i][1]] + scalar[k + 1:] for k, i in enumerate(free)]
    for row in rows:
        args = list(s.args)
        for i, kind in zip(free, row):
            args[i] = kind
        if not fits(s, args):
            continue
        for arrays in (False, True) if s.arrays else (False,):
            result = s.result
            if " or array[] " in result:
                one = result.split(" or ")[0]
                result = one if all(a in ("int", "real") for a in args) else f"array[] {one}"
            first = [f"array[] {args[0]}"] + args[1:] if arrays else args
            yield first, f"array[] {result}" if arrays else result


def fits(s, args):
    """Not what another signature of the name is for."""
    return not (s.name == "student_t_qf" and s.result == "vector" and set(args) == {"real"})


def substitute(kind, t):
    words = kind.split()
    if words[-1] != "T":
        return kind
    if t.startswith("array[] ") and words[0].startswith("array"):
        return words[0][:-1] + ",] " + t.split()[-1]
    return " ".join(words[:-1] + [t])


def call(s, args, data):
    list_ = []
    for a in args:
        if a == "function":
            list_.append(next(f"f_{p}" for p, *_ in WANTED if s.name.startswith(p)))
        elif a == "...":
            list_.append(variable("real", data))
        else:
            list_.append(variable(a.replace("data ", ""), data or a.startswith("data ")))
    bar = " | " if s.conditional and len(list_) > 1 else ", "
    return f"{s.name}({bar.join([list_[0], ', '.join(list_[1:])]) if len(list_) > 1 else ''.join(list_)})"


def lines_of(s):
    """Statements that try a signature, each with its block."""
    for args, result in shapes(s):
        for data in (False, True):
            if data and s.name.endswith(("_jacobian",)):
                continue
            text = summed(call(s, args, data), result)
            if s.name.endswith("_rng"):
                yield "generated quantities", f"  z += {text};\n"
            elif data:
                yield "transformed data", f"  z_data += {text};\n"
            elif s.name.endswith("_jacobian"):
                yield "transformed parameters", f"  z_p += {text};\n"
            else:
                yield "model", f"  target += {text};\n"


KINDS = ["int", "real", "vector", "row_vector", "matrix"]
ALL = KINDS + [f"array[] {k}" for k in KINDS] + [f"array[{',' * n}] {k}" for n in range(1, 8) for k in KINDS[:2]]
HEAD = "functions {\n" + "".join(
    f"{result} f_{p}({args}) {{ return {value}; }}\n" for p, args, result, value in WANTED) + "}\n"
DATA = "data {\n" + "".join(declaration(k, True) for k in ALL) + "}\n"
PARAMETERS = "parameters {\n" + "".join(declaration(k, False) for k in ALL if not k.endswith("int")) + "}\n"


def program(statements):
    """The program, and which statement each of its lines is."""
    text, places = HEAD + DATA, {}

    def block(name, head, tail=""):
        nonlocal text
        text += f"{name} {{\n{head}"
        for s, where, line in statements:
            if where == name:
                places[text.count("\n") + 1] = (s, where, line)
                text += line
        text += tail + "}\n"

    block("transformed data", "  real z_data = 0;\n")
    text += PARAMETERS
    block("transformed parameters", "  real z_p = 0;\n")
    block("model", "", "  target += z_p + z_data;\n")
    block("generated quantities", "  real z = 0;\n")
    return text, places


def compiled(folder, text):
    """The C compiler takes what was made."""
    path = os.path.join(folder, "probe.c")
    with open(path, "w", encoding="ascii") as out:
        out.write(text)
    run = subprocess.run([*os.environ.get("CC", "cc").split(), "-std=gnu17", "-fsyntax-only", "-w", "-DMASTING_LANES=2",
                          "-I" + os.environ["MASTING_INCLUDE"], path], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        sys.exit(f"the C compiler refuses what masting made:\n{run.stderr[:2000]}")


def refused(folder, statements):
    """The first statement that the compiler refuses, and its message; None: it takes them all."""
    text, places = program(statements)
    path = os.path.join(folder, "probe.stan")
    with open(path, "w", encoding="ascii") as out:
        out.write(text)
    run = subprocess.run([MASTING, "compile", path, "--emit-c", "--shard", "none"], capture_output=True, text=True,
                         check=False)
    if run.returncode == 0:
        compiled(folder, run.stdout)
        return None
    if "error" not in run.stderr:
        sys.exit(f"the compiler ended with {run.returncode}:\n{run.stderr}\n{text}")
    for line in re.findall(re.escape(path) + r":(\d+)", run.stderr):
        if int(line) in places:
            return places[int(line)], run.stderr
    if len(statements) == 1:
        return statements[0], run.stderr
    half = len(statements) // 2  # a message without a line
    return refused(folder, statements[:half]) or refused(folder, statements[half:])


def all_refused(folder, signatures):
    """{signature: [(statement, message)]} of all that are refused."""
    bad = {}
    for at in range(0, len(signatures), CHUNK):
        statements = [(s, where, line) for s in signatures[at:at + CHUNK] for where, line in lines_of(s)]
        while statements and (found := refused(folder, statements)):
            place, message = found
            bad.setdefault(place[0], []).append((place[2].strip(), message))
            statements.remove(place)
    return bad


def tried(only):
    """All that is refused of the signatures in whose text a word is, for people."""
    with tempfile.TemporaryDirectory() as folder:
        bad = all_refused(folder, [s for s in signatures() if only in s.text])
    for s, why in bad.items():
        print(f"{s.text}: {len(why)} of {len(list(lines_of(s)))}")
        for line, message in why:
            print(f"    {line}\n        " + message.strip().replace("\n", "\n        "))


def signatures():
    return [s for _, all_of in stan_functions.read(MASTING)[0] for s in all_of]


def main():
    known = signatures()
    with tempfile.TemporaryDirectory() as folder:
        bad = all_refused(folder, [s for s in known if not s.refused])
        wrong = [f"{s.text}\n  is refused and not marked; src/lang/check/signatures.def: a ~ after its pattern\n  {why[0][1]}"
                 for s, why in bad.items()]
        wrong += [f"{s.text}\n  is translated and marked; src/lang/check/signatures.def: no ~ after its pattern"
                  for s in known if s.refused and not refused(folder, [(s, *line) for line in lines_of(s)])]
    with open(os.path.join(top, "docs", "stan-functions.md"), encoding="ascii") as page:
        if page.read() != stan_functions.page(MASTING):
            wrong.append("docs/stan-functions.md is old; renew it by\n"
                         "  python3 scripts/stan_functions.py ./masting >docs/stan-functions.md")
    print("\n".join(wrong) or f"{len(known)} signatures, {sum(s.refused for s in known)} not translated")
    return 1 if wrong or len(known) < 800 else 0


if __name__ == "__main__":
    sys.exit(tried(sys.argv[1]) if len(sys.argv) > 1 else main())
