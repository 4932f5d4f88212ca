"""What is recorded of an asset class, and how its segments are named."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from anthill import calendars
from anthill.bronze.commits import Place

SOURCE = "polygon_stream"
_NEW_YORK = ZoneInfo("America/New_York")


class Stream(msgspec.Struct, frozen=True):
    """One connection's worth: the channels of a cluster, cut into segments of so much of the market's clock."""

    asset_class: str
    name: str
    calendar: str
    channels: tuple[str, ...]  # AM.*, T.AAPL
    segment: dt.timedelta = dt.timedelta(minutes=5)

    def place(self, began: dt.datetime, connection: str) -> Place:
        """Where the segment lies that a connection began at a moment (UTC)."""
        shard = f"T{began:%H%M%S}Z-{connection}"
        return Place(SOURCE, self.asset_class, self.name, str(self.market_day(began)), shard)

    def market_day(self, moment: dt.datetime) -> dt.date:
        """The market day that a moment is recorded under.

        That of the session that is open; hours before and after it go with their date in New York, days off with the
        market day before them.
        """
        opened = calendars.present_market_day(self.calendar, moment)
        if moment < calendars.session_close(self.calendar, opened):
            return opened
        date = moment.astimezone(_NEW_YORK).date()
        return date if calendars.is_market_day(self.calendar, date) and date > opened else opened

    def in_session(self, moment: dt.datetime) -> bool:
        """Whether its market is open, and silence is a fault."""
        opened = calendars.present_market_day(self.calendar, moment)
        return moment < calendars.session_close(self.calendar, opened)

    def next_cut(self, moment: dt.datetime) -> dt.datetime:
        """When a segment that is open at a moment ends: the clock's next multiple of its length."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + self.segment * ((moment - midnight) // self.segment + 1)
