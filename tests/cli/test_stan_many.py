#!/usr/bin/env python3
"""Programs of thousands of scalars and statements are translated in memory that grows with them, not with their square.

The limit on memory is some five times what is needed; before, 1,000 scalars took 10 GB.
"""
import os
import resource
import subprocess
import sys
import tempfile

MASTING = os.environ.get("MASTING", "masting")
MEMORY = 2 << 30  # bytes


def scalars(n):
    """A parameter and a statement each."""
    return ("data { int N; vector[N] y; }\nparameters {\n" + "".join(f"  real p{i};\n" for i in range(n))
            + "}\nmodel {\n" + "".join(f"  p{i} ~ normal({i % 7}, 1.5);\n" for i in range(n)) + "  y ~ normal(p0, 1);\n}\n")


def transformed(n):
    """A transformed parameter each, read by the statement of the one before."""
    return (f"parameters {{ vector[{n}] b; }}\ntransformed parameters {{\n"
            + "".join(f"  real a{i} = b[{i + 1}] + {i}.0;\n" for i in range(n)) + "}\nmodel {\n"
            + "".join(f"  a{i} ~ normal(0, 1 + square(a{(i + 1) % n}));\n" for i in range(n)) + "}\n")


def body(n):
    """A loop over rows with a local each."""
    return (f"data {{ int N; vector[N] y; }}\nparameters {{ vector[{n}] b; }}\nmodel {{ for (n in 1:N) {{ real t = 0;\n"
            + "".join(f"  real u{i} = exp(b[{i + 1}] * y[n]); t += u{i};\n" for i in range(n)) + "  target += -t; } }\n")


def sums(n):
    """A chain of local sums, each read by the next."""
    return ("parameters { real mu; }\nmodel {\n  real s0 = mu;\n"
            + "".join(f"  real s{i} = s{i - 1} + mu * {i % 3};\n" for i in range(1, n)) + f"  target += s{n - 1};\n}}\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "many.stan")
        for make in (scalars, transformed, body, sums):
            with open(path, "w", encoding="ascii") as f:
                f.write(make(3000))
            run = subprocess.run([MASTING, "compile", path, "--emit-c"], capture_output=True, text=True, check=False,
                                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)))
            if run.returncode or "MASTING_MODEL" not in run.stdout:
                print(f"FAIL {make.__doc__}\n{run.returncode}\n{run.stderr[-2000:]}")
                sys.exit(1)


main()
