"""What of a plan an approved plan holds already, and what waits for an approval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from anthill.governance.plan import Item, Plan


class Approved:
    """The newest plan that was approved; without any, everything waits."""

    def __init__(self, plan: Plan | None = None) -> None:
        declared = plan.declared if plan else ()
        self._keys = {item.key for item in declared}
        self._things = {item.on for item in declared}
        self._rules = {(item.kind, item.by, item.who, item.what) for item in declared if item.by}

    def holds(self, item: Item) -> bool:
        """Whether it stood in the plan, or a new thing has it by a rule by which the same was given in the plan."""
        by_rule = (item.kind, item.by, item.who, item.what) in self._rules
        return item.key in self._keys or (by_rule and item.on not in self._things)


def waiting(plan: Plan, approved: Approved) -> Plan:
    """What somebody has to agree to: all that is removed, and what is given that no approved plan holds.

    What is declared on things that do not exist yet is among it: once they do, nobody is asked again.
    """
    return msgspec.structs.replace(
        plan, added=_not_in(approved, plan.added), absent=_not_in(approved, plan.absent), kept=(), unmanaged=()
    )


def due(plan: Plan, approved: Approved, asked: bool) -> Plan:
    """The part of a plan that an approval is about: what waits where a person is asked, else all of it."""
    return waiting(plan, approved) if asked else msgspec.structs.replace(plan, kept=(), unmanaged=())


def free(plan: Plan, approved: Approved) -> Plan:
    """What may be done without asking anybody."""
    waits = {item.key for item in waiting(plan, approved).added}
    return msgspec.structs.replace(plan, added=tuple(item for item in plan.added if item.key not in waits), removed=())


def is_empty(plan: Plan) -> bool:
    """Whether nothing is given or taken."""
    return not (plan.added or plan.removed or plan.absent)


def moved(agreed: Plan, now: Plan) -> tuple[Item, ...]:
    """What waits now and was not agreed to: the catalog or the declarations moved on meanwhile.

    That less waits is no move: it was done already, by an attempt that was cut off or by the task of a market day.
    """
    gains = {item.key for item in (*agreed.added, *agreed.absent)}
    losses = {item.key for item in agreed.removed}
    new = [item for item in (*now.added, *now.absent) if item.key not in gains]
    return (*new, *(item for item in now.removed if item.key not in losses))


def under(plan: Plan, schemas: Mapping[str, str]) -> Plan:
    """A plan about the same things in schemas of other names, as a rebuild has them."""

    def renamed(item: Item) -> Item:
        kind, _, name = item.on.partition(" ")
        catalog, _, rest = name.partition(".")
        schema, dot, table = rest.partition(".")
        return msgspec.structs.replace(item, on=f"{kind} {catalog}.{schemas.get(schema, schema)}{dot}{table}")

    return Plan(catalog=plan.catalog, kept=tuple(map(renamed, plan.declared)))


def _not_in(approved: Approved, items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(item for item in items if not approved.holds(item))
