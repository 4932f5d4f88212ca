"""gold.stocks_intraday_stats computed again from raw bars with plain loops: it shares no code with the product."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from typing import Any

import polars as pl

from tests.plugins.anthill.lakehouse.simulated_minutes import EARLY_CLOSE, NEW_YORK, Minutes


def intraday_stats(known: Minutes) -> pl.DataFrame:
    """Ordered by ticker and day."""
    rows = [_stats(known, ticker, day, bars) for (ticker, day), bars in known.bars.items() if bars]
    return pl.DataFrame(rows, infer_schema_length=None).sort("ticker", "market_date")


def _stats(known: Minutes, ticker: str, day: dt.date, bars: list[dict[str, Any]]) -> dict[str, Any]:
    opens = dt.datetime.combine(day, dt.time(9, 30), NEW_YORK).timestamp() * 1000
    closes = dt.datetime.combine(day, dt.time(13 if day == EARLY_CLOSE else 16), NEW_YORK).timestamp() * 1000
    regular = [bar for bar in bars if opens <= bar["t"] <= closes]  # the closing auction is in the minute of the close
    official = [float(bar["c"]) for bar in known.daily[day] if bar["T"] == ticker]
    previous = _previous_close(known, ticker, day)
    volatility = _volatility(regular, opens, closes)
    return {
        "ticker": ticker,
        "market_date": day,
        **_prices(regular, official),
        "regular_volume": float(sum(bar["v"] for bar in regular)),
        "pre_market_volume": float(sum(bar["v"] for bar in bars if bar["t"] < opens)),
        "after_hours_volume": float(sum(bar["v"] for bar in bars if bar["t"] > closes)),
        "minutes": sum(bar["t"] < closes for bar in regular),
        "previous_close": previous,
        "opening_gap": regular[0]["o"] / previous - 1 if regular and previous else None,
        "realised_volatility_5m": volatility,
        "realised_volatility_5m_annualised": volatility and volatility * math.sqrt(252),
    }


def _prices(bars: list[dict[str, Any]], official: list[float]) -> dict[str, Any]:
    """Of the bars of a session; the close is the official one, where the day has one."""
    if not bars:
        return _NEVER | {"intraday_close": next(iter(official), None)}
    high, low = max(bar["h"] for bar in bars), min(bar["l"] for bar in bars)
    worth = sum(bar.get("vw", (bar["h"] + bar["l"] + bar["c"]) / 3) * bar["v"] for bar in bars)
    return {
        "intraday_open": bars[0]["o"],
        "intraday_high": high,
        "intraday_low": low,
        "intraday_close": official[0] if official else bars[-1]["c"],
        "high_at": _moment(next(bar for bar in bars if bar["h"] == high)),
        "low_at": _moment(next(bar for bar in bars if bar["l"] == low)),
        "intraday_vwap": worth / sum(bar["v"] for bar in bars),
    }


_NEVER = dict.fromkeys(
    ("intraday_open", "intraday_high", "intraday_low", "intraday_close", "high_at", "low_at", "intraday_vwap")
)


def _previous_close(known: Minutes, ticker: str, day: dt.date) -> float | None:
    """The close of the last of the 20 sessions before, at the share count of the day."""
    at = known.sessions.index(day)
    for back in range(at - 1, max(at - 21, -1), -1):
        for bar in known.daily[known.sessions[back]]:
            if bar["T"] == ticker:
                between = [split for on in known.sessions[back + 1 : at + 1] for split in known.splits[on]]
                mine = [split["split_to"] / split["split_from"] for split in between if split["ticker"] == ticker]
                return float(bar["c"] / math.prod(mine))
    return None


def _volatility(bars: list[dict[str, Any]], opens: float, closes: float) -> float | None:
    """From the last price of each five minutes with a trade to the next; from the open, to the auction."""
    last: dict[int, float] = {}
    for bar in bars:
        last[int((min(bar["t"], closes - 1) - opens) // 300_000)] = bar["c"]
    if len(last) < 10:
        return None
    prices = [bars[0]["o"], *(last[step] for step in sorted(last))]
    return math.sqrt(sum(math.log(b / a) ** 2 for a, b in itertools.pairwise(prices)))


def _moment(bar: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromtimestamp(bar["t"] / 1000, dt.UTC)
