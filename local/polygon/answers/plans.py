"""API keys, what their plans allow, and how fast."""

import datetime as dt
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

from local.polygon.answers.envelopes import PRICING, ApiError, not_authorized
from local.polygon.markets.sessions import CRYPTO_FIRST_DAY, FIRST_DAY, FOREX_FIRST_DAY


@dataclass(frozen=True)
class Reach:
    """A market's history: its first day, and the years back that each plan sees (None is all)."""

    first: dt.date
    years: dict[str, int | None]


REACHES = {
    "stocks": Reach(FIRST_DAY, {"basic": 2, "starter": 5, "developer": 10, "advanced": None}),
    "options": Reach(dt.date(2014, 6, 2), {"basic": 2, "starter": 2, "developer": 4, "advanced": None}),
    "forex": Reach(FOREX_FIRST_DAY, {"basic": 2, "starter": None, "developer": None, "advanced": None}),
    "crypto": Reach(CRYPTO_FIRST_DAY, {"basic": 2, "starter": None, "developer": None, "advanced": None}),
    "indices": Reach(FIRST_DAY, {"basic": 2, "starter": 5, "developer": 10, "advanced": None}),
}
"""By market; the names are those of `BarMarket.name`."""


@dataclass(frozen=True)
class Plan:
    """A subscription: calls a minute (None is no limit), how fresh its data is, and beginnings of paths it lacks."""

    name: str
    calls_a_minute: int | None
    freshness: str  # "end of day", "delayed" by 15 minutes, "real time"
    lacks: tuple[str, ...] = ()

    def admit(self, path: str) -> None:
        """Raises if the plan lacks what a path leads to."""
        if path.startswith(self.lacks):
            raise not_authorized(f"You are not entitled to this data. Please upgrade your plan at {PRICING}")

    def earliest(self, today: dt.date, market: str = "stocks") -> dt.date:
        """The first day of a market that the plan reaches."""
        reach = REACHES[market]
        years = reach.years[self.name]
        if years is None:
            return reach.first
        day = 28 if (today.month, today.day) == (2, 29) else today.day
        return max(reach.first, today.replace(year=today.year - years, day=day))

    def check(self, first: dt.date, last: dt.date, today: dt.date, market: str = "stocks") -> None:
        """Raises if nothing between two days is allowed."""
        if last < self.earliest(today, market):
            raise not_authorized(
                f"Your plan doesn't include this data timeframe. Please upgrade your plan at {PRICING}"
            )
        if first >= today and self.freshness == "end of day":
            text = "Attempted to request today's data before end of day. Please upgrade your plan at"
            raise not_authorized(f"{text} {PRICING}")

    def clip(self, first: dt.date, last: dt.date, today: dt.date, market: str = "stocks") -> tuple[dt.date, dt.date]:
        """The part of a range of days that the plan reaches, without a word about the rest."""
        until = today - dt.timedelta(days=1) if self.freshness == "end of day" else today
        return max(first, self.earliest(today, market)), min(last, until)

    def status(self, last: dt.date, today: dt.date) -> str:
        """OK, or DELAYED where an answer that reaches today is 15 minutes old."""
        return "DELAYED" if self.freshness == "delayed" and last >= today else "OK"


PLANS = {
    plan.name: plan
    for plan in (
        Plan("basic", 5, "end of day", ("/stocks/financials/", "/v2/snapshot/")),
        Plan("starter", None, "delayed", ("/stocks/financials/",)),
        Plan("developer", None, "delayed", ("/stocks/financials/",)),
        Plan("advanced", None, "real time"),
    )
}


WITH_TRADES, WITH_QUOTES = ("developer", "advanced"), ("advanced",)
"""Plans whose snapshots show the last trade, and the last quote."""


def read_keys(text: str, default: Plan) -> dict[str, Plan]:
    """Keys from a list `KEY,KEY:plan` or a file of such entries, one a line; without a plan they get `default`.

    What an entry ends with is lacking beside what its plan lacks: `KEY:plan:-/path:-/path`.
    """
    path = Path(text)
    entries = path.read_text().splitlines() if path.is_file() else text.split(",")
    keys = {}
    for entry in filter(None, (entry.split("#")[0].strip() for entry in entries)):
        subscription, *lacks = entry.split(":-")
        key, _, name = subscription.partition(":")
        if name and name not in PLANS:
            raise ValueError(f"--keys: no plan {name!r}; plans are {', '.join(PLANS)}")
        if wrong := [prefix for prefix in lacks if not prefix.startswith("/")]:
            raise ValueError(f"--keys: {wrong[0]!r} is not the beginning of a path, such as /stocks/financials")
        plan = PLANS[name] if name else default
        keys[key] = replace(plan, lacks=(*plan.lacks, *lacks))
    if not keys:
        raise ValueError(f"--keys: no key in {text!r}")
    return keys


class Gate:
    """Lets a request in by its key: known, and not more often than its plan allows."""

    def __init__(self, keys: dict[str, Plan], *, limits: bool = True) -> None:
        self._keys, self._limits = keys, limits
        self._calls: dict[str, deque[float]] = {key: deque() for key in keys}
        self._lock = threading.Lock()

    def admit(self, key: str | None) -> Plan:
        """The plan of a key; raises for a key that is missing, unknown or too fast."""
        if not key:
            raise ApiError(400, "ERROR", "API Key was not provided")
        if key not in self._keys:
            raise ApiError(401, "ERROR", "Unknown API Key")
        plan = self._keys[key]
        if self._limits and plan.calls_a_minute is not None:
            self._count(key, plan.calls_a_minute)
        return plan

    def _count(self, key: str, bound: int) -> None:
        moment = time.monotonic()
        with self._lock:
            calls = self._calls[key]
            while calls and calls[0] <= moment - 60:
                calls.popleft()
            if len(calls) >= bound:
                text = "You've exceeded the maximum requests per minute, please wait or upgrade your subscription."
                raise ApiError(429, "ERROR", f"{text} {PRICING}")
            calls.append(moment)
