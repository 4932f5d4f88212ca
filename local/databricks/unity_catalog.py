"""Unity Catalog 2.1: direct and effective grants, and the catalog, schemas and tables as the Delta logs tell them."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from starlette.routing import Route

from local.databricks import views
from local.databricks.account import Account
from local.databricks.credentials import table_id, url
from local.databricks.errors import ApiError, denied, invalid, missing
from local.databricks.held import Held, Need, of_table
from local.databricks.lakehouse import Lakehouse
from local.databricks.privileges import APPLICABLE, parents
from local.databricks.rights import Rights
from local.databricks.store import Document, Store
from local.databricks.tasks import now
from local.databricks.web import Parameters, caller, flag, integer, page, route

_PAGE = 20
_SCHEMA_NAME = re.compile(r"\w+", re.ASCII)
_TOLD = ("comment", "created_at")  # of a schema that was made here
_SMALLEST_PAGE = 150


class UnityCatalog:
    """Handlers of /api/2.1/unity-catalog."""

    def __init__(self, store: Store, lakehouse: Lakehouse, account: Account, rights: Rights) -> None:
        self._store, self._lakehouse, self._account, self._rights = store, lakehouse, account, rights
        self._started = now()

    def routes(self) -> list[Route]:
        """Every route."""
        at = "unity-catalog"
        return [
            route("GET", f"{at}/permissions/{{type}}/{{name}}", self.get_permissions),
            route("PATCH", f"{at}/permissions/{{type}}/{{name}}", self.change_permissions),
            route("GET", f"{at}/effective-permissions/{{type}}/{{name}}", self.effective),
            route("GET", f"{at}/catalogs", self.catalogs),
            route("GET", f"{at}/catalogs/{{name}}", self.catalog),
            route("GET", f"{at}/schemas", self.schemas),
            route("POST", f"{at}/schemas", self.create_schema),
            route("DELETE", f"{at}/schemas/{{name}}", self.delete_schema),
            route("GET", f"{at}/schemas/{{name}}", self.schema),
            route("GET", f"{at}/tables", self.tables),
            route("GET", f"{at}/tables/{{name}}", self.table),
            route("DELETE", f"{at}/tables/{{name}}", self.delete_table),
        ]

    async def get_permissions(self, given: Parameters) -> Document:
        """Direct grants of a securable, in pages when `max_results` is given."""
        await self._must_exist(given)
        grants = [{"principal": who, "privileges": sorted(what)} for who, what in sorted(self._grants(given).items())]
        return _in_pages(_of_principal(grants, given), given)

    async def change_permissions(self, given: Parameters) -> Document:
        """Apply all changes, or none; for who owns the securable or what it lies in, or holds MANAGE."""
        await self._must_exist(given)
        kind, name = given["type"], given["name"]
        self._rights.check(caller(), [Need("MANAGE", kind, name)])
        grants = {who: set(what) for who, what in self._grants(given).items()}
        for change in given.get("changes") or []:
            who, add, remove = self._checked(given, change)
            held = (grants.get(who, set()) | add) - remove
            if "ALL_PRIVILEGES" in remove:
                held = add
            grants[who] = held
            if "EXTERNAL_USE_SCHEMA" in add:  # which an owner of the catalog alone gives
                self._rights.check(caller(), [Need("MANAGE", "catalog", self._lakehouse.catalog)])
        kept = {who: sorted(what) for who, what in grants.items() if what}
        self._rights.grant(kind, name, kept)
        return {"privilege_assignments": [{"principal": who, "privileges": kept[who]} for who in sorted(kept)]}

    def _checked(self, given: Parameters, change: Any) -> tuple[str, set[str], set[str]]:
        """The principal, what it gains and what it loses, as the service would accept it."""
        who = change.get("principal") if isinstance(change, dict) else None
        if not who:
            raise invalid("Each change needs a principal.")
        if not self._account.knows(who):
            raise missing("PRINCIPAL_DOES_NOT_EXIST", f"Could not find principal with name {who}")
        add, remove = ({str(p).replace(" ", "_") for p in change.get(key) or []} for key in ("add", "remove"))
        for privilege in sorted(add | remove):
            if privilege not in APPLICABLE[given["type"]]:
                kind = given["type"].upper()
                raise invalid(f"Privilege {privilege} is not applicable to this entity [{given['name']}:{kind}].")
        if both := add & remove:
            raise invalid(f"Privilege {', '.join(sorted(both))} is both added to and removed from {who}.")
        return who, add, remove

    async def delete_table(self, given: Parameters) -> Document:
        """Drop a table with its files, or a view; for who owns it or what it lies in, or holds MANAGE."""
        await self._must_exist({**given, "type": "table"})
        name = given["name"]
        self._rights.check(caller(), [Need("MANAGE", "table", name)])
        if self._store.get("views", name) is None:
            await asyncio.to_thread(self._lakehouse.drop_table, name.partition(".")[2])
        self._store.delete("views", name)
        self._rights.forget("table", name)
        return {}

    async def effective(self, given: Parameters) -> Document:
        """Grants of a securable with those that it inherits, each told from where."""
        await self._must_exist(given)
        found: dict[str, list[Document]] = {}
        for kind, name in [(given["type"], given["name"]), *parents(given["type"], given["name"])]:
            for who, privileges in self._grants({"type": kind, "name": name}).items():
                for privilege in privileges:
                    if privilege in APPLICABLE[given["type"]]:
                        source = {} if name == given["name"] else {"inherited_from_type": kind.upper()}
                        source |= {"inherited_from_name": name} if source else {}
                        found.setdefault(who, []).append({"privilege": privilege, **source})
        grants = [{"principal": who, "privileges": found[who]} for who in sorted(found)]
        return _in_pages(_of_principal(grants, given), given)

    def _grants(self, given: Parameters) -> dict[str, list[str]]:
        return self._rights.granted(given["type"], given["name"])

    async def _must_exist(self, given: Parameters) -> None:
        given["type"] = given["type"].lower()
        kind, name = given["type"], given["name"]
        if kind not in APPLICABLE:
            raise invalid(f"Securable type {kind} is not one of {', '.join(APPLICABLE)}.")
        catalog, _, rest = name.partition(".")
        exists = catalog == self._lakehouse.catalog
        if exists and kind == "schema":
            exists = rest in self._lakehouse.schemas
        elif exists and kind == "table":
            exists = self._store.get("views", name) is not None or rest in await asyncio.to_thread(
                self._lakehouse.tables
            )
        elif kind != "catalog":
            exists = False
        if not exists or (kind == "catalog" and rest):
            raise missing(f"{kind.upper()}_DOES_NOT_EXIST", f"{kind.capitalize()} '{name}' does not exist.")

    async def catalogs(self, _: Parameters) -> Document:
        """The one catalog."""
        return {"catalogs": [self._catalog()]}

    async def catalog(self, given: Parameters) -> Document:
        """A catalog by name."""
        await self._must_exist({**given, "type": "catalog"})
        return self._catalog()

    def _catalog(self) -> Document:
        name = self._lakehouse.catalog
        owner = self._rights.owner("catalog", name)
        return {
            **self._made(owner),
            "name": name,
            "full_name": name,
            "catalog_type": "MANAGED_CATALOG",
            "securable_type": "CATALOG",
        }

    async def schemas(self, given: Parameters) -> Document:
        """The schemas of a catalog that the caller owns or may use; all for who owns the catalog."""
        await self._must_exist({"type": "catalog", "name": str(given.get("catalog_name"))})
        held, catalog = self._rights.of(caller()), self._lakehouse.catalog
        seen = [
            name
            for name in self._lakehouse.schemas
            if held.has(Need("USE_SCHEMA", "schema", f"{catalog}.{name}"))
            or held.has(Need("MANAGE", "schema", f"{catalog}.{name}"))
        ]
        shown, more = page(seen, given, "max_results", 1000, 1000)
        return {"schemas": [self._schema(name) for name in shown], **more}

    async def schema(self, given: Parameters) -> Document:
        """A schema by its full name."""
        await self._must_exist({**given, "type": "schema"})
        if not self._rights.of(caller()).has(Need("MANAGE", "schema", given["name"])):
            self._rights.check(caller(), [Need("USE_SCHEMA", "schema", given["name"])])
        return self._schema(given["name"].partition(".")[2])

    async def create_schema(self, given: Parameters) -> Document:
        """A new schema, in the catalog's own storage."""
        await self._must_exist({"type": "catalog", "name": str(given.get("catalog_name"))})
        self._rights.check(caller(), [Need("CREATE_SCHEMA", "catalog", self._lakehouse.catalog)])
        name = str(given.get("name"))
        if not _SCHEMA_NAME.fullmatch(name):
            raise invalid(f"name must be letters, digits and underscores, not {name!r}.")
        if name in self._lakehouse.schemas:
            raise ApiError(400, "SCHEMA_ALREADY_EXISTS", f"Schema '{name}' already exists.")
        made = {"name": name, "storage_location": self._lakehouse.create(name), "comment": given.get("comment")}
        self._store.put("schemas", name, {**made, "created_at": now()})
        self._rights.own("schema", f"{self._lakehouse.catalog}.{name}", caller().name)
        return self._schema(name)

    async def delete_schema(self, given: Parameters) -> Document:
        """Remove a schema that was made here; with what is in it only by `force`."""
        await self._must_exist({**given, "type": "schema"})
        full = given["name"]
        self._rights.check(caller(), [Need("MANAGE", "schema", full)])
        name = full.partition(".")[2]
        if self._store.get("schemas", name) is None:
            raise ApiError(403, "PERMISSION_DENIED", f"Schema '{full}' is the workspace's own: it stays.")
        within = f"{full}."
        views = [view["name"] for view in self._store.all("views") if view["name"].startswith(within)]
        tables = await asyncio.to_thread(self._lakehouse.tables)
        if not flag(given, "force") and (views or any(table.startswith(f"{name}.") for table in tables)):
            raise ApiError(400, "INVALID_STATE", f"Cannot delete schema '{full}': it is not empty. Use force.")
        await asyncio.to_thread(self._lakehouse.drop, name)
        gone = [f"{self._lakehouse.catalog}.{table}" for table in tables if table.startswith(f"{name}.")]
        for view in views:
            self._store.delete("views", view)
        for kind, securable in (("schema", full), *(("table", table) for table in (*gone, *views))):
            self._rights.forget(kind, securable)
        self._store.delete("schemas", name)
        return {}

    def _schema(self, name: str) -> Document:
        catalog = self._lakehouse.catalog
        location = self._lakehouse.schemas[name]
        found = {"name": name, "catalog_name": catalog, "full_name": f"{catalog}.{name}", "securable_type": "SCHEMA"}
        found |= self._made(self._rights.owner("schema", f"{catalog}.{name}"))
        made = self._store.get("schemas", name) or {}
        found |= {"updated_at": made["created_at"]} if made else {}
        return {**found, "storage_location": url(location), **{key: made[key] for key in _TOLD if made.get(key)}}

    async def tables(self, given: Parameters) -> Document:
        """The tables of a schema that the caller owns or may read, with their columns."""
        name = f"{given.get('catalog_name')}.{given.get('schema_name')}"
        await self._must_exist({"type": "schema", "name": name})
        found = await asyncio.to_thread(self._lakehouse.tables)
        known = {view["name"].partition(".")[2]: view for view in self._store.all("views")}
        held = self._rights.of(caller(), *found)
        names = sorted(
            table
            for table in (*found, *known)
            if table.startswith(f"{given['schema_name']}.") and self._told_to(held, table)
        )
        shown, more = page(names, given, "max_results", 50, 50)
        described = [await self._described(table, known.get(table), found.get(table, "")) for table in shown]
        return {"tables": described, **more} if described else more

    async def table(self, given: Parameters) -> Document:
        """A table by its full name, with its columns and their comments."""
        await self._must_exist({**given, "type": "table"})
        name = given["name"].partition(".")[2]
        held = self._rights.of(caller(), name)
        if not self._told_to(held, name) and (lacking := held.lacks(of_table(given["name"], "SELECT"))):
            raise denied(str(lacking))
        if view := self._store.get("views", given["name"]):
            return await self._described(name, view, "")
        found = await asyncio.to_thread(self._lakehouse.tables)
        return await self._described(name, None, found[name])

    def _told_to(self, held: Held, table: str) -> bool:
        """Whether somebody may know of a table: who may read it, and who owns it or what it lies in."""
        full = f"{self._lakehouse.catalog}.{table}"
        needs = of_table(full, "SELECT")
        return not held.lacks(needs) or (held.has(needs[0]) and held.has(Need("MANAGE", "table", full)))

    async def _described(self, table: str, view: Document | None, location: str) -> Document:
        told = views.describe(view) if view else await asyncio.to_thread(self._lakehouse.describe, table, location)
        made = self._made(self._rights.owner("table", told["full_name"]))
        return {**made, "table_id": table_id(told["full_name"]), **told}

    def _made(self, owner: str) -> Document:
        """What the service tells of everything: whose it is, and since when (for what was found: since the start)."""
        who = {"owner": owner, "created_by": owner, "updated_by": owner}
        return {**who, "created_at": self._started, "updated_at": self._started}


def _of_principal(grants: list[Document], given: Parameters) -> list[Document]:
    who = given.get("principal")
    return [grant for grant in grants if who in {None, "", grant["principal"]}]


def _in_pages(grants: list[Document], given: Parameters) -> Document:
    """All at once without `max_results`; else pages of the service's own length, as it documents them."""
    if "max_results" not in given:
        return {"privilege_assignments": grants} if grants else {}
    asked = integer(given, "max_results")
    if asked < 0 or 0 < asked < _SMALLEST_PAGE:
        raise ApiError(400, "INVALID_PARAMETER_VALUE", f"max_results must be 0 or at least {_SMALLEST_PAGE}.")
    shown, more = page(grants, {**given, "limit": _PAGE}, "limit", _PAGE, _PAGE)
    return {"privilege_assignments": shown, **more}
