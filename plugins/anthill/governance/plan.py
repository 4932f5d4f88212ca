"""The plan: what is declared against what the catalog holds, as items that are added, removed, kept or left alone.

Every kind of thing that is governed (grants, and whatever else has a file in `kinds/`) tells what it declares and what
is held in items; the arithmetic between the two is here and the same for all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

Key = tuple[str, str, str, str]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of the catalog: on `on`, `who` has `what`; two items with the same `key` are the same fact.

    `on` is a type and a full name, `table dev.gold.stocks_daily_prices`. `by` is the rule by which a default gives it,
    and empty where the declaration names the thing itself. `why` tells of what is unmanaged where it comes from.
    """

    kind: str
    on: str
    who: str
    what: str
    by: str = ""
    why: str = ""
    at: str = ""  # file:line of the declaration: told, and no part of the plan

    @property
    def key(self) -> Key:
        """What tells it from another one."""
        return self.kind, self.on, self.who, self.what


class Held(msgspec.Struct, frozen=True):
    """What the catalog holds of what a kind declares."""

    items: Sequence[Item]  # those that the declaration answers for: what it does not have of them is removed
    unmanaged: Sequence[Item] = ()  # shown, and left as they are
    absent: frozenset[str] = frozenset()  # each `on` that is declared and does not exist


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What the catalog is to become, in the order of the items' keys; `absent` is declared on what does not exist."""

    catalog: str
    added: tuple[Item, ...] = ()
    removed: tuple[Item, ...] = ()
    kept: tuple[Item, ...] = ()
    unmanaged: tuple[Item, ...] = ()
    absent: tuple[Item, ...] = ()

    @property
    def declared(self) -> tuple[Item, ...]:
        """All that is declared."""
        return (*self.added, *self.kept, *self.absent)

    def of(self, kind: str) -> Plan:
        """The part of one kind."""
        groups = ("added", "removed", "kept", "unmanaged", "absent")
        mine = {group: tuple(item for item in getattr(self, group) if item.kind == kind) for group in groups}
        return Plan(catalog=self.catalog, **mine)

    def body(self) -> bytes:
        """Its bytes: the same for the same plan, wherever the declarations' lines stand."""
        return msgspec.json.encode(msgspec.to_builtins(_without_places(self)), order="sorted")

    @property
    def sha256(self) -> str:
        """What it is known by."""
        return hashlib.sha256(self.body()).hexdigest()


def read(body: bytes) -> Plan:
    """A plan from its bytes."""
    return msgspec.json.decode(body, type=Plan)


def difference(catalog: str, declared: Iterable[Item], held: Held) -> Plan:
    """What makes the catalog hold what is declared."""
    wanted = {item.key: item for item in declared}
    there = {item.key: item for item in held.items}
    absent = {key for key, item in wanted.items() if item.on in held.absent}
    return Plan(
        catalog=catalog,
        added=_sorted(item for key, item in wanted.items() if key not in there and key not in absent),
        removed=_sorted(item for key, item in there.items() if key not in wanted),
        kept=_sorted(item for key, item in wanted.items() if key in there),
        unmanaged=_sorted(held.unmanaged),
        absent=_sorted(wanted[key] for key in absent),
    )


def together(catalog: str, plans: Iterable[Plan]) -> Plan:
    """The plan of all kinds."""
    parts = list(plans)
    groups = ("added", "removed", "kept", "unmanaged", "absent")
    return Plan(
        catalog=catalog, **{group: _sorted(item for part in parts for item in getattr(part, group)) for group in groups}
    )


def _sorted(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: (*item.key, item.why)))


def _without_places(plan: Plan) -> Plan:
    groups = ("added", "removed", "kept", "unmanaged", "absent")
    bare = {g: tuple(msgspec.structs.replace(item, at="") for item in getattr(plan, g)) for g in groups}
    return Plan(catalog=plan.catalog, **bare)
