"""What time it is for the server: a moment of the market's own, not the machine's."""

import datetime as dt
from dataclasses import dataclass
from time import monotonic
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
EVENING = dt.time(18)
"""After the stock market's close, before the end of its extended hours."""


@dataclass
class Clock:
    """A day and a time in New York, which stand still until they are set; whoever holds the clock sees it move."""

    today: dt.date
    time: dt.time = EVENING
    _set_at: float | None = None

    def set(self, today: dt.date, time: dt.time) -> None:
        """Moves the clock."""
        self.today, self.time, self._set_at = today, time, monotonic()

    @property
    def now(self) -> dt.datetime:
        """The moment, in New York."""
        return dt.datetime.combine(self.today, self.time, NEW_YORK)

    @property
    def ms(self) -> int:
        """The moment in ms UTC."""
        return int(self.now.timestamp() * 1000)

    @property
    def evening(self) -> dt.date:
        """The last day that has come to its evening, when what is told after the close is out."""
        return self.today if self.time >= EVENING else self.today - dt.timedelta(days=1)

    @property
    def running(self) -> dt.datetime:
        """The time in UTC that goes by: the machine's, or once the clock is set, on from what it was set to."""
        if self._set_at is None:
            return dt.datetime.now(dt.UTC)
        return self.now.astimezone(dt.UTC) + dt.timedelta(seconds=monotonic() - self._set_at)
