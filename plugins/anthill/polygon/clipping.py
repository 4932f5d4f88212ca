"""Ranges that the plan's history clips: the API answers 200 and leaves the days before its edge away, in silence."""

from __future__ import annotations

import datetime as dt

from anthill.polygon.errors import OutsideHistoryError


def require_reach(first_bar: dt.date | None, asked_from: dt.date, url: str = "") -> None:
    """Check that a range's first bar is of the day it was asked from, a day known to have one."""
    if first_bar is None or first_bar > asked_from:
        begins = f"begins on {first_bar}" if first_bar else "has no bars"
        problem = f"the range was asked from {asked_from} and {begins}: the plan's history clips it"
        raise OutsideHistoryError(problem, url)
