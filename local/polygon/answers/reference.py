"""Endpoints that list instruments, corporate actions and news."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from local.polygon.answers.api import Answer, Call, Handler, json_answer
from local.polygon.answers.codes import CONDITIONS, EXCHANGES, TYPES
from local.polygon.answers.paging import Listing, Orders, day_key, decode_cursor, flag, moment, number, page, text
from local.polygon.answers.tickers import ticker_details, ticker_events, tickers_as_of
from local.polygon.markets.tables import Row, Table, table_of

TICKERS = Listing(
    dict.fromkeys(("ticker", "type", "market", "exchange", "cik"), text),
    (
        "ticker", "name", "market", "locale", "primary_exchange", "type", "currency_name", "cik",
        "currency_symbol", "base_currency_name", "base_currency_symbol",
    ),
    limit=100, most=1000, order="asc",
)  # fmt: skip
SPLITS = Listing(
    {"ticker": text, "execution_date": day_key, "adjustment_type": text},
    ("execution_date", "ticker", "adjustment_type"), limit=100, most=5000, columns=True,
)  # fmt: skip
DIVIDENDS = Listing(
    {"ticker": text, "ex_dividend_date": day_key, "frequency": number, "distribution_type": text},
    ("ticker", "ex_dividend_date", "frequency", "distribution_type"), limit=100, most=5000, order="asc", columns=True,
)  # fmt: skip
OLD_SPLITS = Listing(
    {"ticker": text, "execution_date": day_key, "reverse_split": flag},
    ("execution_date", "ticker"),
    limit=10,
    most=1000,
)
_DAYS = ("ex_dividend_date", "record_date", "declaration_date", "pay_date")
OLD_DIVIDENDS = Listing(
    dict.fromkeys(_DAYS, day_key) | {"ticker": text, "frequency": number, "cash_amount": number, "dividend_type": text},
    (*_DAYS, "cash_amount", "ticker"), limit=10, most=1000,
)  # fmt: skip
NEWS = Listing({"ticker": text, "published_utc": moment}, ("published_utc",), limit=10, most=1000)
PLAIN = Listing({"asset_class": text, "locale": text}, ("order",), limit=1000, most=1000, order="asc")
_CONDITION_ORDERS = ("asset_class", "id", "type", "name", "data_types", "legacy")
CONDITION_LIST = Listing({"asset_class": text, "id": number}, _CONDITION_ORDERS, limit=10, most=1000, order="asc")

_NEW_ONLY = ("adjustment_type", "historical_adjustment_factor", "distribution_type", "split_adjusted_cash_amount")


def list_rows(
    source: Callable[[Call], Table],
    listing: Listing,
    *,
    count: bool = False,
    shape: Callable[[Row], Row] = lambda row: row,
) -> Handler:
    """A handler that lists a table of the market, a page at a time; `count` adds the number of the page's rows."""
    orders = Orders()

    def handler(call: Call) -> Answer:
        if cursor := call.query.get("cursor"):
            call = replace(call, query=decode_cursor(cursor))
        rows, following = page(call, source(call), listing, orders)
        body: dict[str, Any] = {"results": [shape(row) for row in rows], "status": "OK", "request_id": call.request_id}
        body |= {"count": len(rows)} if count else {}
        return json_answer(body | ({"next_url": following} if following else {}))

    return handler


def without_new_fields(row: Row) -> Row:
    """A split or dividend in the shape of the deprecated endpoints."""
    old = {name: value for name, value in row.items() if name not in _NEW_ONLY}
    if "cash_amount" not in row:
        return old
    return old | {"dividend_type": "SC" if row["distribution_type"] == "special" else "CD"}


def constant(rows: list[Row]) -> Handler:
    """A handler for a list that is the same on every day."""
    ordered = [row | {"order": f"{at:04}"} for at, row in enumerate(rows)]
    table = table_of(ordered, ["asset_class", "locale", "order"])
    drop = lambda row: {name: value for name, value in row.items() if name != "order"}  # noqa: E731
    return list_rows(lambda call: table, PLAIN, count=True, shape=drop)


def conditions(call: Call) -> Table:
    """The conditions for a type of data and a SIP, or for all of them."""
    return _conditions(call.query.get("data_type", ""), call.query.get("sip", ""))


@lru_cache(maxsize=16)
def _conditions(data_type: str, sip: str) -> Table:
    rows = [row for row in CONDITIONS if data_type in (*row["data_types"], "") and sip in (*row["sip_mapping"], "")]
    table = table_of(rows, ["asset_class", "type", "name"])
    columns = {
        "id": np.array([row["id"] for row in rows], dtype=np.int64),
        "data_types": np.array([" ".join(row["data_types"]) for row in rows], dtype=np.str_),
        "legacy": np.array([row.get("legacy", False) for row in rows], dtype=np.int64),
    }
    return Table(table.columns | columns, table.write)


def handlers() -> dict[str, Handler]:
    """Paths and their handlers."""
    splits: Callable[[Call], Table] = lambda call: call.market.splits  # noqa: E731
    dividends: Callable[[Call], Table] = lambda call: call.market.dividends  # noqa: E731
    return {
        "/v3/reference/tickers": list_rows(tickers_as_of, TICKERS, count=True),
        "/v3/reference/tickers/types": constant(TYPES),
        "/v3/reference/tickers/{ticker}": ticker_details,
        "/vX/reference/tickers/{id}/events": ticker_events,
        "/v3/reference/exchanges": constant(EXCHANGES),
        "/v3/reference/conditions": list_rows(conditions, CONDITION_LIST, count=True),
        "/stocks/v1/splits": list_rows(splits, SPLITS),
        "/stocks/v1/dividends": list_rows(dividends, DIVIDENDS),
        "/v3/reference/splits": list_rows(splits, OLD_SPLITS, shape=without_new_fields),
        "/v3/reference/dividends": list_rows(dividends, OLD_DIVIDENDS, shape=without_new_fields),
        "/v2/reference/news": list_rows(lambda call: call.market.news, NEWS, count=True),
    }
