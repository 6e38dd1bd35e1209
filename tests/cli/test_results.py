"""What is read off draws: `masting summary` of several files, by pattern, as CSV, in bounded memory."""

import csv
import io
import os
import resource
import subprocess
import sys
import tempfile

if not os.environ.get("MASTING_PYTHON"):
    print("MASTING_PYTHON is not set: skipped")
    sys.exit(77)

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
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    got = run("summary", path)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert "z: ... 124,950 more rows" in got.stderr, got.stderr
    assert most == before or most < 140 << 10, f"{most} KiB resident"


def check_rows_apart(folder):
    """What has an element a row comes behind the rest, in a table of its own."""
    data, draws = f"{folder}/data.h5", f"{folder}/ppca.h5"
    run("simulate", "ppca", "--size", "N=300", "--size", "D=2", "--size", "K=1", "-o", data)
    run("sample", "ppca", data, "-o", draws, "-c", 2, "-w", 50, "-d", 50, "-q")
    lines = run("summary", draws).stdout.splitlines()
    blank = lines.index("")
    assert [line.split()[0].split("[")[0] for line in lines[1:blank]] == ["w"] * 2 + ["ww"] * 4
    assert lines[blank + 1].split()[0] == "mean" and lines[blank + 2].startswith("z[0, 0] ")


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_summary(folder)
        check_memory(folder)
        check_rows_apart(folder)


main()
