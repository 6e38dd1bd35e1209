#!/usr/bin/env python3
"""make_data.py FOLDER -- writes diamonds.h5 and eight_schools.h5, as they stand in data/.

Needs Rscript with ggplot2 (Debian: r-cran-ggplot2), which holds the diamonds, and a Python with numpy and
h5py (scripts/requirements-test.txt). data/README.md says what the columns are. The files have no
times in them: the same versions of h5py and HDF5 give the same bytes.
"""
import csv
import io
import os
import subprocess
import sys

import h5py
import numpy as np

# Levels in R's order; the most common one is the reference and has no column, which keeps the
# columns nearly uncorrelated.
LEVELS = {
    "cut": (["Fair", "Good", "Very Good", "Premium", "Ideal"], "Ideal"),
    "color": (["D", "E", "F", "G", "H", "I", "J"], "G"),
    "clarity": (["I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"], "SI1"),
}


def diamonds_of_r():
    """The data frame as a list of dicts of text."""
    code = "write.csv(as.data.frame(ggplot2::diamonds), stdout(), row.names = FALSE)"
    text = subprocess.run(["Rscript", "--vanilla", "-e", code], check=True, stdout=subprocess.PIPE,
                          text=True).stdout
    return list(csv.DictReader(io.StringIO(text)))


def design(rows):
    """X [N,P] with mean 0, its column names, and the mean and scale taken out of each column."""
    log_carat = np.log([float(r["carat"]) for r in rows])
    names, columns, centre, scale = ["log_carat"], [log_carat], [log_carat.mean()], [log_carat.std()]
    for factor, (levels, reference) in LEVELS.items():
        values = np.array([r[factor] for r in rows])
        unknown = set(values) - set(levels)
        if unknown:
            raise SystemExit(f"make_data.py: {factor} has unknown levels {sorted(unknown)}")
        for level in levels:
            if level != reference:
                dummy = (values == level).astype(float)
                names.append(f"{factor}_{level.replace(' ', '_')}")
                columns.append(dummy)
                centre.append(dummy.mean())
                scale.append(1.0)
    x = (np.column_stack(columns) - centre) / scale
    return x, names, np.array(centre), np.array(scale)


def write(path, arrays, about, attributes=()):
    """Datasets name -> array, compressed if large; attributes of dataset X."""
    with h5py.File(path, "w", libver="earliest", track_order=False) as f:
        for name, value in arrays.items():
            large = value.size > 10000
            f.create_dataset(name, data=value, track_times=False,
                             chunks=((4096,) + value.shape[1:]) if large else None,
                             compression="gzip" if large else None,
                             compression_opts=9 if large else None, shuffle=large)
        for name, value in attributes:
            f["X"].attrs[name] = value
        f.attrs["about"] = about


def main():
    folder = sys.argv[1]
    rows = diamonds_of_r()
    x, names, centre, scale = design(rows)
    y = np.log([float(r["price"]) for r in rows])
    write(os.path.join(folder, "diamonds.h5"), {"X": x.astype("<f4"), "y": y.astype("<f8")},
          "log price in US dollars of 53,940 diamonds; ggplot2's data set diamonds (MIT)",
          [("columns", np.array(names, dtype=h5py.string_dtype())), ("centre", centre),
           ("scale", scale)])
    write(os.path.join(folder, "eight_schools.h5"),
          {"y": np.array([28., 8., -3., 7., -1., 1., 18., 12.]),
           "sigma": np.array([15., 10., 16., 11., 9., 11., 10., 18.])},
          "effects of coaching in eight schools and their standard errors; Rubin 1981")
    a = np.column_stack([np.ones(len(y)), x])
    beta, square, _, _ = np.linalg.lstsq(a, y, rcond=None)
    for name, value in zip(["alpha"] + names, beta):
        print(f"{name:20s} {value:9.5f}")
    print(f"{'sigma':20s} {np.sqrt(square[0] / (len(y) - a.shape[1])):9.5f}")


if __name__ == "__main__":
    main()
