"""`anthill coverage` and `anthill gaps`: what is landed, and what is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anthill.cli.runs import start
from anthill.cli.session import Session, day, in_order, session_of

if TYPE_CHECKING:
    from rich.table import Table

GAPS = "MTXK"
WORDS = {"M": "missing", "T": "late", "X": "refused", "K": "key refused"}
GOLD_GAPS = "HON"
GOLD_WORDS = {"H": "held back", "O": "outdated", "N": "not published"}
_WITH_REASON = (WORDS["X"], WORDS["K"])
_STYLES = {
    "L": "blue",
    "R": "bold cyan",
    "E": "dim",
    "M": "bold red",
    "T": "yellow",
    "X": "magenta",
    "K": "bold magenta",
    "G": "dim",
    "W": "dim",
    "C": "dim",
    "P": "blue",
    "O": "yellow",
    "H": "bold red",
    "N": "bold yellow",
    "B": "dim",
}
_SHOWN = 60  # days of one line of the table

From = Annotated[
    dt.datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; 60 days before --to.")
]
To = Annotated[dt.datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; today.")]
AssetClass = Annotated[str, typer.Argument(help="An asset class, such as stocks; all of them without it.")]


def coverage(
    context: typer.Context,
    asset_class: AssetClass = "",
    first: From = None,
    last: To = None,
    rebuild: Annotated[
        bool, typer.Option(help="First bring the index up to what bronze holds (DAG coverage_index).")
    ] = False,
) -> None:
    """Show what is landed, a letter a day.

    And how far bronze, silver and gold have come against what is due.

    Example: anthill coverage stocks --from 2026-06-01
    """
    session = session_of(context)
    if rebuild:
        start(session, "coverage_index", {}, wait_for_it=True)
    heat = heat_of(session, asset_class, first, last)
    fresh = [each for each in session.index.freshness() if asset_class in ("", each["asset_class"])]
    for group in heat["groups"]:
        session.say("")
        if not session.as_json:
            session.out.print(group["asset_class"], style="bold", end="  ")
        session.say(group["description"])
        shown = heat["days"][-_SHOWN:]
        if shown and not session.as_json:
            session.out.print(_table(group, shown))
    used = sorted(
        {letter for group in heat["groups"] for row in [*group["rows"], *group["gold"]] for letter in row["states"]}
        - {"."}
    )
    session.say("\n" + "\n".join(f"  {letter}  {heat['meaning'][letter]}" for letter in used))
    if not session.as_json:
        session.out.print(_freshness(fresh))
    session.answer({**heat, "freshness": fresh})


def gaps(
    context: typer.Context,
    asset_class: AssetClass = "",
    first: From = None,
    last: To = None,
    reasons: Annotated[bool, typer.Option(help="Ask for the reason of each refusal.")] = True,
) -> None:
    """List market days that are not there, in bronze or in gold, and why.

    Missing, late, refused, or the key was refused; held back from gold, outdated there, or not published. Ends with 1
    when there are any.

    Example: anthill gaps stocks --from 2026-06-01 --to 2026-06-30
    """
    session = session_of(context)
    heat = heat_of(session, asset_class, first, last)
    found = [*gaps_of(heat), *gold_gaps_of(heat)]
    for gap in found:
        if not reasons:
            continue
        start_day = day(gap["from"])
        if gap["state"] in _WITH_REASON:
            gap["reason"] = session.index.cell(gap["asset_class"], gap["dataset"], start_day)["reason"]
        elif not gap["dataset"]:
            gap["reason"] = session.index.gold_cell(gap["asset_class"], gap["table"], start_day)["why"]
    if found and not session.as_json:
        session.out.print(_gaps(found))
    session.say(f"\n{_counted(heat, found)}" if found else "No gaps.")
    session.answer(found)
    raise typer.Exit(1 if found else 0)


def gaps_of(heat: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Runs of market days in the same state that a backfill could fill."""
    for group in heat["groups"]:
        for row in group["rows"]:
            if not row["fillable"]:
                continue
            place = {"asset_class": group["asset_class"], "dataset": row["dataset"]}
            for days, state in _runs(heat["days"], row["states"], GAPS):
                yield {**place, "from": days[0], "to": days[-1], "days": len(days), "state": WORDS[state]}


def gold_gaps_of(heat: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Runs of market days that a gold table lacks or has as they were before, although bronze has what it reads."""
    for group in heat["groups"]:
        for row in group["gold"]:
            place = {"asset_class": group["asset_class"], "dataset": None, "table": row["table"]}
            for days, state in _runs(heat["days"], row["states"], GOLD_GAPS):
                yield {**place, "from": days[0], "to": days[-1], "days": len(days), "state": GOLD_WORDS[state]}


def _runs(days: list[str], states: str, wanted: str) -> Iterator[tuple[list[str], str]]:
    """The days of each run of one of the wanted states; days off are no break."""
    known = [(text, state) for text, state in zip(days, states, strict=True) if state != "."]
    for state, run in groupby(known, key=lambda each: each[1]):
        if state in wanted:
            yield [text for text, _ in run], state


def heat_of(session: Session, asset_class: str, first: dt.datetime | None, last: dt.datetime | None) -> dict[str, Any]:
    """The heat map of an asset class, or of all; 60 days up to the platform's present where no days are given."""
    in_order(first, last)
    end = last.date() if last else None
    if end is None:
        # The platform's own present, which on a local stack stands still.
        end = day(str(session.index.heat_map(*_today())["now"])[:10])
    begin = first.date() if first else end - min(dt.timedelta(days=60), end - dt.date.min)
    if begin > end:
        raise typer.BadParameter(f"--from {begin} is after the platform's present, {end}")
    heat = session.index.heat_map(begin, end)
    known = [group["asset_class"] for group in heat["groups"]]
    if asset_class and asset_class not in known:
        from anthill.cli.terminal import shown

        raise typer.BadParameter(f"no asset class {asset_class!r}; there are {shown(', '.join(known))}")
    groups = [group for group in heat["groups"] if asset_class in ("", group["asset_class"])]
    return {**heat, "groups": groups}


def _today() -> tuple[dt.date, dt.date]:
    today = dt.datetime.now(dt.UTC).date()
    return today, today


def _counted(heat: dict[str, Any], found: list[dict[str, Any]]) -> str:
    """How many days have a gap, each once however many datasets lack it, and what fills them."""
    said = []
    of_bronze = [gap for gap in found if gap["dataset"]]
    if any(gap["state"] == WORDS["K"] for gap in of_bronze):
        said.append("The API key was refused: `anthill doctor` tells which connection needs another one. Then:")
    if of_bronze:
        rows = [row for group in heat["groups"] for row in group["rows"] if row["fillable"]]
        fills = [f"`anthill backfill {name} --gaps`" for name in dict.fromkeys(gap["asset_class"] for gap in of_bronze)]
        datasets = len({(gap["asset_class"], gap["dataset"]) for gap in of_bronze})
        of = "1 dataset" if datasets == 1 else f"{datasets:,} datasets"
        said.append(f"Gaps on {_lacking(rows, GAPS)}, in {of}. {' and '.join(fills)} fills them.")
    if of_gold := [gap for gap in found if not gap["dataset"]]:
        rows = [row for group in heat["groups"] for row in group["gold"]]
        tables = len({(gap["asset_class"], gap["table"]) for gap in of_gold})
        of = "1 table" if tables == 1 else f"{tables:,} tables"
        said.append(f"Gold lacks or holds back {_lacking(rows, GOLD_GAPS)}, in {of}; bronze has what they read.")
    return " ".join(said)


def _lacking(rows: list[dict[str, Any]], letters: str) -> str:
    """On how many market days any of the rows has one of the letters."""
    days = sum(
        any(letter in letters for letter in of_day) for of_day in zip(*(row["states"] for row in rows), strict=True)
    )
    return "1 market day" if days == 1 else f"{days:,} market days"


def _gaps(found: list[dict[str, Any]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table("dataset or table", "from", "to", "days", "state", "reason", box=None)
    for gap in found:
        words = {**WORDS, **GOLD_WORDS}
        style = _STYLES[next(letter for letter, word in words.items() if word == gap["state"])]
        name = f"{gap['asset_class']}.{gap['dataset']}" if gap["dataset"] else _name(gap)
        table.add_row(name, gap["from"], gap["to"], str(gap["days"]), Text(gap["state"], style), gap.get("reason", ""))
    return table


def _name(of: dict[str, Any]) -> str:
    """A table of gold as SQL has it."""
    return f"gold.{of['asset_class']}_{of['table']}"


def _table(group: dict[str, Any], shown: list[str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table("", f"{shown[0]} to {shown[-1]}", "gaps", box=None, pad_edge=False)
    gold = [{**row, "dataset": f"gold {row['table']}"} for row in group["gold"]]
    for row in [*group["rows"], *gold]:
        states = row["states"][-len(shown) :]
        letters = Text("".join(letter if letter in _STYLES else " " for letter in states))
        for at, letter in enumerate(states):
            letters.stylize(_STYLES.get(letter, ""), at, at + 1)
        counted = GOLD_GAPS if "table" in row else GAPS if row["fillable"] else ""
        count = sum(letter in counted for letter in row["states"])
        table.add_row(f"  {row['dataset']}", letters, str(count) if count else "")
    return table


def _freshness(fresh: list[dict[str, Any]]) -> Table:
    from rich.table import Table

    table = Table("\nasset class", "\ndue", "\nbronze", "\nsilver", "\ngold", "\nquality", box=None, pad_edge=False)
    for each in fresh:
        stages = [stage["fresh_until"] or "not whole" for stage in each["stages"]]
        quality = each["quality"]
        said = "nothing yet" if not quality else "met" if quality["ok"] else "broken"
        table.add_row(each["asset_class"], each["due"] or "", *stages, said)
    return table
