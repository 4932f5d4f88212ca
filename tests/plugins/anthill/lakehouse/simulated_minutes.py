"""Minutes of a few tickers: a change of clocks, an early close, splits, gaps, silence."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse.lake import Lake, bar

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = dt.date(2024, 10, 28), dt.date(2024, 12, 4)  # clocks change on 3 November, 29 November closes at 13:00
EARLY_CLOSE = dt.date(2024, 11, 29)
Bars = dict[tuple[str, dt.date], list[dict[str, Any]]]  # ticker and market day -> bars as the API writes them


class Minutes(NamedTuple):
    """Rows as the API gives them; `daily` are the grouped bars and `splits` the splits of a market day."""

    sessions: list[dt.date]
    bars: Bars
    daily: dict[dt.date, list[dict[str, Any]]]
    splits: dict[dt.date, list[dict[str, Any]]]


def minutes(seed: int = 3) -> Minutes:
    """AAA trades a lot, BBB splits and has gaps, CCC seldom, DDD outside the session, EEE and FFF lack daily bars."""
    chance = random.Random(seed)
    sessions = market_days("XNYS", FIRST, LAST)
    bars: Bars = {}
    daily: dict[dt.date, list[dict[str, Any]]] = {day: [] for day in sessions}
    splits: dict[dt.date, list[dict[str, Any]]] = {day: [] for day in sessions}
    for at, (old, new) in {5: (1, 4), 12: (10, 1)}.items():
        known = {"id": f"S{at}", "ticker": "BBB", "execution_date": str(sessions[at])}
        splits[sessions[at]].append({**known, "split_from": old, "split_to": new, "adjustment_type": "forward_split"})
    for ticker, trades in {"AAA": 90, "BBB": 40, "CCC": 6, "DDD": 5, "EEE": 20}.items():
        price = chance.uniform(20, 200)
        for at, day in enumerate(sessions):
            for split in splits[day]:
                price *= split["split_from"] / split["split_to"] if ticker == "BBB" else 1
            if ticker == "BBB" and at in (4, 5, 11, 18):
                continue  # silent on the day before its first split and on the day of it
            bars[ticker, day] = []
            auction = {16 * 60, 13 * 60} if ticker == "AAA" else set()
            for minute in sorted({*chance.sample(_minutes(ticker), trades), *auction}):
                price *= 1 + chance.gauss(0, 0.002)
                bars[ticker, day].append(_bar(chance, day, minute, price))
            if ticker != "EEE":
                daily[day].append(bar(ticker, round(price, 2)))
    # Silent between days that are just near enough, or just too far away, to be compared.
    daily[sessions[1]].append(bar("FFF", 30.0))
    for day in sessions[21:23]:
        bars["FFF", day] = [_bar(chance, day, minute, 31.0) for minute in (600, 601, 700)]
    return Minutes(sessions, bars, daily, splits)


def put(lake: Lake, known: Minutes, days: list[dt.date]) -> None:
    """Land these days: the datasets that the session's numbers stand on."""
    for day in days:
        lake.put_day(day, known.daily[day], known.splits[day])
        chains = {ticker: bars for (ticker, on), bars in known.bars.items() if on == day}
        lake.put_bodies("minute_bars", day, bodies(chains), sum(map(len, chains.values())))


def bodies(chains: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The answers for some tickers, a page each; without bars there are no results."""
    frame = {"status": "OK", "adjusted": False}
    return [
        {
            "ticker": ticker,
            "queryCount": len(bars),
            "resultsCount": len(bars),
            **frame,
            **({"results": bars} if bars else {}),
        }
        for ticker, bars in chains.items()
    ]


def _minutes(ticker: str) -> list[int]:
    """The minutes of a New York day in which a ticker may trade: 04:00 to 20:00."""
    outside = [*range(4 * 60, 9 * 60 + 30), *range(16 * 60, 20 * 60)]
    return outside if ticker == "DDD" else list(range(4 * 60, 20 * 60))


def _bar(chance: random.Random, day: dt.date, minute: int, price: float) -> dict[str, Any]:
    moment = dt.datetime.combine(day, dt.time(minute // 60, minute % 60), NEW_YORK)
    o, c = price, round(price * (1 + chance.gauss(0, 0.001)), 4)
    high, low = max(o, c) * 1.001, min(o, c) * 0.999
    # Rounded, so that several minutes reach the same high or low.
    prices = {"o": round(o, 4), "h": round(high, 1) + 0.1, "l": round(low, 1) - 0.1, "c": c}
    known = {"t": int(moment.timestamp() * 1000), **prices, "v": round(chance.lognormvariate(6, 1), 2)}
    return known if chance.random() < 0.1 else {**known, "vw": round((o + c) / 2, 4), "n": chance.randint(1, 50)}
