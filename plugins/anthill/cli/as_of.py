"""`anthill as-of`: silver and gold as they were known at a moment, through the DAG that rebuilds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from anthill.cli.backfill import Wait, Yes
from anthill.cli.runs import result, start
from anthill.cli.session import Session, fail, session_of

if TYPE_CHECKING:
    from rich.table import Table

_DAG = "market_as_of"


def as_of(
    context: typer.Context,
    time: Annotated[str, typer.Argument(help="The moment with its time zone, such as 2024-05-28T12:00:00Z.")] = "",
    asset_classes: Annotated[list[str] | None, typer.Argument(help="Asset classes to rebuild, such as stocks.")] = None,
    show: Annotated[bool, typer.Option("--list", help="Show every rebuild that is there.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Drop the rebuild of this moment, with its tables.")] = False,
    yes: Yes = False,
    wait: Wait = True,
) -> None:
    """Rebuild silver and gold as they were known at a moment.

    Into schemas of their own (asof_20240528t120000z_gold), from what bronze held then; says which days are not in
    them. Repeated, it goes on where it was.

    Examples: anthill as-of 2024-05-28T12:00:00Z stocks
    and anthill as-of --list
    and anthill as-of 2024-05-28T12:00:00Z --drop
    """
    from anthill import moments

    session = session_of(context)
    if show:
        if time or drop:
            raise typer.BadParameter("--list shows all rebuilds: give it alone")
        _show(session)
        return
    try:
        moment = moments.text(moments.parse(time))
    except moments.MomentError as error:
        raise typer.BadParameter(str(error)) from None
    if drop:
        if asset_classes:
            raise typer.BadParameter("--drop drops a whole rebuild: leave out the asset classes")
        _drop(session, moment, yes=yes)
        return
    if not asset_classes:
        raise typer.BadParameter("name the asset classes to rebuild, as stocks")
    form = {"as_of": moment, "asset_classes": asset_classes, "action": "rebuild"}
    said: list[str] = []
    run = start(session, _DAG, form, wait_for_it=wait, said=said)
    if not wait:
        session.answer(run)
        return
    rebuilt = result(session, _DAG, run["run"], "report")
    for line in rebuilt["lines"]:
        if line not in said:
            session.say(line)
    session.say(f"Read it in {', '.join(rebuilt['schemas'])}")
    session.answer(rebuilt)


def _show(session: Session) -> None:
    run = start(session, _DAG, {"action": "list"}, wait_for_it=True)
    rebuilds = result(session, _DAG, run["run"], "report")["rebuilds"]
    if rebuilds and not session.as_json:
        session.out.print(_table(rebuilds))
    if not rebuilds:
        session.say("There is no rebuild.")
    session.answer(rebuilds)


def _drop(session: Session, moment: str, *, yes: bool) -> None:
    if not yes:
        if session.as_json:
            fail("--drop needs --yes where nobody can be asked")
        typer.confirm(f"Drop silver, quality and gold as of {moment} with all their tables?", abort=True)
    run = start(session, _DAG, {"as_of": moment, "action": "drop"}, wait_for_it=True, said=[])
    dropped = result(session, _DAG, run["run"], "report")
    session.say(f"Dropped {', '.join(dropped['dropped'])}")
    session.answer(dropped)


def _table(rebuilds: list[dict[str, Any]]) -> Table:
    from rich.table import Table

    table = Table("as of", "gold", "tables", "made", box=None)
    for each in rebuilds:
        table.add_row(each["as_of"], each["schema"], f"{len(each['tables']):,}", each["made"] or "")
    return table
