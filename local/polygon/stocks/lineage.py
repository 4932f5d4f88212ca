"""Who became whom: the truth about the simulated market's securities, told without any identifier of the source."""

import datetime as dt
from dataclasses import dataclass

from local.polygon.stocks.simulated import SimulatedStocks


@dataclass(frozen=True)
class Spell:
    """The time for which a security bore one ticker, from its first day to the first without it (None: to the end).

    `security` is a name for the thread that no change of a ticker, a FIGI or a company's number alters.
    """

    security: str
    ticker: str
    first: dt.date
    until: dt.date | None


def lineage(stocks: SimulatedStocks) -> list[Spell]:
    """Every spell of every security, each security's in the order of time."""
    listed, days = stocks.listed, stocks.sessions.days
    names = [f"{place}/{start}" for place, start in zip(listed.i_place.tolist(), listed.i_start.tolist(), strict=True)]
    return [
        Spell(names[who], ticker, days[start], days[end] if end < len(days) else None)
        for who, ticker, start, end in zip(
            listed.s_instrument.tolist(), listed.symbols.tolist(), listed.s_start.tolist(), listed.s_end.tolist(),
            strict=True,
        )
    ]  # fmt: skip
