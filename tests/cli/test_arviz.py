"""A draws file opens in h5py, netCDF4, h5netcdf, xarray and ArviZ, whole and after kill -9, and
`masting summary` gives ArviZ's numbers to 1e-8, for its files and for ours."""

import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

if not os.environ.get("MASTING_PYTHON"):
    print("MASTING_PYTHON is not set: skipped")
    sys.exit(77)

warnings.simplefilter("ignore")
import arviz as az  # noqa: E402
import h5netcdf  # noqa: E402
import h5py  # noqa: E402
import netCDF4  # noqa: E402
import numpy as np  # noqa: E402
import xarray as xr  # noqa: E402

MASTING = os.environ["MASTING"]
RUN_MPI = os.environ["RUN_MPI"]
WRITER = Path(os.environ["builddir"], "tests/mpi/write_draws")
D, K = 3, 2
PARAMS = {
    "w": (0, (D, K)),
    "tau": (1, ()),
    "S": (2, (D, D)),
    "z": (3, ("N", K)),
    "u": (4, (K, "N", D)),
    "v": (5, (K,)),
}
DIMS = {
    "w": ("D", "K"),
    "tau": (),
    "S": ("S_dim_0", "S_dim_1"),
    "z": ("N", "K"),
    "u": ("K", "N", "D"),
    "v": ("K",),
}
STATS = [
    "lp",
    "acceptance_rate",
    "step_size",
    "energy",
    "energy_error",
    "max_energy_error",
    "tree_depth",
    "n_steps",
    "diverging",
    "reached_max_treedepth",
]


def write(ranks, path, latents, n, chains, draws, put=None, flushed=0):
    return subprocess.run(
        [
            "sh",
            RUN_MPI,
            str(ranks),
            WRITER,
            path,
            latents,
            str(n),
            str(chains),
            str(draws),
            str(draws if put is None else put),
            str(flushed),
        ],
        capture_output=True,
        text=True,
    )


def cells(name, n, chains, draws):
    """What write_draws puts: tests/mpi/draws_model.h."""
    number, shape = PARAMS[name]
    shape = tuple(n if s == "N" else s for s in shape)
    i = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    chain = np.arange(chains).reshape((-1, 1) + (1,) * len(shape))
    draw = np.arange(draws).reshape((1, -1) + (1,) * len(shape))
    return 1e10 * number + 1e8 * chain + 1e5 * draw + i + 0.25


def check_whole(path, n, chains, draws, names):
    with h5py.File(path) as f:
        assert (
            list(f) == ["posterior", "sample_stats", "constant_data"] or "latent_moments" in f
        ), list(f)
        for group in f.values():
            for name, d in group.items():
                for axis in range(d.ndim):
                    assert (
                        d.is_scale or len(d.dims[axis]) == 1
                    ), f"{d.name}: axis {axis} has no scale"
        assert f.attrs["inference_library"] == "masting" and f.attrs["seed"] == 7
        assert f.attrs["sampling_time"] == 1.5 and "T" in f.attrs["created_at"]
        assert f["constant_data"].attrs["data_path"] == "data.h5"
        assert f["constant_data/N"][()] == n and f["constant_data/D"][()] == D
    with netCDF4.Dataset(path) as f:
        post = f.groups["posterior"]
        for name in names:
            assert post.variables[name].dimensions == ("chain", "draw") + DIMS[name]
            assert np.array_equal(post.variables[name][:], cells(name, n, chains, draws)), name
        assert list(f.groups["sample_stats"].variables) == ["chain", "draw"] + STATS
    with h5netcdf.File(path) as f:
        for name in names:
            assert f["posterior"][name].dimensions == ("chain", "draw") + DIMS[name]
            assert np.array_equal(f["posterior"][name][...], cells(name, n, chains, draws)), name
    for engine in ("netcdf4", "h5netcdf"):
        with xr.open_dataset(path, group="posterior", engine=engine) as x:
            assert sorted(x.data_vars) == sorted(names), list(x.data_vars)
            assert np.array_equal(x.coords["draw"], np.arange(draws))
            for name in names:
                assert np.array_equal(x[name], cells(name, n, chains, draws)), name
    idata = az.from_netcdf(path)
    assert {"posterior", "sample_stats", "constant_data"} <= set(idata.groups())
    stats = idata.sample_stats
    assert stats.diverging.dtype == bool and stats.reached_max_treedepth.dtype == bool
    assert stats.tree_depth.dtype.kind == "i"
    assert np.array_equal(stats.diverging[0], np.arange(draws) % 5 == 3)
    assert np.array_equal(stats.lp, -1.5 * np.arange(draws) - np.arange(chains)[:, None])
    assert int(idata.constant_data.N) == n


def summary(path, *options, status=0):
    got = subprocess.run([MASTING, "summary", path, *options], capture_output=True, text=True)
    assert (
        got.returncode == status
    ), f"masting summary {path}: status {got.returncode}: {got.stderr}"
    return got


def close(mine, theirs, scale, what):
    """Equal to 1e-8 of the number or of its natural scale; NaN and infinity as theirs."""
    mine = np.nan if mine is None else mine
    if not np.isfinite(theirs):
        assert not np.isfinite(mine), f"{what}: {mine}, ArviZ has {theirs}"
        return
    assert abs(mine - theirs) <= 1e-8 * max(
        abs(theirs), scale
    ), f"{what}: {mine}, ArviZ has {theirs}"


def compare(path, posterior):
    """Every column of `masting summary` against ArviZ."""
    chains, draws = posterior.sizes["chain"], posterior.sizes["draw"]
    answer = json.loads(summary(path, "--json").stdout)
    assert (answer["chains"], answer["draws"]) == (chains, draws)
    rows = {row["label"]: row for v in answer["variables"] for row in v["rows"]}
    table = az.summary(posterior, round_to="none", kind="all" if draws >= 4 else "stats")
    assert list(rows) == list(table.index), set(rows) ^ set(table.index)
    low, high = (
        posterior.astype(float).quantile(q, dim=("chain", "draw"), skipna=False)
        for q in (0.05, 0.95)
    )
    for variable in answer["variables"]:
        name, shape = variable["name"], tuple(variable["shape"])
        assert shape == posterior[name].shape[2:]
        for row, index in zip(variable["rows"], np.ndindex(shape)):
            theirs, what = table.loc[row["label"]].copy(), f"{path}: {row['label']}: "
            if (
                "r_hat" in table and theirs["r_hat"] > 1e12
            ):  # constant chains: rounding in place of 1/0
                theirs["r_hat"] = np.inf
            size = abs(theirs["mean"])
            scale = theirs["sd"] if theirs["sd"] > 1e-14 * size else size  # constant: rounding
            for key in ("mean", "sd"):
                close(row[key], theirs[key], scale, what + key)
            close(row["q5"], float(low[name].values[index]), scale, what + "q5")
            close(row["q95"], float(high[name].values[index]), scale, what + "q95")
            values = posterior[name].values[(slice(None), slice(None)) + index].astype(float)
            middle = np.median(values) if np.isfinite(theirs["mean"]) else np.nan
            close(row["median"], middle, scale, what + "median")
            if np.isfinite(middle):
                close(row["mad"], np.median(np.abs(values - middle)), scale, what + "mad")
            if np.isfinite(theirs["mean"]):  # ArviZ leaves NaN out of an interval
                close(row["hdi_low"], theirs["hdi_3%"], scale, what + "hdi_low")
                close(row["hdi_high"], theirs["hdi_97%"], scale, what + "hdi_high")
            if np.isfinite(theirs.get("mcse_sd", np.nan)) and scale == theirs["sd"]:
                close(row["mcse_sd"], theirs["mcse_sd"], 1e-7 * scale, what + "mcse_sd")
            for key in ("mcse_mean", "ess_bulk", "ess_tail", "r_hat"):
                if key in table:
                    close(
                        row[key], theirs[key], 1e-7 * scale if key == "mcse_mean" else 0, what + key
                    )
    return answer


def autoregressive(rng, rho, *shape):
    x = rng.standard_normal(shape)
    for t in range(1, shape[1]):
        x[:, t] = rho * x[:, t - 1] + np.sqrt(1 - rho**2) * x[:, t]
    return x


def posterior_of(rng, c, d):
    """Easy and awkward series: every branch of the estimators."""
    post = {
        "w": autoregressive(rng, 0.5, c, d, 2, 3),
        "tau": np.exp(autoregressive(rng, 0.9, c, d)),
        "slow": autoregressive(rng, 0.995, c, d, 2),
        "anti": autoregressive(rng, -0.6, c, d, 5),
        "integer": rng.integers(0, 5, (c, d, 4)),
        "const": np.full((c, d), 3.75),
        "place": 1e4 + autoregressive(rng, 0.97, c, d, 3),
        "cauchy": np.tan(autoregressive(rng, 0, c, d, 2)),
        "flag": rng.random((c, d)) < 0.3,
        "shift": autoregressive(rng, 0, c, d) + np.arange(c)[:, None],
        "tiny": 1e-20 * autoregressive(rng, 0, c, d),
        "two": np.sign(autoregressive(rng, 0, c, d)),
        "steps": np.arange(c * d, dtype=float).reshape(c, d),
        "grid": np.round(autoregressive(rng, 0.3, c, d, 4), 1),
        "lost": autoregressive(rng, 0, c, d, 2),
        "ties": np.where(np.arange(c * d) < d, -1.7, 1.9).reshape(c, d),
    }  # rounding decides in 2 x 27
    post["lost"][0, 1, 1] = np.nan
    return post


def check_diagnostics(folder):
    """Files that ArviZ wrote: many and few draws, odd numbers of them, one chain, too few."""
    rng = np.random.default_rng(20261123)
    for c, d in ((4, 1000), (3, 501), (1, 200), (2, 7), (2, 27), (8, 4), (2, 5), (4, 3), (100, 10)):
        path = f"{folder}/arviz-{c}x{d}.nc"
        stats = {"energy": autoregressive(rng, 0.9, c, d), "diverging": rng.random((c, d)) < 0.1}
        idata = az.from_dict(
            posterior=posterior_of(rng, c, d),
            sample_stats=stats,
            coords={"place_name": ["x", "y y", "\u00e9"]},
            dims={"place": ["place_name"]},
        )
        idata.to_netcdf(path)
        answer = compare(path, idata.posterior)
        verdict = answer["diagnostics"]
        assert verdict["divergences"] == int(stats["diverging"].sum())
        for mine, theirs in zip(verdict["e_bfmi"], az.bfmi(idata)):
            close(mine, theirs, 0, "E-BFMI")
        if (c, d) == (100, 10):
            steps = next(v for v in answer["variables"] if v["name"] == "steps")["rows"][0]
            ess = az.ess(np.arange(1000.0).reshape(100, 10), method="mean")
            assert abs(steps["mcse_mean"] - np.std(np.arange(1000), ddof=1) / np.sqrt(ess)) < 1e-8
        if c > 1 and d >= 4 and d % 2 == 0:
            worst = max(float(np.nanmax(v)) for v in az.rhat(idata).values())
            worst = np.inf if worst > 1e12 else worst
            close(verdict["worst_r_hat"], worst, 0, f"{path}: worst R-hat")


def check_killed(folder):
    """kill -9 in the middle: what was put and flushed is there, the rest is NaN."""
    path, n, chains, draws, put, flushed = f"{folder}/killed.h5", 700, 3, 200, 90, 80
    got = write(2, path, "all", n, chains, draws, put, flushed)
    assert got.returncode != 0 and not os.path.exists(path), got
    with h5py.File(path + ".partial") as f:
        for name in PARAMS:
            x, want = f["posterior"][name][...], cells(name, n, chains, draws)
            assert np.array_equal(x[:, :flushed], want[:, :flushed]), name
            rest = x[:, flushed:]
            assert np.all(np.isnan(rest) | (rest == want[:, flushed:])), name
            assert np.isnan(x[:, put:]).all(), name
        assert np.isnan(f["sample_stats/lp"][:, put:]).all()
    az.from_netcdf(path + ".partial")
    got = summary(path + ".partial", "--var", "tau", "--json")
    there = json.loads(got.stdout)["draws"]
    assert flushed <= there <= put
    assert f"{chains * (draws - there)} draws were never written" in got.stderr, got.stderr


def check_moments(path, n, chains, draws):
    moments = (
        az.from_netcdf(path).latent_moments
        if hasattr(az.from_netcdf(path), "latent_moments")
        else xr.open_dataset(path, group="latent_moments")
    )
    assert moments["z_mean"].dims == ("chain", "N", "K") and moments["u_sd"].dims == (
        "chain",
        "K",
        "N",
        "D",
    )
    i, chain = np.arange(n * K).reshape(n, K), np.arange(chains).reshape(-1, 1, 1)
    assert np.array_equal(moments["z_mean"], 3e10 + 1e8 * chain - 1e5 + i + 0.25)
    assert np.array_equal(moments["z_sd"], 3e10 + 1e8 * chain - 2e5 + i + 0.25)
    rows = json.loads(summary(path, "--json", "--var", "z").stdout)["variables"][0]
    assert rows["moments"] and len(rows["rows"]) == n * K
    mean, sd = moments["z_mean"].values, moments["z_sd"].values
    pooled = ((draws - 1) * sd**2 + draws * (mean - mean.mean(0)) ** 2).sum(0) / (
        chains * draws - 1
    )
    assert np.allclose([r["mean"] for r in rows["rows"]], mean.mean(0).ravel(), rtol=1e-12)
    assert np.allclose([r["sd"] for r in rows["rows"]], np.sqrt(pooled).ravel(), rtol=1e-12)


def check_refusals(folder):
    text = f"{folder}/text.h5"
    Path(text).write_text("x,y\n1,2\n")
    got = summary(text, status=65)
    assert got.stderr == (
        f"masting: error: {text}: not in HDF5 format; expected the draws file of "
        "`masting sample`, ArviZ or PyMC\n"
    ), got.stderr
    data = f"{folder}/data.h5"
    with h5py.File(data, "w") as f:
        f["x"], f["y"] = np.zeros(3), 1
    got = summary(data, status=65)
    assert got.stderr == (
        f"masting: error: {data}: no draws; expected group posterior with variables "
        "[chain, draw, ...], got: x, y\n"
    ), got.stderr
    got = summary(f"{folder}/none.h5", status=2)
    assert got.stderr == (
        f"masting: error: {folder}/none.h5: cannot be opened: No such file or " "directory\n"
    ), got.stderr
    got = summary(f"{folder}/draws.h5", "--var", "q", status=2)
    assert got.stderr == (
        f"masting: error: {folder}/draws.h5: no variable 'q'; expected one of: w, tau, S, z, u, v\n"
    ), got.stderr
    whole = Path(f"{folder}/draws.h5").read_bytes()
    Path(f"{folder}/cut.h5").write_bytes(whole[: len(whole) // 2])
    got = summary(f"{folder}/cut.h5", status=65)
    assert "is it truncated?" in got.stderr, got.stderr


def check_table(folder):
    got = summary(f"{folder}/draws.h5", "--var", "w,z")
    lines = got.stdout.splitlines()
    assert lines[0].split() == [
        "mean",
        "sd",
        "5%",
        "95%",
        "mcse_mean",
        "ess_bulk",
        "ess_tail",
        "r_hat",
    ]
    assert len(lines) == 1 + D * K + 50 and lines[1].startswith("w[0, 0] "), got.stdout
    assert "z: ... 1,350 more rows; --all shows them\n" in got.stderr, got.stderr
    assert (
        len(summary(f"{folder}/draws.h5", "--all").stdout.splitlines())
        == 1 + 6 + 1 + 9 + 1400 + 4200 + 2
    )


def main():
    with tempfile.TemporaryDirectory() as folder:
        n, chains, draws = 700, 3, 40
        for ranks in (1, 2, 3):
            path = f"{folder}/draws.h5"
            Path(path).unlink(missing_ok=True)
            got = write(ranks, path, "all", n, chains, draws)
            assert got.returncode == 0, got
            check_whole(path, n, chains, draws, list(PARAMS))
        compare(path, az.from_netcdf(path).posterior[list(PARAMS)])
        path = f"{folder}/moments.h5"
        got = write(2, path, "moments", n, chains, draws)
        assert got.returncode == 0, got
        check_whole(path, n, chains, draws, ["w", "tau", "S", "v"])
        check_moments(path, n, chains, draws)
        check_table(folder)
        check_killed(folder)
        check_refusals(folder)
        check_diagnostics(folder)


main()
