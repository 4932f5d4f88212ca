"""What the engine says of a statement that fails, with what the statement was about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_LONGEST = 1000  # characters of what it says


class EngineError(RuntimeError):
    """A statement failed; the message names what it makes and of which market days."""


@contextmanager
def about(what: str, days: Sequence[dt.date]) -> Iterator[None]:
    """Name what a statement makes and of which days, as errors of our own do; the engine leaves both out."""
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        span = " to ".join(dict.fromkeys(str(day) for day in (days[0], days[-1])))
        raise EngineError(f"{what} of {span}: {words(error)}") from error


def words(error: Exception) -> str:
    """An error in one line: those of an engine go on with its plan."""
    return f"{error}".strip().partition("\n")[0][:_LONGEST] or type(error).__name__
