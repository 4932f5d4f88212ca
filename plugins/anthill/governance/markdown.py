"""A plan as Markdown for a person: grouped, counted, and readable with ten thousand changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from anthill.governance.plan import Item, Plan

_LINES = 40  # of a group; what is more is counted
_NAMED = 5  # things in a line


def of(plan: Plan, waiting: Plan | None = None) -> str:
    """All of it; with what waits for an approval first, where that is given."""
    parts = [f"Plan `{plan.sha256[:12]}` of the catalog `{plan.catalog}`", "", *_counts(plan)]
    if waiting is not None:
        gains = (*waiting.added, *waiting.absent)
        parts += _section("Waits for an approval: is given", gains, _gained)
        parts += _section("Waits for an approval: is taken away", waiting.removed, _lost)
        asked = {item.key for item in gains}
        parts += _section("Is given without asking", [i for i in plan.added if i.key not in asked], _gained)
        later = [i for i in plan.absent if i.key not in asked]
    else:
        parts += _section("Is given", plan.added, _gained)
        parts += _section("Is taken away", plan.removed, _lost)
        later = list(plan.absent)
    parts += _section("Is given once it exists", later, _gained)
    return "\n".join([*parts, *_section("Left as it is: inherited, owned, or not declared", plan.unmanaged, _left)])


def _counts(plan: Plan) -> list[str]:
    groups = {
        "added": plan.added,
        "removed": plan.removed,
        "kept": plan.kept,
        "on what does not exist": plan.absent,
        "unmanaged": plan.unmanaged,
    }
    kinds = sorted({item.kind for items in groups.values() for item in items}) or ["nothing"]
    numbers = [[str(sum(item.kind == kind for item in items)) for items in groups.values()] for kind in kinds]
    head = ["| | " + " | ".join(groups) + " |", "| --- |" + " ---: |" * len(groups)]
    return [*head, *(f"| {kind} | {' | '.join(row)} |" for kind, row in zip(kinds, numbers, strict=True))]


def _section(title: str, items: Iterable[Item], line: Callable[[Item], str]) -> list[str]:
    """A line for all things about which the same is said, the most said first; the rest is counted."""
    about: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        about[line(item)].append(item.on)
    if not about:
        return []
    ordered = sorted(about.items(), key=lambda each: (-len(each[1]), each[0]))
    lines = [f"- {said} {_things(things)}" for said, things in ordered[:_LINES]]
    if more := ordered[_LINES:]:
        lines.append(f"- and {len(more):,} more lines about {sum(len(things) for _, things in more):,} things")
    return ["", f"### {title} ({sum(map(len, about.values())):,})", "", *lines]


def _things(things: list[str]) -> str:
    shown = ", ".join(f"`{thing}`" for thing in things[:_NAMED])
    return f"{shown} and {len(things) - _NAMED:,} more" if len(things) > _NAMED else shown


def _gained(item: Item) -> str:
    return f"**{_plain(item.who)}** +{_plain(item.what)} on"


def _lost(item: Item) -> str:
    return f"**{_plain(item.who)}** -{_plain(item.what)} on"


def _left(item: Item) -> str:
    return f"{_plain(item.who)} {_plain(item.what)}{f' ({item.why})' if item.why else ''} on"


def _plain(text: str) -> str:
    """A name as it is: nothing in it is Markdown or ends a line."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in " ".join(text.split()))
