"""gold.stocks_short_volume and gold.stocks_short_interest computed again from raw rows: no code of the product's."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

Rows = Mapping[dt.date, Sequence[Mapping[str, Any]]]  # market day -> rows as the API writes them


def short_volume(sessions: list[dt.date], sold: Rows) -> pl.DataFrame:
    """Ordered by ticker and day."""
    known = {(row["ticker"], day): row for day, rows in sold.items() for row in rows}
    out = []
    for (ticker, day), row in known.items():
        at = sessions.index(day)
        window = [known[ticker, on] for on in sessions[max(at - 19, 0) : at + 1] if (ticker, on) in known]
        total, recent = row["total_volume"], sum(held["total_volume"] for held in window)
        out.append(
            {
                "ticker": ticker,
                "market_date": day,
                "short_volume": float(row["short_volume"]),
                "exempt_volume": row.get("exempt_volume"),
                "reported_volume": float(total),
                "short_ratio": row["short_volume"] / total if total else None,
                "short_ratio_20d": sum(held["short_volume"] for held in window) / recent
                if len(window) >= 10 and recent
                else None,
            }
        )
    return pl.DataFrame(out, infer_schema_length=None).sort("ticker", "market_date")


def short_interest(sessions: list[dt.date], reported: Rows, splits: Rows) -> pl.DataFrame:
    """Ordered by ticker and settlement date."""
    known = [(sessions.index(day), day, row) for day, rows in reported.items() for row in rows]
    out = []
    for at, day, row in known:
        settled = dt.date.fromisoformat(row["settlement_date"])
        earlier = [
            (dt.date.fromisoformat(other["settlement_date"]), other["short_interest"])
            for back, _, other in known
            if other["ticker"] == row["ticker"] and 0 < at - back <= 40
        ]
        before, shares = max(earlier, default=(None, 0))
        ratio = math.prod(
            split["split_to"] / split["split_from"]
            for on, rows in splits.items()
            for split in rows
            if before and split["ticker"] == row["ticker"] and before < on <= settled
        )
        out.append(
            {
                "ticker": row["ticker"],
                "market_date": day,
                "settlement_date": settled,
                "short_interest": row["short_interest"],
                "average_volume": row["avg_daily_volume"],
                "days_to_cover": row["short_interest"] / row["avg_daily_volume"] if row["avg_daily_volume"] else None,
                "previous_settlement_date": before,
                "change": row["short_interest"] / (shares * ratio) - 1 if shares else None,
                "avg_daily_volume": row["avg_daily_volume"],  # its old name
            }
        )
    return pl.DataFrame(out, infer_schema_length=None).sort("ticker", "settlement_date")
