"""Endpoints of what is published about companies: short sales, statements, ratios."""

import datetime as dt
from collections.abc import Callable

import numpy as np

from local.polygon.answers.api import Call, Handler
from local.polygon.answers.paging import Listing, day_key, number, text
from local.polygon.answers.reference import list_rows
from local.polygon.fundamentals.ratios import NAMES
from local.polygon.markets.tables import Columns, Table

NOTHING = Table(Columns({"": np.empty(0)}, lambda name: np.empty(0, dtype=object)), lambda rows: [])
"""What replayed bars tell about companies."""

SHORT_VOLUME = Listing(
    {"short_volume_ratio": number, "total_volume": number},
    ("ticker", "date", "short_volume_ratio", "short_volume", "total_volume"),
    limit=10, most=50_000, order="asc", columns=True,
)  # fmt: skip
SHORT_INTEREST = Listing(
    {"days_to_cover": number, "avg_daily_volume": number},
    ("ticker", "settlement_date", "days_to_cover", "avg_daily_volume", "short_interest"),
    limit=10, most=50_000, order="asc", columns=True,
)  # fmt: skip
STATEMENTS = Listing(
    {
        "tickers": text, "cik": text, "timeframe": text, "period_end": day_key, "filing_date": day_key,
        "fiscal_year": number, "fiscal_quarter": number,
    },
    ("period_end", "filing_date", "fiscal_year", "fiscal_quarter", "timeframe", "cik", "tickers"),
    limit=100, most=50_000, order="asc", columns=True,
)  # fmt: skip
RATIOS = Listing(
    {"ticker": text, "cik": text} | dict.fromkeys(NAMES, number),
    ("ticker", "cik", *NAMES),
    limit=100, most=50_000, order="asc", columns=True,
)  # fmt: skip


def shorts(day: str) -> Callable[[Call], Table]:
    """Short volume or short interest, narrowed to the tickers and days of a call before rows are made."""

    def table(call: Call) -> Table:
        asked = sorted(item for item in call.query.items() if item[0].partition(".")[0] in ("ticker", day))
        since = call.plan.earliest(call.today) if call.plan.name == "basic" else dt.date.min
        found = call.markets.fundamentals
        return found.shorts(day, tuple(asked), since, call.markets.clock.evening) if found else NOTHING

    return table


def statements(kind: str) -> Callable[[Call], Table]:
    """Statements of one kind that are filed by now."""

    def table(call: Call) -> Table:
        found = call.markets.fundamentals
        return found.statements(kind, call.markets.clock.evening) if found else NOTHING

    return table


def ratios(call: Call) -> Table:
    """The ratios of now: the API has no others."""
    found = call.markets.fundamentals
    return found.ratios(call.markets.clock.evening) if found else NOTHING


def handlers() -> dict[str, Handler]:
    """Paths and their handlers."""
    return {
        "/stocks/v1/short-volume": list_rows(shorts("date"), SHORT_VOLUME, count=True),
        "/stocks/v1/short-interest": list_rows(shorts("settlement_date"), SHORT_INTEREST, count=True),
        "/stocks/financials/v1/balance-sheets": list_rows(statements("balance"), STATEMENTS),
        "/stocks/financials/v1/cash-flow-statements": list_rows(statements("cash_flow"), STATEMENTS),
        "/stocks/financials/v1/income-statements": list_rows(statements("income"), STATEMENTS),
        "/stocks/financials/v1/ratios": list_rows(ratios, RATIOS, count=True),
    }
