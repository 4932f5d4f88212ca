"""A small options market: chains that come and expire, holes, a class share, an adjusted root, one not listed."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from anthill.calendars import market_days, session_open
from tests.plugins.anthill.lakehouse.lake import Lake

HEADER = "ticker,volume,open,close,high,low,window_start,transactions"
AFTER_CLOSE = "{}T23:30:00+00:00"
Row = dict[str, Any]


class OptionsMarket(NamedTuple):
    """Raw rows as the API gives them, by market day; chains are there for some days only."""

    sessions: list[dt.date]
    contracts: dict[dt.date, list[Row]]
    bars: dict[dt.date, list[Row]]
    chains: dict[dt.date, list[Row]]


class Listing(NamedTuple):
    """One underlying of the simulation: the root of its symbols, its price, shares a contract, whether it is listed."""

    underlying: str
    root: str
    price: float
    shares: int = 100
    listed: bool = True


LISTINGS = (
    Listing("AAA", "AAA", 100.0),
    Listing("BB.B", "BBB", 42.0),
    Listing("AAA", "AAA1", 100.0, shares=37),
    Listing("ZZZ", "ZZZ", 15.0, listed=False),
)


def symbol(root: str, expiry: dt.date, put: bool, strike: float) -> str:
    """The symbol of a contract."""
    return f"O:{root}{expiry:%y%m%d}{'P' if put else 'C'}{round(strike * 1000):08d}"


def contract(underlying: str, expiry: dt.date, put: bool, strike: float, root: str = "", shares: int = 100) -> Row:
    """A contract as the reference data describes it."""
    return {
        "cfi": "OPASPS" if put else "OCASPS",
        "contract_type": "put" if put else "call",
        "exercise_style": "american",
        "expiration_date": str(expiry),
        "primary_exchange": "BATO",
        "shares_per_contract": shares,
        "strike_price": strike,
        "ticker": symbol(root or underlying.replace(".", ""), expiry, put, strike),
        "underlying_ticker": underlying,
    }


def bar(ticker: str, day: dt.date, close: float, volume: float = 50) -> Row:
    """A daily bar as a range answer has it, with its contract."""
    prices = {"o": round(close * 0.98, 4), "c": close, "h": round(close * 1.1, 4), "l": round(close * 0.9, 4)}
    midnight = session_open("XNYS", day).replace(hour=5, minute=0, second=0)
    return {"ticker": ticker, "v": volume, **prices, "t": round(midnight.timestamp() * 1000), "n": 7}


def line(row: Row) -> str:
    """A bar as a line of the flat file, whose times are nanoseconds."""
    return ",".join(str(row[key]) for key in ("ticker", "v", "o", "c", "h", "l")) + f",{row['t']}000000,{row['n']}"


def snapshot(known: Row, price: float | None, volatility: float | None, delta: float | None, interest: int = 10) -> Row:
    """A contract in a chain; without price, volatility or delta it lacks what a small plan or a deep strike lacks."""
    names = ("contract_type", "exercise_style", "expiration_date", "shares_per_contract", "strike_price", "ticker")
    row: Row = {"break_even_price": 1.0, "day": {}, "details": {name: known[name] for name in names}}
    if volatility is not None:
        row["implied_volatility"] = volatility
    if delta is not None:
        row["greeks"] = {"delta": delta, "gamma": 0.01, "theta": -0.02, "vega": 0.1}
    row["open_interest"] = interest
    row["underlying_asset"] = {"ticker": known["underlying_ticker"], "timeframe": "DELAYED"}
    if price is not None:
        row["underlying_asset"] |= {"price": price, "last_updated": 1704232800000000000}
    return row


def put_day(lake: Lake, market: OptionsMarket, day: dt.date, *, by_call: bool = False) -> None:
    """Commit all that a market has of a day, its bars as a flat file or as a call a contract."""
    asof = AFTER_CLOSE.format(day)
    lake.put("contracts", day, market.contracts[day], asof=asof)
    if by_call:
        traded = {row["ticker"]: row for row in market.bars[day]}
        asked = [row["ticker"] for row in market.contracts[day]]
        put_range_bars(lake, day, [(ticker, traded.get(ticker)) for ticker in asked], asof)
    else:
        lake.put_flat_file("daily_bars", day, [HEADER, *map(line, market.bars[day])], asof=asof)
    if day in market.chains:
        lake.put("chain_snapshot", day, market.chains[day], asof=asof)


def run(lake: Lake, first: dt.date, last: dt.date | None = None) -> None:
    """All three steps over these days, of which chains may be missing."""
    lake.silver(first, last)
    lake.quality(first, last, datasets="")
    lake.gold(first, last)


def put_range_bars(lake: Lake, day: dt.date, answers: Iterable[tuple[str, Row | None]], asof: str) -> None:
    """Commit an answer a contract; those that did not trade have none."""
    bodies: list[Row] = []
    for ticker, row in answers:
        body: Row = {"ticker": ticker, "adjusted": False, "status": "OK", "queryCount": int(row is not None)}
        if row is not None:
            body["results"] = [{key: value for key, value in row.items() if key != "ticker"}]
        bodies.append(body | {"resultsCount": int(row is not None)})
    lake.put_bodies("daily_bars", day, bodies, sum("results" in body for body in bodies), asof=asof)


def market(first: dt.date, last: dt.date, chain_days: int = 2, seed: int = 5) -> OptionsMarket:
    """Contracts and bars of all sessions between two days, chains of the last ones; in 35 sessions all cases occur."""
    chance = random.Random(seed)
    sessions = market_days("XNYS", first, last)
    listed: dict[dt.date, list[Row]] = {day: [] for day in sessions}
    bars: dict[dt.date, list[Row]] = {day: [] for day in sessions}
    for listing in LISTINGS:
        for number, expiry in enumerate(_expiries(sessions)):
            for strike in (round(listing.price * rung, 1) for rung in (0.8, 0.9, 1.0, 1.15)):
                for put in (False, True):
                    known = contract(listing.underlying, expiry, put, strike, listing.root, listing.shares)
                    begin = 0 if number % 2 else number
                    life = [day for day in sessions[begin:] if day <= expiry]
                    for day in life if listing.listed else []:
                        listed[day].append(known)
                    for row in _walk(known["ticker"], life, chance):
                        bars[row.pop("day")].append(row)
    chains = {day: _chain(day, listed[day], chance) for day in sessions[-chain_days:]}
    return OptionsMarket(sessions, listed, bars, chains)


def _expiries(sessions: Sequence[dt.date]) -> list[dt.date]:
    """Two within the sessions, one on the last of them, two after."""
    step = len(sessions) // 3
    return [
        sessions[step],
        sessions[2 * step],
        sessions[-1],
        *(sessions[-1] + dt.timedelta(days) for days in (45, 200)),
    ]


def _walk(ticker: str, life: Sequence[dt.date], chance: random.Random) -> list[Row]:
    """The days on which a contract traded; some stand still, some leap, some do not trade for just too long."""
    close, kind, rows = chance.uniform(0.2, 9), chance.random(), []
    for at, day in enumerate(life):
        close *= 1.0 if kind < 0.1 else math.exp(chance.gauss(0, 0.05))
        close *= 12.0 if 0.1 < kind < 0.2 and at == 25 else 1.0
        hole = 3 <= at < (22 if kind > 0.95 else 23) if kind > 0.9 else chance.random() < 0.1
        if not hole:
            volume = round(chance.lognormvariate(4, 2)) + 1
            rows.append({"day": day, **bar(ticker, day, max(round(close, 2), 0.01), volume)})
    return rows


def _chain(day: dt.date, listed: Sequence[Row], chance: random.Random) -> list[Row]:
    """A smile with noise: no price of one underlying, near expiries without deltas, deep strikes without anything."""
    rows = []
    for known in listed:
        price = 103.0 if known["underlying_ticker"] == "AAA" else None
        left = (dt.date.fromisoformat(known["expiration_date"]) - day).days
        base = price or 40.0
        far = math.log(known["strike_price"] / base)
        volatility = 0.3 - 0.2 * far + 0.4 * far * far + chance.uniform(-0.01, 0.01)
        spread = volatility * math.sqrt(max(left, 1) / 365)
        delta = 0.5 * math.erfc((far / spread - spread / 2) / math.sqrt(2)) - (known["contract_type"] == "put")
        silent = chance.random() < 0.05
        rows.append(
            snapshot(
                known,
                price,
                None if silent else round(volatility, 6),
                None if silent or left < 20 else round(delta, 6),
                chance.choice([0, 0, 3, 250, 4000]),
            )
        )
    return rows
