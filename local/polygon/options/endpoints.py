"""Endpoints that list option contracts, and that show chains as they stand now."""

import datetime as dt
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from local.polygon.answers.api import Answer, Call, Handler, json_answer
from local.polygon.answers.envelopes import PRICING, ApiError, bad_request, not_authorized
from local.polygon.answers.paging import Listing, Reader, day_key, number, read_day, text
from local.polygon.answers.plans import REACHES, Plan
from local.polygon.answers.reference import list_rows
from local.polygon.markets.market import OptionsMarket
from local.polygon.markets.tables import Row, Table, rank_of
from local.polygon.options.contracts import Contract, Contracts, joined_contracts
from local.polygon.options.snapshots import Chain


def kind(name: str, value: str) -> str:
    """A filter value that is call or put."""
    if value not in ("call", "put"):
        raise bad_request(f"The parameter '{name}' must be call or put")
    return value


_FILTERS: dict[str, Reader] = {"contract_type": kind, "expiration_date": day_key, "strike_price": number}
_SORTS = ("ticker", "expiration_date", "strike_price")
CONTRACTS = Listing(
    _FILTERS | {"underlying_ticker": text, "ticker": text},
    (*_SORTS, "underlying_ticker"),
    limit=10,
    most=1000,
    order="asc",
)
CHAIN = Listing(_FILTERS, _SORTS, limit=10, most=250, order="asc")


def contracts_as_of() -> Callable[[Call], Table]:
    """The contracts that calls ask for: as of a day (today if none), expired by then or not."""

    @lru_cache(maxsize=4)
    def table(
        market: OptionsMarket, day: dt.date, symbol: str | None, expiries: tuple[dt.date, dt.date] | None
    ) -> Table:
        found = market.listed(day, symbol) if expiries is None else market.expired(day, symbol, *expiries)
        return contract_table(found, lambda rows: found.take(rows).rows())

    def source(call: Call) -> Table:
        day = min(read_day("as_of", call.query.get("as_of") or call.today.isoformat()), call.today)
        expired = call.flag("expired", False)
        return table(
            call.markets.options, day, call.query.get("underlying_ticker"), _bounds(call.query) if expired else None
        )

    return source


def contract(call: Call) -> Answer:
    """All about one contract, expired or not."""
    asked = Contract.read(call.parts["ticker"])
    day = read_day("as_of", call.query.get("as_of") or call.today.isoformat())
    found = call.markets.options.known(asked, day).rows() if asked else []
    if not found:
        raise ApiError(404, "NOT_FOUND", "Options contract not found.", field="message")
    return json_answer({"request_id": call.request_id, "results": found[0], "status": "OK"})


def chain() -> Callable[[Call], Table]:
    """The chains that calls ask for, each with what the call's plan includes."""

    @lru_cache(maxsize=64)
    def table(found: Chain | None, plan: Plan) -> Table:
        if found is None:
            return contract_table(joined_contracts([]), lambda rows: [])
        return contract_table(found.contracts, lambda rows: found.rows(rows, plan))

    def source(call: Call) -> Table:
        _check_snapshot(call)
        return table(call.markets.options.chain(call.parts["underlying"]), call.plan)

    return source


def contract_now(call: Call) -> Answer:
    """One contract of a chain."""
    _check_snapshot(call)
    found = call.markets.options.chain(call.parts["underlying"])
    at = found.find(call.parts["ticker"]) if found else None
    if found is None or at is None:
        raise ApiError(404, "NOT_FOUND", "Options contract not found.", field="message")
    return json_answer(
        {"request_id": call.request_id, "results": found.rows(np.array([at]), call.plan)[0], "status": "OK"}
    )


def handlers() -> dict[str, Handler]:
    """Paths and their handlers."""
    return {
        "/v3/reference/options/contracts": list_rows(contracts_as_of(), CONTRACTS),
        "/v3/reference/options/contracts/{ticker}": contract,
        "/v3/snapshot/options/{underlying}": list_rows(chain(), CHAIN),
        "/v3/snapshot/options/{underlying}/{ticker}": contract_now,
    }


def contract_table(contracts: Contracts, write: Callable[[np.ndarray], list[Row]]) -> Table:
    """Contracts, in the order of their tickers, as a table."""
    days, back = np.unique(contracts.expiry, return_inverse=True)
    keys = [int(dt.date.fromordinal(day).strftime("%Y%m%d")) for day in days.tolist()]
    columns = {
        "ticker": np.arange(len(contracts)),
        "underlying_ticker": contracts.symbol,
        "contract_type": np.where(contracts.put, "put", "call"),
        "expiration_date": np.array(keys, dtype=np.int64)[back],
        "strike_price": contracts.strike,
    }
    # Tickers are written out only for who filters by them.
    ticker = lambda name, value: rank_of(contracts.tickers.tolist())(name, value)  # noqa: E731
    return Table(columns, write, readers={"ticker": ticker})


def _check_snapshot(call: Call) -> None:
    if call.plan.freshness == "end of day":
        raise not_authorized(f"You are not entitled to this data. Please upgrade your plan at {PRICING}")


def _bounds(query: dict[str, str]) -> tuple[dt.date, dt.date]:
    """Two days between which all expiries lie that a query may let through."""
    first, last = REACHES["options"].first, dt.date.max
    for operator in ("", ".gt", ".gte", ".lt", ".lte"):
        if value := query.get(f"expiration_date{operator}"):
            day = read_day(f"expiration_date{operator}", value)
            first = max(first, day) if operator in ("", ".gt", ".gte") else first
            last = min(last, day) if operator in ("", ".lt", ".lte") else last
    return first, last
