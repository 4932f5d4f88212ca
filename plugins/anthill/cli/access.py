"""`anthill access`: who may read what, as it is declared."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from anthill.cli.session import fail, session_of

if TYPE_CHECKING:
    from rich.table import Table

    from anthill.governance.readers import Reader


def access(
    context: typer.Context,
    about: Annotated[
        str, typer.Argument(help="A table (gold.stocks_news), a schema, or a principal; all of them without it.")
    ] = "",
    catalog: Annotated[str, typer.Option(envvar="ANTHILL_CATALOG", help="The environment's catalog.")] = "dev",
) -> None:
    """Say who may read what, by the declarations; needs no platform.

    Grants with what is inherited from the schema, what policies leave of a table, and recipients of shares with their
    last day. What is held in the catalog beside that stands in the plan of the DAG governance. The principal that the
    jobs run as owns all tables and reads all.

    Examples: anthill access gold.stocks_daily_prices
    and anthill access analysts
    """
    import msgspec

    from anthill.governance import declared_tables, entries, grants, readers, share
    from anthill.nearest import asked

    session = session_of(context)
    securables = grants.load(grants.areas(), catalog)
    declared_tables.check(securables)
    tables = declared_tables.names()
    today = dt.datetime.now(dt.UTC).date()
    found = readers.of(tables, securables, entries.load(catalog), share.load(), catalog, today)
    known = {*tables, *(name.partition(".")[0] for name in tables), *(each.who for each in found)}
    if about and about not in known:
        fail(f"{about!r} is no declared table, schema or principal{asked(about, sorted(known))}")
    shown = [each for each in found if about in ("", each.table, each.table.partition(".")[0], each.who)]
    if shown and not session.as_json:
        session.out.print(_table(shown))
    elif not shown:
        session.say(f"Nobody is declared to read {about}.")
    session.answer(msgspec.to_builtins(shown))


def _table(found: list[Reader]) -> Table:
    from rich.table import Column, Table

    from anthill.include import include_dir

    columns = (Column(name, overflow="fold") for name in ("table", "who", "sees", "until", "declared"))
    table, above = Table(*columns, box=None), f"{include_dir().parent}/"
    for each in found:
        table.add_row(each.table, each.who, each.sees, str(each.until or ""), each.by.replace(above, ""))
    return table
