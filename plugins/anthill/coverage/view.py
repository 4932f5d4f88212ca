"""What people ask of the index: the heat map, one cell of it, and a dataset's rows over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from anthill import calendars, closures, intervals
from anthill.catalog import AssetClass
from anthill.coverage import gold
from anthill.coverage.gold import GoldCell, GoldRow
from anthill.coverage.reader import Reader
from anthill.coverage.states import MEANING, Due, State, row
from anthill.dataset import Dataset
from anthill.ledger.entry import Entry, together


class Row(msgspec.Struct, frozen=True):
    """One dataset: a letter for each day; `fillable` where its days gone by can be had."""

    dataset: str
    description: str
    fillable: bool
    states: str


class Group(msgspec.Struct, frozen=True):
    """The datasets of one asset class, and its tables of gold."""

    asset_class: str
    description: str
    calendar: str
    rows: tuple[Row, ...]
    gold: tuple[GoldRow, ...]


class HeatMap(msgspec.Struct, frozen=True):
    """Every dataset on every day that is a market day of any of them."""

    now: dt.datetime
    days: tuple[dt.date, ...]
    groups: tuple[Group, ...]
    meaning: dict[str, str]


class Run(msgspec.Struct, frozen=True):
    """A task's try, as the index names it; `map_index` where the task is mapped."""

    dag: str
    run: str
    task: str
    map_index: int | None = None


class Object(msgspec.Struct, frozen=True):
    """One object of bronze."""

    uri: str
    shard: str
    revision: int
    rows: int
    pages: int
    size: int


class Cell(msgspec.Struct, frozen=True):
    """All that is known of one dataset and market day; moments in UTC, ages in seconds."""

    asset_class: str
    dataset: str
    market_date: dt.date
    state: str
    meaning: str
    due: dt.datetime | None
    rows: int
    pages: int
    revision: int
    landed_at: dt.datetime | None
    confirmed_at: dt.datetime | None  # since when the source was not asked again
    age: float | None
    rows_before: int | None
    objects: tuple[Object, ...]
    landed_by: Run | None
    asked_at: dt.datetime | None
    asked_by: Run | None
    outcome: str
    reason: str
    by_plan: bool
    by_key: bool
    query: str
    jobs: tuple[dict[str, Any], ...]


def heat_map(reader: Reader, classes: Iterable[AssetClass], first: dt.date, last: dt.date, now: dt.datetime) -> HeatMap:
    """The states from first to last."""
    classes = list(classes)
    market = {each.calendar: calendars.market_days(each.calendar, first, last) for each in classes}
    closed = {day for each in classes for day in closures.of(each.calendar) if first <= day <= last}
    days = tuple(sorted(closed.union(*market.values())))
    groups = tuple(_group(reader, each, days, market[each.calendar], now) for each in classes)
    meaning = {state.value: said for state, said in (*MEANING.items(), *gold.MEANING.items())}
    return HeatMap(now, days, groups, meaning)


def _group(
    reader: Reader, declared: AssetClass, days: Sequence[dt.date], market: Sequence[dt.date], now: dt.datetime
) -> Group:
    years = range(days[0].year, days[-1].year + 1) if days else ()
    told = reader.told(declared.asset_class, declared.datasets, years)
    due, market_days = Due(declared, now), frozenset(market)
    rows = tuple(
        Row(name, each.description, name in declared.historical, row(each, days, market_days, told[name], due))
        for name, each in declared.datasets.items()
    )
    tables = gold.rows(reader, declared, days, market_days, told, due)
    return Group(declared.asset_class, declared.description, declared.calendar, rows, tables)


def cell(reader: Reader, declared: AssetClass, dataset: Dataset, day: dt.date, now: dt.datetime) -> Cell:
    """One cell of the heat map."""
    name, asked = dataset.name, {dataset.name: dataset}
    entries = _of_day(reader.entries(declared.asset_class, asked, [day.year])[name], day)
    entry = together(entries.values())
    told = reader.told(declared.asset_class, asked, [day.year])[name]
    market_days = frozenset(calendars.market_days(declared.calendar, day, day))
    state = State(row(dataset, [day], market_days, told, Due(declared, now)))
    attempt = entry.attempt
    newest = max(entry.parts, key=lambda part: part.asof, default=None)
    jobs = _jobs(reader, declared.asset_class, dataset.name, day) if entry.parts else ()
    return Cell(
        asset_class=declared.asset_class,
        dataset=dataset.name,
        market_date=day,
        state=state.value,
        meaning=_meaning(declared, day, state),
        due=_due(declared, dataset, day) if market_days else None,
        rows=entry.rows,
        pages=entry.pages,
        revision=entry.revision,
        landed_at=entry.asof,
        confirmed_at=entry.confirmed,
        age=(now - entry.asof).total_seconds() if entry.asof else None,
        rows_before=newest.before if newest and len(entry.parts) == 1 else None,
        objects=_objects(reader, dataset, entries),
        landed_by=run_of(newest.run) if newest else None,
        asked_at=attempt.at if attempt else None,
        asked_by=run_of(attempt.run) if attempt else None,
        outcome=attempt.outcome if attempt else "",
        reason=attempt.reason if attempt else "",
        by_plan=bool(attempt and attempt.by_plan),
        by_key=bool(attempt and attempt.by_key),
        query=gold.checks_of(declared.asset_class, [dataset.name], day),
        jobs=jobs,
    )


def gold_cell(reader: Reader, declared: AssetClass, table: str, day: dt.date, now: dt.datetime) -> GoldCell:
    """One cell of a gold table."""
    told = reader.told(declared.asset_class, declared.datasets, [day.year])
    market_days = frozenset(calendars.market_days(declared.calendar, day, day))
    found = gold.rows(reader, declared, [day], market_days, told, Due(declared, now))
    (row,) = [each for each in found if each.table == table]
    return gold.cell(reader, declared, table, day, row)


def _meaning(declared: AssetClass, day: dt.date, state: State) -> str:
    why = closures.of(declared.calendar).get(day) if state is State.CLOSED else None
    return f"{MEANING[state]}: {why}" if why else MEANING[state]


def _jobs(reader: Reader, asset_class: str, dataset: str, day: dt.date) -> tuple[dict[str, Any], ...]:
    """The last Databricks run of each kind that took the day; one of silver names the datasets that it loaded."""
    found: dict[str, dict[str, Any]] = {}
    for run, job in reader.jobs(asset_class, dt.datetime(day.year, 1, 1, tzinfo=dt.UTC)).items():
        took = job.market_date_from <= day <= job.market_date_to
        if took and dataset in job.facts.get("datasets", [dataset]):
            found[job.job] = {"job": job.job, "at": job.at, "ok": job.ok, "page": job.page, "run": run_of(run)}
    return tuple(found.values())


def series(entries: Mapping[str, Entry], first: dt.date, last: dt.date) -> list[dict[str, Any]]:
    """What is known of each interval of the days from first to last: rows, and why there are none."""
    return [
        {
            "day": at,
            "rows": entry.rows if entry.parts else None,
            "revision": entry.revision,
            "reason": entry.attempt.reason if entry.attempt else "",
        }
        for at, entry in sorted(entries.items())
        if first <= intervals.day_of(at) <= last
    ]


def run_of(text: str) -> Run | None:
    """The task's try that the index names: dag/run/task[/map index]/attempt; None for anything else."""
    match text.split("/"):
        case [dag, run, task, _]:
            return Run(dag, run, task)
        case [dag, run, task, index, _] if index.isdigit():
            return Run(dag, run, task, int(index))
    return None


def _of_day(entries: Mapping[str, Entry], day: dt.date) -> dict[str, Entry]:
    """What is known of the intervals of a day."""
    return {at: entry for at, entry in entries.items() if intervals.day_of(at) == day}


def _objects(reader: Reader, dataset: Dataset, entries: Mapping[str, Entry]) -> tuple[Object, ...]:
    return tuple(
        Object(f"s3://{reader.bucket_of(dataset)}/{key}", part.shard, part.revision, part.rows, part.pages, part.size)
        for at, entry in entries.items()
        for key, part in zip(entry.keys(dataset, at), entry.parts, strict=True)
    )


def _due(declared: AssetClass, dataset: Dataset, day: dt.date) -> dt.datetime:
    wait = dt.timedelta() if dataset.every else dataset.due_after_close or declared.due_after_close
    return calendars.session_close(declared.calendar, day) + wait
