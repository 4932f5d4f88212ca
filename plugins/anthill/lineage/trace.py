"""A trace: from a row of gold down to the bytes that the source gave, with every step checked against the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from anthill import catalog, corrections
from anthill.include import include_dir
from anthill.lakehouse import snapshot, statements
from anthill.lakehouse.logic import Logic
from anthill.lineage import evidence
from anthill.lineage.below import Below, Noted, below
from anthill.lineage.evidence import Evidence, Run
from anthill.lineage.held import Held, Part, Record, moment
from anthill.lineage.question import Question, TraceError
from anthill.lineage.sources import Sources
from anthill.warehouse.errors import QueryError
from anthill.warehouse.warehouse import Warehouse

_AT_ONCE = 16
_AND = "+"  # in quality.published.loads, between the loads that a day waited for and the others


class Sql(msgspec.Struct, frozen=True):
    """What computed a day of a table: its file, and the digest of what it said then; `is_here` where it says it now."""

    table: str
    file: str
    logic: str
    is_here: bool
    computed_at: str


class Trace(msgspec.Struct, frozen=True):
    """Where a row of gold comes from; `problems` is all that does not fit together, `warehouse` who was asked."""

    table: str
    ticker: str
    market_date: dt.date
    rows: list[Record]
    row_count: int
    sql: Sql
    run: Run | None
    through: list[Sql]
    below: list[Below]
    corrections: list[Record]
    problems: list[str]
    warehouse: str

    def without_values(self) -> Trace:
        """The same for who has not shown that they may read the tables: how many rows there are, and none of them."""
        below = [msgspec.structs.replace(each, rows=[]) for each in self.below]
        return msgspec.structs.replace(self, rows=[], below=below)


def trace(warehouse: Warehouse, s3: Evidence, question: Question) -> Trace:
    """The trace of a question; TraceError where there is no such row, QueryError where the warehouse cannot say."""
    held, sources = Held(warehouse, question), Sources(question.declared, question.name)
    own = question.declared.asset_class
    classes = sorted({own, *(asset_class for asset_class, _ in sources.back)})
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = pool.submit(held.published, [question.name, *(each.name for each in sources.through)])
        rows_of, loads_of = pool.submit(held.rows), pool.submit(held.loads)
        results, called = pool.submit(held.results), pool.submit(held.tickers)
        published = asked.result()
        if question.name not in published:
            raise TraceError(f"gold has nothing of {question.table}: run the gold job for {question.day}")
        rows, count = rows_of.result()
        if not rows:
            raise held.why_none()
        ever = loads_of.result()
        loads = {part: load for part, load in ever.items() if load}
        since = _earliest(published.values(), (load for part, load in loads.items() if part in sources.back))
        runs_of = {each: pool.submit(s3.runs, each, since) for each in classes}
        tickers = called.result()
        counts, hidden = _counted(held, sources, ever, tickers)
        runs = {each: found.result() for each, found in runs_of.items()}
        noted = Noted(loads, results.result(), runs, counts, hidden)
        parts = list(
            pool.map(
                lambda part: below(catalog.load(part[0]).datasets[part[1]], held, s3, noted, tickers),
                sorted(sources.back),
            )
        )
    mine = published[question.name]
    return Trace(
        table=question.table,
        ticker=question.ticker,
        market_date=question.day,
        rows=rows,
        row_count=count,
        sql=_sql(sources.logic, mine),
        run=evidence.after((run for run in runs[own] if run.ok), "gold", moment(mine["computed_at"])),
        through=[_sql(each, published[each.name]) for each in sources.through if each.name in published],
        below=parts,
        corrections=list(_corrections(question, sources, tickers)),
        problems=[*_stale(question, sources, mine, loads), *(each for part in parts for each in part.problems)],
        warehouse=str(warehouse),
    )


def _counted(
    held: Held, sources: Sources, loaded: Collection[Part], tickers: Sequence[str]
) -> tuple[dict[Part, Record], str]:
    """The rows of silver; none, and why, for analysts, who read gold alone."""
    try:
        return held.counts({part: back for part, back in sources.back.items() if part in loaded}, tickers), ""
    except QueryError as error:
        return {}, str(error)


def _earliest(published: Iterable[Record], *loads: Iterable[Record]) -> dt.datetime:
    """Since when runs matter."""
    moments = [row["computed_at"] for row in published] + [load["loaded_at"] for each in loads for load in each]
    return moment(min(moments))


def _sql(logic: Logic, row: Record) -> Sql:
    table = statements.table("gold", logic.declared.asset_class, logic.name)
    file = logic.file.relative_to(include_dir().parent)
    return Sql(table, str(file), row["logic"], row["logic"] == logic.digest, row["computed_at"])


def _stale(question: Question, sources: Sources, mine: Record, loads: Mapping[Part, Record]) -> Iterator[str]:
    """Whether gold was computed from the loads that silver holds."""
    stands_on = (mine["loads"] or "").partition(_AND)[0]
    own = question.declared.asset_class
    waited_for = {name: loads[own, name] for name in sources.waited_for if (own, name) in loads}
    if stands_on and mine["market_date"] == str(question.day) and stands_on != snapshot.digest(waited_for):
        yield (
            f"{question.table} of {question.day} was computed from other loads than silver holds now: it waits for "
            f"their checks, or for the next gold job"
        )


def _corrections(question: Question, sources: Sources, tickers: Sequence[str]) -> Iterator[Record]:
    """What operators have declared of these tickers, where the SQL reads it."""
    known = corrections.of(question.declared.asset_class)
    for view in sorted(sources.corrections):
        for each in getattr(known, view.removeprefix("corrected_")):
            if each.ticker in tickers:
                yield {"of": view.removeprefix("corrected_"), **msgspec.to_builtins(each)}
