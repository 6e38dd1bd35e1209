"""masting: exact NUTS over MPI ranks for Stan programs and large data, from Python.

    import masting
    idata = masting.sample(stan_file="model.stan", data=frame, ranks=4)

Each function runs the program `masting` (program() tells which) and gives what it made as ArviZ, pandas and numpy
know it. docs/python.md is the tutorial.
"""

from masting._commands import (
    LogProb,
    Simulated,
    check,
    compile,
    laplace,
    log_prob,
    optimize,
    pathfinder,
    sample,
    simulate,
    summary,
)
from masting._data import save_data
from masting._program import MastingError, MastingWarning, program

__version__ = "0.1.0"
__all__ = [
    "LogProb",
    "MastingError",
    "MastingWarning",
    "Simulated",
    "check",
    "compile",
    "laplace",
    "log_prob",
    "optimize",
    "pathfinder",
    "program",
    "sample",
    "save_data",
    "simulate",
    "summary",
]
