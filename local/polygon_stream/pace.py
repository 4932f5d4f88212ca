"""The clock of a simulated day: it stands until it is started, and goes some times as fast."""

import asyncio
import datetime as dt
import time
from dataclasses import dataclass


@dataclass
class Pace:
    """`first` of the market was at `began` (seconds since 1970), so a process that is started again is not late."""

    first: dt.datetime
    speed: float
    began: float | None = None

    def start(self) -> None:
        """From now on it goes, if it did not."""
        self.began = self.began or time.time()

    @property
    def now(self) -> dt.datetime:
        """The market's moment (UTC)."""
        gone = time.time() - self.began if self.began else 0
        return self.first + dt.timedelta(seconds=gone * self.speed)

    async def until(self, moment: dt.datetime) -> None:
        """Wait for a moment of the market's; not at all for one that is over."""
        await asyncio.sleep(max((moment - self.now).total_seconds() / self.speed, 0))
