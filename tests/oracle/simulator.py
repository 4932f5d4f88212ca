"""What happens in the simulated market, from its own script: who became whom, which splits and which cash."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from anthill.calendars import market_days
from local.polygon.markets.clock import Clock
from local.polygon.stocks.lineage import lineage
from local.polygon.stocks.simulated import SimulatedStocks
from tests.local.polygon.serving import GROUPED, Server
from tests.oracle.wealth import Security


def securities(server: Server, stocks: int, otc: int, sessions: list[dt.date]) -> list[Security]:
    """Every security that trades in these sessions; what the source says of bars and cash is as it stands on the last.

    Splits and threads are the simulator's own: no identifier, no announced ratio.
    """
    market = SimulatedStocks(7, Clock(sessions[-1]), stocks=stocks, otc=otc)
    number = {day: at for at, day in enumerate(sessions)}
    spells = defaultdict(list)
    for spell in lineage(market):
        spells[spell.ticker].append(spell)
    out: dict[str, Security] = {}

    def bearer(ticker: str, day: dt.date) -> Security:
        name = next(
            spell.security for spell in spells[ticker] if spell.first <= day and (not spell.until or day < spell.until)
        )
        return out.setdefault(name, Security(name))

    for day in sessions:
        for bar in server.page(f"{GROUPED}/{day}?adjusted=false")["results"]:
            bearer(bar["T"], day).bars[number[day]] = bar
    listed = market.listed
    for place, session, before, after in zip(*market.prices.splits(), strict=True):
        day = market.sessions.days[session]
        who = listed.instruments_at(place, session)
        name = f"{listed.i_place[who]}/{listed.i_start[who]}"
        if day in number:
            own = out.setdefault(name, Security(name)).splits
            own[number[day]] = own.get(number[day], 1.0) * int(after) / int(before)
    for (ticker, day), cash in _paid(server, sessions).items():
        bearer(ticker, day).cash[number[day]] = cash
    return [security for security in out.values() if security.bars]


def _paid(server: Server, sessions: list[dt.date]) -> dict[tuple[str, dt.date], float]:
    """USD a share by ticker and market day: each payment once, foreign ones at the close of the ex-date's eve."""
    first, last = sessions[0] - dt.timedelta(days=3), sessions[-1]
    asked = f"ex_dividend_date.gt={first}&ex_dividend_date.lte={last}&limit=5000"
    payments: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in server.rows(f"/stocks/v1/dividends?{asked}"):
        special = row["distribution_type"] == "special"
        dates = (row["ex_dividend_date"], row["record_date"], row["pay_date"])
        payments[row["ticker"], row["cash_amount"], row["currency"], special, *dates] = row
    paid: dict[tuple[str, dt.date], float] = defaultdict(float)
    for row in payments.values():
        ex_date = dt.date.fromisoformat(row["ex_dividend_date"])
        day = next(day for day in sessions if day >= ex_date)
        rate = _rate(server, row["currency"], ex_date)
        if rate is not None:
            paid[row["ticker"], day] += row["cash_amount"] * rate
    return paid


def _rate(server: Server, currency: str, ex_date: dt.date) -> float | None:
    """USD for one of a currency at the last close before a day, None where none is quoted."""
    if currency == "USD":
        return 1.0
    eve = market_days("forex", ex_date - dt.timedelta(days=7), ex_date - dt.timedelta(days=1))[-1]
    quoted = {
        bar["T"]: bar["c"] for bar in server.page(f"/v2/aggs/grouped/locale/global/market/fx/{eve}").get("results", [])
    }
    if f"C:{currency}USD" in quoted:
        return float(quoted[f"C:{currency}USD"])
    return 1 / quoted[f"C:USD{currency}"] if f"C:USD{currency}" in quoted else None
