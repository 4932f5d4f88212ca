"""Where the price does not tell which ratio is right, the source's own adjusted prices do."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse.lake import Lake, bar

ONE = dt.date(2024, 1, 8)
NEW_YORK = ZoneInfo("America/New_York")
# Of each ticker its price before its day and on it, the ratios that the source gives, those that it takes back, by what
# it divides the price before itself, and the ratio that counts by the definition.
CASES: dict[str, tuple[float, float | None, list[float], list[float], float, float]] = {
    "HALTED": (30.0, None, [2, 3], [], 3, 3),  # does not trade on the day: no price tells
    "CLOSE": (30.0, 28.0, [1.05, 1.08], [], 1.05, 1.05),  # two that a price cannot tell apart
    "PRICED": (30.0, 10.0, [2, 3], [], 2, 3),  # where the price shows one, that one
    "NEITHER": (30.0, 30.0, [2, 3], [], 1, 1),  # neither price nor source shows one
    "SPUN": (30.0, 31.0, [2], [], 2, 2),  # contradicted by the move, and applied by the source all the same
    "WRONG": (30.0, 31.0, [2], [], 1, 1),  # contradicted, and the source does not apply it
    "BACK": (30.0, None, [], [4], 4, 4),  # withdrawn, and still applied when the source was asked after that
    "PENNY": (0.0123, None, [2, 3], [], 2, 2),  # 0.0062 in the source's four decimals
}


# When the source was asked for its adjusted prices, hours after the evening on which it took the ratios back.
ASKED = {"after": 1, "before": -1, "a day later": 24, "never": None}
DAYS = market_days("XNYS", ONE, dt.date(2024, 1, 12))


def put(lake: Lake, at: int, hours: int | None) -> None:
    """Land the day of a way to ask; the tickers of each have its number, and move on its day."""
    day, evening = DAYS[at], dt.datetime.combine(DAYS[at], dt.time(22), NEW_YORK)
    traded = {f"{name}{n}": CASES[name][int(n == at)] for name in CASES for n in range(1, len(ASKED) + 1)}
    lake.put_day(day, [bar(ticker, price, o=price) for ticker, price in traded.items() if price])
    if at:
        for taken_back in (False, True):
            lake.put("splits", day, [*ratios(at, day, taken_back=taken_back)], asof=evening.isoformat())
    if hours is not None:
        rows = [(f"{name}{at}", round(case[0] / case[4], 4)) for name, case in CASES.items()]
        asof = (evening + dt.timedelta(hours=hours)).isoformat()
        lake.put("adjusted_daily", day, [{"T": ticker, "o": price, "c": price} for ticker, price in rows], asof=asof)


def ratios(at: int, day: dt.date, *, taken_back: bool) -> Iterator[dict[str, object]]:
    """What the source lists, before or after it takes some back."""
    for name, (_, _, given, withdrawn, _, _) in CASES.items():
        for ratio in (*given, *(() if taken_back else withdrawn)):
            terms = {"split_from": 100, "split_to": 100 * ratio}
            yield {"id": f"{name}{at} {ratio}", "ticker": f"{name}{at}", "execution_date": str(day)} | terms


def test_the_source_applies_what_it_is_sure_of(lake: Lake) -> None:
    """Its answer of the day counts where no price shows a ratio; of what is withdrawn only one from after that."""
    lake.only("corporate_actions", datasets=("adjusted_daily",))
    put(lake, 0, None)
    for at, hours in enumerate(ASKED.values(), 1):
        put(lake, at, hours)
    lake.run(DAYS[0], DAYS[-1])
    applied = lake.table("gold.stocks_corporate_actions").select("ticker", "split_ratio").rows()
    counted = {f"{name}{at}": 1.0 for name in CASES for at in range(1, 5)} | dict(applied)
    results = lake.table("quality.results").filter(pl.col("expectation") == "source_and_price_agree")
    said = dict(re.findall(r"(\w+) [-0-9]{10}: [^;]*, (not applied|applied [.0-9]+)", " ; ".join(results["message"])))
    for at, asked in enumerate(ASKED, 1):
        right = {f"{name}{at}": float(case[5]) for name, case in CASES.items()}
        if asked == "before":
            right[f"BACK{at}"] = 1.0
        if asked in ("a day later", "never"):  # what is left is the price
            right = dict.fromkeys(right, 1.0) | {f"PRICED{at}": 3.0}
        assert {ticker: counted[ticker] for ticker in right} == pytest.approx(right), asked
        told = {ticker: "not applied" if ratio == 1 else f"applied {ratio:g}" for ticker, ratio in right.items()}
        assert {ticker: said[ticker] for ticker in right} == told, asked
