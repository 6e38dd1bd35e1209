#!/usr/bin/env python3
"""Names of users and of the compiler never meet a name of the C that is made of a program.

Variables called like C's words, macros and functions and like the emitter's own names stand wherever a
program declares any; gradients are compared with formulas. When the C compiler refuses such C all the
same, the user is told the line of the program, whose fault it is, and where the C is.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

MASTING = os.environ.get("MASTING", "masting")
top = os.environ.get("srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
INCLUDE = os.environ.get("MASTING_INCLUDE", os.path.join(top, "include"))

NAMES = """at row_out row_theta state state_ slot kept size theta shared shared_grad normal normal_grad grad lp block
rows row first_row rng out ops trouble elements opaque problem pass phase values arena tape mark derived at_theta
at_output model_state model_setup model_rows model_data model_sizes row_target no_lanes slots seek uniform i end count
constant cond double float register restrict volatile goto switch case default char short long signed unsigned enum
union inline sizeof do asm typeof linux unix errno stdin stderr NULL NAN INFINITY HUGE_VAL EOF DOMAIN OVERFLOW M_PI
RAND_MAX I bool vreal vmask v_all v_get d_log d_lgamma masting masting_index masting_block MASTING_TILE MASTING_LANES
MASTING_KNOWN_N MASTING_FEW int32_t int64_t size_t uint16_t memcpy memset malloc free printf fprintf fputs j0 y1
gamma signgam main assert isnan isinf fpclassify Sleef_expd8_u10avx512f la_copy mst_x x_adj a_2 a__2 a_ a b_ b__c x_
x_adj_ x_lanes abort exit time signal index remainder significand drem gamma_r stpcpy ffs""".split()


def fail(*what):
    print("FAIL", *what)
    sys.exit(1)


def headers_have_none():
    """The law of src/lang/ir/ir_names.c: nothing that the C includes has a name that ends in two underscores."""
    text = "".join(f"#include <masting/{h}.h>\n" for h in
                   ("model_abi", "stan/linalg", "stan/run", "stan/special", "stan/ode_rk"))
    cc = os.environ.get("CC", "cc").split()
    run = subprocess.run([*cc, "-std=gnu17", "-DMASTING_LANES=2", f"-I{INCLUDE}", "-E", "-dD", "-"], input=text,
                         capture_output=True, text=True, check=False)
    if run.returncode:
        fail("the headers:", run.stderr)
    met = sorted(set(re.findall(r"\b[A-Za-z]\w*__\b", run.stdout)))
    if met:
        fail("names of headers that end in two underscores:", met)


class Program:
    """What a name is: data of rows, a parameter and so on in turn. Numbers of rows: y_i = w_i in each of N rows."""

    def __init__(self, turn):
        self.blocks = {b: [] for b in ("functions", "data", "transformed data", "parameters", "transformed parameters",
                                       "model", "generated quantities")}
        self.N, self.mu, self.slope = 3, 1.5, 0.0
        self.data, self.point, self.grad = {"N": self.N}, [], []
        for i, name in enumerate(NAMES):
            self.add(name, (i + turn) % 9, (i + 1) / 100)

    def add(self, name, place, w):
        b, n, mu = self.blocks, self.N, self.mu
        if place == 0:
            b["data"].append(f"vector[N] {name};")
            b["model"].append(f"{name} ~ normal(mu, 1);")
            self.data[name] = [w] * n
            self.slope -= n * (mu - w)
        elif place == 1:
            b["parameters"].append(f"real {name};")
            b["model"].append(f"{name} ~ normal({w}, 1);")
            self.point.append(2 * w)
            self.grad.append(w - 2 * w)
        elif place == 2:
            b["model"].append(f"real {name} = mu * {w}; target += -{name};")
            self.slope -= w
        elif place == 3:
            b["transformed data"].append(f"vector[N] {name} = rep_vector({w}, N);")
            b["model"].append(f"{name} ~ normal(mu, 1);")
            self.slope -= n * (mu - w)
        elif place == 4:
            b["functions"].append(f"real f_{len(b['functions'])}_f(real {name}) {{ return {name} * {w}; }}")
            b["model"].append(f"target += f_{len(b['functions']) - 1}_f(mu);")
            self.slope += w
        elif place == 5:
            b["model"].append(f"for ({name} in 1:N) target += mu * {w} * {name};")
            self.slope += w * n * (n + 1) / 2
        elif place == 6:
            b["transformed parameters"].append(f"real {name} = mu * {w};")
            b["model"].append(f"target += {name};")
            self.slope += w
        elif place == 7:
            b["generated quantities"].append(f"array[N] real {name}; for (n in 1:N) {name}[n] = normal_rng(mu, 1);")
        else:
            b["parameters"].append(f"vector[N] {name};")
            b["model"].append(f"for (n in 1:N) {name}[n] ~ normal(mu, 1);")
            self.point += [w] * n
            self.grad += [mu - w] * n
            self.slope -= n * (mu - w)

    def text(self):
        self.blocks["data"].insert(0, "int<lower=1> N;")
        self.blocks["parameters"].append("real mu;")
        parts = [f"{b} {{\n  " + "\n  ".join(lines) + "\n}\n" for b, lines in self.blocks.items()]
        # declarations first in blocks of locals
        return "".join(parts)


def gradients_hold(turn):
    p = Program(turn)
    for name, content in (("p.stan", p.text()), ("d.json", json.dumps(p.data)),
                          ("at.json", json.dumps({"points": [p.point + [p.mu]]}))):
        with open(name, "w", encoding="ascii") as f:
            f.write(content)
    run = subprocess.run([MASTING, "check", "p.stan", "d.json", "--at", "at.json", "--json", "--chains", "1"],
                         capture_output=True, text=True, check=False)
    if run.returncode:
        fail(f"names in turn {turn}:", run.stderr)
    got, want = json.loads(run.stdout)["points"][0]["grad"], p.grad + [p.slope]
    for k, (a, b) in enumerate(zip(got, want, strict=True)):
        if abs(a - b) > 1e-9 * (1 + abs(b)):
            fail(f"turn {turn}: slope {k} is {a}, expected {b}")


def refusal_is_told():
    """A C compiler that refuses the line of the C that adds a normal."""
    with open("broken.stan", "w", encoding="ascii") as f:
        f.write("data {\n  int N;\n  vector[N] y;\n}\nparameters {\n  real mu;\n}\nmodel {\n  y ~ normal(mu, 1);\n}\n")
    with open("cc.sh", "w", encoding="ascii") as f:
        f.write("""#!/bin/sh
for a; do case $a in *.c) source=$a ;; esac; done
line=$(grep -n '/[*] .*:9 [*]/' "$source" | tail -n 1 | cut -d: -f1)
echo "$source: In function 'model_rows':" >&2
echo "$source:$((line + 1)):7: error: something is 'undeclared'" >&2
exit 1
""")
    os.chmod("cc.sh", 0o755)
    run = subprocess.run([MASTING, "compile", "broken.stan", "--cc", "./cc.sh"], capture_output=True, text=True,
                         check=False)
    if run.returncode != 2 or len(run.stderr.splitlines()) != 1:
        fail("a refused C:", run.returncode, run.stderr)
    told = re.fullmatch(r"masting: error: broken.stan:9: the C made of this line is refused; this is a fault of "
                        r"masting; expected that ./cc.sh takes it, got 'something is 'undeclared''; try --shard none, "
                        r"and please report the program with (\S+), line \d+\n", run.stderr)
    if not told or not os.path.exists(told[1]):
        fail("a refused C:", run.stderr)
    with open("cc.sh", "w", encoding="ascii") as f:
        f.write("#!/bin/sh\necho 'cc: error: unrecognized option -O7' >&2\nexit 4\n")
    run = subprocess.run([MASTING, "compile", "broken.stan", "--cc", "./cc.sh"], capture_output=True, text=True,
                         check=False)
    if run.stderr != ("masting: error: broken.stan: ./cc.sh ended with status 4; expected a C compiler that takes its "
                      "options, got 'unrecognized option -O7'; try another --cc or other --cflags\n"):
        fail("a C compiler's own fault:", run.stderr)


def files_may_be_called_anything():
    """A file's name stands in comments, strings and formats of the C."""
    os.mkdir("a*")
    text = ("data { int N; vector[N] y; }\ntransformed data { if (N > 1) reject(\"100 % of \", N); }\n"
            "parameters { real mu; }\nmodel { y ~ normal(mu, 1); }\n")
    for name in ("a*/m.stan", "%s%n \"m\".stan"):
        with open(name, "w", encoding="ascii") as f:
            f.write(text)
        with open("two.json", "w", encoding="ascii") as f:
            f.write('{"N": 2, "y": [1, 2]}')
        run = subprocess.run([MASTING, "check", name, "two.json"], capture_output=True, text=True, check=False)
        if f"{name}:2: 100 % of 2" not in run.stderr:
            fail(name, run.stderr)


headers_have_none()
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    os.environ["MASTING_CACHE"] = os.path.join(folder, "cache")
    refusal_is_told()
    files_may_be_called_anything()
    for k in (0, 4, 7):
        gradients_hold(k)
