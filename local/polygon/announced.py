"""What the source says about splits and dividends of securities with a script: late, wrong, twice, or not at all."""

import datetime as dt
from dataclasses import dataclass, replace

from local.polygon.sessions import Sessions

Day = dt.date
ANNOUNCED = 10
"""Sessions before its execution date at which a split becomes known, unless it says otherwise."""
DECLARED = 16
"""Sessions before its ex-date at which a dividend is declared, unless it says otherwise."""
PAID = 10
"""Sessions after its ex-date at which a dividend is paid."""


@dataclass(frozen=True)
class Announced:
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


@dataclass(frozen=True)
class AnnouncedSplit(Announced):
    """A split that is said to be executed on `day`; whether it is, `script.py` says."""

    terms: tuple[int, int] = (1, 2)


@dataclass(frozen=True)
class AnnouncedDividend(Announced):
    """Cash a share of the ex-date `day`, in a currency."""

    cash: float = 0.0
    currency: str = "USD"
    kind: str = "recurring"


def april(day: int) -> Day:
    """A day of the script's month."""
    return Day(2026, 4, day)


_REGULAR = AnnouncedDividend("SPCDV", april(16), cash=0.25)
_DOUBLED = AnnouncedDividend("DBLDV", april(22), cash=0.60)

SPLITS = (
    AnnouncedSplit("LATSP", april(14), told=april(17)),
    AnnouncedSplit("CORSP", april(15), withdrawn=april(17), terms=(20, 25)),
    AnnouncedSplit("CORSP", april(15), told=april(17)),
    AnnouncedSplit("WDRSP", april(16), withdrawn=april(20), terms=(8, 1)),
    *(AnnouncedSplit("DBLSP", april(22), copy=copy, terms=(1, 3)) for copy in (0, 1)),
    AnnouncedSplit("TWORA", april(23), terms=(1, 4)),
    AnnouncedSplit("TWORA", april(23), copy=1),
    AnnouncedSplit("OFFSP", april(18)),
    AnnouncedSplit("MOVSP", april(21), withdrawn=april(20)),
    AnnouncedSplit("MOVSP", april(28), told=april(20)),
    AnnouncedSplit("FLKSP", april(16), withdrawn=april(17), terms=(1, 4)),
    AnnouncedSplit("FLKSP", april(16), told=april(20), terms=(1, 4)),
)
"""Instead of the rows that the market has of its own for these tickers and days."""

DIVIDENDS = (
    AnnouncedDividend("NEWCO", april(27), cash=0.40),
    AnnouncedDividend("LATDV", april(10), told=april(15), cash=0.50),
    AnnouncedDividend("CORDV", april(17), withdrawn=april(20), cash=0.55),
    AnnouncedDividend("CORDV", april(17), told=april(20), cash=0.60),
    AnnouncedDividend("WDRDV", april(14), withdrawn=april(16), cash=0.80),
    _DOUBLED,
    replace(_DOUBLED, copy=1),
    AnnouncedDividend("OFFDV", april(3), cash=0.30),
    _REGULAR,
    replace(_REGULAR, copy=1, cash=3.00, kind="special"),
    AnnouncedDividend("CADDV", april(9), cash=1.00, currency="CAD"),
    AnnouncedDividend("EURDV", april(9), cash=0.40, currency="EUR"),
    AnnouncedDividend("CLPDV", april(9), cash=450.0, currency="CLP"),
    AnnouncedDividend("CSHSP", april(24), cash=1.00),
)
