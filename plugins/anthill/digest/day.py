"""The newest market day of an asset class in one line, from the ledger alone."""

from __future__ import annotations

import datetime as dt

import msgspec

from anthill import calendars
from anthill.catalog import AssetClass
from anthill.coverage.reader import Reader
from anthill.ledger.documents import Job
from anthill.ledger.entry import Entry


class Day(msgspec.Struct, frozen=True):
    """What came of a market day: its datasets, rows and calls, and how long after it was due gold had it."""

    asset_class: str
    market_date: dt.date
    datasets: int
    landed: int
    rows: int
    revised: tuple[str, ...]  # datasets of which the source gave other rows later
    quarantined: int
    calls: int
    waited: float  # seconds, for the plan's rate
    lateness: dt.timedelta | None  # None while gold has not got it

    @property
    def is_whole(self) -> bool:
        """Whether every dataset is there and gold was computed."""
        return self.landed == self.datasets and self.lateness is not None

    @property
    def line(self) -> str:
        """One line for a person."""
        gold = (
            "gold has not got it yet" if self.lateness is None else f"in gold {_hours(self.lateness)} after it was due"
        )
        parts = [f"{self.landed} of {self.datasets} datasets", f"{self.rows:,} rows", gold]
        parts += [f"revised: {', '.join(self.revised)}"] if self.revised else []
        parts += [f"{self.quarantined:,} rows in quarantine"] if self.quarantined else []
        parts += [
            f"{self.calls:,} calls" + (f", {self.waited:,.0f} s waited for the plan's rate" if self.waited >= 1 else "")
        ]
        return f"{self.asset_class} {self.market_date}: {'; '.join(parts)}"


def newest(reader: Reader, declared: AssetClass, now: dt.datetime) -> Day | None:
    """The last market day that is due; None before there is any."""
    day = calendars.last_due(declared.calendar, declared.due_after_close, now)
    if day is None or day < max(declared.start_date, declared.history_from or declared.start_date):
        return None
    due = calendars.session_close(declared.calendar, day) + declared.due_after_close
    known = reader.entries(declared.asset_class, declared.daily, [day.year])
    entries = {name: known[name].get(str(day), Entry()) for name in declared.daily}
    jobs = [job for job in reader.jobs(declared.asset_class, due).values() if job.market_date_to >= day]
    calls = [call for name, call in reader.calls(declared.asset_class, due) if name in declared.daily]
    return Day(
        asset_class=declared.asset_class,
        market_date=day,
        datasets=len(entries),
        landed=sum(bool(entry.parts) for entry in entries.values()),
        rows=sum(entry.rows for entry in entries.values()),
        revised=tuple(name for name, entry in entries.items() if entry.revision > 1),
        quarantined=_last(jobs, "silver").get("quarantined", 0),
        calls=sum(call.calls for call in calls),
        waited=sum(call.waited for call in calls),
        lateness=next(
            (job.at - due for job in jobs if job.job == "gold" and job.ok and job.market_date_from <= day), None
        ),
    )


def _last(jobs: list[Job], name: str) -> dict[str, int]:
    """What the last run of a job told."""
    return next((job.facts for job in reversed(jobs) if job.job == name and job.ok), {})


def _hours(span: dt.timedelta) -> str:
    minutes = max(0, round(span.total_seconds() / 60))
    return f"{minutes // 60}:{minutes % 60:02d} h"
