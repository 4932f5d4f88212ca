"""SQL functions of Unity Catalog over REST: what policies call."""

from __future__ import annotations

import uuid

from starlette.routing import Route

from local.databricks import routine
from local.databricks.audit import Audit
from local.databricks.errors import ApiError, denied, invalid
from local.databricks.held import Need, of_schema
from local.databricks.rights import Rights
from local.databricks.securables import Securables
from local.databricks.store import Document, Store
from local.databricks.tasks import now
from local.databricks.web import Parameters, caller, page, route

_REQUIRED = ("name", "catalog_name", "schema_name", "full_data_type", "routine_definition")
_KEPT = {
    *_REQUIRED, "comment", "data_type", "input_params", "routine_body", "parameter_style", "is_deterministic",
    "sql_data_access", "is_null_call", "security_type", "specific_name",
}  # fmt: skip


class FunctionsApi:
    """Handlers of /api/2.1/unity-catalog/functions."""

    def __init__(self, store: Store, rights: Rights, securables: Securables, audit: Audit) -> None:
        self._store, self._rights, self._securables, self._audit = store, rights, securables, audit

    def routes(self) -> list[Route]:
        """Every route."""
        at, kept = "unity-catalog/functions", self._audit.kept
        return [
            route("GET", at, self.all),
            route("POST", at, kept("createFunction", self.create)),
            route("GET", f"{at}/{{name}}", self.get),
            route("DELETE", f"{at}/{{name}}", kept("deleteFunction", self.delete)),
        ]

    async def all(self, given: Parameters) -> Document:
        """Those of a schema that the caller may execute."""
        within = f"{given.get('catalog_name')}.{given.get('schema_name')}"
        await self._securables.must_exist({"type": "schema", "name": within})
        held = self._rights.of(caller())
        found = [
            function
            for function in self._store.all("functions")
            if function["full_name"].startswith(f"{within}.")
            and held.has(Need("EXECUTE", "function", function["full_name"]))
        ]
        shown, more = page(found, given, "max_results", 1000, 1000)
        return {"functions": shown, **more} if shown else more

    async def create(self, given: Parameters) -> Document:
        """A new one, for who may make functions in the schema."""
        asked = given.get("function_info") or {}
        if lacking := [field for field in _REQUIRED if not asked.get(field)]:
            raise invalid(f"Missing required field: {lacking[0]}")
        schema = f"{asked['catalog_name']}.{asked['schema_name']}"
        await self._securables.must_exist({"type": "schema", "name": schema})
        self._rights.check(caller(), of_schema(schema, "CREATE_FUNCTION"))
        if asked.get("routine_body") != "SQL":
            raise invalid("Only functions with routine_body SQL are served here.")
        full = f"{schema}.{asked['name']}"
        if self._store.get("functions", full) is not None:
            raise ApiError(400, "FUNCTION_ALREADY_EXISTS", f"Function '{full}' already exists.")
        made = {"full_name": full, "function_id": str(uuid.uuid4()), "owner": caller().name}
        made |= {"created_at": now(), "created_by": caller().name, "updated_at": now(), "updated_by": caller().name}
        function = {**{key: value for key, value in asked.items() if key in _KEPT}, **made}
        try:
            routine.check(function)
        except routine.RoutineError as error:
            raise invalid(str(error)) from None
        self._store.put("functions", full, function)
        self._rights.own("function", full, caller().name)
        return function

    async def get(self, given: Parameters) -> Document:
        """One by its full name."""
        await self._securables.must_exist({**given, "type": "function"})
        self._rights.check(caller(), [Need("EXECUTE", "function", given["name"])])
        return dict(self._store.get("functions", given["name"]) or {})

    async def delete(self, given: Parameters) -> Document:
        """Drop one; tables whose policies call it are read by nobody to whom those apply."""
        await self._securables.must_exist({**given, "type": "function"})
        if not self._rights.of(caller()).has(Need("MANAGE", "function", given["name"])):
            raise denied(str(Need("MANAGE", "function", given["name"])))
        self._store.delete("functions", given["name"])
        self._rights.forget("function", given["name"])
        return {}
