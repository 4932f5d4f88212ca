"""Small markets of pairs and indices with what makes them hard: Sundays, holes, late listings, prices that stand."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from anthill.calendars import market_days, session_open
from tests.plugins.anthill.lakehouse.lake import Lake

Row = dict[str, Any]


class BarMarket(NamedTuple):
    """Raw rows by market day: day bars of all tickers, minute bars of some, reference data in full."""

    asset_class: str
    sessions: list[dt.date]
    bars: dict[dt.date, list[Row]]
    minutes: dict[dt.date, dict[str, list[Row]]]
    tickers: dict[dt.date, list[Row]]
    delisted: dict[dt.date, list[Row]]


class Price(NamedTuple):
    """The close and volume of a ticker on a day, and what the reference data says of it; no currencies for an index."""

    ticker: str
    close: float
    volume: float
    base: str = ""
    quote: str = ""


def forex(first: dt.date, last: dt.date, seed: int = 3) -> BarMarket:
    """Pairs from the values of their currencies: the euro jumps, one pair has holes, one does not fit the others."""
    chance = random.Random(seed)
    sessions = market_days("forex", first, last)
    values = {"USD": 1.0, "EUR": 1.1, "GBP": 1.3, "JPY": 0.007, "AUD": 0.66, "NZD": 0.6, "CHF": 1.2, "SEK": 0.095}
    dollars = ("EURUSD", "USDJPY", "GBPUSD", "AUDUSD", "NZDUSD", "USDCHF", "USDSEK")
    pairs = (*dollars, "EURGBP", "EURJPY", "GBPJPY", "EURSEK")
    days: dict[dt.date, list[Price]] = {}
    for at, day in enumerate(sessions):
        values = {code: value * math.exp(chance.gauss(0, 0.005 * (code != "USD"))) for code, value in values.items()}
        prices = [
            Price(f"C:{pair}", values[pair[:3]] / values[pair[3:]] * math.exp(chance.gauss(0, 3e-5)), 9000.0 - number)
            for number, pair in enumerate(pairs)
        ]
        prices.append(Price("C:USDEUR", round(values["USD"] / values["EUR"], 2), 40.0))
        prices = [price._replace(base=price.ticker[2:5], quote=price.ticker[5:]) for price in prices]
        if at % 5 == 2:
            prices = [price for price in prices if price.ticker != "C:NZDUSD"]
        if at == 20:
            prices = [price._replace(close=price.close * (1.05 if price.base == "EUR" else 1)) for price in prices]
        if at == 25:
            prices = [price._replace(close=price.close * (1.01 if "GBPJPY" in price.ticker else 1)) for price in prices]
        days[day] = prices
    return market_of("forex", days, seed)


def crypto(first: dt.date, last: dt.date, coins: int = 24, seed: int = 5) -> BarMarket:
    """Coins against the dollar and some against others: one jumps, one stands still, one comes late, one leaves.

    K07 grows fivefold and is pegged from then on: what a window has lost may leave no trace in its deviation.
    """
    chance = random.Random(seed)
    closes = {f"K{number:02d}": chance.lognormvariate(1, 3) for number in range(coins)}
    days: dict[dt.date, list[Price]] = {}
    for at, day in enumerate(market_days("24/7", first, last)):
        shared = chance.gauss(0, 0.03)
        for code in closes:
            moved = 0.0 if code == "K03" else 0.6 * shared + chance.gauss(0, 0.02)
            moved = (math.log(5) if at == 2 else 0.0) if code == "K07" and at > 1 else moved
            closes[code] *= math.exp(moved) * (2.5 if (code, at) == ("K05", 36) else 1)
        prices = [
            Price(f"X:{code}USD", close, 3e7 / close * chance.lognormvariate(-number / 4, 0.3), code, "USD")
            for number, (code, close) in enumerate(closes.items())
        ]
        prices.append(Price("X:K01K00", closes["K01"] / closes["K00"], 1e9, "K01", "K00"))
        absent = {"K02" if at < 20 else "", "K04" if at >= 30 else "", "K06" if at % 7 == 1 else ""}
        days[day] = [price for price in prices if price.base not in absent]
    return market_of("crypto", days, seed)


def indices(first: dt.date, last: dt.date, seed: int = 9) -> BarMarket:
    """Five indices; one has no value now and then."""
    chance = random.Random(seed)
    closes = {f"I:N{number}": 1000.0 * (number + 1) for number in range(5)}
    days: dict[dt.date, list[Price]] = {}
    for at, day in enumerate(market_days("XNYS", first, last)):
        closes = {ticker: close * math.exp(chance.gauss(0, 0.01)) for ticker, close in closes.items()}
        days[day] = [Price(ticker, close, 0.0) for ticker, close in closes.items() if (ticker, at % 6) != ("I:N4", 3)]
    return market_of("indices", days, seed)


def put(lake: Lake, market: BarMarket, days: Sequence[dt.date] | None = None) -> None:
    """Land days of a market, all unless some are named."""
    for day in days or market.sessions:
        bodies = [_body(ticker, rows) for ticker, rows in market.minutes.get(day, {}).items()]
        count = sum(map(len, market.minutes.get(day, {}).values()))
        lake.put_bodies("minute_bars", day, bodies or [_body("X:NONE", [])], count)
        if market.asset_class == "indices":
            bars = [_body(bar["T"], [{key: bar[key] for key in "ohlct"}]) for bar in market.bars[day]]
            lake.put_bodies("daily_bars", day, bars, len(bars))
            lake.put("tickers", day, market.tickers[day])
        else:
            lake.put("grouped_daily", day, market.bars[day])
            lake.put("tickers", day, market.tickers[day], shard="active")
            lake.put("tickers", day, market.delisted[day], shard="delisted")


def listing(price: Price, active: bool = True) -> Row:
    """A row of the reference data, as the API writes it."""
    row: Row = {"ticker": price.ticker, "name": f"{price.base} - {price.quote}", "active": active}
    if price.quote:
        row |= {"base_currency_symbol": price.base, "currency_symbol": price.quote}
    return row | {"last_updated_utc": "2024-01-01T00:00:00Z"}


def day_bar(price: Price, day: dt.date, chance: random.Random) -> Row:
    """A bar around a close, as the API writes it."""
    start = price.close * math.exp(chance.gauss(0, 0.002))
    high, low = max(start, price.close) * 1.002, min(start, price.close) * 0.998
    stamp = int(session_open("XNYS", day).replace(hour=5, minute=0).timestamp()) if not price.base else _midnight(day)
    row: Row = {"T": price.ticker, "o": start, "h": high, "l": low, "c": price.close, "t": 1000 * stamp}
    return row | {"v": price.volume, "vw": round(price.close, 4), "n": 12}


def minute_bars(opens: dt.datetime, chance: random.Random, count: int = 40) -> list[Row]:
    """Bars of minutes from a moment on, some of them left out, as the API writes them."""
    value, rows = 100.0, []
    for minute in sorted(chance.sample(range(count * 2), count)):
        start, value = value, value * math.exp(chance.gauss(0, 0.001))
        t = int((opens + dt.timedelta(minutes=minute)).timestamp()) * 1000
        high, low = max(start, value) * 1.0004, min(start, value) * 0.9996
        rows.append({"o": start, "h": high, "l": low, "c": value, "v": chance.uniform(1, 9), "vw": 1.0, "n": 3, "t": t})
    return rows


def market_of(asset_class: str, days: dict[dt.date, list[Price]], seed: int = 1) -> BarMarket:
    """The raw rows of prices; minute bars on the last three days, and a ticker is gone once it has left for good."""
    chance = random.Random(seed)
    sessions = list(days)
    calendar = {"forex": "forex", "crypto": "24/7", "indices": "XNYS"}[asset_class]
    last_day = {price.ticker: day for day in sessions for price in days[day]}
    first_day = {price.ticker: day for day in reversed(sessions) for price in days[day]}
    known = {price.ticker: price for day in sessions for price in days[day]}
    tickers: dict[dt.date, list[Row]] = {}
    delisted: dict[dt.date, list[Row]] = {}
    for day in sessions:
        listed = [name for name in known if first_day[name] <= day <= last_day[name]]
        tickers[day] = [listing(known[name]) for name in listed]
        left = [name for name in known if last_day[name] < day]
        gone = {name: f"{last_day[name] + dt.timedelta(days=1)}T00:00:00Z" for name in left}
        delisted[day] = [listing(known[name], active=False) | {"delisted_utc": gone[name]} for name in left]
    extra = {"T": "X:UNKNOWN"} if asset_class == "crypto" else None
    bars = {day: [day_bar(price, day, chance) for price in days[day]] for day in sessions}
    if extra:
        bars[sessions[-1]].append(bars[sessions[-1]][0] | extra | {"v": 1e12})
    some = [price.ticker for price in itertools.islice(days[sessions[-1]], 2)]
    minutes = {
        day: {ticker: minute_bars(session_open(calendar, day), chance) for ticker in some} | {"X:NONE": []}
        for day in sessions[-3:]
    }
    if asset_class == "indices":
        for row in itertools.chain.from_iterable(rows for day in minutes.values() for rows in day.values()):
            for name in ("v", "vw", "n"):
                del row[name]
    return BarMarket(asset_class, sessions, bars, minutes, tickers, delisted)


def _body(ticker: str, rows: list[Row]) -> Row:
    """An answer with the bars of one ticker; one without any has no results."""
    body: Row = {"ticker": ticker, "queryCount": len(rows), "resultsCount": len(rows), "status": "OK"}
    return body | {"results": rows} if rows else body


def _midnight(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())
