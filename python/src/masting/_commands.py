"""The subcommands as functions. Options are those of the command line, with _ for - (`masting sample --help`)."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import h5py
import numpy as np
import numpy.typing as npt
import pandas as pd

from masting import _draws
from masting._data import write_data
from masting._program import MastingError, in_notebook, option_words, run

PathLike: TypeAlias = str | os.PathLike[str]
Data: TypeAlias = Mapping[str, Any] | pd.DataFrame | PathLike | None
Axes: TypeAlias = Mapping[str, str | Sequence[str]]


@contextlib.contextmanager
def _prepared(
    model: PathLike | None, stan_file: PathLike | None, stan_code: str | None, data: Data
) -> Iterator[tuple[list[str], dict[str, list[str]], Path]]:
    """MODEL and DATA for the command line, the levels of factors, and a folder that lasts as long as the run."""
    given = [one for one in (model, stan_file, stan_code) if one is not None]
    if len(given) != 1:
        raise TypeError("expected one of model, stan_file and stan_code")
    with tempfile.TemporaryDirectory(prefix="masting-", dir=os.environ.get("MASTING_TMPDIR")) as name:
        folder = Path(name)
        path, labels = write_data(data, folder)
        if stan_code is not None:
            (folder / "model.stan").write_text(stan_code)
            words = [str(folder / "model.stan")]
        else:
            words = [os.fspath(given[0])]
        try:
            yield words + ([path] if path else []), labels, folder
        except MastingError as error:  # files of ours have no folder that one would know
            raise MastingError(
                str(error).replace(f"{folder}/", ""), error.status, error.command, error.output
            ) from None


def _axes(labels: Axes | None, factors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """{"theta": "school"} as {"theta": [levels of school]}."""
    axes: dict[str, list[str]] = {}
    for dim, what in (labels or {}).items():
        if isinstance(what, str):
            if what not in factors:
                got = ", ".join(factors) or "none"
                raise ValueError(f"labels: {dim}: no factor '{what}' in the data; expected one of: {got}")
            axes[dim] = factors[what]
        else:
            axes[dim] = [str(one) for one in what]
    return axes


def _progress(progress: bool | str) -> dict[str, Any]:
    if progress is False:
        return {"quiet": True}
    if progress is True:
        progress = "bar" if sys.stderr.isatty() or in_notebook() else "log"
    return {"progress": progress}


def _draw(
    command: str, model: PathLike | None, data: Data, *, stan_file: PathLike | None = None,
    stan_code: str | None = None, ranks: int = 1, launcher: str | None = None, output: PathLike | None = None,
    labels: Axes | None = None, progress: bool | str = True, **options: Any,
) -> Any:  # fmt: skip
    with _prepared(model, stan_file, stan_code, data) as (words, factors, folder):
        out = Path(output) if output is not None else folder / "draws.h5"
        axes = _axes(labels, factors)
        words = [command, *words, *option_words({"out": out, **_progress(progress), **options})]
        result = run(words, ranks=ranks, launcher=launcher, show=progress is not False,
                     until_stopped=True, hidden="" if output else str(out))  # fmt: skip
        if not result.interrupted:
            return _draws.load(out, axes)
        idata = _draws.load_part(out, axes)
        if idata is None:
            raise KeyboardInterrupt("interrupted before the first draw")
        return idata


def sample(
    model: PathLike | None = None, data: Data = None, *, stan_file: PathLike | None = None,
    stan_code: str | None = None, ranks: int = 1, launcher: str | None = None, output: PathLike | None = None,
    labels: Axes | None = None, progress: bool | str = True, **options: Any,
) -> Any:  # fmt: skip
    """Draws from the posterior, as arviz.InferenceData.

    model: a name of the gallery, or the path of a Stan program or a compiled model; or stan_file, or stan_code.
    data: a dictionary, a data frame (text and categories become 1, 2, ...), or a path of HDF5, JSON or CSV.
    ranks, launcher: "mpirun -n {ranks}" unless another is named, such as "srun". Nodes must see the same files: set
    MASTING_TMPDIR to a folder that they share.
    output: keep the draws file there; else it goes when it has been read.
    labels: names along a dimension, or the first fitting one of a variable: {"theta": "school"} takes the levels of
    a factor of the data, {"theta": ["a", "b"]} those.
    progress: False says nothing; "log" dated lines, "bar" one line.
    options: of `masting sample`: chains=8, draws=1000, seed=1, target_accept=0.9, init="mode", size={"K": 2}, ...

    Ctrl-C returns the draws that every chain has, with a MastingWarning; before the first, KeyboardInterrupt.
    Raises MastingError with the program's own message.
    """
    return _draw(
        "sample", model, data, stan_file=stan_file, stan_code=stan_code, ranks=ranks, launcher=launcher,
        output=output, labels=labels, progress=progress, **options,
    )  # fmt: skip


def optimize(model: PathLike | None = None, data: Data = None, **arguments: Any) -> Any:
    """Modes from several starts: a chain a start, best first, one draw each. Arguments as of sample."""
    return _draw("optimize", model, data, **arguments)


def laplace(model: PathLike | None = None, data: Data = None, **arguments: Any) -> Any:
    """Draws of the Gaussian approximation at the mode. Arguments as of sample."""
    return _draw("laplace", model, data, **arguments)


def pathfinder(model: PathLike | None = None, data: Data = None, **arguments: Any) -> Any:
    """Draws near the posterior by Pathfinder. Arguments as of sample."""
    return _draw("pathfinder", model, data, **arguments)


def check(
    model: PathLike | None = None, data: Data = None, *, stan_file: PathLike | None = None,
    stan_code: str | None = None, ranks: int = 1, launcher: str | None = None, **options: Any,
) -> str:  # fmt: skip
    """The report of `masting check`: shapes, memory, and the gradient against differences. A gradient that is wrong
    raises MastingError, whose output has the report."""
    with _prepared(model, stan_file, stan_code, data) as (words, _, _):
        return run(["check", *words, *option_words(options)], ranks=ranks, launcher=launcher).stderr


class LogProb(NamedTuple):
    """lp[points] in nats and grad[points, elements], as `masting check --at` gives them."""

    lp: npt.NDArray[np.float64]
    grad: npt.NDArray[np.float64]


def log_prob(
    points: npt.ArrayLike, model: PathLike | None = None, data: Data = None, *, stan_file: PathLike | None = None,
    stan_code: str | None = None, ranks: int = 1, launcher: str | None = None, **options: Any,
) -> LogProb:  # fmt: skip
    """Log density and gradient at points[points, elements] of the unconstrained scale, or at one point [elements].

    Elements are in Stan's order, matrices column by column; lp has the log Jacobians and drops constants.
    """
    at = np.atleast_2d(np.asarray(points, dtype=np.float64))
    if at.ndim != 2:
        raise ValueError(f"points: expected [points, elements], got {at.ndim} dimensions")
    with _prepared(model, stan_file, stan_code, data) as (words, _, folder):
        (folder / "points.json").write_text(json.dumps({"points": at.tolist()}))
        options = {**options, "at": folder / "points.json", "json": True}
        answer = run(["check", *words, *option_words(options)], ranks=ranks, launcher=launcher)
    rows = json.loads(answer.stdout)["points"]
    return LogProb(  # what is not finite is text: "NaN", "Inf"
        np.array([float(row["lp"]) for row in rows]),
        np.array([[float(g) for g in row["grad"]] for row in rows]).reshape(at.shape),
    )


def summary(draws: Any, *, var: str | Sequence[str] | None = None, **options: Any) -> pd.DataFrame:
    """The table of `masting summary`, a row an element. draws: a path, or InferenceData."""
    names = [var] if isinstance(var, str) else var
    with tempfile.TemporaryDirectory(prefix="masting-") as folder:
        if not isinstance(draws, (str, os.PathLike)):
            path = os.path.join(folder, "draws.nc")
            draws.to_netcdf(path)
            draws = path
        words = option_words({"var": list(names) if names else None, "json": True, **options})
        answer = run(["summary", os.fspath(draws), *words], show=False)
    rows = [row for variable in json.loads(answer.stdout)["variables"] for row in variable["rows"]]
    table = pd.DataFrame(rows)
    return table.set_index("label") if len(table) else table


def compile(stan_file: PathLike, out: PathLike | None = None, **options: Any) -> Path:
    """Compiles a program in Stan or C to a model.so, which sample takes as its model. Returns its path."""
    path = Path(out) if out is not None else Path(Path(stan_file).stem + ".so")
    run(["compile", os.fspath(stan_file), *option_words({"out": path, **options})])
    return path.resolve()


class Simulated(NamedTuple):
    """data as sample takes it, and the parameters that they were drawn with."""

    data: dict[str, Any]
    truth: dict[str, Any]


def simulate(
    model: PathLike, *, size: Mapping[str, int] | None = None, output: PathLike | None = None, ranks: int = 1,
    launcher: str | None = None, **options: Any,
) -> Simulated:  # fmt: skip
    """A data set from the model's simulator: size={"N": 5000}, seed=1. output: keep the file there."""
    with tempfile.TemporaryDirectory(prefix="masting-", dir=os.environ.get("MASTING_TMPDIR")) as folder:
        out = Path(output) if output is not None else Path(folder, "data.h5")
        words = option_words({"out": out, "size": size, **options})
        run(["simulate", os.fspath(model), *words], ranks=ranks, launcher=launcher)
        with h5py.File(out) as file:
            data = {name: file[name][()] for name in file if isinstance(file[name], h5py.Dataset)}
            truth = {name: file["truth"][name][()] for name in file.get("truth", {})}
    return Simulated(data, truth)
