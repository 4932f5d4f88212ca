"""How the market days of gold's tables stand, told to the index by the tasks that load silver and compute gold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from anthill import calendars
from anthill.catalog import AssetClass
from anthill.ledger.documents import Documents, GoldDay, GoldDays, gold_key

_Days = Mapping[dt.date, GoldDay]


def hear(documents: Documents, declared: AssetClass, run: str, job: str, result: Mapping[str, Any]) -> None:
    """Tell what the result of a job says of gold's days."""
    match job:
        case "gold":
            record(documents, declared, run, result.get("standing", {}))
        case "silver":
            datasets = result.get("datasets", {})
            outdate(documents, declared, run, {name: each.get("loaded_on", ()) for name, each in datasets.items()})


def record(documents: Documents, declared: AssetClass, run: str, standing: Mapping[str, Any]) -> None:
    """Tell what a gold job came to: of each table what it waits for, and its days (`lakehouse/standing.py`)."""
    now = dt.datetime.now(dt.UTC)
    for table, told in standing.items():
        days = {day: GoldDay("published", now, run) for day in _days(declared, told["published"])}
        for held in told["held_back"]:
            state: Any = "outdated" if held["outdated"] else "held back"
            days |= {day: GoldDay(state, now, run, held["why"]) for day in _days(declared, held["days"])}
        for key, some in _by_document(declared.asset_class, table, days).items():
            documents.update(key, GoldDays, partial(_with, reads=tuple(told["reads"]), told=some))


def outdate(documents: Documents, declared: AssetClass, run: str, loaded: Mapping[str, Iterable[str]]) -> None:
    """Tell that silver has other rows of some days of datasets: what gold published of them is of earlier loads."""
    now = dt.datetime.now(dt.UTC)
    days = {name: _days(declared, spans) for name, spans in loaded.items()}
    keys = {
        gold_key(declared.asset_class, table, day.year)
        for table in declared.gold
        for day in set().union(*days.values())
    }
    for key in sorted(keys):
        documents.update(key, GoldDays, partial(_outdated, loaded=days, now=now, run=run))


def _days(declared: AssetClass, texts: Iterable[str]) -> set[dt.date]:
    found: set[dt.date] = set()
    for text in texts:
        first, _, last = text.partition("/")
        ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
        found |= {*calendars.market_days(declared.calendar, *ends)}
    return found


def _by_document(asset_class: str, table: str, days: _Days) -> dict[str, dict[dt.date, GoldDay]]:
    found: dict[str, dict[dt.date, GoldDay]] = {}
    for day, told in days.items():
        found.setdefault(gold_key(asset_class, table, day.year), {})[day] = told
    return found


def _with(there: GoldDays, reads: Sequence[str], told: _Days) -> GoldDays:
    newest = {day: each for day, each in told.items() if day not in there.days or there.days[day].at <= each.at}
    days = {**there.days, **newest}
    return GoldDays(tuple(reads), {day: days[day] for day in sorted(days)})


def _outdated(there: GoldDays, loaded: Mapping[str, set[dt.date]], now: dt.datetime, run: str) -> GoldDays:
    def after(day: dt.date, known: GoldDay) -> GoldDay:
        names = [name for name in there.reads if day in loaded.get(name, ())]
        if known.state != "published" or not names:
            return known
        return GoldDay("outdated", now, run, f"{', '.join(names)}: loaded since, and not published yet")

    return GoldDays(there.reads, {day: after(day, known) for day, known in there.days.items()})
