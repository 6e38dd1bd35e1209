"""compare.py and reference.py judge rightly: a toy posteriordb, oracle files written by hand, and a
program in masting's place whose answers are right, wrong or missing. (reference.py: its statistics,
where MASTING_PYTHON has ArviZ.)"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = (
    Path(os.environ.get("srcdir", Path(__file__).resolve().parents[2])) / "tests" / "posteriordb"
)
sys.path.insert(0, str(HERE))
import compare  # noqa: E402
from database import first_error, parameter_types, reason_of  # noqa: E402

# In masting's place: what it answers stands in a file beside it, named by the model.
FAKE = """#!{python}
import json, sys, time
from pathlib import Path
model = Path(sys.argv[2])
text = model.read_text()
assert json.loads(Path(sys.argv[3]).read_text()) == {{"N": 3}} if sys.argv[1] == "check" else True
if "REFUSED" in text or "BROKEN" in text and sys.argv[1] == "check":
    sys.stderr.write(f"a warning\\nmasting: error: {{model}}:3:7: no function 'foo'\\n  3 | foo\\n")
    sys.exit(2)
if "SLOW" in text:
    time.sleep(60)
if sys.argv[1] == "check":
    points = json.loads(Path(sys.argv[sys.argv.index("--at") + 1]).read_text())["points"]
    off = 1e-6 if "WRONG" in text else 1e-10
    half = 2.0 if "LP" in text else 1.0
    print(json.dumps({{"points": [
        {{"lp": "-Inf", "grad": ["NaN", "NaN"]}} if x == 9 else
        {{"lp": 7 - 0.5 * half * (x * x + y * y), "grad": [-x + off, -y]}} for x, y in points]}}))
"""

PROGRAMS = {
    "right": "parameters { real x; real y; }",
    "wrong": "parameters { real x; real y; } // WRONG simplex[2] y;",
    "lp": "parameters { vector[2] LP; }",
    "moved": "data { int N; } parameters { array[1] simplex[3] WRONG; }",
    "refused": "parameters { real REFUSED; }",
    "broken": "parameters { real BROKEN; }",
    "old": "parameters { simplex[3] WRONG; }",
    "solver": "parameters { real WRONG; } model { ode_rk45 (f); }",
    "eigen": "parameters { real WRONG; } model { m = eigenvectors_sym(a); }",
    "slow": "parameters { real SLOW; }",
    "dataless": "parameters { real x; }",
}
WANTED = {
    "right": "ok",
    "wrong": "differs",
    "lp": "differs",
    "moved": "transform differs",
    "refused": "does not compile",
    "broken": "fails",
    "old": "differs",
    "solver": "ok",
    "eigen": "ill-conditioned",
    "slow": "no answer",
    "dataless": "no data",
}


def make(top):
    """The toy checkout, the oracle's files and the program in `top`."""
    base = top / "posteriordb" / "posterior_database"
    for folder in ("posteriors", "models/stan", "data/data"):
        (base / folder).mkdir(parents=True)
    (top / "oracle").mkdir()
    with zipfile.ZipFile(base / "data/data/toy.json.zip", "w") as archive:
        archive.writestr("toy.json", '{"N": 3}')
    points = [[1.0, 2.0], [9, 0], [-3.0, 0.5]]
    for name, text in PROGRAMS.items():
        (base / "models/stan" / f"{name}.stan").write_text(text)
        data = "none" if name == "dataless" else "toy"
        (base / "posteriors" / f"toy-{name}.json").write_text(
            json.dumps({"name": f"toy-{name}", "model_name": name, "data_name": data})
        )
        oracle = {
            "posterior": f"toy-{name}",
            "points": points,
            "stan_version": "2.36.0" if name == "old" else "2.37.0",
            "unconstrained_names": ["x", "y"],
            "lp": [-2.5, "NaN", -4.625],
            "grad": [[-1.0, -2.0], [0, 0], [3.0, -0.5]],
        }
        (top / "oracle" / f"toy-{name}.json").write_text(json.dumps(oracle))
    program = top / "masting"
    program.write_text(FAKE.format(python=sys.executable))
    program.chmod(0o755)


def run_compare(top, *options):
    return subprocess.run(
        [
            sys.executable,
            HERE / "compare.py",
            top / "posteriordb",
            top / "oracle",
            top / "masting",
            "--timeout",
            "3",
            "--jobs",
            "2",
            *options,
        ],
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_table(top):
    done = run_compare(top, "--json")
    rows = {r["posterior"][4:]: r for r in json.loads(done.stdout)}
    assert {n: r["verdict"] for n, r in rows.items()} == WANTED, done.stdout + done.stderr
    assert done.returncode == 1
    assert rows["right"]["compiles"] and rows["right"]["grad"] < 1e-9
    assert rows["wrong"]["lp"] == 0 and 1e-7 < rows["wrong"]["grad"] < 1e-6
    assert rows["wrong"]["remark"].startswith("point 1, d/d x: masting -0.999999, Stan -1")
    assert abs(rows["lp"]["lp"] - 0.5) < 1e-12, "a difference of -4.25 where Stan has -2.125"
    assert rows["refused"]["remark"] == "refused.stan:3:7: no function 'foo'"
    assert rows["refused"]["compiles"] is False and rows["broken"]["compiles"] is True
    done = run_compare(top, "--only", "toy-r", "--need", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "    1  does not compile: no function 'foo'\n" in done.stdout, done.stdout
    assert run_compare(top, "--only", "toy-r", "--need", "2").returncode == 1
    assert "no oracle files named like nobody" in run_compare(top, "--only", "nobody").stderr


def test_parts():
    inf, nan = float("inf"), float("nan")
    assert compare.lp_error([1e9, 1e9 + 1], [0, 1]) == 0
    assert compare.lp_error([0, -inf], [0, nan]) == 0
    assert compare.lp_error([0, -inf], [0, 1]) == inf
    error, element = compare.grad_error([1e3, 0.0], [1e3, 1e-6])
    assert abs(error - 1e-9) < 1e-15 and element == 1
    assert compare.grad_error([nan], [1.0]) == (inf, 0)
    text = """// parameters { simplex[9] s; }
      data { simplex[3] a; } transformed parameters { ordered[2] d; }
      parameters { array[2, N] simplex[K] b; real<lower=0, upper=f(1)> c[3]; /* ; */
        cov_matrix[2] e; } model { ordered[3] f; }"""
    assert parameter_types(text) == {"simplex", "real", "cov_matrix"}
    assert parameter_types("model { }") == set()
    assert first_error(-11, "") == "signal 11"
    assert first_error(3, "") == "exit status 3"
    assert first_error(2, "masting: error: ../a/b/m.stan:1: bad\n") == "m.stan:1: bad"
    assert reason_of("m.stan:3:7: size 4 is not 5") == "size # is not #"


def test_reference():
    try:
        import numpy as np
        import reference
    except ImportError:
        return "no ArviZ: reference.py was passed over"
    rng = np.random.default_rng(1)
    ours = {"mu": rng.normal(size=(8, 1000)), "w": rng.normal(size=(8, 1000, 2, 3))}
    names = ["mu", "w[1,1]", "w[2,3]", "tau"]
    chains = [{n: rng.normal(size=1000).tolist() for n in names} for _ in range(10)]
    row = reference.compare_draws(ours, chains)
    assert (row["verdict"], row["elements"], row["over"]) == ("ok", 3, 0), row
    assert row["remark"] == "1 not stored, tau among them" and 0 < row["z"] < 4
    ours["w"][:, :, 1, 2] += 0.1
    row = reference.compare_draws(ours, chains)
    assert (row["verdict"], row["worst"]) == ("differs", "w[2,3]") and 6 < row["z"] < 9, row
    ours["w"][:, :, 1, 2] *= 1.2  # a wrong scale at the right mean shows in the squares
    ours["w"][:, :, 1, 2] -= ours["w"][:, :, 1, 2].mean()
    assert reference.compare_draws(ours, chains)["worst"] == "w[2,3]^2"
    ours["mu"] = ours["mu"] + 3 * np.arange(8)[:, None]
    assert reference.compare_draws({"mu": ours["mu"]}, chains)["verdict"] in (
        "ok",
        "not converged",
    )
    assert reference.compare_draws({}, chains)["verdict"] == "nothing"
    assert (
        reference.z_of((1.0, 0.0), (1.0, 0.0)) == 0 and reference.z_of((1.1, 0.0), (1.0, 0.0)) > 5
    )
    assert reference.element(ours, "w[3,1]") is None and reference.element(ours, "mu[1]") is None
    return "with ArviZ"


def main():
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        test_table(Path(folder))
    test_parts()
    print("compare.py judges rightly;", test_reference())


if __name__ == "__main__":
    main()
