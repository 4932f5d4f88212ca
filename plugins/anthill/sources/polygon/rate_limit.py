"""One gate for all calls with one key: the plan's rate, and the API's own "not before"."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from pyrate_limiter import Limiter, Rate

from anthill.http_date import http_date

log = logging.getLogger(__name__)

_MARGIN = 1.01  # windows are this much longer than the plan's: requests do not arrive as evenly as they leave
_SLOW = 600  # requests a minute: below it a call takes less time than its turn
_WORTH_A_LINE = 5.0  # seconds


class Gate:
    """Lets calls through at a rate, from any number of threads; 0 requests a minute is no limit of its own."""

    def __init__(self, requests_per_minute: int, sleep: Callable[[float], None] = time.sleep) -> None:
        self.is_slow = 0 < requests_per_minute < _SLOW
        self._limiter = Limiter(_rates(requests_per_minute), buffer_ms=1) if requests_per_minute else None
        self._sleep = sleep
        self._opens = 0.0  # time.monotonic()
        self._lock = threading.Lock()

    def enter(self) -> float:
        """Wait until a call may go out; the seconds that it took."""
        started = time.monotonic()
        self._wait_until_open()
        if self._limiter is not None:
            self._limiter.try_acquire("call")
            self._wait_until_open()  # the API may have closed it meanwhile
        if (waited := time.monotonic() - started) > _WORTH_A_LINE:
            log.info("Waited %.0f s for the rate limit", waited)
        return waited

    def close_for(self, seconds: float) -> None:
        """Let nothing through for so long: the API asked for it."""
        with self._lock:
            self._opens = max(self._opens, time.monotonic() + seconds)

    def _wait_until_open(self) -> None:
        while (left := self._opens - time.monotonic()) > 0:
            self._sleep(left)


def retry_after(value: str | None, date: str | None) -> float | None:
    """Seconds that a Retry-After header asks for; a date counts from the answer's own Date, not from this clock."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    until, now = http_date(value), http_date(date)
    return None if until is None else max(0.0, until - (time.time() if now is None else now))


def _rates(requests_per_minute: int) -> list[Rate]:
    """A window of a second where the rate allows, else of a minute."""
    if requests_per_minute >= _SLOW:
        return [Rate(requests_per_minute // 60, round(1_000 * _MARGIN))]
    return [Rate(requests_per_minute, round(60_000 * _MARGIN))]
