"""A trace in lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from anthill.coverage.view import run_of
from anthill.lineage.below import Below
from anthill.lineage.evidence import Run
from anthill.lineage.objects import Object
from anthill.lineage.trace import Sql, Trace


def lines(trace: Trace) -> Iterator[str]:
    """From the row down to the source."""
    yield f"{trace.table} {trace.ticker} {trace.market_date}".replace("  ", " ")
    yield from (f"  {_record(row)}" for row in trace.rows)
    if trace.row_count > len(trace.rows):
        yield f"  and {trace.row_count - len(trace.rows):,} rows more"
    yield f"  {_sql(trace.sql)}"
    if trace.run:
        yield f"  {_run(trace.run)}"
    if trace.through:
        yield f"  through {', '.join(each.table for each in trace.through)}"
    yield from (f"  {_sql(each)}" for each in trace.through if not each.is_here)
    for each in trace.corrections:
        yield f"  corrected: {_record(each)}"
    for part in trace.below:
        yield from _below(part)


def _below(part: Below) -> Iterator[str]:
    of = f" of {', '.join(part.tickers)}" if part.tickers else ""
    yield f"{part.table}"
    if part.hidden:
        yield f"  rows not counted: {part.hidden}"
    elif part.rows_read:
        may_count = f"{part.rows_read:,} from {part.first} to {part.last} may count"
        yield f"  {part.rows_of_day:,} rows{of} on the day; {may_count}"
    else:
        yield f"  no row{of}"
    yield from (f"  {_record(row)}" for row in part.rows)
    if load := part.load:
        counts = {"bronze_rows": "rows of bronze", "silver_rows": "typed", "duplicates": "doubled"}
        counts |= {"quarantined": "set aside"}
        yield f"  loaded {load['loaded_at']}: {', '.join(f'{load[name]:,} {what}' for name, what in counts.items())}"
    yield from (f"  {line}" for each in part.objects for line in _object(each))
    yield from (f"  {_run(each)}" for each in part.runs)
    if part.checks:
        broken = [each for each in part.checks if not each["passed"]]
        yield f"  checks: {len(part.checks) - len(broken)} passed, {len(broken)} broken"
        yield from (f"    {each['severity']}: {each['message']}" for each in broken)


def _object(each: Object) -> Iterator[str]:
    digest = f"NOT WHOLE: {each.broken}" if each.broken else f"sha256 {each.sha256}, read and the same"
    yield f"{each.uri}, revision {each.revision}, {digest}"
    run = run_of(each.run)
    landed = f", landed by {run.dag} {run.task} {run.run}" if run else ""
    answered = f" answered {each.asof:%Y-%m-%d %H:%M:%S} UTC with {each.rows:,} rows" if each.asof else ""
    yield f"  {each.call}{answered}{landed}"


def _run(each: Run) -> str:
    started = run_of(each.task)
    by = f", started by {started.dag} {started.task} {started.run}" if started else ""
    ended = f"{'ended' if each.ok else 'failed'} {each.at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{each.job} job {ended}: {each.page or 'no page'}{by}"


def _sql(each: Sql) -> str:
    same = "the same as here" if each.is_here else "NOT the SQL that is here now"
    return f"{each.file}, sha256 {each.logic}, {same}; computed {each.computed_at}"


def _record(row: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if value is not None)
