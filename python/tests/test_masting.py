"""The package as it was installed: run by tests/cli/test_python.sh, with MASTING naming the program."""

import contextlib
import io
import os
import signal
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import arviz as az
import h5py
import numpy as np
import pandas as pd

import masting

GROUPS = """
data {
  int N; int J;
  array[N] int<lower=1, upper=J> school;
  vector[N] y;
}
parameters { vector[J] theta; real mu; real<lower=0> sigma; }
model {
  theta ~ normal(mu, 1);
  mu ~ normal(0, 5);
  sigma ~ normal(0, 1);
  y ~ normal(theta[school], sigma);
}
"""
LINE = """
data { int N; vector[N] y; }
parameters { real mu; }
model { mu ~ normal(0, 10); y ~ normal(mu, 1); }
"""


def raises(kind, text, call, *arguments, **named):
    """The whole message is expected, or what it must contain."""
    try:
        call(*arguments, **named)
    except kind as problem:
        assert text in str(problem), f"expected {text!r}, got {str(problem)!r}"
        return problem
    raise AssertionError(f"expected {kind.__name__}: {text}")


def frame():
    rng = np.random.default_rng(1)
    school = np.array(["north", "south", "east"])[np.arange(300) % 3]
    shift = {"north": 0.0, "south": 2.0, "east": -2.0}
    y = rng.normal(0, 0.5, 300) + [shift[s] for s in school]
    return pd.DataFrame({"school": school, "y": y})


def check_frames():
    """Text becomes levels; the draws carry their names; the same answer from a dictionary of arrays."""
    data = frame()
    short = dict(stan_code=GROUPS, draws=200, warmup=200, chains=4, seed=3, progress=False)
    named = masting.sample(data={**data, "J": 3}, labels={"theta": "school"}, ranks=2, **short)
    assert isinstance(named, az.InferenceData)
    mean = named.posterior["theta"].mean(("chain", "draw"))
    assert list(mean[mean.dims[0]].values) == ["east", "north", "south"]
    for level, value in data.groupby("school")["y"].mean().items():
        assert abs(float(mean.sel({mean.dims[0]: level})) - value) < 0.1, level
    codes = pd.Categorical(data["school"]).codes + 1
    plain = masting.sample(data={"N": 300, "J": 3, "school": codes, "y": data["y"].to_numpy()}, **short)
    assert np.array_equal(plain.posterior["theta"], named.posterior["theta"]), "draws depend on the form of data or ranks"
    ordered = data.assign(school=pd.Categorical(data["school"], ["south", "north", "east"]))
    path = "ordered.h5"
    masting.save_data({**ordered, "J": 3}, path)
    with h5py.File(path) as file:
        assert list(file["labels/school"].asstr()) == ["south", "north", "east"]
        assert list(file["school"][:3]) == [2, 1, 3]
    again = masting.sample(data=path, labels={"theta": "school"}, output="kept.h5", **short)
    assert Path("kept.h5").exists() and list(again.posterior["theta_dim_0"].values)[0] == "south"
    table = masting.summary("kept.h5", var=["mu", "sigma"])
    assert list(table.index) == ["mu", "sigma"]
    assert abs(table.loc["mu", "mean"] - float(again.posterior["mu"].mean())) < 1e-12
    assert masting.summary(again).loc["mu", "mean"] == table.loc["mu", "mean"]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        masting.sample(data=path, labels={"phi": ["a", "b"]}, **short)
    [one] = [w for w in told if "labels" in str(w.message)]
    assert one.filename == __file__, "a warning points to the line that called"


def check_refusals():
    short = dict(stan_code=LINE, progress=False)
    y = np.zeros(10)
    problem = raises(masting.MastingError, "--drwas: unknown option; did you mean '--draws'?", masting.sample,
                     data={"y": y}, drwas=3, **short)  # fmt: skip
    assert problem.status == 2 and "--drwas=3" in problem.command
    for ranks in (1, 2):
        problem = raises(masting.MastingError, "data.json: ", masting.sample, data={"x": y}, ranks=ranks, **short)
        assert "there is no variable 'y'" in str(problem) or "y" in str(problem)
        assert problem.status == 65 and "mpirun" not in str(problem) and "\n" not in str(problem), str(problem)
    problem = raises(masting.MastingError, "model.stan:", masting.sample, stan_code="parameters { real mu }",
                     progress=False)  # fmt: skip
    assert problem.status == 2 and "^" in str(problem), "the line and a caret"
    raises(TypeError, "expected one of model, stan_file and stan_code", masting.sample, data={"y": y})
    raises(TypeError, "expected a dictionary, a data frame or a path, got list", masting.sample, data=[1], **short)
    raises(ValueError, "data: y: 2 missing, the first in row 3 (from 1)", masting.sample,
           data=pd.DataFrame({"y": [1.0, 2, None, None]}), **short)  # fmt: skip
    raises(ValueError, "data: g: 1 missing, the first in row 2 (from 1)", masting.sample,
           data=pd.DataFrame({"g": ["a", None, "b"]}), **short)  # fmt: skip
    raises(ValueError, "data: when: datetime64", masting.sample,
           data=pd.DataFrame({"when": pd.to_datetime(["2026-01-01"])}), **short)  # fmt: skip
    raises(ValueError, "data: y: ", masting.sample, data={"y": [[1, 2], [3]]}, **short)
    raises(ValueError, "data: 'a/b': expected the name of a variable", masting.sample, data={"a/b": 1}, **short)
    raises(ValueError, "ranks: expected at least 1, got 0", masting.sample, data={"y": y}, ranks=0, **short)
    raises(ValueError, "launcher: no {ranks}; expected such as 'mpirun -n {ranks}', got 'srun -c 4'", masting.sample,
           data={"y": y}, launcher="srun -c 4", **short)  # fmt: skip
    raises(ValueError, "labels: mu: no factor 'g' in the data; expected one of: none", masting.sample,
           data={"y": y}, labels={"mu": "g"}, **short)  # fmt: skip
    program = os.environ.pop("MASTING")
    os.environ["MASTING"] = "/nowhere/masting"
    raises(FileNotFoundError, "expected it as /nowhere/masting", masting.program)
    os.environ["MASTING"] = program


def check_launcher():
    """Another launcher than mpirun: a script that notes how it was called."""
    Path("launch").write_text('#!/bin/sh\nprintf "%s " "$@" >called\nshift 2\nexec "$@"\n')
    os.chmod("launch", 0o755)
    masting.sample(stan_code=LINE, data={"y": np.zeros(5)}, ranks=3, launcher="./launch", progress=False, draws=10)
    assert Path("called").read_text().startswith("-n 3 ")
    masting.sample(stan_code=LINE, data={"y": np.zeros(5)}, launcher="./launch {ranks} x", progress=False, draws=10)
    assert Path("called").read_text().startswith("1 x ")


def check_progress():
    shown = io.StringIO()
    with contextlib.redirect_stderr(shown):
        masting.sample(stan_code=LINE, data={"y": np.zeros(5)}, draws=10, progress="log")
    text = shown.getvalue()
    assert "sampling 100%" in text and "draws in" not in text, text
    shown = io.StringIO()
    with contextlib.redirect_stderr(shown):
        masting.sample(stan_code=LINE, data={"y": np.zeros(5)}, draws=10, progress="bar")
        masting.sample(stan_code=LINE, data={"y": np.zeros(5)}, draws=10, progress=False)
    assert "\rsampling|" in shown.getvalue() and "\033" not in shown.getvalue(), shown.getvalue()
    assert shown.getvalue().count("sampling|") >= 1


def check_others():
    made = masting.simulate("ppca", size={"N": 40, "D": 2, "K": 1}, seed=4)
    assert made.data["x"].shape == (2, 40) and made.truth["z"].shape == (40, 1)
    at = np.random.default_rng(2).normal(size=(3, 42))
    lp, grad = masting.log_prob(at, "ppca", made.data)
    moved = at.copy()
    moved[:, 5] += 1e-6
    slope = (masting.log_prob(moved, "ppca", made.data).lp - lp) / 1e-6
    assert np.allclose(slope, grad[:, 5], rtol=1e-3, atol=1e-3), (slope, grad[:, 5])
    one = masting.log_prob(at[0], "ppca", made.data)
    assert one.lp[0] == lp[0] and one.grad.shape == (1, 42)
    report = masting.check("ppca", made.data)
    assert "gradient against central differences" in report, report
    Path("line.stan").write_text(LINE)
    path = masting.compile("line.stan", "line.so")
    drawn = masting.sample(path, {"y": np.ones(50)}, draws=100, warmup=100, progress=False)
    assert abs(float(drawn.posterior["mu"].mean()) - 1) < 0.1
    with_output = masting.optimize(stan_file="line.stan", data={"y": np.ones(50)}, progress=False)
    assert abs(float(with_output.posterior["mu"][0, 0]) - 1) < 0.01
    approximate = masting.laplace(stan_file="line.stan", data={"y": np.ones(50)}, progress=False, draws=200)
    assert abs(float(approximate.posterior["mu"].mean()) - 1) < 0.1


def check_interrupt(ranks):
    """Ctrl-C while it samples gives the draws that there are; no process is left."""
    path = Path(f"long{ranks}.h5")

    def watch():
        partial = Path(f"{path}.partial")
        while True:
            time.sleep(0.2)
            with contextlib.suppress(OSError, KeyError):
                with h5py.File(partial, locking=False) as file:
                    if np.isfinite(file["sample_stats/lp"][:, :10]).all():
                        return os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        part = masting.sample(stan_code=LINE, data={"y": np.zeros(3000)}, ranks=ranks, draws=200_000, chains=2,
                              warmup=50, output=path, progress=False)  # fmt: skip
    count = part.posterior.sizes["draw"]
    assert 10 <= count < 200_000 and np.isfinite(part.posterior["mu"]).all(), count
    assert any(f"interrupted: {count} of 200000 draws" in str(w.message) for w in told), [str(w.message) for w in told]


def main():
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        checks = [check_frames, check_refusals, check_launcher, check_progress, check_others]
        for check in checks:
            began = time.time()
            check()
            print(f"{check.__name__}: {time.time() - began:.1f} s")
        for ranks in (1, 2):
            began = time.time()
            check_interrupt(ranks)
            print(f"check_interrupt({ranks}): {time.time() - began:.1f} s")
        os.chdir("/")


main()
sys.exit(0)
