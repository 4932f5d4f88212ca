"""What files say of the securities of a replayed market: identifiers by the days they are for, and ticker events."""

import datetime as dt
from pathlib import Path

from local.polygon.markets.tables import Row
from local.polygon.replayed.csv_rows import Folders, read_rows

NAMES = ("name", "composite_figi", "share_class_figi", "cik")
"""Columns of `stock_identifiers` that a row of the reference data shows, where they are not empty."""


class Identities:
    """The rows of `stock_identifiers` and `stock_ticker_events`; without these files nothing is known."""

    def __init__(self, folder: Path | Folders) -> None:
        self._known = list(read_rows(folder, "stock_identifiers", _identifiers, optional=True))
        self._events = sorted(read_rows(folder, "stock_ticker_events", _event, optional=True))

    def of(self, ticker: str, day: dt.date) -> Row:
        """What the reference data of a day says of a ticker beside its bars."""
        return next((row for at, since, until, row in self._known if at == ticker and since <= day < until), {})

    def events(self, ticker_or_figi: str, today: dt.date) -> Row | None:
        """Since when the security of a FIGI, or that took a ticker last, bears which ticker; the latest first."""
        told = [event for event in self._events if event[0] <= today]
        bearers = [figi for _, figi, ticker, _ in told if ticker_or_figi in (figi, ticker)]
        if not bearers:
            return None
        own = [event for event in reversed(told) if event[1] == bearers[-1]]
        events = [
            {"date": day.isoformat(), "ticker_change": {"ticker": ticker}, "type": "ticker_change"}
            for day, _, ticker, _ in own
        ]
        return {"name": own[0][3], "composite_figi": bearers[-1], "events": events}


def _identifiers(row: dict[str, str]) -> tuple[str, dt.date, dt.date, Row]:
    since = dt.date.fromisoformat(row["since"]) if row["since"] else dt.date.min
    until = dt.date.fromisoformat(row["until"]) if row["until"] else dt.date.max
    return row["ticker"], since, until, {name: row[name] for name in NAMES if row[name]}


def _event(row: dict[str, str]) -> tuple[dt.date, str, str, str]:
    return dt.date.fromisoformat(row["date"]), row["composite_figi"], row["ticker"], row["name"]
