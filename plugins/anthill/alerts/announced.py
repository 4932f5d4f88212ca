"""Days off that the source announces and the calendar lacks, told while there is time to declare them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator

from anthill import calendars, closures
from anthill.alerts.alert import Alert
from anthill.catalog import AssetClass
from anthill.closures import EXCHANGES
from anthill.sources.source import Holiday

AHEAD = dt.timedelta(days=14)
# The calendar of currencies has no holidays; on these the source may have no rows, and nobody announces it.
_QUIET = {"forex": {(12, 25): "Christmas", (1, 1): "New Year's Day"}}


def is_asked(declared: AssetClass) -> bool:
    """Whether the asset class is the one whose source announces days off: one tells for all of a calendar."""
    return any(dataset.announces_closures for dataset in declared.datasets.values())


def alerts(declared: AssetClass, announced: Iterable[Holiday], today: dt.date, link: str) -> Iterator[Alert]:
    """A message for each day of the next two weeks that the calendar has otherwise."""
    for day, summary, step in _differing(declared.calendar, announced, today):
        yield Alert("calendar", declared.asset_class, day, summary, step, link)


def _differing(calendar: str, announced: Iterable[Holiday], today: dt.date) -> Iterator[tuple[dt.date, str, str]]:
    for day in calendars.market_days(calendar, today, today + AHEAD):
        if name := _QUIET.get(calendar, {}).get((day.month, day.day)):
            yield (
                day,
                f"{name}: the source may have no rows",
                f"where it has none, {_declare(calendar, day, json.dumps(name))}",
            )
    for holiday in announced:
        day = holiday.date
        if EXCHANGES.get(holiday.exchange) != calendar or not today <= day <= today + AHEAD:
            continue
        if day in closures.of(calendar) or not calendars.is_market_day(calendar, day):
            continue
        name = holiday.name or "closed"
        if holiday.status == "closed":
            said = f"the source announces that {holiday.exchange} is closed ({name}), the calendar has a session"
            yield day, said, _declare(calendar, day, json.dumps(name))
        elif holiday.close and holiday.close != calendars.session_close(calendar, day):
            closes = calendars.session_close(calendar, day)
            said = (
                f"the source announces a close at {holiday.close:%H:%M} UTC ({name}), the calendar has {closes:%H:%M}"
            )
            time = f"{holiday.close.astimezone(calendars.NEW_YORK):%H:%M}"
            fields = ", ".join(
                f"{key}: {json.dumps(text)}"
                for key, text in {"close": time, "by": holiday.exchange, "reason": name}.items()
            )
            yield day, said, _declare(calendar, day, f"{{{fields}}}")


def _declare(calendar: str, day: dt.date, how: str) -> str:
    file = f"{closures.FILE.parent.name}/{closures.FILE.name}"
    return f"declare it in {file} and deliver it, below `{calendar}:` as `{day}: {how}`"
