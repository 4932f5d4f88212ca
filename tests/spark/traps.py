"""What the simulated market lacks: a coin that stands still, and values that only one engine would read."""

from __future__ import annotations

import datetime as dt
import gzip
import random
from typing import Any

from anthill import catalog
from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse.lake import bar
from tests.spark.twins import Twins

DAY = dt.date(2026, 8, 3)
COINS = market_days(catalog.load("crypto").calendar, dt.date(2026, 8, 1), dt.date(2026, 8, 24))
STILL = "X:STILLUSD"
_MOVING = 11  # coins beside it: the market of the days before has about as many
GOOD = {"t": "1785801600000", "o": "1.0", "h": "2.0", "l": "1.0", "c": "1.50", "v": "100", "vw": "1.25", "n": "3"}
BARS = {
    "LETTER": {"c": '"1.5d"'},
    "SINGLE": {"o": '"1.5f"'},
    "HEXED": {"h": '"0x1p3"'},
    "HUGE": {"v": "1E400"},
    "SPACED": {"l": '" 1.0 "'},
    "COUNTED": {"n": '"3d"'},
    "NAMED": {"t": '"now"'},
    "SWITCHED": {"otc": '"on"'},
    "ZEROED": {"vw": "0.1000", "c": '"x"'},
}
"""Values of a bar by the ticker that has them, as the source writes them: each has one that is none."""
DATES = {"BLANKS": " 2026-08-03 ", "WORD": "today", "TIMED": "2026-08-03T00:00:00Z", "BEGUN": "epoch"}
"""The same of a split's execution date."""


def bar_text(ticker: str) -> str:
    """A bar as it stands in the page: the good one, but for these values."""
    values = {"T": f'"{ticker}"', **GOOD, **BARS.get(ticker, {})}
    return "{" + ",".join(f'"{name}":{value}' for name, value in values.items()) + "}"


def load(twins: Twins) -> None:
    """Put both into bronze; take the coins to gold, and the rest to silver, where it ends."""
    lake = twins.sail
    lake.asset_class, lake.commits = "stocks", {}
    lake.put_day(DAY, [], [_split(ticker, date) for ticker, date in {"FINE": str(DAY), **DATES}.items()])
    rows = [bar_text(ticker) for ticker in ("FINE", *BARS)]
    page = f'{{"status":"OK","resultsCount":{len(rows)},"results":[{",".join(rows)}]}}\n'
    facts = {"rows": len(rows), "pages": 1, "asof": "2026-08-04T02:00:00+00:00"}
    lake._put("grouped_daily", DAY, gzip.compress(page.encode()), "jsonl", "", facts)
    twins.asset_class, twins.commits = lake.asset_class, lake.commits
    twins.silver(DAY, DAY)

    lake.asset_class, lake.commits = "crypto", {}
    chance = random.Random(5)
    for day in COINS:
        asof = f"{day + dt.timedelta(days=1)}T02:00:00+00:00"
        start = int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) * 1000
        coins = {STILL: 1.0} | {f"X:C{at:02d}USD": chance.uniform(90, 110) for at in range(_MOVING)}
        lake.put("grouped_daily", day, [bar(ticker, close, t=start) for ticker, close in coins.items()], asof=asof)
        listed = [{"ticker": ticker, "active": True, "currency_symbol": "USD"} for ticker in coins]
        lake.put("tickers", day, listed, shard="active", asof=asof)
        lake.put("tickers", day, [], shard="delisted", asof=asof)
    twins.asset_class, twins.commits = lake.asset_class, lake.commits
    twins.silver(COINS[0], COINS[-1])
    twins.quality(COINS[0], COINS[-1], "grouped_daily,tickers")
    twins.gold(COINS[0], COINS[-1])


def _split(ticker: str, date: str) -> dict[str, Any]:
    known = {"id": ticker, "ticker": ticker, "execution_date": date}
    return known | {"split_from": 1, "split_to": 2, "adjustment_type": "forward_split"}
