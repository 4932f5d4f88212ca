"""A clock for the rate limiter's threads: time stands still while one of them works, and no machine is too slow."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest


class Clock:
    """Goes on to the next one who wakes as soon as all of its threads sleep."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self._awake = 0
        self._wakes: list[float] = []
        self._turn = threading.Condition()
        patch.setattr("pyrate_limiter.clocks.monotonic_ns", lambda: round(self.now * 1e9))
        patch.setattr("pyrate_limiter.limiter.sleep", self.sleep)
        patch.setattr(
            "anthill.sources.polygon.rate_limit.time",
            SimpleNamespace(monotonic=lambda: self.now, time=time.time, sleep=None),
        )
        patch.setattr("anthill.sources.polygon.client.time", SimpleNamespace(monotonic=lambda: self.now))

    def sleep(self, seconds: float) -> None:
        """Be asleep until so many seconds have gone by."""
        with self._turn:
            wake = self.now + seconds
            heapq.heappush(self._wakes, wake)
            self._rest()
            self._turn.wait_for(lambda: self.now >= wake)

    def run(self, works: list[Callable[[], None]]) -> None:
        """Do these works, each in a thread, to their end."""

        def one(work: Callable[[], None]) -> None:
            try:
                work()
            finally:
                with self._turn:
                    self._rest()

        self._awake = len(works)
        threads = [threading.Thread(target=one, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _rest(self) -> None:
        """One thread less is at work; the last one moves the time."""
        self._awake -= 1
        if self._awake == 0 and self._wakes:
            self.now = self._wakes[0]
            while self._wakes and self._wakes[0] <= self.now:
                heapq.heappop(self._wakes)
                self._awake += 1
            self._turn.notify_all()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that the rate limiter goes by."""
    return Clock(monkeypatch)
