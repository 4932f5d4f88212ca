"""Unity Catalog 2.1: the catalog, its schemas and tables as the Delta logs tell them, to who may know of them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from starlette.routing import Route

from local.databricks import views
from local.databricks.audit import Audit
from local.databricks.credentials import table_id, url
from local.databricks.errors import ApiError, denied, invalid
from local.databricks.held import Held, Need, of_table
from local.databricks.lakehouse import Lakehouse
from local.databricks.rights import Rights
from local.databricks.securables import Securables
from local.databricks.store import Document, Store
from local.databricks.tasks import now
from local.databricks.web import Parameters, caller, flag, page, route

Tell = Callable[[str, str], Document]
_SCHEMA_NAME = re.compile(r"\w+", re.ASCII)
_NOT_BROWSED = ("properties", "storage_location", "view_definition")
_TOLD = ("comment", "created_at")  # of a schema that was made here


class UnityCatalog:
    """Handlers of /api/2.1/unity-catalog."""

    def __init__(
        self, store: Store, lakehouse: Lakehouse, rights: Rights, securables: Securables, audit: Audit
    ) -> None:
        self._store, self._lakehouse, self._rights, self._securables = store, lakehouse, rights, securables
        self._audit, self._started = audit, now()

    def routes(self) -> list[Route]:
        """Every route."""
        at, kept = "unity-catalog", self._audit.kept
        return [
            route("GET", f"{at}/catalogs", self.catalogs),
            route("GET", f"{at}/catalogs/{{name}}", self.catalog),
            route("GET", f"{at}/schemas", self.schemas),
            route("POST", f"{at}/schemas", kept("createSchema", self.create_schema)),
            route("DELETE", f"{at}/schemas/{{name}}", kept("deleteSchema", self.delete_schema)),
            route("GET", f"{at}/schemas/{{name}}", self.schema),
            route("GET", f"{at}/tables", self.tables),
            route("GET", f"{at}/tables/{{name}}", self.table),
            route("DELETE", f"{at}/tables/{{name}}", kept("deleteTable", self.delete_table)),
        ]

    async def delete_table(self, given: Parameters) -> Document:
        """Drop a table with its files, or a view; for who owns it or what it lies in, or holds MANAGE."""
        await self._securables.must_exist({**given, "type": "table"})
        name = given["name"]
        self._rights.check(caller(), [Need("MANAGE", "table", name)])
        if self._store.get("views", name) is None:
            await asyncio.to_thread(self._lakehouse.drop_table, name.partition(".")[2])
        self._store.delete("views", name)
        self._rights.forget("table", name)
        return {}

    async def catalogs(self, given: Parameters) -> Document:
        """The one catalog, for who owns or may use it."""
        held, own = self._rights.of(caller()), Need("USE_CATALOG", "catalog", self._lakehouse.catalog)
        if held.has(own):
            return {"catalogs": [self._catalog()]}
        return {"catalogs": [_selective(self._catalog())]} if self._browses(held, given) else {}

    async def catalog(self, given: Parameters) -> Document:
        """A catalog by name."""
        await self._securables.must_exist({**given, "type": "catalog"})
        held, need = self._rights.of(caller()), Need("USE_CATALOG", "catalog", given["name"])
        if not held.has(need) and self._browses(held, given):
            return _selective(self._catalog())
        self._rights.check(caller(), [need])
        return self._catalog()

    def _browses(self, held: Held, given: Parameters) -> bool:
        """Whether what may not be used is told of, too: asked for by `include_browse`, to who has BROWSE."""
        return flag(given, "include_browse") and held.has(Need("BROWSE", "catalog", self._lakehouse.catalog))

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
        await self._securables.must_exist({"type": "catalog", "name": str(given.get("catalog_name"))})
        held, catalog = self._rights.of(caller()), self._lakehouse.catalog
        browses = self._browses(held, given)
        seen = [name for name in self._lakehouse.schemas if browses or held.uses(f"{catalog}.{name}")]
        shown, more = page(seen, given, "max_results", 1000, 1000)
        told = [(self._schema(name), held.uses(f"{catalog}.{name}")) for name in shown]
        return {"schemas": [schema if used else _selective(schema) for schema, used in told], **more}

    async def schema(self, given: Parameters) -> Document:
        """A schema by its full name."""
        await self._securables.must_exist({**given, "type": "schema"})
        held, told = self._rights.of(caller()), self._schema(given["name"].partition(".")[2])
        if held.uses(given["name"]):
            return told
        if self._browses(held, given):
            return _selective(told)
        raise denied(str(Need("USE_SCHEMA", "schema", given["name"])))

    async def create_schema(self, given: Parameters) -> Document:
        """A new schema, in the catalog's own storage."""
        await self._securables.must_exist({"type": "catalog", "name": str(given.get("catalog_name"))})
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
        await self._securables.must_exist({**given, "type": "schema"})
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
        await self._securables.must_exist({"type": "schema", "name": name})
        found = await asyncio.to_thread(self._lakehouse.tables)
        known = {view["name"].partition(".")[2]: view for view in self._store.all("views")}
        held = self._rights.of(caller(), *found)
        within = [table for table in (*found, *known) if table.startswith(f"{given['schema_name']}.")]
        browses = self._browses(held, given)
        names = sorted(table for table in within if browses or held.sees(f"{given['catalog_name']}.{table}"))
        shown, more = page(names, given, "max_results", 50, 50)
        told = self._lakehouse.named if flag(given, "omit_columns") else self._lakehouse.describe
        described = [
            await self._described(held, table, known.get(table), found.get(table, ""), told) for table in shown
        ]
        return {"tables": described, **more} if described else more

    async def table(self, given: Parameters) -> Document:
        """A table by its full name, with its columns and their comments."""
        await self._securables.must_exist({**given, "type": "table"})
        name = given["name"].partition(".")[2]
        held = self._rights.of(caller(), name)
        if not held.sees(given["name"]) and not self._browses(held, given):
            raise denied(str(held.lacks(of_table(given["name"], "SELECT"))))
        if view := self._store.get("views", given["name"]):
            return await self._described(held, name, view, "")
        found = await asyncio.to_thread(self._lakehouse.tables)
        return await self._described(held, name, None, found[name])

    async def _described(
        self, held: Held, table: str, view: Document | None, location: str, tell: Tell | None = None
    ) -> Document:
        tell = tell or self._lakehouse.describe
        told = views.describe(view) if view else await asyncio.to_thread(tell, table, location)
        made = self._made(self._rights.owner("table", told["full_name"]))
        told = {**made, "table_id": table_id(told["full_name"]), **told}
        return told if held.sees(told["full_name"]) else _selective(told)

    def _made(self, owner: str) -> Document:
        """What the service tells of everything: whose it is, and since when (for what was found: since the start)."""
        who = {"owner": owner, "created_by": owner, "updated_by": owner}
        return {**who, "created_at": self._started, "updated_at": self._started}


def _selective(told: Document) -> Document:
    """What is told to who may browse, and nothing more."""
    return {key: value for key, value in told.items() if key not in _NOT_BROWSED} | {"browse_only": True}
