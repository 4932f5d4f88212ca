"""What somebody did by hand: what is held, or gone, that neither the declarations nor the approved plan account for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import msgspec

from anthill.governance.plan import Item, Plan

_MOST = 3  # calls of a deed


class Change(msgspec.Struct, frozen=True):
    """One call that the audit table has: who changed what on which thing, and when."""

    at: str
    who: str
    on: str  # the full name of the thing
    said: str  # the changes as they were asked for


class Deed(msgspec.Struct, frozen=True):
    """Something given (+) or taken (-) by hand, with the calls that may have been it; none where no audit tells."""

    sign: str
    item: Item
    calls: tuple[Change, ...] = ()

    @property
    def line(self) -> str:
        """For a person."""
        by = "; ".join(f"{call.who} at {call.at}" for call in self.calls)
        return f"{self.item.on}: {self.item.who} {self.sign}{self.item.what}{f', by {by}' if by else ''}"


def by_hand(now: Plan, agreed: Plan) -> list[Deed]:
    """What was given that no plan had, and what an applied plan gave and is gone."""
    known = {item.key for item in (*agreed.declared, *agreed.unmanaged)}
    given = [item for item in (*now.removed, *now.unmanaged) if item.key not in known]
    had = {item.key for item in (*agreed.added, *agreed.kept)}
    taken = [item for item in now.added if item.key in had]
    return [*(Deed("+", item) for item in given), *(Deed("-", item) for item in taken)]


def told_by(deeds: Iterable[Deed], calls: Sequence[Change]) -> list[Deed]:
    """The deeds with the newest calls that name the same thing and principal."""
    found = []
    for deed in deeds:
        thing = deed.item.on.partition(" ")[2]
        mine = [call for call in calls if call.on == thing and deed.item.who.lower() in call.said.lower()]
        found.append(msgspec.structs.replace(deed, calls=tuple(mine[:_MOST])))
    return found


def days_since(agreed_at: dt.datetime, now: dt.datetime) -> dict[str, str]:
    """The days in which it was done, as the saved question asks for them."""
    return {"first": agreed_at.date().isoformat(), "last": now.date().isoformat()}
