"""Endpoints that give stocks as they stand now: all of them, or one."""

import numpy as np

from local.polygon.answers.api import Answer, Call, Handler
from local.polygon.answers.cache import Cache
from local.polygon.answers.envelopes import ApiError, ending
from local.polygon.answers.plans import WITH_QUOTES, WITH_TRADES, Plan
from local.polygon.markets.bars import Bars, numbers, volumes
from local.polygon.markets.noise import Floats, Ints
from local.polygon.stocks.snapshot import Snapshot

DELAY = 15 * 60_000
"""How far behind (ms) a delayed plan sees the market."""
CACHE_BYTES = 8 * 2**20

_LATE_IN_THE_MINUTE = 59_123_456_789  # ns


def handlers() -> dict[str, Handler]:
    """Paths and their handlers."""
    path, cache = "/v2/snapshot/locale/us/markets/stocks/tickers", Cache(CACHE_BYTES)

    def every(call: Call) -> Answer:
        moment, otc, wanted = _moment(call), call.flag("include_otc", False), call.query.get("tickers")
        found = call.market.snapshot(moment, otc=otc)
        if wanted:
            rows = rows_of(found.take(np.isin(found.tickers, wanted.split(","))), call.plan)
            return Answer(_listed(rows).encode() + ending(_status(call) | {"count": len(rows)}))
        packed = cache.get(f"{moment}-{otc}-{call.plan.name}", lambda: _listed(rows_of(found, call.plan)))
        return Answer(ending(_status(call) | {"count": len(found.tickers)}), packed)

    def one(call: Call) -> Answer:
        found = call.market.snapshot(_moment(call), otc=True)
        rows = rows_of(found.take(found.tickers == call.parts["ticker"]), call.plan)
        if not rows:
            raise ApiError(404, "NOT_FOUND", "Ticker not found.", field="message")
        return Answer(f'{{"ticker":{rows[0]}'.encode() + ending(_status(call)))

    return {path: every, f"{path}/{{ticker}}": one}


def rows_of(found: Snapshot, plan: Plan) -> list[str]:
    """JSON objects of tickers, as subscribers of a plan see them; what has not traded today has zeros."""
    day, minute, before = found.day, found.minute, found.previous
    last = np.where(minute.n != 0, minute.c, np.where(day.n != 0, day.c, before.c))
    change = np.where(before.n != 0, np.round(last - before.c, 4), 0.0)
    percent = np.divide(100 * change, before.c, out=np.zeros(len(change)), where=before.n != 0)
    updated = np.where(minute.n != 0, minute.t * 1_000_000 + _LATE_IN_THE_MINUTE, day.t * 1_000_000)
    updated = np.where((minute.n != 0) | (day.n != 0), updated, 0)
    size = np.where(minute.n > 0, np.maximum(np.round(minute.v / np.maximum(minute.n, 1)), 1), 1).astype(np.int64)
    columns = {"ticker": [f'"{ticker}"' for ticker in found.tickers.tolist()], "day": _objects(_prices(day))}
    if plan.name in WITH_QUOTES:
        columns["lastQuote"] = _objects(_quote(last, size, updated))
    if plan.name in WITH_TRADES:
        columns["lastTrade"] = _objects(_trade(last, size, updated))
    columns |= {"min": _objects(_minute(minute, day)), "prevDay": _objects(_prices(before))}
    columns |= {"todaysChange": numbers(change), "todaysChangePerc": numbers(np.round(percent, 4))}
    return _objects(columns | {"updated": _whole(updated)})


def _prices(bars: Bars) -> dict[str, list[str]]:
    there = bars.n != 0
    average = np.where(np.isnan(bars.vw), bars.c, bars.vw)
    columns = {"c": bars.c, "h": bars.h, "l": bars.l, "o": bars.o}
    texts = {name: numbers(np.where(there, column, 0)) for name, column in columns.items()}
    return texts | {"v": volumes(np.where(there, bars.v, 0)), "vw": numbers(np.where(there, average, 0))}


def _minute(minute: Bars, day: Bars) -> dict[str, list[str]]:
    there = minute.n != 0
    whole = {"av": np.where(there, day.v, 0), "n": minute.n, "t": np.where(there, minute.t, 0)}
    return {name: _whole(column) for name, column in whole.items()} | _prices(minute)


def _quote(price: Floats, size: Ints, updated: Ints) -> dict[str, list[str]]:
    tick = np.where(price >= 1, 0.01, 0.0001)
    sides = {"P": numbers(np.round(price + tick, 4)), "p": numbers(np.round(price - tick, 4))}
    return sides | {"S": _whole(1 + size % 7), "s": _whole(1 + size % 11), "t": _whole(updated)}


def _trade(price: Floats, size: Ints, updated: Ints) -> dict[str, list[str]]:
    numbered = [f'"{number}"' for number in (updated // 1_000_000 % 10**9 + size).tolist()]
    constant = {"c": ["[14,41]"] * len(size), "x": ["12"] * len(size)}
    return constant | {"i": numbered, "p": numbers(price), "s": _whole(size), "t": _whole(updated)}


def _objects(columns: dict[str, list[str]]) -> list[str]:
    """JSON objects from the JSON of their values, by key."""
    keys = [f'"{name}":' for name in columns]
    rows = zip(*columns.values(), strict=True)
    return [f"{{{','.join([key + text for key, text in zip(keys, row, strict=True)])}}}" for row in rows]


def _whole(values: np.ndarray) -> list[str]:
    return [str(value) for value in values.astype(np.int64).tolist()]


def _listed(rows: list[str]) -> str:
    return f'{{"tickers":[{",".join(rows)}]'


def _moment(call: Call) -> int:
    """What the key's plan takes for now, in ms UTC."""
    return call.markets.clock.ms - (DELAY if call.plan.freshness == "delayed" else 0)


def _status(call: Call) -> dict[str, object]:
    return {"status": call.plan.status(call.today, call.today), "request_id": call.request_id}
