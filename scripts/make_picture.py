#!/usr/bin/env python3
"""make_picture.py DRAWS DATA OUT -- the README's picture: what each grade of a diamond adds to its price.

DRAWS: of `masting sample linear data/diamonds.h5`; DATA: that file, whose attribute `columns` names the coefficients.
Posterior means with 90 % intervals of exp(beta) - 1. Needs h5py, numpy and matplotlib (scripts/requirements-test.txt).
"""
import sys

import h5py
import matplotlib
import numpy

matplotlib.use("Agg")
matplotlib.rcParams.update({"svg.hashsalt": "masting", "svg.fonttype": "none", "font.size": 9,
                            "font.family": "sans-serif"})
import matplotlib.pyplot as plt  # noqa: E402

COLOURS = {"cut": "#8a5a2b", "color": "#2b6a8a", "clarity": "#3f7d3a"}
TITLES = {"cut": "cut, beside Ideal", "color": "colour, beside G", "clarity": "clarity, beside SI1"}


def main(draws, data, out):
    with h5py.File(data) as file:
        columns = [str(c) if isinstance(c, str) else c.decode() for c in file["X"].attrs["columns"]]
    with h5py.File(draws) as file:
        beta = file["posterior/beta"][()].reshape(-1, len(columns))
    effect = 100 * numpy.expm1(beta)
    low, mean, high = numpy.percentile(effect, 5, axis=0), effect.mean(axis=0), numpy.percentile(effect, 95, axis=0)
    figure, panes = plt.subplots(1, 3, figsize=(8.4, 2.5), layout="constrained")
    for pane, (kind, colour) in zip(panes, COLOURS.items()):
        which = [k for k, name in enumerate(columns) if name.startswith(kind + "_")]
        names = [columns[k][len(kind) + 1:].replace("_", " ") for k in which]
        at = numpy.arange(len(which))[::-1]
        pane.axvline(0, color="#999999", linewidth=0.8)
        pane.hlines(at, low[which], high[which], color=colour, linewidth=2.4)
        pane.plot(mean[which], at, "o", color=colour, markersize=4)
        pane.set_yticks(at, names)
        pane.set_title(TITLES[kind], fontsize=9)
        pane.set_xlabel("change of price, %")
        for side in ("top", "right"):
            pane.spines[side].set_visible(False)
    figure.savefig(out, metadata={"Date": None} if out.endswith(".svg") else None, dpi=120)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: make_picture.py DRAWS DATA OUT")
    main(*sys.argv[1:])
