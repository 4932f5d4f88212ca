"""One dataset below a row of gold: its rows and load in silver, its checks, its objects in bronze, the runs between."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from anthill.bronze import commits
from anthill.dataset import Dataset
from anthill.lakehouse import statements
from anthill.lineage import evidence, objects
from anthill.lineage.evidence import Evidence, Run
from anthill.lineage.held import Held, Part, Record, moment
from anthill.lineage.objects import Object

_OF_A_CHECK = ("expectation", "severity", "passed", "observed", "threshold", "message", "checked_at", "compared_with")


class Below(msgspec.Struct, frozen=True):
    """A dataset that a row stands on; `problems` is what does not fit together, `hidden` why no rows are counted.

    `tickers` are those whose rows are counted, none where all rows are; `rows_read` counts all days that may have been
    read, from `first` to `last`.
    """

    table: str
    load: Record | None
    checks: list[Record]
    objects: list[Object]
    runs: list[Run]
    problems: list[str]
    tickers: list[str] = []
    rows: list[Record] = []
    rows_of_day: int = 0
    rows_read: int = 0
    first: str | None = None
    last: str | None = None
    hidden: str = ""


class Noted(msgspec.Struct, frozen=True):
    """What is known of a day of all datasets; `hidden` is why no rows could be counted."""

    loads: Mapping[Part, Record]
    results: Sequence[Record]
    runs: Mapping[str, Sequence[Run]]
    counts: Mapping[Part, Record]
    hidden: str = ""


def below(dataset: Dataset, held: Held, s3: Evidence, noted: Noted, tickers: Sequence[str]) -> Below:
    """All that is known of the dataset, and whether it fits together."""
    part = (dataset.asset_class, dataset.name)
    load = noted.loads.get(part)
    checks = [row for row in noted.results if (row["asset_class"], row["dataset"]) == part]
    counted = noted.counts.get(part, {"rows_of_day": 0, "rows_read": 0, "first": None, "last": None})
    named = held.told_apart(part, tickers)
    rows = held.silver(part, tickers) if named and counted["rows_of_day"] else []
    found = _objects(dataset, held, s3, load)
    others = _others(dataset, held, s3, rows, found)
    return Below(
        table=statements.table("silver", *part),
        load=load,
        checks=[{name: row[name] for name in _OF_A_CHECK} for row in checks],
        objects=[*found, *others],
        runs=list(_runs(dataset, noted.runs[dataset.asset_class], load, checks)),
        problems=[
            *_wrong(dataset, load, checks, found),
            *(f"{each.uri} {each.broken}" for each in others if each.broken),
        ],
        tickers=named,
        rows=rows,
        hidden=noted.hidden,
        **counted,
    )


def _objects(dataset: Dataset, held: Held, s3: Evidence, load: Record | None) -> list[Object]:
    """What the load read."""
    revisions = json.loads(load["revisions"]) if load else {}
    return s3.objects(dataset.asset_class, dataset.name, held.day, revisions) if revisions else []


def _others(dataset: Dataset, held: Held, s3: Evidence, rows: Sequence[Record], found: list[Object]) -> list[Object]:
    """Where rows come from that the newest answer has not, and silver keeps."""
    known = {each.uri for each in found}
    places = {commits.parse(urlsplit(row["source_uri"]).path[1:]) for row in rows if row["source_uri"] not in known}
    return [
        each
        for place, revision in sorted(places, key=str)
        for each in s3.objects(dataset.asset_class, dataset.name, held.day, {place.shard: revision})
    ]


def _runs(dataset: Dataset, runs: Sequence[Run], load: Record | None, checks: Sequence[Record]) -> Iterator[Run]:
    """The runs of Databricks that loaded and checked the day."""
    if load is None:
        return
    day = dt.date.fromisoformat(load["market_date"])
    took = [run for run in runs if run.took(day, dataset.name)]
    checked = [row["checked_at"] for row in checks if row["compared_with"] is None]
    compared = [row["checked_at"] for row in checks if row["compared_with"] is not None]
    done = {"silver": [load["loaded_at"]], "quality": checked, "reconcile": compared}
    for job, moments in done.items():
        if moments and (run := evidence.after(took, job, moment(max(moments)))):
            yield run


def _wrong(dataset: Dataset, load: Record | None, checks: Sequence[Record], found: list[Object]) -> Iterator[str]:
    """What does not fit together."""
    name = f"{dataset.asset_class}.{dataset.name}"
    yield from (f"{each.uri} {each.broken}" for each in found if each.broken)
    if load is None:
        return
    if not any(each.broken for each in found) and objects.of_day(found) != load["sha256"]:
        yield f"{name}: silver was loaded from other bytes ({load['sha256']}) than bronze has in these revisions"
    if any((row["sha256"], row["logic"]) != (load["sha256"], load["logic"]) for row in checks if row["judged_by"]):
        yield f"{name}: the checks are about another load than silver holds: run the quality job for the day"
    if not checks:
        yield f"{name}: nobody has checked the load: run the quality job for the day"
