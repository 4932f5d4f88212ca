"""Shares and their recipients: which tables go outside, to whom, until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any
from urllib.parse import quote

from anthill.governance import refusals
from anthill.governance.listing import AT, everything
from anthill.governance.permissions import Api
from anthill.governance.plan import Held, Item
from anthill.governance.refusals import RefusedError
from anthill.governance.share import Share, objects
from anthill.governance.tried import tried

KIND = "share"


class Shares:
    """All shares and recipients of a catalog: both lie above all catalogs, so that its name is before theirs."""

    kind = KIND

    def __init__(self, hook: Api, catalog: str, shares: Sequence[Share], today: dt.date) -> None:
        self._hook, self._catalog, self._shares, self._today = hook, catalog, shares, today

    def declared(self) -> list[Item]:
        """Every table of every share, and every recipient whose last day is not over."""
        return [item for share in self._shares for item in self._of(share)]

    def _of(self, share: Share) -> Iterator[Item]:
        name = self._name(share.name)
        for table in share.tables:
            yield _table(name, f"{self._catalog}.{table.name}", table.partitions, share.at(table.name))
        for who, recipient in share.recipients.items():
            if recipient.until >= self._today:
                at = share.at(who)
                named = f"recipient {self._name(who)}"
                yield Item(kind=KIND, on=f"share {name}", who=named, what="SELECT", at=at)
                yield Item(kind=KIND, on=named, who=named, what=_lasts(recipient.until), at=at)

    def _name(self, declared: str) -> str:
        return f"{self._catalog}__{declared}"

    @cached_property
    def _there(self) -> dict[str, Mapping[str, Any]]:
        """The tables of gold that there are, by full name."""
        asked = {"catalog_name": self._catalog, "schema_name": "gold", "omit_columns": "true"}
        return {each["full_name"]: each for each in everything(self._hook, "tables", **asked)}

    def refused(self) -> list[RefusedError]:
        """Tables that are gone."""
        return [
            RefusedError(
                f"{share.at(table.name)}: share {share.name}",
                f"{self._catalog}.{table.name} does not exist: run what makes it, or take it out of the share",
            )
            for share in self._shares
            for table in share.tables
            if f"{self._catalog}.{table.name}" not in self._there
        ]

    def held(self) -> Held:
        """The shares and recipients of this catalog; others of whoever asks are shown."""
        found = [item for told in self._listed("shares") for item in self._held(str(told["name"]))]
        found += [_recipient(told) for told in self._listed("recipients")]
        ours = [item for item in found if item.on.partition(" ")[2].startswith(self._name(""))]
        return Held(ours, [item for item in found if item not in ours])

    def _listed(self, what: str) -> list[dict[str, Any]]:
        """All of them; none where nothing is declared and the metastore's admin has not let the pipeline look."""
        try:
            return everything(self._hook, what)
        except Exception as error:
            if self._shares or not refusals.is_denied(error):
                raise
            return []

    def _held(self, name: str) -> Iterator[Item]:
        told = self._hook._do_api_call(("GET", _path("shares", name)), {"include_shared_data": "true"})
        for shared in objects(told):
            values = [value for each in shared.get("partitions") or [] for value in each.get("values") or []]
            yield _table(name, shared["name"], {value["name"]: value["value"] for value in values})
        permissions = self._hook._do_api_call(("GET", f"{_path('shares', name)}/permissions"))
        for given in permissions.get("privilege_assignments") or []:
            for privilege in given.get("privileges") or []:
                yield Item(kind=KIND, on=f"share {name}", who=f"recipient {given['principal']}", what=privilege)

    def apply(self, added: Sequence[Item], removed: Sequence[Item]) -> list[RefusedError]:
        """Recipients, then each share: its tables in one call, and then who reads it."""
        refused: list[RefusedError] = []
        for item in added:
            if item.on.startswith("recipient "):
                refused += tried(item.on, [*added, *removed], partial(self._lend, item))
        for name in sorted({item.on for item in (*added, *removed) if item.on.startswith("share ")}):
            mine = [[item for item in items if item.on == name] for items in (added, removed)]
            refused += tried(name, [*mine[0], *mine[1]], partial(self._change, name.partition(" ")[2], *mine))
        for who in sorted({item.on for item in removed if item.on.startswith("rec")} - {item.on for item in added}):
            path = _path("recipients", who.partition(" ")[2])
            gone = [item for item in removed if item.on == who]
            refused += tried(who, gone, partial(self._hook._do_api_call, ("DELETE", path)))
        return refused

    def _lend(self, item: Item) -> None:
        """Make a recipient, or move the last day of one."""
        name = item.on.partition(" ")[2]
        known = {self._name(who): each for share in self._shares for who, each in share.recipients.items()}
        recipient = known[name]
        there = {told["name"] for told in everything(self._hook, "recipients")}
        ends = {} if recipient.metastore else {"expiration_time": _end(recipient.until)}
        if name in there:
            self._hook._do_api_call(("PATCH", _path("recipients", name)), {"comment": item.what, **ends})
            return
        kind: dict[str, Any] = {"authentication_type": "TOKEN", **ends}
        if recipient.metastore:
            kind = {"authentication_type": "DATABRICKS", "data_recipient_global_metastore_id": recipient.metastore}
        self._hook._do_api_call(("POST", f"{AT}/recipients"), {"name": name, "comment": item.what, **kind})

    def _change(self, name: str, added: Sequence[Item], removed: Sequence[Item]) -> None:
        share = next((share for share in self._shares if self._name(share.name) == name), None)
        if share and not any(told["name"] == name for told in everything(self._hook, "shares")):
            self._hook._do_api_call(("POST", f"{AT}/shares"), {"name": name, "comment": share.description})
        tables = [[item for item in items if item.who.startswith("table ")] for items in (added, removed)]
        declared = {f"{self._catalog}.{table.name}": table.partitions for table in share.tables} if share else {}
        if updates := list(self._updates(declared, *tables)):
            self._hook._do_api_call(("PATCH", _path("shares", name)), {"updates": updates})
        gains, losses = (
            {item.who.partition(" ")[2] for item in items if item.who.startswith("recipient ")}
            for items in (added, removed)
        )
        changes = [{"principal": who, "add": ["SELECT"]} for who in sorted(gains)]
        changes += [{"principal": who, "remove": ["SELECT"]} for who in sorted(losses - gains)]
        if changes:
            self._hook._do_api_call(("PATCH", f"{_path('shares', name)}/permissions"), {"changes": changes})
        if share is None and not objects(
            self._hook._do_api_call(("GET", _path("shares", name)), {"include_shared_data": "true"})
        ):
            self._hook._do_api_call(("DELETE", _path("shares", name)))

    def _updates(
        self, declared: Mapping[str, Mapping[str, str]], added: Sequence[Item], removed: Sequence[Item]
    ) -> Iterator[dict[str, Any]]:
        before, after = ({item.who.partition(" ")[2] for item in items} for items in (removed, added))
        for full in sorted(after):
            action = "UPDATE" if full in before else "ADD"
            yield {"action": action, "data_object": self._object(full, declared[full])}
        for full in sorted(before - after):
            yield {"action": "REMOVE", "data_object": {"name": full}}

    def _object(self, full: str, partitions: Mapping[str, str]) -> dict[str, Any]:
        is_view = self._there.get(full, {}).get("table_type") == "VIEW"
        values = [{"name": n, "op": "LIKE" if "%" in v else "EQUAL", "value": v} for n, v in partitions.items()]
        shared = {"name": full, "data_object_type": "VIEW" if is_view else "TABLE", "shared_as": full.partition(".")[2]}
        return {**shared, "partitions": [{"values": values}] if values else []}


def _table(share: str, full: str, partitions: Mapping[str, str], at: str = "") -> Item:
    parts = ", ".join(f"{name} {value}" for name, value in sorted(partitions.items())) or "all rows"
    return Item(kind=KIND, on=f"share {share}", who=f"table {full}", what=parts, at=at)


def _lasts(until: dt.date) -> str:
    return f"reads until {until}"


def _end(until: dt.date) -> int:
    """The end of a day in UTC, in epoch milliseconds."""
    after = dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), dt.UTC)
    return int(after.timestamp() * 1000)


def _recipient(told: Mapping[str, Any]) -> Item:
    what = str(told.get("comment") or "")
    if tokens := told.get("tokens"):  # what opens is what counts, whatever the comment says
        last = max(int(token["expiration_time"]) for token in tokens)
        what = _lasts((dt.datetime.fromtimestamp(last / 1000, dt.UTC) - dt.timedelta(seconds=1)).date())
    named = f"recipient {told['name']}"
    return Item(kind=KIND, on=named, who=named, what=what)


def _path(what: str, name: str) -> str:
    return f"{AT}/{what}/{quote(name, safe='')}"
