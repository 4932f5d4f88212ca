"""A small market with everything that makes adjusting hard: gaps, splits, dividends, and both on one day."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse.lake import bar
from tests.plugins.anthill.lakehouse.oracle import Market


def market(first: dt.date, last: dt.date, tickers: int = 12, seed: int = 7) -> Market:
    """Bars, splits and dividends of every session between two days; at least 50 sessions make all cases occur."""
    chance = random.Random(seed)
    sessions = market_days("XNYS", first, last)
    bars: dict[dt.date, list[dict[str, Any]]] = {day: [] for day in sessions}
    splits: dict[dt.date, list[dict[str, Any]]] = {day: [] for day in sessions}
    dividends: dict[dt.date, list[dict[str, Any]]] = {day: [] for day in sessions}

    def pay(ticker: str, at: int, cash: float, **other: Any) -> None:
        if at < len(sessions):
            day = sessions[at]
            known = {"id": f"D{len(dividends[day])}-{day}", "ticker": ticker, "ex_dividend_date": str(day)}
            dividends[day].append({**known, "cash_amount": cash, "currency": "USD", "frequency": 4, **other})

    def split(ticker: str, at: int, old: float, new: float) -> None:
        if at < len(sessions):
            day = sessions[at]
            known = {"id": f"S{len(splits[day])}-{day}", "ticker": ticker, "execution_date": str(day)}
            splits[day].append({**known, "split_from": old, "split_to": new, "adjustment_type": "forward_split"})

    split("S00", 12, 1, 7)
    split("S00", 33, 1, 2)
    split("S01", 15, 10, 1)
    split("S02", 20, 2, 3)
    pay("S02", 20, 0.4)  # on the day of its split
    pay("S03", 9, 0.5)
    pay("S03", 40, 0.6)
    pay("S03", 40, 0.1)  # two on one day
    pay("S04", 11, 3.0, currency="CAD")
    pay("S05", 13, 1e6)  # more than the price
    pay("S06", 45, 0.7)  # in a gap of 30 sessions: no close to compare it with
    pay("S07", 24, 0.3)  # in a gap of 5 sessions
    split("S07", 23, 1, 3)  # within that gap
    ratio = {(s["ticker"], day): s["split_to"] / s["split_from"] for day in sessions for s in splits[day]}
    for number in range(tickers):
        ticker = f"S{number:02d}"
        close = chance.uniform(5, 200)
        for at, day in enumerate(sessions):
            close /= ratio.get((ticker, day), 1)
            close *= 1 if ticker == "S08" else 1 + max(-0.4, chance.gauss(0, 0.02))
            close *= 1.9 if (ticker, at) == ("S09", 40) else 1
            hole = {"S06": 15 <= at < 46, "S07": 22 <= at < 27, "S10": at < 18}.get(ticker, chance.random() < 0.04)
            if not hole:
                bars[day].append(bar(ticker, round(close, 4), volume=round(chance.lognormvariate(10.5, 1.5), 3)))
    return Market(sessions, bars, splits, dividends)
