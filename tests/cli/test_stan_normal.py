#!/usr/bin/env python3
"""Normals of all rows in Stan programs: their covariance is taken apart into functions of a tile, whichever way it is
written, with the density and gradient of the program as it stands, right by finite differences and by a formula of
our own; the same bits on 1, 2 and 3 ranks, the same draws; what cannot be taken apart is said, and runs as it stands.
"""
import json
import math
import os
import random
import subprocess
import sys
import tempfile

MASTING = os.environ["MASTING"]
RUN_MPI = os.environ["RUN_MPI"]
N, D = 110, 2  # two tiles, the second not whole

HEAD = """functions {
  real part(real a, real b) { real d = a - b; return exp(-abs(d)); }
  matrix built(vector v, vector t, real a) {
    int n = rows(v);
    matrix[n, n] m;
    for (i in 1:n) {
      m[i, i] = a + 1.5;
      for (j in (i + 1):n) {
        real s = 0;
        for (k in 1:2) s += square(v[i] - v[j]) * t[k];
        m[i, j] = a * exp(-s);
        m[j, i] = m[i, j];
      }
    }
    return m;
  }
}
data { int N; int D; array[N] real x; array[N] vector[D] X; matrix[N, D] Z; vector[N] v; vector[N] y;
  array[N] int<lower=1, upper=3> g; array[N] int<lower=1, upper=N> order; }
parameters { real<lower=0> a; real<lower=0> s; array[D] real<lower=0> r; vector[D] b; }
"""
PRIOR = "a ~ normal(0, 2); s ~ normal(1, 1); r ~ inv_gamma(3, 3); b ~ std_normal();"
NOISE = "for (n in 1:N) K[n, n] = K[n, n] + square(s);"

# what goes into the model block
TAKEN = {
    "guide": f"matrix[N, N] L; {{ matrix[N, N] K = gp_exp_quad_cov(x, a, r[1]); {NOISE} L = cholesky_decompose(K); }}"
             "y ~ multi_normal_cholesky(rep_vector(0, N), L);",
    "add_diag": "y ~ multi_normal(Z * b, add_diag(gp_exp_quad_cov(X, a, r), square(s)));",
    "triangle": """matrix[N, N] K;
      for (i in 1:(N - 1)) for (j in (i + 1):N) { K[i, j] = a * exp(-r[1] * square(x[i] - x[j])); K[j, i] = K[i, j]; }
      for (k in 1:N) K[k, k] = a + s;
      y ~ multi_normal(rep_vector(b[1], N), K);""",
    "lower": """matrix[N, N] K;
      for (i in 1:N) { for (j in 1:i) { K[i, j] = a * part(x[i], x[j]); K[j, i] = K[i, j]; } K[i, i] += s; }
      y ~ multi_normal(rep_vector(0, N), K);""",
    "if": """matrix[N, N] K;
      for (i in 1:N) for (j in 1:N) { if (i == j) K[i, j] = a + s; else K[i, j] = a * exp(-abs(x[i] - x[j]) / r[2]); }
      target += multi_normal_lpdf(y | rep_vector(0, N), K);""",
    "choose": """matrix[N, N] K;
      for (j in 1:N) for (i in 1:N) K[i, j] = a * exp(-abs(x[i] - x[j])) + (i == j ? s : 0) + (g[i] == g[j] ? r[1] : 0);
      y ~ multi_normal(v * b[1], K);""",
    "sum": """matrix[N, N] K = gp_exp_quad_cov(x, a, r[1]) + gp_periodic_cov(x, s, r[2], 1.5)
        + diag_matrix(rep_vector(square(s) + 0.1, N));
      y ~ multi_normal(rep_vector(0, N), K);""",
    "noises": """vector[N] w = exp(b[1] * v) + 0.1;
      y ~ multi_normal(rep_vector(0, N), add_diag(gp_matern32_cov(x, a, r[1]), square(w)));""",
    "matern": """matrix[N, N] K = gp_matern52_cov(X, a, r) + gp_exponential_cov(x, s, r[1]);
      for (n in 1:N) K[n, n] += 1e-6 + square(s);
      matrix[N, N] L = cholesky_decompose(K);
      y ~ multi_normal_cholesky(Z * b, L);""",
    "function": "y ~ multi_normal(rep_vector(0, N), built(v, to_vector(r), a));",
    "linear": """matrix[N, N] K = add_diag(a * Z * Z', square(s));
      y ~ multi_normal(rep_vector(0, N), K);""",
    "terms": """matrix[N, N] K = rep_matrix(0, N, N);
      for (k in 1:D) for (i in 1:N) for (j in 1:N) K[i, j] += r[k] * exp(-square(X[i, k] - X[j, k]));
      for (n in 1:N) K[n, n] += square(s);
      y ~ multi_normal(rep_vector(0, N), K);""",
    "reordered": f"""matrix[N, N] K; {{ matrix[N, N] M = gp_exp_quad_cov(x, a, r[1]);
      for (i in 1:N) for (j in 1:N) K[i, j] = M[j, i] * exp(-abs(v[order[i]] - v[order[j]])); }} {NOISE}
      y ~ multi_normal(rep_vector(0, N), K);""",
    "changed": """real t = a; matrix[N, N] K;
      for (i in 1:N) for (j in 1:N) K[i, j] = t * exp(-square(x[i] - x[j]));
      t = s; for (n in 1:N) K[n, n] += t;
      t = 3; y ~ multi_normal(rep_vector(t * b[1], N), K);""",
    "two": """matrix[N, N] K = gp_exp_quad_cov(x, a, r[1]); matrix[N, N] M = gp_exponential_cov(X, s, r);
      for (n in 1:N) { K[n, n] += s; M[n, n] += a; }
      y ~ multi_normal(rep_vector(0, N), K); v ~ multi_normal(Z * b, K); y ~ multi_normal(v * b[2], M);""",
}
LATENT = (HEAD.replace("vector[D] b; }", "vector[D] b; vector[N] f; }"),
          "f ~ multi_normal(rep_vector(b[1], N), add_diag(gp_exp_quad_cov(x, a, r[1]), 0.1)); y ~ normal(f, s);")

# why it cannot be
REFUSED = {
    "more": ("matrix[N, N] K = add_diag(gp_exp_quad_cov(x, a, r[1]), s); y ~ multi_normal(rep_vector(0, N), K);"
             "target += K[1, 2];", "the covariance, or its factor, is used for more than this density"),
    "factor": (f"matrix[N, N] K = gp_exp_quad_cov(x, a, r[1]); {NOISE} matrix[N, N] L = cholesky_decompose(K);"
               "L[1, 1] += 1; y ~ multi_normal_cholesky(rep_vector(0, N), L);", "the factor is not that of a covariance"),
    "carried": ("matrix[N, N] K; real t = 0; for (i in 1:N) { t += a; for (j in 1:N) K[i, j] = t * (i == j); }"
                "y ~ multi_normal(rep_vector(0, N), K);", "t goes on from element to element"),
    "neighbour": ("matrix[N, N] K = rep_matrix(0, N, N); K[1, 1] = a; for (i in 2:N) K[i, i] = K[i - 1, i - 1] + s;"
                  "y ~ multi_normal(rep_vector(0, N), K);", "an element of K is computed from one that the same loop"),
    "first": ("matrix[N, N] K = rep_matrix(0, N, N); for (i in 1:N) { K[i, 1] = a; for (j in 1:N) K[i, j] = K[i, 1] + s; }"
              "y ~ multi_normal(rep_vector(0, N), K);", "is computed from one that the same loop"),
    "added": ("matrix[N, N] K = rep_matrix(0, N, N);"
              "for (i in 1:N) for (j in 1:i) { K[j, i] = a; K[j, i] += s * (i == j); K[i, j] = K[j, i]; }"
              "y ~ multi_normal(rep_vector(0, N), K);", "is computed from one that the same loop"),
    "turns": ("matrix[N, N] K; for (i in 1:N) for (j in 1:N) { K[i, j] = a * (i == j); K[j, i] = s * (i == j); }"
              "y ~ multi_normal(rep_vector(0, N), K);", "an element is written by two iterations of a loop"),
    "branch": (f"matrix[N, N] K = gp_exp_quad_cov(x, a, r[1]); {NOISE} if (N > 3) y ~ multi_normal(rep_vector(0, N), K);",
               "stands in a loop or a condition"),
    "squares": ("matrix[N, N] A = gp_exp_quad_cov(x, a, r[1]); matrix[N, N] K = add_diag(tcrossprod(A), s);"
                "y ~ multi_normal(rep_vector(0, N), K);", "it is not computed element by element"),
}


def die(text, done=None):
    print("FAIL", text)
    if done is not None:
        print(done.stdout[-2000:], done.stderr[-2000:])
    sys.exit(1)


def run(*words, ranks=0, status=0):
    command = [MASTING, *words] if not ranks else ["sh", RUN_MPI, str(ranks), MASTING, *words]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))
    if done.returncode != status:
        die(" ".join(command), done)
    return done


def values(name, *more, ranks=0):
    text = run("check", f"{name}.stan", "data.json", "--at", "points.json", "--json", *more, ranks=ranks).stdout
    return [v for p in json.loads(text)["points"] for v in [p["lp"], *p["grad"]]]


def same(name, ours, theirs):
    for i, (a, b) in enumerate(zip(ours, theirs)):
        if not abs(a - b) <= 1e-10 * (1 + abs(b)):
            die(f"{name}: value {i}: {a} and {b}")
    if len(ours) != len(theirs):
        die(f"{name}: {len(ours)} and {len(theirs)} values")


def write(name, body, head=HEAD):
    with open(f"{name}.stan", "w") as f:
        f.write(f"{head}model {{\n{body}\n{PRIOR}\n}}\n")


def points(count):
    rng = random.Random(7)
    with open("points.json", "w") as f:
        json.dump({"points": [[rng.uniform(-0.5, 0.5) for _ in range(count)] for _ in range(2)]}, f)


def data():
    rng = random.Random(3)
    d = {"N": N, "D": D, "x": [rng.uniform(0, 9) for _ in range(N)], "v": [rng.uniform(-1, 1) for _ in range(N)],
         "X": [[rng.uniform(0, 4) for _ in range(D)] for _ in range(N)], "Z": [[rng.gauss(0, 1) for _ in range(D)] for _ in range(N)],
         "g": [rng.randint(1, 3) for _ in range(N)], "order": rng.sample(range(1, N + 1), N)}
    d["y"] = [math.sin(x) + rng.gauss(0, 0.3) for x in d["x"]]
    with open("data.json", "w") as f:
        json.dump(d, f)
    return d


def log_density(d, free):
    """Of "add_diag" with its constants that depend on parameters, by plain elimination."""
    a, s, r, b = math.exp(free[0]), math.exp(free[1]), [math.exp(free[2]), math.exp(free[3])], free[4:6]
    X, Z = d["X"], d["Z"]
    K = [[a * a * math.exp(-0.5 * sum(((X[i][k] - X[j][k]) / r[k]) ** 2 for k in range(D))) + (s * s if i == j else 0)
          for j in range(N)] for i in range(N)]
    e = [d["y"][i] - sum(Z[i][k] * b[k] for k in range(D)) for i in range(N)]
    lp = 0.0
    for j in range(N):
        lp -= 0.5 * math.log(K[j][j]) + 0.5 * e[j] ** 2 / K[j][j]
        for i in range(j + 1, N):
            f = K[i][j] / K[j][j]
            e[i] -= f * e[j]
            for k in range(i, N):
                K[i][k] -= f * K[j][k]
                K[k][i] = K[i][k]
    lp += -0.5 * (a / 2) ** 2 - 0.5 * (s - 1) ** 2 - 0.5 * sum(x * x for x in b)
    lp += sum(-4 * math.log(x) - 3 / x for x in r)
    return lp + sum(free[:4])


def test_taken(d):
    everywhere = ("--covariance-spread", "1")
    for name, body in TAKEN.items():
        write(name, body)
        explained = run("compile", f"{name}.stan", "--explain", *everywhere)
        if explained.stdout.count("the covariance of N rows is spread over the ranks") != (3 if name == "two" else 1):
            die(f"{name}: not taken apart", explained)
        ours = values(name, *everywhere)
        same(name, ours, values(name, "--covariance-spread", "0"))
        run("check", f"{name}.stan", "data.json", "--points", "1", *everywhere)  # by finite differences
        if name == "add_diag":
            with open("points.json") as f:
                free = json.load(f)["points"]
            got = ours[0] - ours[7]
            want = log_density(d, free[0]) - log_density(d, free[1])
            if not abs(got - want) < 1e-9 * (1 + abs(want)):
                die(f"{name}: difference of log densities {got}, expected {want}")
        if name in ("two", "guide"):
            for ranks in (1, 2, 3):
                if values(name, *everywhere, ranks=ranks) != ours:
                    die(f"{name}: other bits on {ranks} ranks")


def test_latent():
    write("latent", LATENT[1], LATENT[0])
    points(4 + D + N)
    same("latent", values("latent", "--covariance-spread", "1"), values("latent", "--covariance-spread", "0"))


def test_refused():
    for name, (body, why) in REFUSED.items():
        write(name, body)
        explained = run("compile", f"{name}.stan", "--explain", "--covariance-spread", "1")
        said = f"the covariance of a normal is not spread over the ranks: line "
        if why not in explained.stdout or said not in explained.stdout:
            die(f"{name}: expected `{why}`", explained)
    same("more", values("more", "--covariance-spread", "1"), values("more", "--covariance-spread", "0"))


def test_threshold():
    """Few rows stay in lanes; --shard asks for something else."""
    for option, spread in ((("--covariance-spread", str(N)), True), (("--covariance-spread", str(N + 1)), False),
                           (("--covariance-spread", "1", "--shard", "N"), False), (("--covariance-spread", "1", "--shard", "none"), True)):
        took = values("guide", *option) == values("guide", "--covariance-spread", "1")
        if took != spread:
            die(f"{option}: {'not ' if spread else ''}spread")


def test_draws():
    for ranks in (1, 2, 3):
        run("sample", "two.stan", "data.json", "--covariance-spread", "1", "--seed", "4", "--chains", "3", "--warmup", "8",
            "--draws", "4", "--max-depth", "4", "--progress", "none", "--force", "-o", f"draws{ranks}.h5", ranks=ranks)
    dump = os.path.join(os.environ["builddir"], "tests", "laws", "dump_draws")
    texts = {subprocess.run([dump, f"draws{r}.h5"], capture_output=True).stdout for r in (1, 2, 3)}
    if len(texts) != 1 or not min(map(len, texts)):
        die("other draws on other ranks")


def main():
    with tempfile.TemporaryDirectory(prefix="masting-test-") as folder:
        os.chdir(folder)
        os.environ["MASTING_CACHE"] = os.path.join(folder, "cache")
        d = data()
        points(4 + D)
        test_taken(d)
        test_refused()
        test_threshold()
        test_draws()
        test_latent()


main()
