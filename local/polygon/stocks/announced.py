"""What the source says about splits and dividends of securities with a script: late, wrong, twice, or not at all."""

import datetime as dt
from pathlib import Path

import msgspec

from local.polygon.markets.sessions import Sessions

Day = dt.date
ANNOUNCED = 10
"""Sessions before its execution date at which a split becomes known, unless it says otherwise."""
DECLARED = 16
"""Sessions before its ex-date at which a dividend is declared, unless it says otherwise."""
PAID = 10
"""Sessions after its ex-date at which a dividend is paid."""


class Announced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row that the source has from `told` (None: in good time) until before `withdrawn`; `copy` numbers its ids."""

    ticker: str
    day: Day
    told: Day | None = None
    withdrawn: Day | None = None
    copy: int = 0

    def known(self, today: Day, sessions: Sessions, notice: int) -> bool:
        """Whether the source has the row on a day, if in good time is `notice` sessions before."""
        told = self.told or sessions.days[max(sessions.next_from(self.day) - notice, 0)]
        return told <= today and not (self.withdrawn and self.withdrawn <= today)


class AnnouncedSplit(Announced, frozen=True, forbid_unknown_fields=True):
    """A split that is said to be executed on `day`; whether it is, `script.yaml` says."""

    terms: tuple[int, int] = (1, 2)


class AnnouncedDividend(Announced, frozen=True, forbid_unknown_fields=True):
    """Cash a share of the ex-date `day`, in a currency."""

    cash: float = 0.0
    currency: str = "USD"
    kind: str = "recurring"


class Announcements(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Instead of the rows that the market has of its own for these tickers and days."""

    splits: tuple[AnnouncedSplit, ...]
    dividends: tuple[AnnouncedDividend, ...]


ANNOUNCEMENTS = msgspec.yaml.decode(Path(__file__).with_name("announced.yaml").read_bytes(), type=Announcements)
