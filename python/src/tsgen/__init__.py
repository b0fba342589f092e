"""Generative models of time series.

>>> from tsgen import TSGen
>>> model = TSGen(level=[80, 95]).fit(df)    # unique_id, ds, y; pandas, polars or Arrow
>>> model.predict(24)

All work is done by the command ``tsgen``, which the wheel carries: there is no other
compiled code. See :class:`TSGen`.
"""

from tsgen._command import command_path, command_version
from tsgen._errors import (
    DataError,
    InterruptedFit,
    MismatchError,
    TSGenError,
    UsageError,
)
from tsgen._model import Picture, TSGen
from tsgen._version import __version__

__all__ = [
    "DataError",
    "InterruptedFit",
    "MismatchError",
    "Picture",
    "TSGen",
    "TSGenError",
    "UsageError",
    "__version__",
    "command_path",
    "command_version",
]
