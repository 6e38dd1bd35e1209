"""Data for the program: a dictionary becomes JSON, or HDF5 when it is large; a data frame becomes HDF5."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

LARGE = 10_000  # numbers, from which on a dictionary is written as HDF5
Labels = dict[str, list[str]]


def codes_of(name: str, values: Any) -> tuple[Any, list[str]]:
    """A factor as 1, 2, ..., and its levels: in their order if it has one, else sorted."""
    factor = pd.Categorical(values)
    missing(name, factor.codes < 0)
    return factor.codes.astype(np.int64) + 1, [str(level) for level in factor.categories]


def missing(name: str, where: Any) -> None:
    count = int(np.sum(where))
    if count:
        raise ValueError(
            f"data: {name}: {count} missing, the first in row {int(np.argmax(where)) + 1} (from 1); expected none; try "
            "frame.dropna()"
        )


def is_text(values: Any) -> bool:
    return values.dtype.kind in "US" or (
        values.dtype.kind == "O" and all(isinstance(v, str) or v is None or v is pd.NA or v != v for v in values.flat)
    )


def numbers_of(name: str, value: Any, labels: Labels) -> Any:
    """One variable as an array of numbers; levels of a factor go to labels."""
    if isinstance(value, pd.Categorical):
        value = pd.Series(value)
    if isinstance(value, (pd.Series, pd.Index)):
        if isinstance(value.dtype, pd.CategoricalDtype) or pd.api.types.is_string_dtype(value.dtype):
            codes, labels[name] = codes_of(name, value)
            return codes
        missing(name, pd.isna(value).to_numpy() if isinstance(value, pd.Series) else pd.isna(value))
        if pd.api.types.is_extension_array_dtype(value.dtype):
            value = value.to_numpy(dtype=np.float64 if pd.api.types.is_float_dtype(value.dtype) else None)
    try:
        array = np.asarray(value)
    except ValueError as problem:
        raise ValueError(f"data: {name}: {problem}; expected an array with the same number of elements in each row")
    if array.dtype.kind == "O":  # whole numbers of Python beyond 64 bits, pandas' booleans and integers
        try:
            array = array if is_text(array) else np.array(array.tolist())
        except (ValueError, OverflowError):
            pass
    if array.ndim == 1 and array.dtype.kind in "USO" and is_text(array):
        codes, labels[name] = codes_of(name, array)
        return codes
    if array.dtype.kind == "b":
        return array.astype(np.int64)
    if array.dtype.kind not in "iuf":
        hint = "; try days since a date" if array.dtype.kind in "mM" else ""
        raise ValueError(f"data: {name}: {array.dtype} cannot be data; expected numbers or a factor{hint}")
    return array


def arrays_of(data: Any) -> tuple[dict[str, Any], Labels]:
    """Every variable as an array of numbers, and the levels of those that are factors."""
    labels: Labels = {}
    arrays: dict[str, Any] = {}
    for name, value in data.items():
        if not isinstance(name, str) or not name or "/" in name:
            raise ValueError(f"data: {name!r}: expected the name of a variable of the model")
        arrays[name] = numbers_of(name, value, labels)
    return arrays, labels


def write_h5(arrays: Mapping[str, Any], labels: Labels, path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
        for name, levels in labels.items():
            file[f"labels/{name}"] = levels


def write_data(data: Any, folder: Path) -> tuple[str | None, Labels]:
    """The file for the program, in folder unless it is one already, and the levels of factors."""
    if data is None:
        return None, {}
    if isinstance(data, (str, os.PathLike)):
        return os.fspath(data), labels_of(Path(data))
    if not isinstance(data, (Mapping, pd.DataFrame)):
        raise TypeError(f"data: expected a dictionary, a data frame or a path, got {type(data).__name__}")
    arrays, labels = arrays_of(data)
    if isinstance(data, pd.DataFrame) or labels or sum(a.size for a in arrays.values()) > LARGE:
        path = folder / "data.h5"
        write_h5(arrays, labels, path)
    else:
        path = folder / "data.json"
        path.write_text(json.dumps({name: array.tolist() for name, array in arrays.items()}))
    return str(path), labels


def labels_of(path: Path) -> Labels:
    """Those that write_h5 left in a file."""
    if not h5py.is_hdf5(path):
        return {}
    with h5py.File(path) as file:
        group = file.get("labels")
        if not isinstance(group, h5py.Group):
            return {}
        return {name: [str(level) for level in group[name].asstr()[()]] for name in group}


def save_data(data: Any, path: str | os.PathLike[str]) -> None:
    """Writes a dictionary or a data frame as an HDF5 file for `masting sample MODEL path`: once, for many runs or for
    a batch job. Factors become 1, 2, ...; their levels go to the group `labels`, which the program does not read."""
    arrays, labels = arrays_of(data)
    write_h5(arrays, labels, Path(path))
