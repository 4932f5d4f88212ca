"""Dates as HTTP headers have them."""

from __future__ import annotations

import email.utils


def http_date(value: str | None) -> float | None:
    """Seconds since 1970 of an HTTP date, None if it is none."""
    try:
        return email.utils.parsedate_to_datetime(value).timestamp() if value else None
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
