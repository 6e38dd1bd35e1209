#!/usr/bin/env python3
"""peers.py BUILD [--only NAME] [--repeats 3] -- whole runs beside nutpie's, in turn on one machine.

Three posteriors: log prices of 53,940 diamonds (linear regression, 20 parameters), a logistic regression of
100,000 rows and 32 columns, and probabilistic PCA of 5,000 points, whose every point has a latent score. Each is
sampled by the masting of a build tree (2 ranks, 8 chains, its defaults) and by nutpie (4 chains on 2 cores, its
defaults, the same model in PyMC, compiled by numba). Seconds are from the start of sampling to the last draw, what
is compiled before is told beside; ESS is the least bulk ESS of the global parameters, by ArviZ. Medians of the
repeats, which take turns, so that the machine's changes of speed meet both. Needs pymc, nutpie and arviz from PyPI;
the table of the README is this one's.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"


def linear(pm, data):
    with pm.Model() as model:
        alpha = pm.Normal("alpha", 0, 10)
        beta = pm.Normal("beta", 0, 2.5, shape=data["X"].shape[1])
        sigma = pm.Exponential("sigma", 1)
        pm.Normal("y", alpha + data["X"] @ beta, sigma, observed=data["y"])
    return model


def logistic(pm, data):
    with pm.Model() as model:
        alpha = pm.Normal("alpha", 0, 2.5)
        beta = pm.Normal("beta", 0, 2.5, shape=data["X"].shape[1])
        pm.Bernoulli("y", logit_p=alpha + data["X"] @ beta, observed=data["y"])
    return model


def ppca(pm, data):
    x = data["x"]  # [D, N]
    with pm.Model() as model:
        w = pm.Normal("w", 0, 2, shape=(x.shape[0], 1))
        z = pm.Normal("z", 0, 1, shape=(1, x.shape[1]))
        pm.Deterministic("ww", pm.math.dot(w, w.T))
        pm.Normal("x", pm.math.dot(w, z), 1, observed=x)
    return model


# name: masting's model, the same in PyMC, the quantities whose ESS is looked at, how the data are made
POSTERIORS = {
    "diamonds": ("linear", linear, ["alpha", "beta", "sigma"], None),
    "logistic": ("logistic", logistic, ["alpha", "beta"], ["--size", "N=100000", "--size", "P=32"]),
    "ppca": ("ppca", ppca, ["ww"], ["--size", "N=5000", "--size", "D=2", "--size", "K=1"]),
}


def least_ess(file, names):
    import arviz
    import numpy
    return float(min(numpy.nanmin(v.values) for v in arviz.ess(file, var_names=names).data_vars.values()))


def run_masting(masting, model, data, names, folder):
    import arviz
    out = folder / "draws.h5"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMPI_ALLOW_RUN_AS_ROOT": "1",
                   "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    text = subprocess.run(["mpirun", "-n", "2", masting, "sample", model, data, "-o", out, "--force", "--json", "-q"],
                          env=environment, check=True, capture_output=True, text=True).stdout
    told = json.loads(text)
    return told["warmup_seconds"] + told["sampling_seconds"], least_ess(arviz.from_netcdf(out), names)


def run_nutpie(compiled, names, seed):
    import nutpie
    begun = time.perf_counter()
    trace = nutpie.sample(compiled, chains=4, cores=2, seed=seed, progress_bar=False)
    taken = time.perf_counter() - begun
    return taken, least_ess(trace, names)


def compare(name, masting, repeats, folder):
    import h5py
    import nutpie
    import pymc
    model, in_pymc, names, sizes = POSTERIORS[name]
    data = DATA / "diamonds.h5"
    if sizes:
        data = folder / f"{name}.h5"
        subprocess.run([masting, "simulate", model, *sizes, "--seed", "42", "-o", data], check=True,
                       capture_output=True)
    with h5py.File(data) as file:
        values = {key: item[()].astype(float) for key, item in file.items() if isinstance(item, h5py.Dataset)}
    begun = time.perf_counter()
    compiled = nutpie.compile_pymc_model(in_pymc(pymc, values), backend="numba")
    compile_seconds = time.perf_counter() - begun
    ours, theirs = [], []
    for k in range(repeats):
        ours.append(run_masting(masting, model, data, names, folder))
        theirs.append(run_nutpie(compiled, names, 1 + k))
    row = {"posterior": name, "nutpie_compile_seconds": round(compile_seconds, 1)}
    for who, runs in (("masting", ours), ("nutpie", theirs)):
        row[f"{who}_seconds"] = round(statistics.median(r[0] for r in runs), 2)
        row[f"{who}_ess"] = round(statistics.median(r[1] for r in runs))
        row[f"{who}_ess_per_second"] = round(statistics.median(r[1] / r[0] for r in runs), 1)
    row["ratio"] = round(statistics.median((a[1] / a[0]) / (b[1] / b[0]) for a, b in zip(ours, theirs)), 1)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--only", choices=POSTERIORS)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    masting = (options.build / "masting").resolve()
    if not masting.exists():
        sys.exit(f"peers.py: {masting}: not there; expected a build tree; try `make` in it")
    print(f"{'':10} {'masting, s':>11} {'ESS':>7} {'ESS/s':>9} {'nutpie, s':>11} {'ESS':>7} {'ESS/s':>9} {'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        for name in [options.only] if options.only else POSTERIORS:
            r = compare(name, masting, options.repeats, Path(folder))
            print(f"{name:10} {r['masting_seconds']:11} {r['masting_ess']:7} {r['masting_ess_per_second']:9} "
                  f"{r['nutpie_seconds']:11} {r['nutpie_ess']:7} {r['nutpie_ess_per_second']:9} {r['ratio']:7}",
                  flush=True)
            print(json.dumps(r), file=sys.stderr)


if __name__ == "__main__":
    main()
