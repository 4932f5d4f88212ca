"""What calls cost: how many, how long they took, how long they waited for their turn, and how many failed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from anthill.sources.errors import RateLimitedError, SourceError


class Cost(msgspec.Struct, frozen=True):
    """Calls answered and failed, of these with 429; seconds of all calls, of the slowest, and waited for the gate."""

    calls: int = 0
    failed: int = 0
    limited: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    waited: float = 0.0


class Meter:
    """Adds up calls from any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cost = Cost()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Measure one call; its error goes on."""
        started = time.monotonic()
        failed = limited = 0
        try:
            yield
        except SourceError as error:
            failed, limited = 1, int(isinstance(error, RateLimitedError))
            raise
        finally:
            self._add(1 - failed, failed, limited, time.monotonic() - started, 0.0)

    def waited(self, seconds: float) -> None:
        """Count a wait for the gate."""
        self._add(0, 0, 0, 0.0, seconds)

    def take(self) -> Cost:
        """What was counted since the last taking."""
        with self._lock:
            cost, self._cost = self._cost, Cost()
        return cost

    def _add(self, calls: int, failed: int, limited: int, seconds: float, waited: float) -> None:
        with self._lock:
            cost = self._cost
            self._cost = Cost(
                cost.calls + calls,
                cost.failed + failed,
                cost.limited + limited,
                cost.seconds + seconds,
                max(cost.slowest, seconds),
                cost.waited + waited,
            )
