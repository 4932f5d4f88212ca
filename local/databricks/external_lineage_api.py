"""What Unity Catalog is told of where data come from and go to, over REST: lineage-tracking/external-lineage."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.routing import Route

from local.databricks.audit import Audit
from local.databricks.errors import ApiError, denied, invalid, missing
from local.databricks.held import of_table
from local.databricks.rights import Rights
from local.databricks.securables import Securables
from local.databricks.store import Document, Store
from local.databricks.web import Parameters, caller, page, route

_ENDS = {"table": "name", "path": "url", "external_metadata": "name"}  # model versions: there are no models here
_OTHER_END = {"DOWNSTREAM": "target", "UPSTREAM": "source"}
_MOST = 1000  # relationships of a page
End = tuple[str, str]  # its kind and its name


class ExternalLineageApi:
    """Handlers of /api/2.0/lineage-tracking/external-lineage."""

    def __init__(self, store: Store, rights: Rights, securables: Securables, audit: Audit) -> None:
        self._store, self._rights, self._securables, self._audit = store, rights, securables, audit

    def routes(self) -> list[Route]:
        """Every route."""
        at, kept = "lineage-tracking/external-lineage", self._audit.kept
        return [
            route("GET", at, self.all),
            route("POST", at, kept("createExternalLineageRelationship", self.create)),
            route("DELETE", at, kept("deleteExternalLineageRelationship", self.delete)),
        ]

    async def all(self, given: Parameters) -> Document:
        """Those of one object in one direction; which object, a query tells flat: `object_info.table.name`."""
        direction = given.get("lineage_direction")
        if direction not in _OTHER_END:
            raise invalid(f"lineage_direction must be DOWNSTREAM or UPSTREAM, not {direction!r}.")
        end = _end(_nested(given, "object_info"), "object_info")
        await self._must_exist(end)
        other = _OTHER_END[direction]
        own = "source" if other == "target" else "target"
        found = [each for each in self._store.all("external_lineage") if _end(each[own], own) == end]
        shown, more = page([self._told(each, other) for each in found], given, "page_size", _MOST, _MOST)
        return {"external_lineage_relationships": shown, **more} if shown else more

    async def create(self, given: Parameters) -> Document:
        """A new one between an object outside and another or a table or path; for who may change both."""
        source, target = await self._ends(given)
        key = _key(source, target)
        if self._store.get("external_lineage", key) is not None:
            raise ApiError(409, "RESOURCE_ALREADY_EXISTS", f"The lineage of {source[1]} to {target[1]} already exists.")
        for column in given.get("columns") or []:
            if not (column.get("source") and column.get("target")):
                raise invalid("Each of columns has a source and a target.")
        made: Document = {"id": str(uuid.uuid4()), "source": given["source"], "target": given["target"]}
        made |= {field: given[field] for field in ("columns", "properties") if given.get(field)}
        self._store.put("external_lineage", key, {**made, "event_time": datetime.now(UTC).isoformat()})
        return made

    async def delete(self, given: Parameters) -> Document:
        """Remove one, which a query tells flat: `external_lineage_relationship.source.table.name`."""
        source, target = await self._ends(_nested(given, "external_lineage_relationship"))
        key = _key(source, target)
        if self._store.get("external_lineage", key) is None:
            raise missing("RESOURCE_DOES_NOT_EXIST", f"There is no lineage of {source[1]} to {target[1]}.")
        self._store.delete("external_lineage", key)
        return {}

    def forget(self, name: str) -> None:
        """An object outside that is gone stands nowhere."""
        for each in [*self._store.all("external_lineage")]:
            ends = _end(each["source"], "source"), _end(each["target"], "target")
            if ("external_metadata", name) in ends:
                self._store.delete("external_lineage", _key(*ends))

    async def _ends(self, given: Mapping[str, Any]) -> tuple[End, End]:
        source, target = (_end(given.get(what), what) for what in ("source", "target"))
        if "external_metadata" not in (source[0], target[0]):
            raise invalid("One of source and target must be an external metadata object.")
        for end, privilege in ((source, "SELECT"), (target, "MODIFY")):
            await self._must_exist(end)
            if end[0] == "table":
                self._rights.check(caller(), of_table(end[1], privilege))
            elif end[0] == "external_metadata" and not self._rights.manages("external_metadata", end[1]):
                raise denied(f"User does not have MODIFY on External Metadata '{end[1]}'.")
        return source, target

    async def _must_exist(self, end: End) -> None:
        kind, name = end
        if kind == "table":
            await self._securables.must_exist({"type": "table", "name": name})
        elif kind == "external_metadata" and self._store.get("external_metadata", name) is None:
            raise missing("RESOURCE_DOES_NOT_EXIST", f"External metadata '{name}' does not exist.")

    def _told(self, kept: Document, other: str) -> Document:
        """A relationship as lists have it: what it is, and what stands at its other end."""
        kind, name = _end(kept[other], other)
        at = {"event_time": kept["event_time"]}
        info: dict[str, Any]
        if kind == "table":
            catalog, schema, short = name.split(".")
            info = {"table_info": {"catalog_name": catalog, "schema_name": schema, "name": short, **at}}
        elif kind == "path":
            info = {"file_info": {"path": name, **at}}
        else:
            made = self._store.get("external_metadata", name) or {}
            told = {field: made.get(field) for field in ("name", "system_type", "entity_type")}
            info = {"external_metadata_info": {**told, **at}}
        return {"external_lineage_info": {k: v for k, v in kept.items() if k != "event_time"}, **info}


def _end(given: Any, what: str) -> End:
    """The one thing that an object names."""
    named = given if isinstance(given, dict) else {}
    if len(named) != 1 or not set(named) <= set(_ENDS):
        raise invalid(f"{what} must be exactly one of {', '.join(_ENDS)}, not {', '.join(named) or 'nothing'}.")
    ((kind, told),) = named.items()
    name = str((told or {}).get(_ENDS[kind]) or "")
    if not name:
        raise invalid(f"Missing required field: {what}.{kind}.{_ENDS[kind]}")
    return kind, name if kind == "path" else name.lower()


def _nested(given: Parameters, under: str) -> dict[str, Any]:
    """What a query's dotted names say under one of them."""
    found: dict[str, Any] = {}
    for dotted, value in given.items():
        first, *between, last = dotted.split(".") if "." in dotted else ("", "")
        if first == under:
            inner = found
            for part in between:
                inner = inner.setdefault(part, {})
            inner[last] = value
    return found


def _key(source: End, target: End) -> str:
    return f"{' '.join(source)} > {' '.join(target)}"
