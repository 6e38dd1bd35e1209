"""What is read off draws: `masting summary` of several files, by pattern, as CSV, in bounded memory;
`masting loo` and `masting waic` give ArviZ's numbers."""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import warnings

if not os.environ.get("MASTING_PYTHON"):
    print("MASTING_PYTHON is not set: skipped")
    sys.exit(77)

warnings.simplefilter("ignore")
import arviz as az  # noqa: E402
import h5py  # noqa: E402
import numpy as np  # noqa: E402

MASTING = os.environ["MASTING"]


def run(*arguments, status=0, cwd=None):
    got = subprocess.run([MASTING, *map(str, arguments)], capture_output=True, text=True, cwd=cwd)
    assert got.returncode == status, f"{arguments}: status {got.returncode}: {got.stderr}"
    return got


def rows_of(text):
    return {row["variable"]: row for row in csv.DictReader(io.StringIO(text))}


def chains_file(path, seed, posterior=None, **groups):
    """A file as ArviZ writes it, with statistics of a run that went well."""
    rng = np.random.default_rng(seed)
    c, d = 4, 500
    posterior = posterior or {
        "theta": rng.normal(size=(c, d, 3)),
        "theta_raw": rng.normal(size=(c, d)),
        "w": rng.normal(size=(c, d, 2, 12)),
    }
    stats = {
        "lp": rng.normal(size=(c, d)),
        "energy": rng.normal(size=(c, d)),
        "diverging": np.zeros((c, d), bool),
    }
    az.from_dict(posterior=posterior, sample_stats=stats, **groups).to_netcdf(path)
    return posterior


def check_summary(folder):
    one, two = f"{folder}/one.nc", f"{folder}/two.nc"
    first, second = chains_file(one, 1), chains_file(two, 2)
    both = {k: np.concatenate([first[k], second[k]]) for k in first}
    got = run("summary", one, two, "--csv", "--quantiles", "0.1,0.5", "--hdi", "0.8")
    rows = rows_of(got.stdout)
    table = az.summary(az.from_dict(posterior=both), hdi_prob=0.8, round_to="none")
    assert list(rows) == list(table.index)
    for label, row in rows.items():
        for mine, theirs in (("hdi_low", "hdi_10%"), ("hdi_high", "hdi_90%"), ("r_hat", "r_hat"),
                             ("mcse_sd", "mcse_sd"), ("ess_tail", "ess_tail")):  # fmt: skip
            want = table.loc[label][theirs]
            assert abs(float(row[mine]) - want) <= 1e-8 * max(1, abs(want)), (label, mine)
    assert abs(float(rows["theta_raw"]["q10"]) - np.quantile(both["theta_raw"], 0.1)) < 1e-12
    # When all is well that is said, with what was looked at; and nothing with --quiet.
    assert got.stderr.startswith("no problems found: no divergences in 4,000 draws"), got.stderr
    assert "of 28 elements R-hat is at most 1.00" in got.stderr, got.stderr
    assert run("summary", one, "--quiet").stderr == ""
    # Names, elements and patterns; a star as a word of its own.
    labels = list(rows_of(run("summary", one, "--csv", "--var", "theta[1]", "w[1,*0]").stdout))
    assert labels == ["theta[1]", "w[1, 0]", "w[1, 10]"], labels
    labels = list(rows_of(run("summary", one, "--csv", "--var", "theta*,w[0, 0]").stdout))
    assert labels == ["theta[0]", "theta[1]", "theta[2]", "theta_raw", "w[0, 0]"], labels
    table = run("summary", one, "--var", "theta", "--columns", "median,mad,mcse_sd").stdout
    assert table.splitlines()[0].split() == ["median", "mad", "mcse_sd"], table
    for arguments, message in (
        (("--var", "w[5,0]"), f"{one}: no element 'w[5,0]'; the last one is w[1, 11]"),
        (("--var", "v*"), f"{one}: no variable 'v*'; expected one of: theta, theta_raw, w"),
        (("--columns", "mode"), "--columns: unknown column; expected of mean, sd, median, mad, "
         "quantiles, hdi, mcse_mean, mcse_sd, ess_bulk, ess_tail, r_hat, got 'mode'; did you mean "
         "'mad'?"),
        (("--csv", "--json"), "--json and --csv: expected one of the two"),
        ((one,), f"{one}: the same draws as in {one}; expected chains of another seed; try --seed "
         "when sampling"),
    ):  # fmt: skip
        got = run("summary", one, *arguments, status=2)
        assert got.stderr == f"masting: error: {message}\n", got.stderr
    chains_file(f"{folder}/other.nc", 3, {"theta": np.zeros((4, 500, 2))})
    got = run("summary", one, f"{folder}/other.nc", status=2)
    assert "are not of the same variables" in got.stderr, got.stderr


def check_memory(folder):
    """200 MB of latents, which are never in memory together."""
    path = f"{folder}/large.h5"
    with h5py.File(path, "w") as f:
        z = f.create_dataset("posterior/z", (2, 100, 125000), "f8")
        z[:, :, ::2500] = np.random.default_rng(5).normal(size=(2, 100, 50))
    # In a small process of its own: the peak of a child begins with that of who starts it.
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    got = subprocess.run(
        [sys.executable, "-c", code, MASTING, "summary", path], capture_output=True, text=True
    )
    most = int(got.stdout.splitlines()[-1])
    assert "z: ... 124,950 more rows" in got.stderr, got.stderr
    assert most < 140 << 10, f"{most} KiB resident"


def check_rows_apart(folder):
    """What has an element a row comes behind the rest, in a table of its own."""
    data, draws = f"{folder}/data.h5", f"{folder}/ppca.h5"
    run("simulate", "ppca", "--size", "N=300", "--size", "D=2", "--size", "K=1", "-o", data)
    run("sample", "ppca", data, "-o", draws, "-c", 2, "-w", 50, "-d", 50, "-q")
    lines = run("summary", draws).stdout.splitlines()
    blank = lines.index("")
    assert [line.split()[0].split("[")[0] for line in lines[1:blank]] == ["w"] * 2 + ["ww"] * 4
    assert lines[blank + 1].split()[0] == "mean" and lines[blank + 2].startswith("z[0, 0] ")


def log_liks(rng, c, d, n):
    """Weights with every kind of tail: light, heavy, no mean, hardly any spread, ties, far off."""
    x = rng.normal(size=(c, d, n)) * np.linspace(0.01, 3, n)
    x[..., 0] = -np.abs(rng.standard_cauchy((c, d)))
    x[..., 1] = -5 * rng.exponential(size=(c, d))
    x[..., 2] = np.round(x[..., 2])
    x[..., 3] -= 1e4
    return x


def check_loo(folder):
    rng = np.random.default_rng(8)
    for c, d, n in ((4, 500, 30), (1, 200, 12), (2, 37, 9)):
        posterior = {"mu": np.cumsum(rng.normal(size=(c, d)), axis=1), "b": rng.normal(size=(c, d, 2))}
        files, theirs, points_of = [], {}, {}
        for k in range(3):
            ll = log_liks(rng, c, d, n) - 0.3 * k * rng.random(n)
            path = f"{folder}/loo-{c}-{k}.nc"
            idata = az.from_dict(posterior=posterior, log_likelihood={"y": ll})
            idata.to_netcdf(path)
            files.append(path)
            loo, waic = az.loo(idata, pointwise=True), az.waic(idata, pointwise=True)
            theirs[path], points_of[path] = idata, loo.loo_i.values
            mine = json.loads(run("loo", path, "--json").stdout)
            for a, b in (("elpd_loo", "elpd_loo"), ("se", "se"), ("p_loo", "p_loo"), ("good_k", "good_k")):
                assert abs(mine[a] - loo[b]) <= 1e-9 * max(1, abs(loo[b])), (path, a, mine[a], loo[b])
            assert mine["warning"] == bool(loo.warning)
            assert mine["k_very_bad"] == int((~(loo.pareto_k.values <= 1)).sum())
            points = list(csv.DictReader(io.StringIO(run("loo", path, "--pointwise").stdout)))
            assert [p["observation"] for p in points] == [f"y[{i}]" for i in range(n)]
            for p, e, kk in zip(points, loo.loo_i.values, loo.pareto_k.values):
                assert abs(float(p["elpd_loo"]) - e) <= 1e-9 * max(1, abs(e)), (path, p, e)
                assert float(p["pareto_k"]) == kk or abs(float(p["pareto_k"]) - kk) < 1e-8, (p, kk)
            mine = json.loads(run("waic", path, "--json").stdout)
            for a, b in (("elpd_waic", "elpd_waic"), ("se", "se"), ("p_waic", "p_waic")):
                assert abs(mine[a] - waic[b]) <= 1e-9 * max(1, abs(waic[b])), (path, a)
        want = az.compare(theirs, ic="loo", method="stacking")
        mine = json.loads(run("loo", "--compare", *files, "--json").stdout)
        assert [m["name"] for m in mine] == list(want.index)
        for m in mine:
            for a, b in (("elpd", "elpd_loo"), ("elpd_diff", "elpd_diff"), ("dse", "dse"), ("p", "p_loo")):
                value = want.loc[m["name"]][b]
                assert abs(m[a] - value) <= 1e-8 * max(1, abs(value)), (m, b, value)
        # ArviZ's optimiser stops early at times: the mixture must predict at least as well.
        elpd = np.array([points_of[m["name"]] for m in mine])
        elpd = elpd - elpd.max(0)
        score = [
            np.log(np.array(w) @ np.exp(elpd)).sum()
            for w in ([m["weight"] for m in mine], [want.loc[m["name"]]["weight"] for m in mine])
        ]
        assert abs(sum(m["weight"] for m in mine) - 1) < 1e-9 and score[0] >= score[1] - 1e-6, score
        text = run("loo", files[0]).stdout
        assert f"loo of y: {n} observations" in text and "very bad" in text and "y[0] (" in text, text
        assert "elpd_diff" in run("waic", "--compare", *files[:2]).stdout
    chains_file(f"{folder}/plain.nc", 4)
    got = run("loo", f"{folder}/plain.nc", status=2)
    assert "no log likelihood of each observation; expected a variable called log_lik, got: theta, " in (
        got.stderr
    ), got.stderr
    got = run("loo", "--compare", files[0], f"{folder}/loo-4-0.nc", status=2)
    assert "has 9 observations" in got.stderr, got.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_summary(folder)
        check_memory(folder)
        check_rows_apart(folder)
        check_loo(folder)


main()
