"""`anthill export`: a table of the lake as a file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from anthill.cli.session import in_order, session_of

_FORMS = ("parquet", "csv", "xlsx", "json")


def export(
    context: typer.Context,
    table: Annotated[str, typer.Argument(help="Such as gold.stocks_daily_prices; a view as well.")],
    first: Annotated[
        dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First market day; the table's first.")
    ] = None,
    last: Annotated[
        dt.datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last market day; the table's last.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="parquet, csv, xlsx or json; by --out's ending.")] = "",
    out: Annotated[str, typer.Option(help="A file or s3://bucket/key; <table>.<format> here.")] = "",
    columns: Annotated[str, typer.Option(help="Columns, separated by commas; all without it.")] = "",
    catalog: Annotated[str, typer.Option(envvar="ANTHILL_CATALOG", help="The environment's catalog.")] = "dev",
    gaps: Annotated[bool, typer.Option(help="Take the days that are there where some are not.")] = False,
) -> None:
    """Write a table into a file.

    Of any size, in bounded memory, with your own rights: DATABRICKS_HOST, DATABRICKS_WAREHOUSE_ID and DATABRICKS_TOKEN
    say whom to ask. Under its name the file is whole or not there.

    Example: anthill export gold.stocks_daily_prices --from 2026-06-01 --to 2026-06-30 --format parquet
    """
    from anthill.export import table as tables
    from anthill.export.errors import ExportError
    from anthill.warehouse import environment
    from anthill.warehouse.errors import QueryError

    form = form or Path(out).suffix.removeprefix(".") or "parquet"
    if form not in _FORMS:
        raise typer.BadParameter(f"no format {form!r}; there are {', '.join(_FORMS)}")
    in_order(first, last)
    session = session_of(context)
    warehouse = environment.warehouse(catalog)
    named = tuple(name.strip() for name in columns.split(",") if name.strip())
    question = tables.checked(warehouse, table, first and first.date(), last and last.date(), named)
    target = out or f"{question.table.rpartition('.')[2]}.{form}"
    notes: list[str] = []
    if not gaps and question.first and question.last:
        try:
            lacking = tables.missing(warehouse, question)
        except QueryError as error:
            lacking, notes = "", [f"whether all these days are there could not be checked: {error}"]
        if lacking:
            raise ExportError(f"{lacking}. --gaps exports the days that are there")
    done = tables.export(warehouse, question, form, target)
    session.say(f"{target}: {done.rows:,} rows of {question.table}")
    for note in (notes := [*notes, *done.notes]):
        session.say(f"  {note}")
    session.answer({"out": target, "rows": done.rows, "table": question.table, "notes": notes})
