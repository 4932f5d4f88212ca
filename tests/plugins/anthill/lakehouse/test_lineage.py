"""The simulated market's script knows who became whom without any identifier: gold finds the same threads."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np

from anthill.calendars import market_days
from local.polygon.stocks.lineage import lineage
from tests.local.polygon.simulated_markets import asked_on
from tests.plugins.anthill.lakehouse.lake import Lake

FIRST, LAST = dt.date(2026, 3, 30), dt.date(2026, 5, 29)


def test_threads_are_those_of_the_script(lake: Lake) -> None:
    """Renames, exchanged and recycled tickers, late and wrong FIGIs, classes of one CIK, and what only events tell."""
    days = market_days("XNYS", FIRST, LAST)
    listed: dict[dt.date, list[str]] = {}
    with asked_on(LAST) as stocks:
        spells = [spell for spell in lineage(stocks) if spell.until is None or spell.until > FIRST]
        asked: set[str] = set()
        for day in days:
            for shard, active in (("active", True), ("delisted", False)):
                table = stocks.tickers(day, active=active)
                rows = [row for row in table.write(np.arange(len(table))) if row["market"] == "stocks"]
                lake.put("tickers", day, rows, shard=shard)
                if active:
                    listed[day] = [row["ticker"] for row in rows]
                    asked |= {row.get("composite_figi") or row["ticker"] for row in rows}
        told = [{"results": found} for name in sorted(asked) if (found := stocks.events(name))]
        lake.put_bodies("ticker_events", LAST, [{"status": "OK", **each} for each in told], len(told))
    lake.silver(FIRST, LAST)
    lake.quality(FIRST, LAST, datasets="tickers")
    lake.gold(FIRST, LAST)

    borne = lake.table("gold.stocks_instruments").select("ticker", "security", "since", "until").rows()
    by_ticker = defaultdict(list)
    for ticker, security, since, until in borne:
        by_ticker[ticker].append((since, until, security))
    true = defaultdict(list)
    for spell in spells:
        true[spell.ticker].append((spell.first, spell.until or dt.date.max, spell.security))
    found = {
        (next(name for first, until, name in true[ticker] if first <= day < until), security)
        for day, tickers in listed.items()
        for ticker in tickers
        for since, until, security in by_ticker[ticker]
        if since <= day < until
    }
    of_truth, of_gold = defaultdict(set), defaultdict(set)
    for name, security in found:
        of_truth[name].add(security)
        of_gold[security].add(name)
    parted = {name: sorted(threads) for name, threads in of_truth.items() if len(threads) > 1}
    joined = {security: sorted(names) for security, names in of_gold.items() if len(names) > 1}
    assert (parted, joined) == ({}, {})
    assert {"NEWCO", "RECYC", "HIVEA", "TRDYX", "DUALC", "CIKAB", "NONEB", "LEFTS"} <= set(by_ticker)
