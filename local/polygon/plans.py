"""API keys, what their plans allow, and how fast."""

import datetime as dt
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from local.polygon.envelopes import PRICING, ApiError, not_authorized
from local.polygon.sessions import FIRST_DAY


@dataclass(frozen=True)
class Plan:
    """A subscription: years of history (None is all), calls a minute (None is no limit), and how fresh its data is."""

    name: str
    years: int | None
    calls_a_minute: int | None
    freshness: str  # "end of day", "delayed" by 15 minutes, "real time"

    def earliest(self, today: dt.date) -> dt.date:
        """The first day that the plan reaches."""
        if self.years is None:
            return FIRST_DAY
        year = today.year - self.years
        return max(FIRST_DAY, today.replace(year=year, day=28 if (today.month, today.day) == (2, 29) else today.day))

    def check(self, first: dt.date, last: dt.date, today: dt.date) -> None:
        """Raises if nothing between two days is allowed."""
        if last < self.earliest(today):
            raise not_authorized(
                f"Your plan doesn't include this data timeframe. Please upgrade your plan at {PRICING}"
            )
        if first >= today and self.freshness == "end of day":
            text = "Attempted to request today's data before end of day. Please upgrade your plan at"
            raise not_authorized(f"{text} {PRICING}")

    def clip(self, first: dt.date, last: dt.date, today: dt.date) -> tuple[dt.date, dt.date]:
        """The part of a range of days that the plan reaches, without a word about the rest."""
        until = today - dt.timedelta(days=1) if self.freshness == "end of day" else today
        return max(first, self.earliest(today)), min(last, until)

    def status(self, last: dt.date, today: dt.date) -> str:
        """OK, or DELAYED where an answer that reaches today is 15 minutes old."""
        return "DELAYED" if self.freshness == "delayed" and last >= today else "OK"


PLANS = {
    plan.name: plan
    for plan in (
        Plan("basic", 2, 5, "end of day"),
        Plan("starter", 5, None, "delayed"),
        Plan("developer", 10, None, "delayed"),
        Plan("advanced", None, None, "real time"),
    )
}


def read_keys(text: str, default: Plan) -> dict[str, Plan]:
    """Keys from a list `KEY,KEY:plan` or a file of such entries, one a line; without a plan they get `default`."""
    path = Path(text)
    entries = path.read_text().splitlines() if path.is_file() else text.split(",")
    keys = {}
    for entry in filter(None, (entry.split("#")[0].strip() for entry in entries)):
        key, _, plan = entry.partition(":")
        if plan and plan not in PLANS:
            raise ValueError(f"--keys: no plan {plan!r}; plans are {', '.join(PLANS)}")
        keys[key] = PLANS[plan] if plan else default
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
