"""A clock that somebody else has: of a source whose market is simulated, and goes faster than ours."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from urllib.request import urlopen

import msgspec

from anthill.recorder.errors import RecorderError

_PATIENCE = 10  # seconds for its answer


class _Told(msgspec.Struct):
    now: dt.datetime
    speed: float


def told_by(address: str) -> Callable[[], dt.datetime]:
    """The clock at an address, asked once: it answers with `now`, and `speed` times as fast as ours it goes on."""
    try:
        with urlopen(address, timeout=_PATIENCE) as answer:  # noqa: S310 who starts a recorder names it
            told = msgspec.json.decode(answer.read(), type=_Told)
    except (OSError, ValueError) as error:
        raise RecorderError(f"{address} tells no time: {error}. It must answer with JSON: now, speed") from error
    asked = time.monotonic()
    return lambda: told.now + dt.timedelta(seconds=(time.monotonic() - asked) * told.speed)
