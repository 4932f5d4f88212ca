"""Endpoints that tell whether the markets are open, and the holidays to come."""

import datetime as dt
from zoneinfo import ZoneInfo

from local.polygon.api import Answer, Call, Handler, json_answer
from local.polygon.tables import Row

NEW_YORK = ZoneInfo("America/New_York")
HOLIDAYS = {
    (1, 1): "New Years Day", (1, 3): "Martin Luther King, Jr. Day", (2, 0): "Washington's Birthday",
    (3, 0): "Good Friday", (4, 0): "Good Friday", (5, 0): "Memorial Day", (6, 0): "Juneteenth",
    (7, 0): "Independence Day", (9, 0): "Labor Day", (11, 0): "Thanksgiving", (12, 0): "Christmas",
}  # fmt: skip


def market_now(call: Call) -> Answer:
    """The state at six in the evening of today, New York: after the close, before the end of extended hours."""
    session = call.market.sessions.index(call.today)
    state = "closed" if session is None else "extended-hours"
    now = dt.datetime.combine(call.today, dt.time(18), NEW_YORK)
    groups = (
        "s_and_p",
        "societe_generale",
        "msci",
        "ftse_russell",
        "mstar",
        "mstarc",
        "nasdaq",
        "dow_jones",
        "cccy",
        "cgi",
    )
    return json_answer(
        {
            "afterHours": session is not None,
            "currencies": {"crypto": "open", "fx": "open" if call.today.weekday() < 4 else "closed"},
            "earlyHours": False,
            "exchanges": {"nasdaq": state, "nyse": state, "otc": "closed"},
            "indicesGroups": dict.fromkeys(groups, "closed"),
            "market": state,
            "serverTime": now.isoformat(),
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


def _holiday(day: dt.date, exchange: str) -> Row:
    name = HOLIDAYS.get((day.month, 0)) or HOLIDAYS.get(
        (1, 3) if day.month == 1 and day.day > 10 else (1, 1), "Holiday"
    )
    return {"date": day.isoformat(), "exchange": exchange, "name": name}


def _utc(moment: int) -> str:
    return f"{dt.datetime.fromtimestamp(moment / 1000, dt.UTC):%Y-%m-%dT%H:%M:%S}.000Z"
