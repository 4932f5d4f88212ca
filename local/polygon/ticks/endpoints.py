"""Trades and quotes of a ticker over HTTP, by pages."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from local.polygon.answers.api import Answer, Call, Handler
from local.polygon.answers.envelopes import bad_request
from local.polygon.answers.paging import decode_cursor, encode_cursor, read_day
from local.polygon.markets.clock import NEW_YORK
from local.polygon.ticks import day as days
from local.polygon.ticks.written import quote_rows, trade_rows


def _listed(make: days.Made, write: Callable[[Any, slice], list[str]]) -> Handler:
    made = days.kept(make)

    def handler(call: Call) -> Answer:
        if cursor := call.query.get("cursor"):
            call = replace(call, query=decode_cursor(cursor))
        first, until = _span(call.query)
        descending = call.query.get("order", "desc") == "desc"
        limit, at = call.number("limit", 1000, 50_000), int(call.query.get("at", "0"))
        sessions = call.market.sessions
        opening, closing = (dt.datetime.fromtimestamp(ns / 1e9, NEW_YORK).date() for ns in (first, until - 1))
        found: list[str] = []
        skip, more = at, False
        numbers = range(sessions.next_from(opening), sessions.last_until(closing) + 1)
        for session in reversed(numbers) if descending else numbers:
            ticks = made(days.Asked(call.markets, call.parts["ticker"], session, call.markets.clock.ms))
            low, high = np.searchsorted(ticks.sip, [first, until]).tolist()
            count = high - low
            take = min(count - skip, limit - len(found)) if skip < count else 0
            if take > 0:
                begin = high - skip - take if descending else low + skip
                rows = write(ticks, slice(begin, begin + take))
                found += reversed(rows) if descending else rows
            more = more or count - skip > take > 0 or (skip < count and take == 0)
            skip = max(skip - count, 0)
        query = encode_cursor(call.query | {"at": str(at + limit)})
        following = f',"next_url":"{call.base}{call.path}?cursor={query}"' if more else ""
        body = f'{{"results":[{",".join(found)}],"status":"OK","request_id":"{call.request_id}"{following}}}'
        return Answer(body.encode())

    return handler


def _span(query: dict[str, str]) -> tuple[int, int]:
    """The moments asked for, in ns UTC: the first, and the one behind the last."""
    first, until = 0, 2**62
    for name, value in query.items():
        own, _, operator = name.partition(".")
        if own != "timestamp" or not value:
            continue
        start, length = _moment(name, value)
        if operator in ("", "gte", "gt"):
            first = max(first, start + (length if operator == "gt" else 0))
        if operator in ("", "lte", "lt"):
            until = min(until, start + (0 if operator == "lt" else length))
    if until == 2**62:
        raise bad_request("The parameter 'timestamp' is needed here: all of time is more than is simulated at once")
    return first, max(until, first)


def _moment(name: str, value: str) -> tuple[int, int]:
    """When a moment or a day of New York begins, and how long it is, in ns."""
    if re.fullmatch(r"\d{16,19}", value):
        return int(value), 1
    day = read_day(name, value)
    ends = [dt.datetime.combine(day + dt.timedelta(days=more), dt.time(), NEW_YORK).timestamp() for more in (0, 1)]
    return int(ends[0]) * 10**9, int(ends[1] - ends[0]) * 10**9


def handlers() -> dict[str, Handler]:
    """Paths and their handlers."""
    return {
        "/v3/trades/{ticker}": _listed(days.trades, trade_rows),
        "/v3/quotes/{ticker}": _listed(days.quotes, quote_rows),
    }
