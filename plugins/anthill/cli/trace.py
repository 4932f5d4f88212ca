"""`anthill trace`: where a number of gold comes from."""

from __future__ import annotations

from typing import Annotated

import typer

from anthill.cli.session import session_of


def trace(
    context: typer.Context,
    table: Annotated[str, typer.Argument(help="A table of gold, such as gold.stocks_daily_returns.")],
    about: Annotated[str, typer.Argument(help="What the row is about, such as AAPL; the day where it is the market.")],
    day: Annotated[str, typer.Argument(help="Market day, YYYY-MM-DD.")] = "",
    catalog: Annotated[str, typer.Option(envvar="ANTHILL_CATALOG", help="The environment's catalog.")] = "dev",
) -> None:
    """Say where a number of gold comes from.

    Its SQL, the rows of silver below it, the objects of bronze with the call that they answer, the runs between, the
    checks it passed. Reads each object again and compares its digest; ends with 1 where anything does not fit. With
    your own rights: DATABRICKS_HOST, DATABRICKS_WAREHOUSE_ID and DATABRICKS_TOKEN say whom to ask.

    Examples: anthill trace gold.stocks_daily_returns AAPL 2020-08-31
    and anthill trace gold.stocks_market_summary 2020-08-31
    """
    import msgspec

    from anthill.cli.traced import lines
    from anthill.lineage.question import ask
    from anthill.lineage.trace import trace as follow
    from anthill.warehouse import environment

    session = session_of(context)
    question = ask(table, about, day)
    warehouse = environment.warehouse(catalog)
    session.say(f"Asking the warehouse {warehouse}; one that is stopped takes a while to start.")
    found = follow(warehouse, session.evidence, question)
    for line in lines(found):
        session.say(line)
    session.say_well(
        not found.problems,
        "; ".join(found.problems) or "Every digest is that of the bytes in bronze, and all fits together",
    )
    session.answer(msgspec.to_builtins(found))
    if found.problems:
        raise typer.Exit(1)
