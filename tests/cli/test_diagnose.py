"""`masting diagnose` recognises what is wrong with runs that are made to have it, and says so."""

import json
import os
import subprocess
import sys
import tempfile

if not os.environ.get("MASTING_PYTHON"):
    print("MASTING_PYTHON is not set: skipped")
    sys.exit(77)

import arviz as az  # noqa: E402
import numpy as np  # noqa: E402

MASTING = os.environ["MASTING"]
C, D = 4, 500


def diagnose(path, *options, status=0):
    got = subprocess.run([MASTING, "diagnose", path, *options], capture_output=True, text=True)
    assert got.returncode == status, f"{path}: status {got.returncode}: {got.stdout}{got.stderr}"
    return got


def findings(folder, posterior, **stats):
    """The findings of draws with these statistics, by check; what is not given went well."""
    rng = np.random.default_rng(11)
    c, d = next(iter(posterior.values())).shape[:2]
    all_stats = {
        "lp": rng.normal(size=(c, d)),
        "energy": rng.normal(size=(c, d)),
        "diverging": np.zeros((c, d), bool),
        "reached_max_treedepth": np.zeros((c, d), bool),
        "step_size": np.full((c, d), 0.4),
        "acceptance_rate": np.full((c, d), 0.82),
        **stats,
    }
    path = f"{folder}/draws.nc"
    az.from_dict(posterior=posterior, sample_stats=all_stats).to_netcdf(path)
    answer = json.loads(diagnose(path, "--json").stdout)
    found = {f["check"]: f for f in answer["findings"]}
    assert answer["problems"] == sum(f["level"] == "problem" for f in found.values())
    diagnose(path, "--strict", status=1 if answer["problems"] else 0)
    os.remove(path)
    return found


def problems(found):
    return sorted(name for name, f in found.items() if f["level"] == "problem")


def check_well(folder, rng):
    found = findings(folder, {"a": rng.normal(size=(C, D)), "b": rng.normal(size=(C, D, 3))})
    assert not problems(found), found
    assert found["divergences"]["says"] == "None in 2,000 draws."
    assert all(f["level"] == "fine" and f["advice"] is None for f in found.values()), found


def check_divergences(folder, rng):
    tau = np.exp(rng.normal(size=(C, D)))
    funnel = (tau < np.quantile(tau, 0.06)) & (rng.random((C, D)) < 0.8)
    found = findings(
        folder, {"mu": rng.normal(size=(C, D)), "tau": tau, "x": rng.normal(size=(C, D))},
        diverging=funnel,
    )  # fmt: skip
    assert problems(found) == ["divergences"], found
    says, advice = found["divergences"]["says"], found["divergences"]["advice"]
    assert f"{funnel.sum()} of 2,000 draws diverged (chain 0: {funnel[0].sum()}, " in says, says
    assert "They sit where tau is small (100 % of them in its lowest tenth)." in says, says
    assert "theta = mu + tau * z; z ~ std_normal()" in advice, advice
    mu = rng.normal(size=(C, D))
    found = findings(folder, {"mu": mu}, diverging=mu > 2)
    assert "They sit where mu is large" in found["divergences"]["says"], found
    assert "funnel" not in found["divergences"]["advice"]
    found = findings(folder, {"mu": mu}, diverging=rng.random((C, D)) < 0.02)
    assert "in no place of their own" in found["divergences"]["says"], found


def check_signs(folder, rng):
    w = 3 + 0.2 * rng.normal(size=(C, D, 2))
    w *= np.array([1, -1, -1, 1])[:, None, None]
    found = findings(folder, {"w": w, "sigma": np.exp(rng.normal(size=(C, D)))})
    assert "signs" in problems(found) and "modes" not in found, found
    assert "w[0], w[1] up to the sign" in found["signs"]["says"], found["signs"]
    assert "<lower=0>" in found["signs"]["advice"]


def check_labels(folder, rng):
    mu = np.array([-2.0, 1, 4]) + 0.2 * rng.normal(size=(C, D, 3))
    mu[1], mu[3] = mu[1][:, [1, 0, 2]], mu[3][:, [2, 1, 0]]
    mu[2, 250:] = mu[2, 250:][:, [0, 2, 1]]  # within a chain, too
    found = findings(folder, {"mu": mu})
    assert "labels" in problems(found) and not {"modes", "agreement"} & set(found), found
    assert "ordered[K]" in found["labels"]["advice"]


def check_chains(folder, rng):
    x = rng.normal(size=(C, D))
    x[2] = 0.3 + 1e-9 * rng.normal(size=D)
    found = findings(folder, {"x": x})
    assert "stuck chains" in problems(found), found
    assert found["stuck chains"]["says"].startswith("Chain 2 hardly moved")
    x, lp = rng.normal(size=(C, D)), rng.normal(size=(C, D))
    x[[0, 3]] += 12
    lp[[0, 3]] -= 40
    found = findings(folder, {"x": x}, lp=lp)
    assert {"modes", "log density"} <= set(problems(found)), found
    assert "of x, chain 1, 2 near " in found["modes"]["says"], found["modes"]
    assert "chain 0 (by 40" in found["log density"]["says"]
    walk = np.cumsum(rng.normal(size=(C, D)), axis=1)
    found = findings(folder, {"x": walk})
    assert {"agreement", "effective draws"} <= set(problems(found)) or "modes" in found, found
    found = findings(folder, {"x": rng.normal(size=(1, D))})
    assert problems(found) == ["chains"], found


def check_statistics(folder, rng):
    x = {"x": rng.normal(size=(C, D))}
    found = findings(folder, x, energy=np.cumsum(rng.normal(size=(C, D)), axis=1))
    assert problems(found) == ["energy"] and "in chain 0 (0.0" in found["energy"]["says"], found
    found = findings(folder, x, reached_max_treedepth=rng.random((C, D)) < 0.3)
    assert problems(found) == ["tree depth"], found
    found = findings(folder, x, acceptance_rate=np.full((C, D), 0.6))
    assert found["step size"]["level"] == "note", found
    found = findings(folder, x, step_size=np.array([0.4, 0.4, 0.01, 0.4])[:, None] * np.ones(D))
    assert "0.01 (chain 2)" in found["step size"]["says"], found
    a = rng.normal(size=(C, D))
    found = findings(folder, {"a": a, "b": 5 - a + 0.01 * rng.normal(size=(C, D))})
    says = found["directions"]["says"]
    assert found["directions"]["level"] == "note" and "0.71 a" in says and "0.71 b" in says, says


def check_text(folder, rng):
    path = f"{folder}/text.nc"
    az.from_dict(
        posterior={"x": rng.normal(size=(C, D)), "y": rng.normal(size=(C, D))},
        sample_stats={"diverging": rng.random((C, D)) < 0.1, "lp": rng.normal(size=(C, D))},
    ).to_netcdf(path)
    text = diagnose(path).stdout
    lines = text.splitlines()
    assert lines[0] == f"{path}: 4 chains of 500 draws, 2 elements", text
    assert "PROBLEM: divergences" in lines and "    What to do: --target-accept 0.95" in text, text
    assert lines[-1] == "1 problem, 0 notes" and max(map(len, lines[1:])) <= 140, text
    az.from_dict(posterior={"x": rng.normal(size=(C, 3))}).to_netcdf(path + "3")
    assert "3 draws a chain; expected 4 or more" in diagnose(path + "3", status=2).stderr


def main():
    rng = np.random.default_rng(20261201)
    with tempfile.TemporaryDirectory() as folder:
        for check in (check_well, check_divergences, check_signs, check_labels, check_chains,
                      check_statistics, check_text):  # fmt: skip
            check(folder, rng)


main()
