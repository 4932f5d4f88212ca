"""Filters, order, limits and cursors of the endpoints that list rows."""

import base64
import binascii
import datetime as dt
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np

from local.polygon.answers.api import Call
from local.polygon.answers.envelopes import bad_request
from local.polygon.markets.tables import Row, Table

Reader = Callable[[str, str], Any]


@dataclass(frozen=True)
class Listing:
    """How an endpoint lists a table: filters, orders, page sizes; `columns` means sort=name.asc,name.desc."""

    filters: dict[str, Reader]
    sorts: tuple[str, ...]
    limit: int
    most: int
    order: str = "desc"
    columns: bool = False


def page(call: Call, table: Table, listing: Listing, orders: "Orders") -> tuple[list[Row], str | None]:
    """The rows of a page, and the URL of the next one if there is one."""
    limit = call.number("limit", listing.limit, listing.most)
    at = call.number("at", 0, 10**9) if "at" in call.query and call.query["at"] != "0" else 0
    rows = orders.get(call, table, listing)
    following = None
    if at + limit < len(rows):
        following = f"{call.base}{call.path}?cursor={encode_cursor(call.query | {'at': str(at + limit)})}"
    return table.write(rows[at : at + limit]), following


class Orders:
    """The row numbers that recent listings were made of, so that a page does not filter and sort again."""

    def __init__(self, most: int = 16) -> None:
        self._most, self._lock = most, threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], tuple[Table, np.ndarray]] = OrderedDict()

    def get(self, call: Call, table: Table, listing: Listing) -> np.ndarray:
        """The rows that the call's filters let through, in the order it asks for."""
        asked = tuple(sorted((name, value) for name, value in call.query.items() if name not in ("limit", "at")))
        key = (id(table), call.path, asked)
        with self._lock:
            found = self._kept.get(key)
        if found is None:
            found = (table, _sorted(call, table, listing, _filtered(call, table, listing)))
            with self._lock:
                self._kept[key] = found
                if len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return found[1]


def encode_cursor(query: dict[str, str]) -> str:
    """A query in the form that `next_url` carries."""
    return base64.urlsafe_b64encode(urlencode(query).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> dict[str, str]:
    """The query that `encode_cursor` was given; a broken cursor is a bad request."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode()
        query = dict(parse_qsl(text, strict_parsing=True))
    except (binascii.Error, ValueError) as error:
        raise bad_request("The parameter 'cursor' is not valid") from error
    return query


def text(name: str, value: str) -> str:
    """A filter value taken as it is."""
    return value


def number(name: str, value: str) -> float:
    """A filter value that is a number."""
    try:
        return float(value)
    except ValueError as error:
        raise bad_request(f"The parameter '{name}' must be a number") from error


def flag(name: str, value: str) -> int:
    """A filter value that is true or false."""
    if value not in ("true", "false"):
        raise bad_request(f"The parameter '{name}' must be true or false")
    return int(value == "true")


def day_key(name: str, value: str) -> int:
    """A filter value that is a date, as the number 20260602."""
    return int(read_day(name, value).strftime("%Y%m%d"))


def moment(name: str, value: str) -> int:
    """A filter value that is a date or a time, as ms UTC."""
    try:
        read = dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise bad_request(f"The parameter '{name}' must be a date or an RFC 3339 time") from error
    return int((read if read.tzinfo else read.replace(tzinfo=dt.UTC)).timestamp() * 1000)


def read_day(name: str, value: str) -> dt.date:
    """A date written YYYY-MM-DD."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise bad_request(f"Could not parse the time parameter: '{name}'. Use YYYY-MM-DD or Unix MS Timestamps")


_OPERATORS = {"": np.equal, "gt": np.greater, "gte": np.greater_equal, "lt": np.less, "lte": np.less_equal}


def kept(query: dict[str, str], name: str, column: np.ndarray, read: Reader) -> np.ndarray:
    """True for the values of a column that every filter of a query on `name` lets through."""
    return _pass(column, _read_filters(query, name, read))


def _read_filters(query: dict[str, str], name: str, read: Reader) -> list[tuple[str, Any]]:
    """Each filter of a query on `name`: its operator, and the value or values it compares with."""
    filters: list[tuple[str, Any]] = []
    for parameter, value in query.items():
        own, _, operator = parameter.partition(".")
        if own == name and value and operator in ("any_of", "all_of"):
            filters.append((operator, [read(parameter, part.strip()) for part in value.split(",")]))
        elif own == name and value and operator in _OPERATORS:
            filters.append((operator, read(parameter, value)))
    return filters


def _pass(column: np.ndarray, filters: list[tuple[str, Any]]) -> np.ndarray:
    keep = np.ones(len(column), dtype=bool)
    for operator, value in filters:
        if operator in _OPERATORS:
            keep &= _OPERATORS[operator](column, value)
        else:
            keep &= np.isin(column, value) & (operator == "any_of" or len(set(value)) == 1)
    return keep


def _filtered(call: Call, table: Table, listing: Listing) -> np.ndarray:
    keep = np.ones(len(table), dtype=bool)
    if (wanted := call.query.get("search", "").upper()) and table.search:
        found = [np.char.find(np.char.upper(table.columns[column]), wanted) >= 0 for column in table.search]
        keep &= np.any(found, axis=0)
    readers = listing.filters | table.readers
    asked = {name: _read_filters(call.query, name, readers[name]) for name in listing.filters}
    for name, filters in asked.items():
        if filters:  # a column may be made for it
            keep &= _pass(table.columns[name], filters)
    return np.flatnonzero(keep)


def _sorted(call: Call, table: Table, listing: Listing, rows: np.ndarray) -> np.ndarray:
    for name, descending in reversed(_sort_keys(call, listing)):
        column = table.columns[name][rows]
        _, ranks = np.unique(column, return_inverse=True)
        rows = rows[np.argsort(-ranks if descending else ranks, kind="stable")]
    return rows


def _sort_keys(call: Call, listing: Listing) -> list[tuple[str, bool]]:
    """Columns to sort by, the first one first, each with whether it descends."""
    if call.query.get("order", "asc") not in ("asc", "desc"):
        raise bad_request("The parameter 'order' must be asc or desc")
    asked = call.query.get("sort") or listing.sorts[0]
    keys = []
    for part in asked.split(",") if listing.columns else [asked]:
        name, _, order = part.strip().partition(".") if listing.columns else (part, "", "")
        order = order or call.query.get("order", listing.order)
        if name not in listing.sorts or order not in ("asc", "desc"):
            raise bad_request(f"The parameter 'sort' cannot be {part!r}; it sorts by {', '.join(listing.sorts)}")
        keys.append((name, order == "desc"))
    return keys
