"""Two records of one ticker on one day are two securities: told by name, with the one that gold takes."""

from __future__ import annotations

import datetime as dt

import polars as pl

from anthill.calendars import market_days
from tests.plugins.anthill.lakehouse.lake import Lake

DAYS = market_days("XNYS", dt.date(2024, 5, 13), dt.date(2024, 5, 15))
# By day the FIGIs of each ticker.
LISTED: list[dict[str, list[str]]] = [
    {"KEPT": ["BBG00000022"], "BOTH": [], "SOLE": ["BBG00000055"]},
    {"KEPT": ["BBG00000011", "BBG00000022"], "BOTH": ["BBG00000044", "BBG00000033"], "SOLE": ["BBG00000055"]},
    {"KEPT": ["BBG00000011"], "BOTH": ["BBG00000033", "BBG00000044"], "SOLE": ["BBG00000055"]},
]


def test_the_one_that_counts_is_told_and_is_that_of_gold(lake: Lake) -> None:
    """The one that was there before, else the first by its identifiers; a warning holds nothing back."""
    lake.only("listings")
    for day, listed in zip(DAYS, LISTED, strict=True):
        rows = [
            {"ticker": name, "active": True, "composite_figi": figi} for name, figis in listed.items() for figi in figis
        ]
        lake.put("tickers", day, rows, shard="active")
        lake.put(
            "tickers", day, [{"ticker": "SOLE", "active": False, "composite_figi": "BBG00000066"}], shard="delisted"
        )
    lake.silver(DAYS[0], DAYS[-1])
    lake.quality(DAYS[0], DAYS[-1], datasets="tickers")
    told = lake.table("quality.results").filter(expectation="one_record_a_ticker").sort("market_date")
    assert told.select("severity", "observed", "passed").rows() == [("warn", n, not n) for n in (0.0, 2.0, 1.0)]
    both = "BOTH (BBG00000033 counts, {}, not BBG00000044)"
    kept = "KEPT (BBG00000022 counts, which was there before, not BBG00000011)"
    assert [text.partition(": ")[2] for text in told["message"]] == [
        "none",
        f"{both.format('the first by its identifiers')}, {kept}",
        both.format("which was there before"),
    ]
    lake.gold(DAYS[0], DAYS[-1])
    held = lake.table("gold.stocks_listings").filter(pl.col("ticker") != "SOLE").sort("ticker", "valid_from")
    assert held.select("ticker", "composite_figi", "valid_from", "last_seen").rows() == [
        ("BOTH", "BBG00000033", DAYS[1], DAYS[2]),
        ("KEPT", "BBG00000022", DAYS[0], DAYS[1]),
        ("KEPT", "BBG00000011", DAYS[2], DAYS[2]),
    ]
