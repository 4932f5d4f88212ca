"""A way to move the clock of a running server, which the real API does not have."""

import datetime as dt
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.polygon.markets.clock import Clock
from local.polygon.markets.sessions import Sessions

PATH = "/_clock"


def clock_route(clock: Clock, sessions: Sessions) -> Route:
    """GET tells the clock; POST `{"today": "2026-06-03", "time": "18:00"}` sets it, either key alone too. No key."""

    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            try:
                asked = msgspec.json.decode(await request.body())
                clock.set(*_read(asked, clock, sessions))
            except (ValueError, TypeError) as error:
                return JSONResponse({"status": "ERROR", "error": str(error)}, 400)
        return JSONResponse({"today": clock.today.isoformat(), "time": f"{clock.time:%H:%M}"})

    return Route(PATH, endpoint, methods=["GET", "POST"])


def _read(asked: Any, clock: Clock, sessions: Sessions) -> tuple[dt.date, dt.time]:
    if not isinstance(asked, dict) or not set(asked) <= {"today", "time"}:
        raise ValueError('the clock is set by {"today": "YYYY-MM-DD", "time": "HH:MM"}')
    today = dt.date.fromisoformat(asked.get("today", clock.today.isoformat()))
    if not sessions.days[0] <= today <= sessions.days[-1]:
        raise ValueError(f"'today' must lie from {sessions.days[0]} to {sessions.days[-1]}, not on {today}")
    return today, dt.time.fromisoformat(asked.get("time", clock.time.isoformat()))
