"""What a market day of a gold table is, in one letter: published, outdated, held back, and so on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from anthill.catalog import AssetClass
from anthill.coverage import states
from anthill.coverage.reader import Reader
from anthill.coverage.states import Due, State
from anthill.ledger.documents import GoldDays

_COLUMNS = "dataset, expectation, severity, observed, threshold, passed, message"


class GoldState(StrEnum):
    """The states, each with the letter that stands for it; what no table can have is as in bronze."""

    PUBLISHED = "P"
    OUTDATED = "O"
    HELD_BACK = "H"
    NOT_PUBLISHED = "N"
    LACKING = "B"
    WAITING = State.WAITING.value
    OFF = State.OFF.value


MEANING: dict[GoldState, str] = {
    GoldState.PUBLISHED: "published: the table has the day, checked, from the loads that silver holds",
    GoldState.OUTDATED: "outdated: the table has the day from earlier loads; what came since is not published",
    GoldState.HELD_BACK: "held back: the table lacks the day, since what it reads did not pass its checks",
    GoldState.NOT_PUBLISHED: "not published: bronze has all that the table reads, and no run has published the day",
    GoldState.LACKING: "bronze lacks what the table reads",
}
_TOLD = {
    "published": GoldState.PUBLISHED,
    "outdated": GoldState.OUTDATED,
    "held back": GoldState.HELD_BACK,
}


class GoldRow(msgspec.Struct, frozen=True):
    """One table: a letter for each day, and the datasets that it waits for."""

    table: str
    reads: tuple[str, ...]
    states: str


class GoldCell(msgspec.Struct, frozen=True):
    """All that is known of one table and market day; `query` shows what was checked of what it reads."""

    asset_class: str
    table: str
    market_date: dt.date
    state: str
    meaning: str
    why: str
    at: dt.datetime | None
    by: str
    reads: tuple[str, ...]
    query: str


def rows(
    reader: Reader,
    declared: AssetClass,
    days: Sequence[dt.date],
    market: Collection[dt.date],
    told: Mapping[str, Mapping[dt.date, State]],
    due: Due,
) -> tuple[GoldRow, ...]:
    """The tables of an asset class on some days; `told` is what the index tells of bronze."""
    known = reader.gold(declared.asset_class, declared.gold, {day.year for day in days})
    return tuple(_row(table, declared, each, days, market, told, due) for table, each in known.items())


def _row(
    table: str,
    declared: AssetClass,
    known: GoldDays,
    days: Iterable[dt.date],
    market: Collection[dt.date],
    told: Mapping[str, Mapping[dt.date, State]],
    due: Due,
) -> GoldRow:
    # Before any gold job has told what the table waits for, it may be anything that can be had for days gone by.
    reads = known.reads or tuple(declared.historical)
    edge = due[declared.deadline_after_close][0] or dt.date.min
    wanted = max(declared.start_date, declared.history_from or declared.start_date)
    published = declared.published

    def state(day: dt.date) -> GoldState:
        if day not in market or day < declared.start_date or (published and day not in published):
            return GoldState.OFF
        if found := known.days.get(day):
            return _TOLD[found.state]
        if day < wanted:
            return GoldState.OFF
        if day > edge:
            return GoldState.WAITING
        there = all((of := told.get(name, {}).get(day)) and of.there for name in reads)
        return GoldState.NOT_PUBLISHED if there else GoldState.LACKING

    return GoldRow(table, reads, "".join([state(day).value for day in days]))


def cell(reader: Reader, declared: AssetClass, table: str, day: dt.date, row: GoldRow) -> GoldCell:
    """One cell of the heat map, of which `row` has the letter."""
    known = reader.gold(declared.asset_class, [table], [day.year])[table].days.get(day)
    state = GoldState(row.states)
    return GoldCell(
        asset_class=declared.asset_class,
        table=table,
        market_date=day,
        state=state.value,
        meaning=MEANING.get(state) or states.MEANING[State(state.value)],
        why=known.why if known else "",
        at=known.at if known else None,
        by=known.run if known else "",
        reads=row.reads,
        query=checks_of(declared.asset_class, row.reads, day),
    )


def checks_of(asset_class: str, datasets: Iterable[str], day: dt.date) -> str:
    """The query that shows what was checked of datasets on a market day, wherever `make sql` or the SQL editor runs."""
    names = ", ".join(f"'{name}'" for name in datasets)
    where = f"asset_class = '{asset_class}' AND market_date = DATE'{day}' AND dataset IN ({names})"
    return f"SELECT {_COLUMNS} FROM quality.results WHERE {where} ORDER BY passed, dataset, expectation"  # noqa: S608 for a person
