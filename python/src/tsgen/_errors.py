"""Errors, by the exit statuses of the command."""

from __future__ import annotations


class TSGenError(Exception):
    """The command failed: a file cannot be opened, a training diverged, ...

    ``status`` is the exit status of the command and ``code`` its name.
    """

    status: int = 1
    code: str = "failed"

    def __init__(self, message: str, notes: list[str] | None = None) -> None:
        super().__init__(message)
        self.notes = notes or []
        """What the command said before it failed."""


class UsageError(TSGenError, ValueError):
    """An argument is wrong."""

    status = 2
    code = "usage"


class DataError(TSGenError, ValueError):
    """The data are wrong; the message names row, column and value."""

    status = 3
    code = "data"


class MismatchError(TSGenError, ValueError):
    """The model does not fit the data, or cannot do what is asked for."""

    status = 4
    code = "mismatch"


class InterruptedFit(TSGenError):
    """The command was interrupted."""

    status = 130
    code = "interrupted"


_BY_STATUS: dict[int, type[TSGenError]] = {
    e.status: e for e in (TSGenError, UsageError, DataError, MismatchError, InterruptedFit)
}


def of_status(status: int, message: str, notes: list[str]) -> TSGenError:
    """The error of an exit status."""
    return _BY_STATUS.get(status, TSGenError)(message, notes)
