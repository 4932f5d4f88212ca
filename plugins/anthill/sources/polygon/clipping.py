"""Ranges that the plan's history clips: the API answers 200 and leaves what lies before its edge away, in silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

import msgspec

from anthill.sources.errors import OutsideHistoryError
from anthill.sources.page import Page

_LATE = dt.timedelta(hours=1)  # after the opening: by then one of a list of symbols has traded
_YEAR = 365.2425  # days; plans reach back whole years
_NEAR = 3  # days


class _Bar(msgspec.Struct):
    t: int  # milliseconds


_bar = msgspec.json.Decoder(_Bar)


def whole(pages: Iterable[Page], market_date: dt.date, opens: Callable[[], dt.datetime]) -> Iterator[Page]:
    """The same pages of bars; OutsideHistoryError after them where the plan's edge cuts the day off behind its opening.

    Only days a whole number of years ago are suspected: on others a market may well begin late, and `opens`, which
    may cost a calendar, is not asked for.
    """
    first: dt.datetime | None = None
    suspected, url = False, ""
    for page in pages:
        url, suspected = page.url, suspected or _is_years_ago(market_date, page.asof.date())
        begins = _begins(page)
        first = begins if first is None else min(first, begins or first)
        yield page
    if suspected and first is not None and first > (opened := opens()) + _LATE:
        problem = f"the bars of {market_date} begin at {first:%H:%M} UTC only, the market opened at {opened:%H:%M}"
        raise OutsideHistoryError(f"{problem}: the plan's history begins within the day", url)


def _begins(page: Page) -> dt.datetime | None:
    """When the first bar of a page begins; None if it has none that can be read."""
    try:
        stamp = _bar.decode(page.rows[0]).t if page.rows else None
        return None if stamp is None else dt.datetime.fromtimestamp(stamp / 1000, dt.UTC)
    except (ValueError, OverflowError, OSError, RecursionError):
        return None  # silver sets such a row aside


def _is_years_ago(day: dt.date, today: dt.date) -> bool:
    ago = (today - day).days
    years = round(ago / _YEAR)
    return years > 0 and abs(ago - years * _YEAR) <= _NEAR
