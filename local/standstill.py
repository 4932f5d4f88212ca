"""Whether processes go on: what uses CPU or writes is waited for, however slow the machine is."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import psutil

_TICKS = 0.015  # seconds of CPU: more than one tick of the clock that it is counted with


@dataclass
class Standstill:
    """For how long processes have done nothing; up to `idle` of a core is nothing."""

    processes: Callable[[], Iterable[psutil.Process]]
    idle: float = 0.0
    _used: dict[psutil.Process, float] = field(default_factory=dict, init=False)
    _since: float = field(default=0.0, init=False)
    _worked: float = field(default=0.0, init=False)
    _sign: object = field(default=None, init=False)

    def seconds(self, sign: object) -> float:
        """Seconds since they last used CPU, or since `sign` was last another one: what they have written, say."""
        now = time.monotonic()
        self._worked += self._work()
        if not self._since or sign != self._sign or self._worked > _TICKS + self.idle * (now - self._since):
            self._since, self._worked, self._sign = now, 0.0, sign
        return now - self._since

    @property
    def rests(self) -> float:
        """Seconds of standing still, as of now."""
        return time.monotonic() - self._since if self._since else 0.0

    def _work(self) -> float:
        """CPU used since the last look; a process that is looked at for the first time has used all of its own."""
        work = 0.0
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                used = times.user + times.system
                work += max(0.0, used - self._used.get(process, 0.0))
                self._used[process] = used
        return work


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and all that came of it."""
    with contextlib.suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return []
