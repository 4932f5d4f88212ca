"""The kinds of things that governance plans, approves and applies: a file each.

A kind plugs in so:

1. A file here has a class that fulfils `Kind`. `declared` reads the YAML and raises DeclarationError, with file and
   line, for all that can be known to be wrong without asking anybody. `refused` asks the workspace for what it alone
   knows (does a principal, a function, a recipient exist?), before anything is changed. `held` reads what there is.
   All three speak in `Item`s: `kind` is the class's own, and the same fact must have the same `key` whether it is
   declared or held, so names that the service writes otherwise (e-mail addresses) are made equal here.
2. A thing with parts, such as a policy, is one item whose `what` is its canonical text: a change of it is that text
   removed and another added, and `apply` gets both in one call. What the service refuses it returns as RefusedErrors,
   whose `about` has the keys of the items that stay as they were, and does the rest.
3. `of` below makes it. Order counts: what stands later may need what stands before it.

The rest is the same for all: the plan and its sha256 (`plan.py`), what waits for an approval (`approved.py`), the
reading back, the record (`records.py`), Markdown (`markdown.py`) and the DAG.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from anthill.governance import plan
from anthill.governance.permissions import Api
from anthill.governance.plan import Held, Item, Plan
from anthill.governance.refusals import RefusedError


class NotAppliedError(RuntimeError):
    """Unity Catalog accepted the changes and yet does not hold what is declared."""


class Kind(Protocol):
    """One kind of thing; an instance is about one catalog and keeps what it has read of the declarations."""

    kind: str

    def declared(self) -> Sequence[Item]:
        """What is to be there; DeclarationError where a file is wrong."""

    def refused(self) -> list[RefusedError]:
        """What the workspace would refuse of the declarations; asked before anything is changed."""

    def held(self) -> Held:
        """What is there."""

    def apply(self, added: Sequence[Item], removed: Sequence[Item]) -> list[RefusedError]:
        """Change what is to be changed of this kind; what was refused of it, when all else is done."""


def of(hook: Api, catalog: str) -> list[Kind]:
    """All kinds over everything that is declared for a catalog."""
    import datetime as dt

    from anthill.governance import declared_tables, entries, grants, share
    from anthill.governance.kinds.grants import Grants
    from anthill.governance.kinds.policies import Policies
    from anthill.governance.kinds.shares import Shares
    from anthill.governance.kinds.tags import Tags

    securables = grants.load(grants.areas(), catalog)
    declared_tables.check(securables)
    tables, today = entries.load(catalog), dt.datetime.now(dt.UTC).date()
    return [
        Grants(hook, securables),
        Tags(hook, tables),
        Policies(hook, catalog, tables),
        Shares(hook, catalog, share.load(), today),
    ]


def made(kinds: Iterable[Kind], catalog: str) -> Plan:
    """The plan of all kinds, as everything is now."""
    return plan.together(catalog, [plan.difference(catalog, kind.declared(), kind.held()) for kind in kinds])


def applied(kinds: Iterable[Kind], changes: Plan) -> list[RefusedError]:
    """Make a plan's changes; what was refused of them."""
    refused: list[RefusedError] = []
    for kind in kinds:
        mine = changes.of(kind.kind)
        if mine.added or mine.removed:
            refused += kind.apply(mine.added, mine.removed)
    return refused


def check(kinds: Iterable[Kind], changes: Plan, refused: Sequence[RefusedError]) -> None:
    """Read back: NotAppliedError where a change is not there that nobody refused."""
    if not (changes.added or changes.removed):
        return
    after = made(kinds, changes.catalog)
    silent = frozenset[tuple[str, str, str, str]]().union(*(error.about for error in refused))
    meant = {item.key for item in (*changes.added, *changes.removed)}
    left = [item for item in (*after.added, *after.removed) if item.key in meant and item.key not in silent]
    if left:
        raise NotAppliedError(_not_there(left, after))


def _not_there(left: Sequence[Item], after: Plan) -> str:
    """What was changed and is not so, and what may be done about it."""
    item = left[0]
    more = f" and {len(left) - 1} more changes are not there" if len(left) > 1 else ""
    sign = "+" if item in after.added else "-"
    line = f"{item.on} is not as {item.at or 'the declarations'} has it after the change: {item.who} {sign}{item.what}"
    for held in (*after.kept, *after.removed, *after.unmanaged):
        if held.on == item.on and held.who != item.who and held.who.lower() == item.who.lower():
            return f"{line}{more}. Unity Catalog writes {item.who} as {held.who}: write it so."
    return f"{line}{more}. Does something else write it?"
