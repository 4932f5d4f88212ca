"""Endpoints that tell whether the markets are open, and the holidays to come."""

import datetime as dt

import numpy as np

from local.polygon.answers.api import Answer, Call, Handler, json_answer
from local.polygon.markets.clock import Clock
from local.polygon.markets.market import BarMarket
from local.polygon.markets.tables import Row

HOLIDAYS = {
    (1, 1): "New Years Day", (1, 3): "Martin Luther King, Jr. Day", (2, 0): "Washington's Birthday",
    (3, 0): "Good Friday", (4, 0): "Good Friday", (5, 0): "Memorial Day", (6, 0): "Juneteenth",
    (7, 0): "Independence Day", (9, 0): "Labor Day", (11, 0): "Thanksgiving", (12, 0): "Christmas",
}  # fmt: skip


INDEX_GROUPS = (
    "s_and_p", "societe_generale", "msci", "ftse_russell", "mstar", "mstarc", "nasdaq", "dow_jones", "cccy", "cgi",
)  # fmt: skip
EARLY, LATE = dt.time(4), dt.time(20)
"""Extended hours of stocks begin and end, New York."""


def market_now(call: Call) -> Answer:
    """The state of the markets at the present moment."""
    clock = call.markets.clock
    stocks = _open(call.markets.stocks, clock)
    session = call.markets.stocks.sessions.index(clock.today)
    extended = session is not None and not stocks and EARLY <= clock.time < LATE
    opens = call.markets.stocks.sessions.opens
    early = extended and session is not None and clock.ms < int(opens[session])
    state = "open" if stocks else "extended-hours" if extended else "closed"
    currencies = {"crypto": _open(call.markets.crypto, clock), "fx": _open(call.markets.forex, clock)}
    return json_answer(
        {
            "afterHours": extended and not early,
            "currencies": {name: _word(is_open) for name, is_open in currencies.items()},
            "earlyHours": early,
            "exchanges": {"nasdaq": state, "nyse": state, "otc": _word(stocks)},
            "indicesGroups": dict.fromkeys(INDEX_GROUPS, _word(stocks)),
            "market": state,
            "serverTime": clock.now.isoformat(),
        }
    )


def market_upcoming(call: Call) -> Answer:
    """The holidays and early closes of the year ahead, as a bare array."""
    sessions, rows = call.market.sessions, list[Row]()
    day = call.today
    while day <= min(call.today + dt.timedelta(days=365), sessions.days[-1]):
        session = sessions.index(day)
        if day.weekday() < 5 and session is None:
            rows += [_holiday(day, exchange) | {"status": "closed"} for exchange in ("NYSE", "NASDAQ")]
        elif session is not None and sessions.minutes[session] < 390:
            times = {"open": _utc(int(sessions.opens[session])), "close": _utc(int(sessions.closes[session]))}
            rows += [_holiday(day, exchange) | {"status": "early-close"} | times for exchange in ("NYSE", "NASDAQ")]
        day += dt.timedelta(days=1)
    return json_answer(rows)


def handlers() -> dict[str, Handler]:
    """Paths and their handlers."""
    return {"/v1/marketstatus/now": market_now, "/v1/marketstatus/upcoming": market_upcoming}


def _open(market: BarMarket, clock: Clock) -> bool:
    """Whether a market trades at the present moment."""
    session = int(np.searchsorted(market.sessions.opens, clock.ms, side="right")) - 1
    return session >= 0 and clock.ms < int(market.sessions.closes[session])


def _word(is_open: bool) -> str:
    return "open" if is_open else "closed"


def _holiday(day: dt.date, exchange: str) -> Row:
    name = HOLIDAYS.get((day.month, 0)) or HOLIDAYS.get(
        (1, 3) if day.month == 1 and day.day > 10 else (1, 1), "Holiday"
    )
    return {"date": day.isoformat(), "exchange": exchange, "name": name}


def _utc(moment: int) -> str:
    return f"{dt.datetime.fromtimestamp(moment / 1000, dt.UTC):%Y-%m-%dT%H:%M:%S}.000Z"
