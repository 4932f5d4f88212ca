"""Endpoints that give bars: the whole market on a day, one ticker over a range, the previous close."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote
from zoneinfo import ZoneInfo

import numpy as np

from local.polygon.answers.api import Answer, Call, Handler, json_answer
from local.polygon.answers.cache import Cache
from local.polygon.answers.envelopes import bad_request, ending, envelope
from local.polygon.answers.paging import decode_cursor, encode_cursor, read_day
from local.polygon.markets.bars import Bars, joined, merged
from local.polygon.markets.market import BarMarket, Markets, WholeMarket
from local.polygon.markets.noise import Ints

CACHE_BYTES = 128 * 2**20
SETTLING = dt.timedelta(days=10)
"""For so long the bars of a day may change."""

_BASES = {"minute": "minute", "hour": "minute"} | dict.fromkeys(("day", "week", "month", "quarter", "year"), "day")
_CHUNK = 16  # sessions of minute bars made at a time


def grouped(cache: Cache, choose: Callable[[Markets], WholeMarket]) -> Handler:
    """A handler for the bars of every ticker of a market on one day, in one page."""

    def handler(call: Call) -> Answer:
        market, day = choose(call.markets), read_day("date", call.parts["date"])
        adjusted, otc = call.flag("adjusted", True), call.flag("include_otc", False)
        call.plan.check(day, day, call.today, market.name)
        session = market.sessions.index(day)
        status = {"status": call.plan.status(day, call.today), "request_id": call.request_id}
        if session is None or day > call.today:
            return json_answer({"queryCount": 0, "resultsCount": 0, "adjusted": adjusted} | status)

        def make() -> str:
            rows = market.day(session, adjusted=adjusted, otc=otc).rows(ticker=True)
            counts = {"queryCount": len(rows), "resultsCount": len(rows), "adjusted": adjusted}
            return envelope(rows or None, counts)

        packed = cache.get(f"{market.name}-{day}-{adjusted}-{otc}{_state(call, market, day, adjusted)}", make)
        return Answer(ending(status), packed)

    return handler


def _state(call: Call, market: WholeMarket, day: dt.date, adjusted: bool) -> str:
    """What of the present the bars of a day depend on: the moment, the splits known by now, late trades."""
    if day == call.today:
        return f"-{call.markets.clock.ms}"
    recent = call.today - day <= SETTLING
    return f"-{call.today}" if recent or (adjusted and market.adjusts) else ""


def previous(call: Call) -> Answer:
    """The bar of the last session before today."""
    adjusted, ticker = call.flag("adjusted", True), call.parts["ticker"]
    market = call.markets.of(ticker)
    session = market.sessions.last_until(call.today - dt.timedelta(days=1))
    bars = market.days(ticker, session, session, adjusted=adjusted)
    bars = replace(bars, t=np.full(len(bars), market.sessions.stamps[session]))
    counts = {"queryCount": len(bars), "resultsCount": len(bars)} | _adjusted(market, adjusted)
    head = envelope(bars.rows(ticker=True), {"ticker": ticker} | counts)
    return Answer(head.encode() + ending({"status": "OK", "request_id": call.request_id, "count": len(bars)}))


@dataclass(frozen=True)
class Range:
    """What a range asks for: windows of `many` timespans, from and until in ms UTC."""

    market: BarMarket
    ticker: str
    many: int
    timespan: str
    since: int
    until: int
    limit: int
    adjusted: bool
    descending: bool


def bars_in_range(call: Call) -> Answer:
    """The bars of one ticker, by pages of `limit` base bars; what the plan does not reach is left out in silence."""
    if cursor := call.query.get("cursor"):
        call = replace(call, query=decode_cursor(cursor))
    asked = _read_range(call)
    market = asked.market
    first, last = _day(asked.since, market.sessions.zone), _day(asked.until, market.sessions.zone)
    call.plan.check(first, last, call.today, market.name)
    base = _base_bars(asked, *call.plan.clip(first, last, call.today, market.name))
    groups = _groups(asked, base)
    kept, rest = _cut(groups, asked)
    whole = asked.many == 1 and asked.timespan == _BASES[asked.timespan]
    bars = base.take(kept) if whole else merged(base.take(kept), groups[kept])
    counts = {"queryCount": len(groups[kept]), "resultsCount": len(bars)} | _adjusted(market, asked.adjusted)
    bars = bars.take(slice(None, None, -1)) if asked.descending else bars
    head = envelope(bars.rows(ticker=False), {"ticker": asked.ticker} | counts)
    end: dict[str, object] = {"status": call.plan.status(last, call.today), "request_id": call.request_id}
    end["count"] = len(bars)
    if rest is not None:
        end["next_url"] = call.base + _next_path(call, asked, int(base.t[rest]))
    return Answer(head.encode() + ending(end))


def _read_range(call: Call) -> Range:
    """The range that a call asks for; raises for what cannot be read or is not served."""
    timespan, many = call.parts["timespan"], call.parts["multiplier"]
    if timespan not in _BASES or not re.fullmatch(r"[1-9]\d{0,4}", many):
        raise bad_request(f"The range {many!r} {timespan!r} is not served; timespans are {', '.join(_BASES)}")
    order = call.query.get("sort", "asc")
    if order not in ("asc", "desc"):
        raise bad_request("The parameter 'sort' must be asc or desc")
    market = call.markets.of(call.parts["ticker"])
    since = _moment("from", call.parts["from"], market.sessions.zone, end=False)
    until = _moment("to", call.parts["to"], market.sessions.zone, end=True)
    if since > until:
        raise bad_request("The parameter 'to' cannot be a time that occurs before 'from'")
    limit, adjusted = call.number("limit", 5000, 50_000), call.flag("adjusted", True)
    return Range(market, call.parts["ticker"], int(many), timespan, since, until, limit, adjusted, order == "desc")


def _base_bars(asked: Range, since: dt.date, until: dt.date) -> Bars:
    """The day or minute bars of a range between two days: all, or enough for a page of whole windows."""
    market = asked.market
    first, last = market.sessions.next_from(since), market.sessions.last_until(until)
    if _BASES[asked.timespan] == "day":
        return market.days(asked.ticker, first, last, adjusted=asked.adjusted)
    whole = joined([])
    chunks = range(first, last + 1, _CHUNK)
    for start in reversed(chunks) if asked.descending else chunks:
        part = market.minutes(asked.ticker, start, min(start + _CHUNK - 1, last), adjusted=asked.adjusted)
        part = part.take((part.t >= asked.since) & (part.t <= asked.until))
        whole = joined([part, whole] if asked.descending else [whole, part])
        if len(whole) > asked.limit:
            groups = _groups(asked, whole)
            edge, end = (-asked.limit - 1, 0) if asked.descending else (asked.limit, -1)
            if groups[edge] != groups[end]:  # the window at the page's edge has all its bars
                break
    return whole


def _groups(asked: Range, bars: Bars) -> Ints:
    """A number for each base bar that tells the window it falls into."""
    if asked.timespan in ("minute", "hour"):
        return bars.t // (60_000 * asked.many * (60 if asked.timespan == "hour" else 1))
    sessions = asked.market.sessions
    number: dict[str, Callable[[dt.date], int]] = {
        "day": sessions.next_from,
        "week": lambda day: day.toordinal() // 7,  # weeks begin on Sunday
        "month": lambda day: day.year * 12 + day.month - 1,
        "quarter": lambda day: day.year * 4 + (day.month - 1) // 3,
        "year": lambda day: day.year,
    }
    days = [sessions.days[at] for at in np.searchsorted(sessions.midnights, bars.t)]
    return np.array([number[asked.timespan](day) // asked.many for day in days], dtype=np.int64)


def _cut(groups: Ints, asked: Range) -> tuple[slice, int | None]:
    """The base bars of a page, at most `limit` unless one window has more, and the one where the next page goes on."""
    count, limit = len(groups), asked.limit
    if count <= limit:
        return slice(0, count), None
    edge = groups[count - limit - 1 if asked.descending else limit]
    before, after = int(np.searchsorted(groups, edge)), int(np.searchsorted(groups, edge, side="right"))
    if asked.descending:
        start = after if after < count else before
        return slice(start, count), start - 1 if start else None
    stop = before or after
    return slice(0, stop), stop if stop < count else None


def _next_path(call: Call, asked: Range, rest: int) -> str:
    """The path of the next page: its own beginning in place of {from}, or its end in place of {to}."""
    parts = call.parts | {"to" if asked.descending else "from": str(rest)}
    where = "/".join(parts[name] for name in ("multiplier", "timespan", "from", "to"))
    return f"/v2/aggs/ticker/{quote(asked.ticker)}/range/{where}?cursor={encode_cursor(call.query)}"


def _adjusted(market: BarMarket, adjusted: bool) -> dict[str, bool]:
    """The key of the body that says whether bars are adjusted for splits, where a market can have any."""
    return {"adjusted": adjusted} if market.adjusts else {}


def _moment(name: str, value: str, zone: ZoneInfo, *, end: bool) -> int:
    """A date (its beginning or its end in a time zone) or ms UTC, as ms UTC."""
    if re.fullmatch(r"\d{9,14}", value):
        return int(value)
    try:
        day = read_day(name, value) + dt.timedelta(days=int(end))
        return int(dt.datetime.combine(day, dt.time(), zone).timestamp() * 1000) - int(end)
    except OverflowError as error:
        raise bad_request(f"The parameter '{name}' lies outside of time") from error


def _day(moment: int, zone: ZoneInfo) -> dt.date:
    return dt.datetime.fromtimestamp(moment / 1000, zone).date()
