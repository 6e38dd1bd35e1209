"""Random Stan programs that are valid, for tests/interp/test_programs.py.

A program is a Program: declarations and a tree of statements. Several are put into one text, each with its
own names, as compiling costs most; all have the same data. Statements are strings or Blocks, which a shrinker
may remove one by one.
"""
import random
import re

from expressions import INT, REAL, SIZES, Expressions, Function, Variable, vector

DATA = """data {
  int<lower=0> N;
  int<lower=0> K;
  int<lower=0> G;
  int<lower=0> M;
  matrix[N, K] X;
  vector[N] y;
  array[N] real w;
  array[N] vector[K] U;
  array[N] int<lower=1, upper=G> g;
  array[N] int<lower=0> count;
  array[N] int<lower=0, upper=1> flag;
  array[K] int<lower=1, upper=K> perm;
  array[K] int<lower=1, upper=K> twice;
  array[K] int<lower=1, upper=N> some;
}
"""


def data(seed=1):
    r = random.Random(seed)
    n, k = SIZES["N"], SIZES["K"]
    real = lambda: round(r.uniform(-1, 1), 3)
    return {**SIZES, "X": [[real() for _ in range(k)] for _ in range(n)], "y": [real() for _ in range(n)],
            "w": [real() for _ in range(n)], "U": [[real() for _ in range(k)] for _ in range(n)],
            "g": [r.randint(1, SIZES["G"]) for _ in range(n)], "count": [r.randint(0, 5) for _ in range(n)],
            "flag": [r.randint(0, 1) for _ in range(n)], "perm": [3, 1, 2], "twice": [2, 1, 1], "some": [5, 2, 7]}


DATA_NAMES = [("X", ("matrix", "N", "K")), ("y", vector("N")), ("w", ("array", "N", REAL)),
              ("U", ("array", "N", vector("K"))), ("count", ("array", "N", INT))]


class Block:
    """A statement with others inside."""

    def __init__(self, head, inner, other=None):
        self.head, self.inner, self.other = head, inner, other  # other: statements of the else, or None


def text_of(statements, indent):
    out = ""
    for s in statements:
        if isinstance(s, Block):
            out += f"{indent}{s.head}\n{text_of(s.inner, indent + '  ')}{indent}}}"
            out += "\n" if s.other is None else f" else {{\n{text_of(s.other, indent + '  ')}{indent}}}\n"
        else:
            out += f"{indent}{s}\n"
    return out


def show(kind):
    """A sized declaration's type; arrays in front."""
    if kind[0] == "array":
        sizes, of = [kind[1]], kind[2]
        while of[0] == "array":
            sizes.append(of[1])
            of = of[2]
        return f"array[{', '.join(sizes)}] {show(of)}"
    if kind[0] == "tuple":
        return "tuple(" + ", ".join(show(k) for k in kind[1:]) + ")"
    return kind[0] + (f"[{', '.join(kind[1:])}]" if len(kind) > 1 else "")


def unsized(kind):
    if kind[0] == "array":
        return f"array[] {kind[2][0]}"
    return kind[0]


class Program:
    """functions, tdata, parameters (strings), tparameters, model: lists of statements."""

    PARTS = ("functions", "tdata", "parameters", "tparameters", "model")

    def __init__(self, seed, size=8, rough=False):
        self.prefix, self.seed = f"p{seed}_", seed
        self.functions, self.tdata, self.parameters, self.tparameters, self.model = [], [], [], [], []
        Maker(self, seed, size, rough).make()


def text(programs):
    """One Stan program of all of them."""
    out = "functions {\n" + "".join(text_of(p.functions, "  ") for p in programs) + "}\n" + DATA
    out += "transformed data {\n" + "".join(text_of(p.tdata, "  ") for p in programs) + "}\n"
    out += "parameters {\n" + "".join(text_of(p.parameters, "  ") for p in programs) + "}\n"
    out += "transformed parameters {\n" + "".join(text_of(p.tparameters, "  ") for p in programs) + "}\nmodel {\n"
    for p in programs:
        out += "  {\n" + text_of(p.model, "    ") + "  }\n"
    return out + "}\n"


PARAMETERS = [("real", REAL), ("real<lower=0>", REAL), ("real<lower=-1, upper=2>", REAL), ("real<upper=3>", REAL),
              ("real<offset=0.5, multiplier=2>", REAL), ("vector[K]", vector("K")), ("vector[N]", vector("N")),
              ("vector[G]", vector("G")), ("vector<lower=0>[K]", vector("K")), ("matrix[N, K]", ("matrix", "N", "K")),
              ("matrix[G, K]", ("matrix", "G", "K")), ("matrix[K, M]", ("matrix", "K", "M")),
              ("row_vector[K]", ("row_vector", "K")), ("simplex[K]", vector("K")), ("ordered[K]", vector("K")),
              ("positive_ordered[M]", vector("M")), ("array[G] vector[K]", ("array", "G", vector("K"))),
              ("array[N] real", ("array", "N", REAL)), ("array[N] vector[M]", ("array", "N", vector("M"))),
              ("cholesky_factor_corr[K]", ("matrix", "K", "K")), ("corr_matrix[K]", ("matrix", "K", "K")),
              ("cov_matrix[M]", ("matrix", "M", "M")), ("vector<lower=0, upper=1>[N]", vector("N")),
              ("unit_vector[K]", vector("K")), ("sum_to_zero_vector[G]", vector("G")),
              ("matrix[K, N]", ("matrix", "K", "N")), ("vector<offset=1, multiplier=0.5>[G]", vector("G"))]
LOCALS = [REAL, REAL, REAL, vector("K"), vector("N"), vector("G"), ("row_vector", "K"), ("matrix", "K", "M"),
          ("matrix", "N", "K"), ("array", "N", REAL), ("array", "K", REAL), ("array", "K", vector("M")),
          ("array", "M", ("array", "K", REAL)), INT, ("array", "K", INT), ("tuple", REAL, vector("K")),
          ("tuple", REAL, REAL), ("matrix", "M", "M")]


class Maker(Expressions):
    """Fills a Program."""

    def __init__(self, program, seed, size, rough):
        super().__init__(random.Random(seed))
        self.program, self.size, self.rough = program, size, rough
        self.names, self.depth, self.block = 0, 0, ""

    def name(self, stem):
        self.names += 1
        return f"{self.program.prefix}{stem}{self.names}"

    def make(self):
        p = self.program
        self.scope = [Variable(n, k, data=True) for n, k in DATA_NAMES]
        for _ in range(self.random.randint(0, 2)):
            self.function()
        self.block = "tdata"
        p.tdata = self.declared(self.random.randint(0, 2), data=True)
        for v in self.scope:
            v.writable = False
        for _ in range(self.random.randint(1, 4)):
            declared, kind = self.random.choice(PARAMETERS)
            v = Variable(self.name("a"), kind)
            p.parameters.append(self.declaration(declared, v.name))
            self.scope.append(v)
        self.block = "tparameters"
        p.tparameters = self.declared(self.random.randint(0, 2), ints=False)
        for v in self.scope:
            v.writable = False
        self.block, self.effects = "model", True
        p.model = self.statements(self.random.randint(2, self.size), top=True)
        p.model += [self.add() for _ in range(2)]

    @staticmethod
    def declaration(declared, name):
        return f"{declared} {name};"

    # ---- functions

    def function(self):
        """With arguments only in scope; loops, an early return, a density in it."""
        scope, result = self.scope, self.random.choice([REAL, REAL, vector("K")])
        kinds = [self.random.choice([REAL, vector("K"), vector("K"), ("array", "K", REAL), INT, vector("M")])
                 for _ in range(self.random.randint(1, 3))]
        effect = self.chance(0.25)
        name = self.name("f") + ("_lp" if effect else "")
        self.scope = [Variable(self.name("x"), k, data=k == INT) for k in kinds]
        head = f"{unsized(result)} {name}({', '.join(f'{unsized(v.kind)} {v.name}' for v in self.scope)}) {{"
        sizes = Sizes(self)
        inner = sizes.statements(self.random.randint(0, 3))
        if effect:
            inner.append(f"target += {sizes.of(REAL, 2)};")
        if self.chance(0.4):
            inner.append(Block(f"if ({sizes.condition(0)}) {{", [f"return {sizes.of(result, 1)};"]))
        if self.chance(0.3):
            v = sizes.name("n")
            sizes.scope.append(Variable(v, INT, data=True, loop="K"))
            inner.append(Block(f"for ({v} in 1 : 3) {{",
                               [Block(f"if ({sizes.condition(0)}) {{", [f"return {sizes.of(result, 1)};"])]))
            sizes.scope.pop()
        inner.append(f"return {sizes.of(result, 2)};")
        self.names = sizes.names
        self.program.functions.append(without_data(Block(head, inner)))
        self.scope = scope
        self.functions.append(Function(name, kinds, result, effect))

    # ---- statements

    def declared(self, count, data=False, ints=True):
        """Declarations of program variables, and what fills them."""
        out = []
        for _ in range(count):
            kind = self.random.choice([k for k in LOCALS if k[0] != "tuple" and (ints or "int" not in str(k))])
            out += self.declare(kind, data)
        if count and self.chance(0.5):
            out += self.statements(self.random.randint(1, 2), data=data)
        return out

    def declare(self, kind, data=False):
        """A new variable: with a value, or filled by a loop. Returns statements."""
        v = Variable(self.name("v"), kind, data=data or kind == INT or kind == ("array", "K", INT), writable=True)
        if kind[0] in ("vector", "array", "row_vector") and kind[-1] != INT and self.chance(0.4):
            n = kind[1]
            i = self.name("i")
            out = [f"{show(kind)} {v.name};"]
            self.scope.append(Variable(i, INT, data=True, loop=n))
            of = kind[2] if kind[0] == "array" else REAL
            inner = [f"{v.name}[{i}] = {self.of(of, 2, data)};"]
            if self.chance(0.3) and of == REAL:
                inner.append(Block(f"if ({i} > 1) {{", [f"{v.name}[{i}] += 0.3 * {v.name}[{i} - 1];"]))
            self.scope.pop()
            out.append(Block(f"for ({i} in 1 : {n}) {{", inner))
        else:
            out = [f"{show(kind)} {v.name} = {self.of(kind, 2, data)};"]
        self.scope.append(v)
        return out

    def statements(self, count, top=False, data=False):
        """So many of them, each of them one or a few; what they declare stays in scope."""
        out = []
        for _ in range(count):
            out += self.statement(data)
        return out

    def inner(self, count, loop=None, data=False):
        mark, self.depth = len(self.scope), self.depth + 1
        if loop:
            self.scope.append(loop)
        out = self.statements(count, data=data)
        del self.scope[mark:]
        self.depth -= 1
        return out

    def statement(self, data):
        model = self.block == "model"
        ways = [lambda: self.declare(self.random.choice(LOCALS), data)] * 3 + [lambda: self.assign(data)] * 5
        if model:
            ways += [lambda: [self.add()]] * 4
        if self.block in ("tdata", "tparameters"):
            ways = [lambda: self.assign(data)]
        if self.depth < 3:
            ways += [lambda: self.loop(data)] * 3 + [lambda: self.conditional(data)] * 2
            if model:
                ways += [lambda: self.each(), lambda: self.counted()]
        return self.random.choice(ways)()

    def loop(self, data):
        n = self.random.choice(["N", "N", "N", "K", "G", "M"] if self.depth == 0 else ["K", "M"])
        i = Variable(self.name("n"), INT, data=True, loop=n)
        inner = self.inner(self.random.randint(1, 3), i, data)
        if self.block == "model" and self.chance(0.1):
            inner.insert(0, f"if ({i.name} == 2) continue;")
        low = self.random.choice(["1", "1", "1", "2"])
        return [Block(f"for ({i.name} in {low} : {n}) {{", inner)]

    def each(self):
        """foreach; its variable is a real or what the array has."""
        kind = self.random.choice([vector("K"), ("array", "K", REAL), ("matrix", "K", "M"), ("array", "K", vector("M"))])
        over = self.of(kind, 1)
        v = Variable(self.name("e"), kind[2] if kind[0] == "array" else REAL)
        return [Block(f"for ({v.name} in {over}) {{", self.inner(self.random.randint(1, 2), v))]

    def counted(self):
        """while with a counter; break."""
        v = Variable(self.name("c"), INT, data=True)
        inner = self.inner(self.random.randint(1, 2), v)
        if self.chance(0.4):
            inner.append(f"if ({v.name} == 2) break;")
        return [f"int {v.name} = 0;", Block(f"while ({v.name} < {self.random.randint(1, 3)}) {{",
                                            [f"{v.name} += 1;"] + inner)]

    def conditional(self, data):
        condition = self.condition(1, data or not self.rough)
        inner = self.inner(self.random.randint(1, 2), data=data)
        other = self.inner(self.random.randint(1, 2), data=data) if self.chance(0.4) else None
        return [Block(f"if ({condition}) {{", inner, other)]

    def assign(self, data):
        """To a variable, or to elements of it; what stands on the right may be the variable itself."""
        found = [v for v in self.scope if v.writable and (v.data or not data)
                 and not (v.data and self.block == "model" and v.kind not in (INT, ("array", "K", INT)))]
        if not found:
            return self.declare(self.random.choice([k for k in LOCALS if k[0] != "tuple"]), data) if self.block == "model" else []
        v = self.random.choice(found)
        n, kind = v.name, v.kind
        data = data or v.data
        if kind == INT:
            return [f"{n} = ({self.int(INT, 2)}) % 5;"]
        if kind[0] == "array" and kind[2] == INT:
            return [self.random.choice([f"{n} = perm;", f"{n}[{self.index('K')}] = perm[{self.index('K')}];",
                                        f"{n}[perm] = {n};", f"{n}[2 : ] = {n}[ : 2];"])]
        if kind[0] == "tuple":
            parts = [f"{n}.{i + 1}" for i in range(len(kind) - 1)]
            ways = [f"{parts[0]} = {self.of(kind[1], 2)};", f"{n} = {self.of(kind, 2)};",
                    f"({', '.join(parts)}) = {self.of(kind, 2)};"]
            if kind[1] == kind[2]:
                ways += [f"({parts[1]}, {parts[0]}) = {n};", f"({parts[1]}, {parts[0]}) = ({parts[0]} + 1, {parts[1]});"]
            return [self.random.choice(ways)]
        ways = [lambda: f"{n} = {self.of(kind, 2, data)};"]
        if kind[0] != "array":
            ways += [lambda: f"{n} += {self.of(kind, 2, data)};", lambda: f"{n} -= {self.of(kind, 1, data)};",
                     lambda: f"{n} *= {self.of(REAL, 1, data)};", lambda: f"{n} /= {self.positive(1, data)};"]
        if kind[0] in ("vector", "row_vector", "matrix"):
            ways += [lambda: f"{n} .*= {self.of(kind, 1, data)};"]
        if kind[0] in ("vector", "row_vector", "array"):
            size, of = kind[1], kind[2] if kind[0] == "array" else REAL
            one = lambda: self.of(of, 2, data)
            ways += [lambda: f"{n}[{self.index(size)}] = {one()};"] * 3
            ways += [lambda: f"{n}[2 : ] = {n}[ : {size} - 1];", lambda: f"{n} = reverse({n});",
                     lambda: f"{n}[{self.index(size)}] = {n}[{self.index(size)}];"]
            if of == REAL:
                ways += [lambda: f"{n}[{self.index(size)}] += {one()};"] * 2
            if size == "K":
                ways += [lambda: f"{n}[perm] = {n};", lambda: f"{n}[twice] = {self.of(kind, 1, data)};",
                         lambda: f"{n} = {n}[twice];", lambda: f"{n}[{{3, 1}}] = {n}[{{1, 3}}];"]
                if kind[0] != "array":
                    ways += [lambda: f"{n}[twice] += {self.of(kind, 1, data)};", lambda: f"{n}[2 : ] *= 0.5;"]
        if kind[0] == "matrix":
            i, j = lambda: self.index(kind[1]), lambda: self.index(kind[2])
            ways += [lambda: f"{n}[{i()}, {j()}] = {self.of(REAL, 2, data)};", lambda: f"{n}[{i()}] = {self.row(('row_vector', kind[2]), 2, data)};",
                     lambda: f"{n}[ : , {j()}] = {self.vector(vector(kind[1]), 2, data)};", lambda: f"{n}[{i()}, {j()}] += {self.of(REAL, 1, data)};",
                     lambda: f"{n}[{i()}] = {n}[{i()}];", lambda: f"{n}[2 : ] = {n}[ : {kind[1]} - 1];",
                     lambda: f"{n}[{i()}, 2 : ] *= 2;"]
        return [self.random.choice(ways)()]

    def add(self):
        """To the log density."""
        n = self.random.choice(["N", "N", "N", "K", "G"])
        vec, one = lambda d=2: self.vector(vector(n), d), lambda d=2: self.real(REAL, d)
        pos = lambda: self.random.choice([self.positive(1), f"exp(0.3 * tanh({vec(1)}))", "2"])
        row = self.index("N")
        ways = [lambda: f"target += {one(3)};", lambda: f"target += {vec()};", lambda: f"{vec()} ~ normal({self.random.choice([vec(), one()])}, {pos()});",
                lambda: f"{one()} ~ normal({one()}, {self.positive(1)});", lambda: f"{vec()} ~ student_t(4, {one()}, {pos()});",
                lambda: f"{one()} ~ cauchy(0, {self.positive(1)});", lambda: f"y ~ normal({self.vector(vector('N'), 2)}, {self.positive(1)});",
                lambda: f"flag ~ bernoulli_logit({self.vector(vector('N'), 2)});", lambda: f"count ~ poisson_log({self.random.choice([self.vector(vector('N'), 2), one()])});",
                lambda: f"{pos()} ~ gamma({self.positive(1)}, 1.5);", lambda: f"inv_logit({vec(1)}) ~ beta({self.positive(1)}, 2);",
                lambda: f"target += normal_lpdf({vec()} | {one()}, {self.positive(1)});", lambda: f"{pos()} ~ lognormal({one()}, 1);",
                lambda: f"target += bernoulli_logit_lpmf(flag[{row}] | {one()});", lambda: f"{pos()} ~ exponential({self.positive(1)});",
                lambda: f"g[{row}] ~ categorical_logit({self.vector(vector('G'), 2)});", lambda: f"{vec()} ~ double_exponential({one()}, 1.5);",
                lambda: f"count[{row}] ~ poisson({self.positive(1)});", lambda: f"{vec()} ~ logistic({one()}, {self.positive(1)});",
                lambda: f"count ~ neg_binomial_2({self.positive(1)}, 3);", lambda: f"{vec()} ~ std_normal();",
                lambda: f"5 ~ binomial(7, inv_logit({one()}));", lambda: f"y[{row}] ~ normal({one()}, {self.positive(1)}) T[-2, ];",
                lambda: f"y ~ normal_id_glm(X, {one()}, {self.vector(vector('K'), 2)}, {self.positive(1)});",
                lambda: f"flag ~ bernoulli_logit_glm(X, {self.vector(vector('N'), 1)}, {self.vector(vector('K'), 1)});",
                lambda: f"{self.vector(vector('K'), 1)} ~ multi_normal({self.vector(vector('K'), 1)}, add_diag(tcrossprod(tanh({self.matrix(('matrix', 'K', 'K'), 1)})), 1));",
                lambda: f"U ~ multi_normal_cholesky({self.vector(vector('K'), 1)}, diag_matrix(exp(0.2 * tanh({self.vector(vector('K'), 1)}))));",
                lambda: f"target += log_sum_exp(normal_lpdf(y[{row}] | {one()}, 1), normal_lpdf(y[{row}] | {one()}, 2));",
                lambda: f"softmax({self.vector(vector('K'), 1)}) ~ dirichlet(exp(0.2 * tanh({self.vector(vector('K'), 1)})));"]
        statement = self.random.choice(ways)()
        return normalised(statement) if self.rough else statement


def normalised(statement):
    """`~` as an addition: what `~` drops is no constant where a condition depends on parameters."""
    of, tilde, density = statement.partition(" ~ ")
    if not tilde:
        return statement
    name, _, given = re.sub(r" T\[.*", "", density).rstrip(";").partition("(")
    discrete = re.match("bernoulli|binomial|poisson|neg_binomial|categorical", name)
    bar = "" if given == ")" else " | "
    return f"target += {name}_{'lpmf' if discrete else 'lpdf'}({of}{bar}{given};"


WORDS = {**{n: str(k) for n, k in SIZES.items()}, "y": "rep_vector(0.3, 7)", "X": "rep_matrix(0.2, 7, 3)",
         "perm": "{3, 1, 2}", "twice": "{2, 1, 1}"}


def without_data(s):
    """A function's statements: sizes and data as numbers."""
    if isinstance(s, str):
        return re.sub(r"\b(" + "|".join(WORDS) + r")\b", lambda m: WORDS[m.group()], s)
    return Block(without_data(s.head), [without_data(x) for x in s.inner],
                 None if s.other is None else [without_data(x) for x in s.other])


class Sizes(Maker):
    """Within a function, where data are out of reach: sizes are numbers."""

    def __init__(self, outer):
        super().__init__(outer.program, 0, outer.size, False)
        self.random, self.names, self.scope, self.block = outer.random, outer.names, outer.scope, "function"
        self.functions = list(outer.functions)

    def index(self, size, depth=1):
        loops = [v.name for v in self.scope if v.loop == size]
        ways = [lambda: str(self.random.randint(1, SIZES[size]))] + [lambda: self.random.choice(loops)] * (4 if loops else 0)
        return self.random.choice(ways)()

    def int(self, _kind, depth, _data=True):
        ways = [lambda: str(self.random.randint(0, 4)), lambda: self.pick(INT, True) or "2"]
        if depth > 0:
            ways += [lambda: f"({self.int(INT, 0)} {self.random.choice('+-*')} {self.int(INT, 0)})"]
        return self.random.choice(ways)()

    def a_count(self):
        return "3"

    def condition(self, depth, data=True):
        return f"{self.int(INT, 1)} {self.random.choice(['<', '>', '=='])} {self.int(INT, 0)}"

    def indices(self, size, of):
        ways = [":"] if size == of else []
        ways += ["{3, 1, 3}", "{2, 3, 1}"] if size == of == "K" else []
        return self.random.choice(ways) if ways else None
