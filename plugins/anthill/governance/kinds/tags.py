"""Tags of tables: where their data come from, under which licence, whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import quote

from anthill.governance import refusals
from anthill.governance.entries import Entry
from anthill.governance.listing import AT, everything
from anthill.governance.permissions import READERS, Api
from anthill.governance.plan import Held, Item
from anthill.governance.refusals import RefusedError
from anthill.governance.tried import tried

KIND = "tag"
ASSIGNMENTS = "entity-tag-assignments"


class Tags:
    """Those of every declared table; tags that no declaration has a key for are left as they are."""

    kind = KIND

    def __init__(self, hook: Api, entries: Sequence[Entry]) -> None:
        self._hook, self._entries = hook, entries
        self._keys = {key for entry in entries for key in entry.tags}

    def declared(self) -> list[Item]:
        """Every tag of every table."""
        return [
            Item(kind=KIND, on=f"table {each.name}", who=key, what=value, by=each.by(key), at=each.at("tags", key))
            for each in self._entries
            for key, value in each.tags.items()
        ]

    def refused(self) -> list[RefusedError]:
        """Nothing that the workspace alone knows."""
        return []

    def held(self) -> Held:
        """The tags that there are."""
        names = [entry.name for entry in self._entries]
        first, *others = [*map(self._of, names[:1])], *names[1:]  # the hook signs in once
        with ThreadPoolExecutor(READERS) as pool:
            found = [*first, *pool.map(self._of, others)]
        there = [item for items in found for item in items or []]
        ours, others_own = [i for i in there if i.who in self._keys], [i for i in there if i.who not in self._keys]
        absent = frozenset(f"table {name}" for name, items in zip(names, found, strict=True) if items is None)
        return Held(ours, others_own, absent)

    def _of(self, name: str) -> list[Item] | None:
        try:
            found = everything(self._hook, _path(name), "tag_assignments")
        except Exception as error:
            if refusals.is_not_there(error):
                return None
            raise
        on = f"table {name}"
        return [Item(kind=KIND, on=on, who=tag["tag_key"], what=str(tag.get("tag_value") or "")) for tag in found]

    def apply(self, added: Sequence[Item], removed: Sequence[Item]) -> list[RefusedError]:
        """Put tags on, change their values, take them off."""
        before, after = ({(item.on, item.who): item for item in items} for items in (removed, added))
        refused: list[RefusedError] = []
        for place, item in after.items():
            change = self._change if place in before else self._put
            refused += tried(_told(item), [item, before.get(place, item)], partial(change, item))
        for item in (item for place, item in before.items() if place not in after):
            refused += tried(_told(item), [item], partial(self._take, item))
        return refused

    def _put(self, item: Item) -> None:
        self._hook._do_api_call(("POST", f"{AT}/{ASSIGNMENTS}"), _body(item))

    def _change(self, item: Item) -> None:
        path = f"{AT}/{_path(_name(item), item.who)}?update_mask=tag_value"
        self._hook._do_api_call(("PATCH", path), _body(item))

    def _take(self, item: Item) -> None:
        self._hook._do_api_call(("DELETE", f"{AT}/{_path(_name(item), item.who)}"))


def _name(item: Item) -> str:
    return item.on.partition(" ")[2]


def _told(item: Item) -> str:
    return f"tag {item.who} of {item.on}"


def _body(item: Item) -> dict[str, str]:
    return {"entity_type": "tables", "entity_name": _name(item), "tag_key": item.who, "tag_value": item.what}


def _path(name: str, key: str = "") -> str:
    of = f"{ASSIGNMENTS}/tables/{quote(name, safe='')}/tags"
    return f"{of}/{quote(key, safe='')}" if key else of
