"""`anthill backfill` and `anthill land`: market days fetched through the DAG of bulk backfills."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anthill.cli.coverage import From, To, gaps_of, heat_of
from anthill.cli.runs import start
from anthill.cli.session import Session, in_order, session_of

if TYPE_CHECKING:
    from rich.table import Table

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Wait = Annotated[bool, typer.Option(help="Wait for the end; a failure ends the command with 1.")]
BeginAt = Annotated[
    str,
    typer.Option(
        help="bronze asks the source, silver loads what bronze holds, gold checks and computes what silver holds."
    ),
]
Again = Annotated[bool, typer.Option(help="Fetch landed days too; other answers become revisions.")]


def backfill(
    context: typer.Context,
    asset_class: Annotated[str, typer.Argument(help="An asset class, such as stocks.")],
    first: From = None,
    last: To = None,
    dataset: Annotated[list[str] | None, typer.Option(help="Only this dataset; may be given again.")] = None,
    gaps: Annotated[bool, typer.Option(help="Exactly the gaps that `anthill gaps` lists.")] = False,
    again: Again = False,
    begin_at: BeginAt = "bronze",
    yes: Yes = False,
    wait: Wait = True,
) -> None:
    """Fetch market days of the past.

    Shows the calls and minutes first, then starts the DAG market_backfill. What silver or gold lacks of days that are
    landed is filled without a call: with `--begin-at silver`, or `--begin-at gold` where only checks and gold are due.

    Examples: anthill backfill stocks --from 2026-06-01 --to 2026-06-30
    and anthill backfill stocks --gaps --from 2026-01-01
    """
    session = session_of(context)
    in_order(first, last)
    if gaps:
        form = _gaps_form(session, asset_class, first, last, dataset)
    elif first and last:
        span = {"market_date_from": str(first.date()), "market_date_to": str(last.date())}
        form = {"asset_class": asset_class, "datasets": dataset, **span}
    else:
        raise typer.BadParameter("give --from and --to, or --gaps")
    if gaps and not form["only"]:
        session.say("No gaps.")
        session.answer(None)
        return
    _run(
        session,
        {**form, "again": again, **({} if begin_at == "bronze" else {"begin_at": begin_at})},
        yes=yes,
        wait=wait,
    )


def land(
    context: typer.Context,
    dataset: Annotated[str, typer.Argument(help="A dataset, such as stocks.grouped_daily.")],
    market_day: Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], help="The market day.")],
    again: Again = True,
    wait: Wait = True,
) -> None:
    """Land one dataset and market day.

    It goes on to silver, quality and gold. What the source refuses is told with the URL that was asked.

    Example: anthill land stocks.grouped_daily 2026-06-30
    """
    session = session_of(context)
    asset_class, _, name = dataset.partition(".")
    if not name:
        raise typer.BadParameter(f"{dataset!r} is no dataset, write <asset class>.<dataset>, as stocks.grouped_daily")
    form = {"asset_class": asset_class, "only": {name: [str(market_day.date())]}, "again": again}
    _run(
        session, form, yes=True, wait=wait, why=lambda run: _refused(session, run, asset_class, name, market_day.date())
    )


def _refused(session: Session, run: str, asset_class: str, dataset: str, day: dt.date) -> str:
    """What the source said in this run where it refused the day, and at which URL; empty where it did not."""
    cell = session.index.cell(asset_class, dataset, day)
    if cell["outcome"] != "refused" or (cell["asked_by"] or {}).get("run") != run:
        return ""
    said = f"{asset_class}.{dataset} {day} is refused: {cell['reason']}"
    if not (cell["by_plan"] or cell["by_key"]):
        return said
    from anthill import catalog

    # Of what the plan or the key is to blame for the index keeps one reason for many days, without the URL of one.
    return f"{said} [GET {catalog.load(asset_class).datasets[dataset].first_call(day)}]"


def _run(
    session: Session, form: dict[str, Any], *, yes: bool, wait: bool, why: Callable[[str], str] = lambda run: ""
) -> None:
    cost = session.index.estimate(form)
    if not session.as_json:
        session.out.print(_table(cost))
    rate = f"at {cost['per_minute']:,} calls a minute" if cost["per_minute"] else "with no limit of the plan"
    time = f"about {cost['minutes']:,.0f} minutes" if cost["minutes"] >= 1 else "less than a minute"
    session.say(f"{cost['calls']:,} calls, {time} {rate}")
    if not cost["calls"] and form.get("begin_at", "bronze") == "bronze":
        session.say("All of it is landed; --again fetches it once more.")
        session.answer(cost)
        return
    if not yes and not session.as_json:
        typer.confirm("Start?", abort=True)
    session.answer({**cost, **start(session, "market_backfill", cost["conf"], wait_for_it=wait, why=why)})


def _gaps_form(
    session: Session,
    asset_class: str,
    first: dt.datetime | None,
    last: dt.datetime | None,
    datasets: list[str] | None,
) -> dict[str, Any]:
    only: dict[str, list[str]] = {}
    for gap in gaps_of(heat_of(session, asset_class, first, last)):
        if not datasets or gap["dataset"] in datasets:
            span = gap["from"] if gap["from"] == gap["to"] else f"{gap['from']}/{gap['to']}"
            only.setdefault(gap["dataset"], []).append(span)
    return {"asset_class": asset_class, "only": only}


def _table(cost: dict[str, Any]) -> Table:
    from rich.table import Table

    table = Table("dataset", "days", "calls a day", "calls", box=None)
    for line in cost["lines"]:
        guess = "" if line["measured"] else " (guessed)"
        table.add_row(line["dataset"], f"{line['days']:,}", f"{line['calls_a_day']:,}{guess}", f"{line['calls']:,}")
    return table
