"""How far bronze, silver and gold of an asset class have come, against what is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from anthill import calendars
from anthill.catalog import AssetClass
from anthill.coverage.reader import Reader
from anthill.coverage.states import Due, State
from anthill.ledger.documents import Job
from anthill.ledger.entry import Entry

_LOOK_BACK = 30  # market days; what is older than that is a gap, not freshness
_RESTATEMENTS = 8


class Stage(msgspec.Struct, frozen=True):
    """The last market day that a stage holds whole, how many due ones it lacks, and the run that told so."""

    name: str
    fresh_until: dt.date | None
    behind: int | None  # market days due and not there; None where it is more than anybody looked back
    lagging: tuple[str, ...] = ()  # datasets or tables that hold less than what is due
    at: dt.datetime | None = None
    run: str = ""
    page: str = ""
    ok: bool = True
    message: str = ""


class Quality(msgspec.Struct, frozen=True):
    """The last checks: what they were about and what came of them."""

    market_date_from: dt.date
    market_date_to: dt.date
    at: dt.datetime
    ok: bool
    checks: int
    warnings: int
    message: str
    run: str
    page: str


class Restatement(msgspec.Struct, frozen=True):
    """A market day of which the source gave other rows later."""

    dataset: str
    market_date: dt.date
    at: dt.datetime
    revision: int
    rows: int
    before: int | None


class Freshness(msgspec.Struct, frozen=True):
    """An asset class: the market day that is due, and how far each stage has come."""

    asset_class: str
    due: dt.date | None
    stages: tuple[Stage, ...]
    quality: Quality | None
    restatements: tuple[Restatement, ...]


def freshness(reader: Reader, declared: AssetClass, now: dt.datetime) -> Freshness:
    """Told from the index alone."""
    due = Due(declared, now)
    years = range((now - dt.timedelta(days=400)).year, now.year + 1)
    told = reader.told(declared.asset_class, declared.datasets, years)
    entries = reader.entries(declared.asset_class, {**declared.daily, **declared.historical}, years)
    jobs = reader.jobs(declared.asset_class, now - dt.timedelta(days=400))
    last = due[None][0]
    if last and declared.history_from and last < declared.history_from:
        last = None  # nothing is wanted yet
    return Freshness(
        declared.asset_class,
        last,
        (_bronze(declared, told, due, last), _silver(declared, jobs, last), _gold(declared, jobs, last)),
        _quality(jobs),
        _restatements(told, entries),
    )


def _bronze(declared: AssetClass, told: Mapping[str, Mapping[dt.date, State]], due: Due, last: dt.date | None) -> Stage:
    """The last day that all datasets have that can be had for days gone by; each is due at its own time."""
    days = _before(declared, last)
    newest: dict[str, dt.date | None] = {}
    for name, dataset in declared.historical.items():
        there = told[name]
        newest[name] = next((day for day in days if (state := there.get(day)) and state.there), None)
        edge = due[dataset.due_after_close][0]
        if last and edge and edge < last and newest[name] and newest[name] >= edge:  # type: ignore[operator]
            newest[name] = last  # nothing more of it is due
    lagging = tuple(name for name, day in newest.items() if last and (day is None or day < last))
    until = None if None in newest.values() else min(filter(None, newest.values()), default=None)
    return Stage("bronze", until, _behind(declared, until, last), lagging)


def _silver(declared: AssetClass, jobs: Mapping[str, Job], last: dt.date | None) -> Stage:
    return _stage("silver", declared, jobs, last, lambda job: job.market_date_to, lambda _: ())


def _gold(declared: AssetClass, jobs: Mapping[str, Job], last: dt.date | None) -> Stage:
    def fresh(job: Job) -> dt.date | None:
        days = job.facts.get("fresh_until", {}).values()
        return None if not days or None in days else dt.date.fromisoformat(min(days))

    def lagging(job: Job) -> tuple[str, ...]:
        tables = job.facts.get("fresh_until", {})
        return tuple(name for name, day in tables.items() if day is None or (last and day < str(last)))

    return _stage("gold", declared, jobs, last, fresh, lagging)


def _stage(name: str, declared: AssetClass, jobs: Mapping[str, Job], last: dt.date | None, fresh, lagging) -> Stage:  # type: ignore[no-untyped-def]
    runs = _of(jobs, name)
    if not runs:
        return Stage(name, None, None)
    good = [job for _, job in runs if job.ok]
    best = max((day for job in good if (day := fresh(job))), default=None)
    run, newest = runs[-1]
    return Stage(
        name,
        best,
        _behind(declared, best, last),
        lagging(good[-1]) if good else (),
        newest.at,
        run,
        newest.page,
        newest.ok,
        newest.message,
    )


def _of(jobs: Mapping[str, Job], name: str) -> list[tuple[str, Job]]:
    """The runs of a job, those about the newest market day last: a day of last year tells nothing of today."""
    runs = [(run, job) for run, job in jobs.items() if job.job == name]
    return sorted(runs, key=lambda known: (known[1].market_date_to, known[1].at))


def _quality(jobs: Mapping[str, Job]) -> Quality | None:
    """The last checks of the newest market day, and the reconciliation that came after them."""
    if not (checked := _of(jobs, "quality")):
        return None
    run, job = checked[-1]
    compared = [each for _, each in _of(jobs, "reconcile") if each.market_date_to == job.market_date_to]
    both = [job, *(each for each in compared[-1:] if each.at >= job.at)]
    said = [each.message or " | ".join(each.facts.get("first", ())) for each in both]
    return Quality(
        job.market_date_from,
        job.market_date_to,
        job.at,
        all(each.ok for each in both),
        sum(each.facts.get("checks", 0) for each in both),
        sum(each.facts.get("warnings", 0) for each in both),
        " | ".join(filter(None, said)),
        run,
        job.page,
    )


def _restatements(
    told: Mapping[str, Mapping[dt.date, State]], entries: Mapping[str, Mapping[str, Entry]]
) -> tuple[Restatement, ...]:
    found = [
        Restatement(name, day, entry.asof, entry.revision, entry.rows, _rows_before(entry))
        for name, known in entries.items()
        for day, state in told[name].items()
        if state is State.RESTATED and (entry := known.get(str(day), Entry())).asof
    ]
    return tuple(sorted(found, key=lambda each: each.at, reverse=True)[:_RESTATEMENTS])


def _rows_before(entry: Entry) -> int | None:
    """The rows before the last restatement, None where the index did not see them."""
    if any(part.revision > 1 and part.before is None for part in entry.parts):
        return None
    return sum(part.rows if part.before is None else part.before for part in entry.parts)


def _before(declared: AssetClass, last: dt.date | None) -> list[dt.date]:
    """The newest market days that are due, the newest first."""
    if last is None:
        return []
    first = max(calendars.shift(declared.calendar, last, -_LOOK_BACK), declared.start_date)
    return calendars.market_days(declared.calendar, first, last)[::-1]


def _behind(declared: AssetClass, until: dt.date | None, last: dt.date | None) -> int | None:
    if last is None or until is None:
        return None
    return len(calendars.market_days(declared.calendar, until + dt.timedelta(days=1), last))
