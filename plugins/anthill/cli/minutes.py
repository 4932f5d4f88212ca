"""`anthill minutes`: how a stream's session was recorded, a letter a minute."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anthill.cli.coverage import AssetClass
from anthill.cli.session import session_of

if TYPE_CHECKING:
    from rich.table import Table

_STYLES = {"R": "blue", "S": "bold cyan", "F": "magenta", "G": "bold red", "N": "dim", "W": "dim"}
_WORDS = {"G": "not filled", "F": "filled", "S": "settled"}
_HOUR = 60

Day = Annotated[
    dt.datetime | None, typer.Option("--day", formats=["%Y-%m-%d"], help="The market day; the present one.")
]


def minutes(context: typer.Context, asset_class: AssetClass = "", day: Day = None) -> None:
    """Show how streams were recorded on a market day, a letter a minute.

    Recorded, a gap, filled by REST or settled; each gap with its cause.

    Example: anthill minutes crypto --day 2026-06-16
    """
    session = session_of(context)
    found = [each for each in session.index.minutes(day.date() if day else None) if _is_of(each, asset_class)]
    if not found:
        session.say("No stream has a session on that day.")
    for each in found:
        session.say(f"\n{each['asset_class']}.{each['stream']} {each['market_date']}: {_counted(each)}")
        if not session.as_json:
            session.out.print(_hours(each))
        for gap in each["gaps"]:
            session.say(
                f"  {_clock(gap['first'])} to {_clock(gap['last'])} UTC: {gap['cause']} ({_WORDS[gap['state']]})"
            )
    used = {letter: each["meaning"][letter] for each in found for letter in sorted(set(each["states"]))}
    session.say("\n" + "\n".join(f"  {letter}  {said}" for letter, said in used.items()))
    session.answer(found)


def _is_of(each: dict[str, Any], asset_class: str) -> bool:
    return asset_class in ("", each["asset_class"])


def _counted(each: dict[str, Any]) -> str:
    """How many minutes there are of each kind, in words."""
    counts = Counter(each["states"])
    return ", ".join(f"{count:,} {each['meaning'][letter].partition(':')[0]}" for letter, count in counts.most_common())


def _hours(each: dict[str, Any]) -> Table:
    """An hour a line, from the opening on."""
    from rich.table import Table
    from rich.text import Text

    table = Table("UTC", "", box=None, pad_edge=False, show_header=False)
    opens = dt.datetime.fromisoformat(each["opens"])
    for at in range(0, len(each["states"]), _HOUR):
        letters = Text()
        for letter in each["states"][at : at + _HOUR]:
            letters.append(letter, _STYLES[letter])
        table.add_row(f"  {opens + dt.timedelta(minutes=at):%H:%M}", letters)
    return table


def _clock(moment: str) -> str:
    return f"{dt.datetime.fromisoformat(moment):%H:%M:%S}"
