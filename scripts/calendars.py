"""Write include/calendars from the library exchange_calendars, a file an exchange: no task has to load pandas for it.

What a new version of the library knows is written into them and read in review. `--check` writes nothing and fails
where a file says otherwise. A new exchange begins as an empty file.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter, defaultdict
from pathlib import Path

import exchange_calendars

from anthill.calendars import FIRST_YEAR
from scripts import generated

ROOT = Path(__file__).parents[1] / "include" / "calendars"
LAST_YEAR = 2040
"""Holidays of years to come are the library's rules; `make calendars` follows when they are changed."""


def written() -> dict[str, str]:
    """Each exchange's file and its text."""
    return {file.name: text(file.stem) for file in sorted(ROOT.glob("*.yaml"))}


def text(name: str) -> str:
    """What the library knows of an exchange; ValueError where sessions have a form that the file has no word for."""
    first, last = dt.date(FIRST_YEAR, 1, 1), dt.date(LAST_YEAR, 12, 31)
    calendar = exchange_calendars.get_calendar(name, start=str(first), end=str(last))
    opens, closes = (
        [f"{moment:%H:%M}" for moment in calendar.schedule[column].dt.tz_convert(calendar.tz)]
        for column in ("open", "close")
    )
    days = [session.date() for session in calendar.schedule.index]
    if len(set(opens)) > 1 or any(day.weekday() > 4 for day in days) or calendar.schedule["break_start"].notna().any():
        raise ValueError(
            f"{name} has sessions at weekends, with breaks or with another open: anthill/exchange.py knows none"
        )
    regular = Counter(closes).most_common(1)[0][0]
    closed: dict[int, list[str]] = defaultdict(list)
    traded = set(days)
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        if day.weekday() < 5 and day not in traded:
            closed[day.year].append(str(day))
    lines = [
        "# Written by `make calendars` from the library exchange_calendars.",
        f"zone: {calendar.tz.key}",
        f'opens: "{opens[0]}"',
        f'closes: "{regular}"',
        f"first: {first}",
        f"last: {last}",
        "closed: # weekdays without a session",
        *(f"  {year}: [{', '.join(found)}]" for year, found in closed.items()),
        "early:",
        *(f'  {day}: "{close}"' for day, close in zip(days, closes, strict=True) if close != regular),
    ]
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 when written, or where nothing was to be written."""
    return generated.run(__doc__, arguments, ROOT, written, "say otherwise than the library: `make calendars`")


if __name__ == "__main__":
    sys.exit(main())
