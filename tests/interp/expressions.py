"""Random expressions of Stan, typed and of moderate size; see programs.py.

Types are tuples: ("int",), ("real",), ("vector", n), ("row_vector", n), ("matrix", n, m), ("array", n, type);
n and m are names of SIZES. What is made is smooth and of order 1 where parameters are.
"""
SIZES = {"N": 7, "K": 3, "G": 4, "M": 2}
INT, REAL = ("int",), ("real",)
SMOOTH = ["tanh", "sin", "cos", "inv_logit", "atan", "Phi", "erf", "asinh", "log1p_exp", "inv_cloglog", "Phi_approx"]


def vector(n):
    return ("vector", n)


class Variable:
    """A name in scope. data: known before parameters; elements: made complete so far."""

    def __init__(self, name, kind, data=False, writable=False, loop=None):
        self.name, self.kind, self.data, self.writable, self.loop = name, kind, data, writable, loop


class Function:
    """A function of the program: arguments' types, result."""

    def __init__(self, name, arguments, result, effect=False):
        self.name, self.arguments, self.result, self.effect = name, arguments, result, effect


class Expressions:
    """Makes expressions from what is in scope."""

    def __init__(self, random):
        self.random = random
        self.scope, self.functions = [], []
        self.rough = False   # conditions may depend on parameters
        self.effects = False # functions that add to target may be called

    def chance(self, p):
        return self.random.random() < p

    def pick(self, kind, data):
        """The name of a variable of the type, or None."""
        found = [v for v in self.scope if v.kind == kind and (v.data or not data)]
        return self.random.choice(found).name if found else None

    def of(self, kind, depth, data=False):
        make = {"int": self.int, "real": self.real, "vector": self.vector, "row_vector": self.row,
                "matrix": self.matrix, "array": self.array, "tuple": self.tuple}[kind[0]]
        return make(kind, depth, data)

    # ---- ints, all of them data

    def index(self, size, depth=1):
        loops = [v.name for v in self.scope if v.loop == size]
        top = SIZES[size]
        ways = [lambda: str(self.random.randint(1, top))] * 2 + [lambda: self.random.choice([size, f"{size} - 1"])]
        if loops:
            ways += [lambda: self.random.choice(loops)] * 8
            ways += [lambda: f"{size} + 1 - {self.random.choice(loops)}",
                     lambda: f"{self.random.choice(loops)} % {size} + 1"]
        rows = [v.name for v in self.scope if v.loop == "N"]
        if size == "G":
            ways += [lambda: f"g[{self.random.choice(rows) if rows else self.random.randint(1, 7)}]"] * 4
        if size == "K":
            ways += [lambda: f"perm[{self.index('K', 0)}]" if depth else "2"] * 2
        return self.random.choice(ways)()

    def int(self, _kind, depth, _data=True):
        ways = [lambda: str(self.random.randint(0, 4)), lambda: self.random.choice(list(SIZES)),
                lambda: f"count[{self.index('N')}]", lambda: f"g[{self.index('N')}]",
                lambda: self.pick(INT, True) or "2", lambda: f"size({self.random.choice(['perm', 'g', 'y', 'X'])})"]
        if depth > 0:
            ways += [lambda: f"({self.int(INT, depth - 1)} {self.random.choice('+-*')} {self.int(INT, depth - 1)})",
                     lambda: f"({self.int(INT, depth - 1)} % {self.random.randint(2, 4)})",
                     lambda: f"({self.int(INT, depth - 1)} %/% {self.random.randint(2, 3)})",
                     lambda: f"max({self.int(INT, depth - 1)}, {self.int(INT, depth - 1)})",
                     lambda: f"({self.condition(depth - 1)} ? {self.int(INT, depth - 1)} : {self.int(INT, depth - 1)})"]
        return self.random.choice(ways)()

    def a_count(self):
        return f"count[{self.index('N')}]"

    def condition(self, depth, data=True):
        compare = self.random.choice(["<", "<=", ">", ">=", "==", "!="])
        row = self.index("N")
        ways = [lambda: f"{self.int(INT, 1)} {compare} {self.int(INT, 1)}",
                lambda: f"flag[{row}] == 1", lambda: f"y[{row}] > {self.random.choice(['0', '0.3', '-0.5'])}",
                lambda: f"{self.int(INT, 0)} % 2 == 0"]
        if not data:
            ways += [lambda: f"{self.real(REAL, 1)} > {self.random.uniform(-1, 1):.3f}"] * 3
        if depth > 0:
            ways += [lambda: f"({self.condition(depth - 1, data)}) {self.random.choice(['&&', '||'])} "
                             f"({self.condition(depth - 1, data)})",
                     lambda: f"!({self.condition(depth - 1, data)})"]
        return self.random.choice(ways)()

    # ---- reals

    def literal(self):
        return self.random.choice(["0.5", "1.25", "-0.75", "0.1", "2.0", "1", "-1", "0", "3e-1", "0.625"])

    def positive(self, depth, data=False):
        a = self.real(REAL, depth - 1, data) if depth > 0 else self.literal()
        return self.random.choice([f"(0.5 + square({a}))", f"exp(0.3 * tanh({a}))", f"sqrt(1 + square({a}))", "1.5"])

    def element(self, data):
        """An element of a container that is in scope."""
        found = [v for v in self.scope if v.kind[0] in ("vector", "row_vector", "matrix", "array") and (v.data or not data)]
        if not found:
            return self.literal()
        v = self.random.choice(found)
        text, kind = v.name, v.kind
        if kind[0] == "array" and kind[2] == INT:
            return f"{text}[{self.index(kind[1])}]"
        while kind != REAL:
            if kind[0] == "matrix":
                i, j = self.index(kind[1]), self.index(kind[2])
                text += self.random.choice([f"[{i}, {j}]", f"[{i}][{j}]"])
                kind = REAL
            else:
                text += f"[{self.index(kind[1])}]"
                kind = kind[2] if kind[0] == "array" else REAL
            if kind == INT:
                break
        return text

    def call(self, result, depth, data):
        found = [f for f in self.functions if f.result == result and not data and (self.effects or not f.effect)]
        if not found:
            return None
        f = self.random.choice(found)
        return f"{f.name}({', '.join(self.of(kind, depth - 1, data) for kind in f.arguments)})"

    def real(self, _kind, depth, data=False):
        leaf = [lambda: self.literal(), lambda: self.pick(REAL, data) or self.literal(), lambda: self.element(data),
                lambda: self.element(data)]
        if depth <= 0:
            return self.random.choice(leaf + [lambda: self.pick(REAL, data) or self.element(data)])()
        d = depth - 1
        sub = lambda: self.real(REAL, d, data)
        size = self.random.choice(["K", "G", "M"] + ["N"] * self.chance(0.3))
        vec = lambda: self.vector(vector(size), d, data)
        ways = leaf + [
            lambda: f"({sub()} + {sub()})", lambda: f"({sub()} - {sub()})", lambda: f"{sub()} * {sub()}",
            lambda: f"(0.3 * {sub()} + {sub()})", lambda: f"{sub()} / {self.positive(d, data)}",
            lambda: f"{self.random.choice(SMOOTH)}({sub()})", lambda: f"{self.random.choice(SMOOTH)}({sub()})",
            lambda: f"log({self.positive(d, data)})", lambda: f"lgamma({self.positive(d, data)})",
            lambda: f"-{sub()}", lambda: f"square({sub()})", lambda: f"{self.positive(d, data)} ^ 1.5",
            lambda: f"({self.condition(1, data or not self.rough)} ? {sub()} : {sub()})",
            lambda: f"sum({vec()})", lambda: f"mean({vec()})", lambda: f"dot_product({vec()}, {vec()})",
            lambda: f"log_sum_exp({vec()})", lambda: f"log_sum_exp({sub()}, {sub()})", lambda: f"dot_self({vec()})",
            lambda: f"{vec()}' * {vec()}", lambda: f"({sub()}, {self.literal()}).1",
            lambda: f"log_mix(inv_logit({sub()}), {sub()}, {sub()})", lambda: f"fma({sub()}, {self.literal()}, {sub()})",
            lambda: f"normal_lpdf({sub()} | {sub()}, {self.positive(d, data)})",
            lambda: f"poisson_log_lpmf({self.a_count()} | {sub()})", lambda: f"({vec()})[{self.index(size)}]",
            lambda: f"sum({{{sub()}, {sub()}}})", lambda: f"variance({vec()})", lambda: f"{self.int(INT, 1)}",
            lambda: f"prod({vec()}) * 0.1", lambda: f"distance({vec()}, {vec()} + 3)",
            lambda: self.call(REAL, depth, data) or sub(), lambda: self.call(REAL, depth, data) or sub(),
            lambda: f"max({vec()})", lambda: f"fmin({sub()}, {sub()})", lambda: f"abs({sub()})",
            lambda: f"quad_form({self.matrix(('matrix', 'M', 'M'), d, data)}, {self.vector(vector('M'), d, data)})",
            lambda: f"trace({self.matrix(('matrix', 'M', 'M'), d, data)})"]
        return self.random.choice(ways)()

    # ---- containers

    def indices(self, size, of):
        """A multiple index that takes `of` elements of a dimension of `size`, or None."""
        ways = []
        if size == of:
            ways += [":", f"1 : {size}"]
        if size == "K" and of == "K":
            ways += ["perm", "twice", "perm[perm]"]
        if size == "G" and of == "N":
            ways += ["g"] * 3
        if size == "N" and of == "K":
            ways += [f"2 : {1 + SIZES['K']}", "some"]
        if size == "K" and of == "M":
            ways += ["2 : ", "{1, 3}", "twice[2 : 3]", " : 2"]
        if size == "G" and of == "K":
            ways += ["perm", "2 : ", "{4, 1, 4}"]
        return self.random.choice(ways) if ways else None

    def part(self, kind, data):
        """Several elements of another vector or array, or None."""
        found = []
        for v in self.scope:
            if v.data or not data:
                if v.kind[0] == kind[0] and kind[0] in ("vector", "row_vector"):
                    found += [(v.name, self.indices(v.kind[1], kind[1]))]
                if v.kind[0] == "array" == kind[0] and v.kind[2] == kind[2]:
                    found += [(v.name, self.indices(v.kind[1], kind[1]))]
                if v.kind[0] == "matrix" and kind[0] == "vector" and v.kind[1] == kind[1]:
                    found += [(v.name, f" : , {self.index(v.kind[2])}")]
                if v.kind[0] == "matrix" and kind[0] == "row_vector" and v.kind[2] == kind[1]:
                    found += [(v.name, self.index(v.kind[1]))]
                if v.kind[0] == "array" and v.kind[2] == kind:
                    found += [(v.name, self.index(v.kind[1]))]
        found = [f for f in found if f[1]]
        if not found:
            return None
        name, index = self.random.choice(found)
        return f"{name}[{index}]"

    def vector(self, kind, depth, data=False):
        n = kind[1]
        leaf = [lambda: self.pick(kind, data) or self.part(kind, data) or f"rep_vector({self.real(REAL, 0, data)}, {n})",
                lambda: self.part(kind, data) or self.pick(kind, data) or f"rep_vector({self.literal()}, {n})"]
        if depth <= 0:
            return self.random.choice(leaf)()
        d = depth - 1
        sub, one = lambda: self.vector(kind, d, data), lambda: self.real(REAL, d, data)
        other = self.random.choice(["K", "M", "G"])
        ways = leaf + [
            lambda: f"({sub()} + {sub()})", lambda: f"({sub()} - {sub()})", lambda: f"({one()} * {sub()})",
            lambda: f"({sub()} .* {sub()})", lambda: f"({sub()} + {one()})", lambda: f"{self.random.choice(SMOOTH)}({sub()})",
            lambda: f"({sub()} ./ (1.5 + square({sub()})))", lambda: f"-{sub()}", lambda: f"exp(0.2 * tanh({sub()}))",
            lambda: f"({self.matrix(('matrix', n, other), d, data)} * {self.vector(vector(other), d, data)})",
            lambda: f"({self.row(('row_vector', n), d, data)})'", lambda: f"rep_vector({one()}, {n})",
            lambda: f"to_vector({self.array(('array', n, REAL), d, data)})",
            lambda: f"({self.condition(1, data or not self.rough)} ? {sub()} : {sub()})",
            lambda: f"cumulative_sum({sub()})", lambda: f"reverse({sub()})", lambda: f"({sub()})[ : ]",
            lambda: self.call(kind, depth, data) or sub(), lambda: f"square({sub()})", lambda: f"fmax({sub()}, {one()})"]
        if n == "K":
            ways += [lambda: f"softmax({sub()})", lambda: f"[{one()}, {one()}, {one()}]'",
                     lambda: f"append_row({one()}, {self.vector(vector('M'), d, data)})"]
        if n == "M":
            ways += [lambda: f"head({self.vector(vector('K'), d, data)}, 2)", lambda: f"tail({self.vector(vector('K'), d, data)}, M)"]
        if n == "N":
            ways += [lambda: "y", lambda: f"(X * {self.vector(vector('K'), d, data)})"]
        return self.random.choice(ways)()

    def row(self, kind, depth, data=False):
        n = kind[1]
        leaf = [lambda: self.pick(kind, data) or self.part(kind, data) or f"rep_row_vector({self.real(REAL, 0, data)}, {n})"]
        if depth <= 0:
            return self.random.choice(leaf)()
        d = depth - 1
        sub, other = lambda: self.row(kind, d, data), self.random.choice(["K", "M"])
        return self.random.choice(leaf + [
            lambda: f"({sub()} + {sub()})", lambda: f"({self.real(REAL, d, data)} * {sub()})",
            lambda: f"({self.vector(vector(n), d, data)})'", lambda: f"tanh({sub()})",
            lambda: f"({self.row(('row_vector', other), d, data)} * {self.matrix(('matrix', other, n), d, data)})"])()

    def matrix(self, kind, depth, data=False):
        n, m = kind[1], kind[2]
        leaf = [lambda: self.pick(kind, data) or f"rep_matrix({self.real(REAL, 0, data)}, {n}, {m})"]
        if depth <= 0:
            return self.random.choice(leaf)()
        d = depth - 1
        sub = lambda: self.matrix(kind, d, data)
        ways = leaf * 3 + [
            lambda: f"({sub()} + {sub()})", lambda: f"({self.real(REAL, d, data)} * {sub()})", lambda: f"({sub()} .* {sub()})",
            lambda: f"({self.matrix(('matrix', m, n), d, data)})'", lambda: f"tanh({sub()})",
            lambda: f"({self.vector(vector(n), d, data)} * {self.row(('row_vector', m), d, data)})",
            lambda: f"({sub()} + 0.5)", lambda: f"diag_pre_multiply({self.vector(vector(n), d, data)}, {sub()})",
            lambda: f"rep_matrix({self.vector(vector(n), d, data)}, {m})"]
        if n == m:
            ways += [lambda: f"diag_matrix({self.vector(vector(n), d, data)})", lambda: f"add_diag({sub()}, {self.real(REAL, d, data)})",
                     lambda: f"inverse(add_diag(tanh({sub()}), 5))", lambda: f"tcrossprod({sub()})",
                     lambda: f"cholesky_decompose(add_diag(tcrossprod(tanh({sub()})), 1))"]
        return self.random.choice(ways)()

    def array(self, kind, depth, data=False):
        n, of = kind[1], kind[2]
        if of == INT:
            return self.pick(kind, True) or self.part(kind, True) or f"rep_array({self.int(INT, 0)}, {n})"
        leaf = [lambda: self.pick(kind, data) or self.part(kind, data) or f"rep_array({self.of(of, 0, data)}, {n})"]
        if depth <= 0:
            return self.random.choice(leaf)()
        d = depth - 1
        ways = leaf * 2 + [lambda: f"rep_array({self.of(of, d, data)}, {n})",
                           lambda: f"({self.condition(1)} ? {self.array(kind, d, data)} : {self.array(kind, d, data)})"]
        if SIZES[n] <= 3:
            ways += [lambda: "{" + ", ".join(self.of(of, d, data) for _ in range(SIZES[n])) + "}"] * 2
        if of == REAL:
            ways += [lambda: f"to_array_1d({self.vector(vector(n), d, data)})", lambda: f"reverse({self.array(kind, d, data)})"]
        return self.random.choice(ways)()

    def tuple(self, kind, depth, data=False):
        return self.pick(kind, data) or "(" + ", ".join(self.of(k, depth - 1, data) for k in kind[1:]) + ")"
