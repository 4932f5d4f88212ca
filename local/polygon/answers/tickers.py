"""Tickers: the list of every market as one table, all about one, and what an entity has been called."""

from functools import lru_cache

import numpy as np

from local.polygon.answers.api import Answer, Call, json_answer
from local.polygon.answers.envelopes import ApiError, bad_request
from local.polygon.answers.paging import read_day
from local.polygon.markets.tables import Columns, Row, Table

EVENTS = {"ticker_change"}
"""The one type that the API has."""


def tickers_as_of(call: Call) -> Table:
    """The list of instruments that a call asks for: a day (today if none), active or gone, and a market or all."""
    asked, active, markets = call.query.get("date"), call.flag("active", True), call.markets
    day = read_day("date", asked) if asked else call.today
    by_name = {"fx": markets.forex, "crypto": markets.crypto, "indices": markets.indices}
    wanted = call.query.get("market")
    if wanted in by_name:
        return _one_after_the_other(by_name[wanted].tickers(day, active=active))
    stocks = markets.stocks.tickers(day, active=active)
    others = [market.tickers(day, active=active) for market in by_name.values()]
    return _one_after_the_other(stocks, *([] if wanted else others))


def ticker_details(call: Call) -> Answer:
    """All about one instrument."""
    asked, ticker = call.query.get("date"), call.parts["ticker"]
    found = call.markets.of(ticker).details(ticker, read_day("date", asked) if asked else call.today)
    if found is None:
        raise _not_found()
    return json_answer({"request_id": call.request_id, "results": found, "status": "OK"})


def ticker_events(call: Call) -> Answer:
    """The changes of ticker of one entity up to today, the latest first; its listing is the last of them."""
    asked = call.query.get("types")
    if asked and not set(asked.split(",")) <= EVENTS:
        raise bad_request("The parameter 'types' must be a list of ticker_change")
    found = call.market.events(call.parts["id"])
    if found is None:
        raise _not_found()
    return json_answer({"request_id": call.request_id, "results": found, "status": "OK"})


def _not_found() -> ApiError:
    return ApiError(404, "NOT_FOUND", "Ticker not found.", field="message")


@lru_cache(maxsize=6)
def _one_after_the_other(*tables: Table) -> Table:
    """Tables as one, with every column that any of them has; the same object for the same tables."""
    ends = np.cumsum([len(table) for table in tables])

    def column(name: str) -> np.ndarray:
        return np.concatenate([_column(table, name) for table in tables])

    def write(rows: np.ndarray) -> list[Row]:
        found: list[Row] = [{}] * len(rows)
        which = np.searchsorted(ends, rows, side="right")
        for at, table in enumerate(tables):
            places = np.flatnonzero(which == at)
            written = table.write(rows[places] - (ends[at] - len(table)))
            for place, row in zip(places.tolist(), written, strict=True):
                found[place] = row
        return found

    return Table(Columns({"ticker": column("ticker")}, column), write, ("ticker", "name"))


def _column(table: Table, name: str) -> np.ndarray:
    try:
        return table.columns[name]
    except KeyError:
        return np.full(len(table), "")
