"""The plans of the API, and the rate that a connection's key has by its plan or its own number."""

from __future__ import annotations

from typing import Any, Literal, get_args

Plan = Literal["basic", "starter", "developer", "advanced"]
_PER_MINUTE: dict[Plan, int] = {"basic": 5, "starter": 6000, "developer": 6000, "advanced": 6000}


def per_minute(plan: str) -> int:
    """The requests a minute that a plan allows; ValueError names the plans."""
    if plan not in get_args(Plan):
        raise ValueError(f"plan is {plan!r}, allowed are {', '.join(get_args(Plan))}")
    return _PER_MINUTE[plan]  # type: ignore[index]


def requests_per_minute(extra: dict[str, Any]) -> int:
    """The rate of a connection: its own number (0 is none), else its plan's; ValueError names what is allowed."""
    own = extra.get("requests_per_minute")
    if own in (None, ""):
        return per_minute(extra.get("plan") or "basic")
    if isinstance(own, bool) or not str(own).isdigit():
        raise ValueError(f"requests_per_minute is {own!r}, allowed is a whole number, 0 for no limit")
    return int(own)
