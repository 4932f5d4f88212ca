"""Shares over REST: which tables are in one, and which recipients read it (databricks-sdk, service/sharing.py)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from starlette.routing import Route

from local.databricks.audit import Audit
from local.databricks.errors import ApiError, denied, invalid, missing
from local.databricks.held import Need, of_table
from local.databricks.lakehouse import Lakehouse
from local.databricks.policies import Policies
from local.databricks.rights import Rights
from local.databricks.store import Document, Store
from local.databricks.tasks import now
from local.databricks.web import Parameters, caller, flag, page, route

_SHARED_AS = re.compile(r"\w+\.\w+", re.ASCII)
_OPERATIONS = ("EQUAL", "LIKE")


class SharesApi:
    """Handlers of /api/2.1/unity-catalog/shares."""

    def __init__(self, store: Store, lakehouse: Lakehouse, rights: Rights, policies: Policies, audit: Audit) -> None:
        self._store, self._lakehouse, self._rights, self._policies = store, lakehouse, rights, policies
        self._audit = audit

    def routes(self) -> list[Route]:
        """Every route."""
        at, kept = "unity-catalog/shares", self._audit.kept
        return [
            route("GET", at, self.all),
            route("POST", at, kept("createShare", self.create)),
            route("GET", f"{at}/{{name}}", self.get),
            route("PATCH", f"{at}/{{name}}", kept("updateShare", self.update)),
            route("DELETE", f"{at}/{{name}}", kept("deleteShare", self.delete)),
            route("GET", f"{at}/{{name}}/permissions", self.permissions),
            route("PATCH", f"{at}/{{name}}/permissions", kept("updateSharePermissions", self.permit)),
        ]

    async def all(self, given: Parameters) -> Document:
        """Those that the caller made; all for an owner of the metastore."""
        found = [_told(each) for each in self._store.all("shares") if self._rights.manages("shares", each["name"])]
        shown, more = page(found, given, "max_results", 1000, 1000)
        return {"shares": shown, **more} if shown else more

    async def create(self, given: Parameters) -> Document:
        """A new one without tables; for who may make shares."""
        self._rights.check(caller(), [Need("CREATE_SHARE", "metastore", self._rights.METASTORE)])
        if not (name := str(given.get("name") or "")):
            raise invalid("Missing required field: name")
        if self._store.get("shares", name) is not None:
            raise ApiError(409, "SHARE_ALREADY_EXISTS", f"Share '{name}' already exists.")
        made = {"name": name, "comment": given.get("comment"), "owner": caller().name, "objects": [], "permissions": {}}
        return self._keep({**made, "created_at": now(), "created_by": caller().name})

    async def get(self, given: Parameters) -> Document:
        """One by its name; with its tables where they are asked for."""
        return _told(self._managed(given), objects=flag(given, "include_shared_data"))

    async def delete(self, given: Parameters) -> Document:
        """Remove one."""
        self._store.delete("shares", self._managed(given)["name"])
        return {}

    async def update(self, given: Parameters) -> Document:
        """Add, change and take out tables: all of it or nothing."""
        share = self._managed(given)
        share |= {key: given[key] for key in ("comment",) if key in given}
        objects = {each["name"]: each for each in share["objects"]}
        for update in given.get("updates") or []:
            action, asked = update.get("action"), update.get("data_object") or {}
            name = str(asked.get("name"))
            if action not in {"ADD", "UPDATE", "REMOVE"}:
                raise invalid(f"action must be one of ADD, REMOVE, UPDATE, not {action!r}.")
            if (name in objects) == (action == "ADD"):
                told = "is in it already" if action == "ADD" else "is not in it"
                raise ApiError(400, "INVALID_STATE", f"Share '{share['name']}': '{name}' {told}.")
            if action == "REMOVE":
                del objects[name]
            else:
                objects[name] = await self._object({**objects.get(name, {}), **asked})
        twice = [each["shared_as"] for each in objects.values()]
        if len(twice) != len(set(twice)):
            raise invalid("Two tables of a share have the same shared_as.")
        return self._keep({**share, "objects": list(objects.values())}, objects=True)

    async def _object(self, asked: Document) -> Document:
        """A table as it stands in a share; for who reads all of it."""
        name = str(asked["name"])
        kind = asked.get("data_object_type") or "TABLE"
        if kind not in {"TABLE", "VIEW"}:
            raise invalid(f"Data objects of type {kind} are not served here.")
        tables = await asyncio.to_thread(self._lakehouse.tables)
        table, is_view = name.removeprefix(f"{self._lakehouse.catalog}."), self._store.get("views", name) is not None
        if (not is_view if kind == "VIEW" else table not in tables) or not name.startswith(self._lakehouse.catalog):
            raise missing("TABLE_DOES_NOT_EXIST", f"{kind.title()} '{name}' does not exist.")
        self._rights.check(caller(), of_table(name, "SELECT"))
        if not is_view and await asyncio.to_thread(self._policies.secured(caller(), tables).held_back, name):
            raise denied(f"Table '{name}' has ABAC policies: the owner of a share must be exempt from them.")
        shared_as = str(asked.get("shared_as") or table)
        if not _SHARED_AS.fullmatch(shared_as):
            raise invalid(f"shared_as is a schema and a table's name, not {shared_as!r}.")
        partitions = asked.get("partitions") or []
        if partitions:
            self._check_partitions(partitions, name, [] if is_view else self._lakehouse.partitions(tables[table]))
        kept = {"name": name, "data_object_type": kind, "shared_as": shared_as, "partitions": partitions}
        return {**kept, "added_at": asked.get("added_at") or now(), "added_by": caller().name, "status": "ACTIVE"}

    def _check_partitions(self, partitions: list[Any], table: str, columns: list[str]) -> None:
        for value in (value for partition in partitions for value in partition.get("values") or []):
            if value.get("name") not in columns:
                raise invalid(
                    f"'{value.get('name')}' is no partition column of '{table}', which has {columns or 'none'}."
                )
            if value.get("op") not in _OPERATIONS:
                raise invalid(f"op must be one of {', '.join(_OPERATIONS)}, not {value.get('op')!r}.")

    async def permissions(self, given: Parameters) -> Document:
        """Which recipients may read it."""
        return _assigned(self._managed(given))

    async def permit(self, given: Parameters) -> Document:
        """Give it to recipients, or take it from them: all or nothing."""
        share = self._managed(given)
        permissions = dict(share["permissions"])
        for change in given.get("changes") or []:
            who, added, removed = str(change.get("principal")), change.get("add") or [], change.get("remove") or []
            if self._store.get("recipients", who) is None:
                raise missing("RECIPIENT_DOES_NOT_EXIST", f"Recipient '{who}' does not exist.")
            if odd := sorted({*added, *removed} - {"SELECT"}):
                raise invalid(f"Privilege {odd[0]} is not applicable to this entity [{share['name']}:SHARE].")
            if added:
                permissions[who] = ["SELECT"]
            elif removed:
                permissions.pop(who, None)
        self._keep({**share, "permissions": permissions})
        return _assigned({**share, "permissions": permissions})

    def _managed(self, given: Parameters) -> Document:
        share = self._store.get("shares", given["name"])
        if share is None:
            raise missing("SHARE_DOES_NOT_EXIST", f"Share '{given['name']}' does not exist.")
        if not self._rights.manages("shares", given["name"]):
            raise denied(f"User is not an owner of Share '{given['name']}'.")
        return share

    def _keep(self, share: Document, *, objects: bool = False) -> Document:
        kept = {**share, "updated_at": now(), "updated_by": caller().name}
        self._store.put("shares", kept["name"], kept)
        return _told(kept, objects=objects)


def _told(share: Document, *, objects: bool = False) -> Document:
    hidden = {"permissions"} if objects else {"permissions", "objects"}
    return {key: value for key, value in share.items() if key not in hidden and value is not None}


def _assigned(share: Document) -> Document:
    given = [{"principal": who, "privileges": held} for who, held in sorted(share["permissions"].items())]
    return {"privilege_assignments": given} if given else {}
