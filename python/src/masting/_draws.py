"""Draws files as ArviZ's InferenceData."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import arviz as az
import numpy as np

from masting._program import warn


def axis_of(dataset: Any, key: str, length: int) -> str | None:
    """The dimension of that name, or of the variable of that name: the first that is so long."""
    dims = [key] if key in dataset.sizes else dataset[key].dims[2:] if key in dataset.data_vars else []
    return next((dim for dim in dims if dataset.sizes[dim] == length), None)


def name_axes(idata: Any, labels: Mapping[str, Sequence[str]]) -> None:
    """Labels become coordinates, in every group that has the dimension."""
    for key, names in labels.items():
        found = axis_of(idata.posterior, key, len(names))
        if found is None:
            warn(f"labels: {key}: the draws have no such dimension, or variable, of length {len(names)}")
            continue
        for group in idata.groups():
            if found in idata[group].dims:
                idata[group] = idata[group].assign_coords({found: list(names)})


def load(path: Path, labels: Mapping[str, Sequence[str]]) -> Any:
    """The whole file in memory, so that it may go."""
    with az.rc_context({"data.load": "eager"}):
        idata = az.from_netcdf(str(path))
    name_axes(idata, labels)
    return idata


def load_part(path: Path, labels: Mapping[str, Sequence[str]]) -> Any | None:
    """What a run that was interrupted left: the draws that every chain has; None if that is none. No more of the file
    is read: it has room for all."""
    partial = path if path.exists() else path.with_name(path.name + ".partial")
    if not partial.exists():
        return None
    try:
        with az.rc_context({"data.load": "lazy"}):
            idata = az.from_netcdf(str(partial))
        there = np.isfinite(idata.sample_stats["lp"].values).all(axis=0)
    except (OSError, AttributeError, KeyError):
        return None
    count = len(there) if there.all() else int(np.argmin(there))
    for group in idata.groups():
        whole = idata[group]
        part = whole.isel(draw=slice(0, count)) if group in ("posterior", "sample_stats") else whole
        idata[group] = part.load()
        whole.close()
    if count == 0:
        return None
    name_axes(idata, labels)
    warn(f"interrupted: {count} of {len(there)} draws a chain")
    return idata
