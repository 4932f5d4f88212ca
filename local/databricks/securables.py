"""Which securables there are: the catalog, its schemas, its tables and views."""

from __future__ import annotations

import asyncio

from local.databricks.errors import invalid, missing
from local.databricks.lakehouse import Lakehouse
from local.databricks.models import STORED
from local.databricks.privileges import APPLICABLE
from local.databricks.store import Store
from local.databricks.web import Parameters


class Securables:
    """Those of the one catalog."""

    def __init__(self, store: Store, lakehouse: Lakehouse) -> None:
        self._store, self._lakehouse = store, lakehouse

    async def must_exist(self, given: Parameters) -> None:
        """Refuse a call about what is not there; its `type` is in small letters from here on."""
        given["type"] = given["type"].lower()
        kind, name = given["type"], given["name"]
        if kind not in APPLICABLE:
            raise invalid(f"Securable type {kind} is not one of {', '.join(APPLICABLE)}.")
        catalog, _, rest = name.partition(".")
        exists = catalog == self._lakehouse.catalog
        if exists and kind == "schema":
            exists = rest in self._lakehouse.schemas
        elif exists and kind == "table":
            exists = self._store.get("views", name) is not None or await asyncio.to_thread(self._lakehouse.has, rest)
        elif kind == "external_location":
            exists = name in self._lakehouse.locations
        elif kind == "function":
            exists = any(self._store.get(kept, name) is not None for kept in ("functions", STORED))
        elif kind != "catalog":
            exists = False
        if not exists or (kind == "catalog" and rest):
            told = kind.replace("_", " ").title()
            raise missing(f"{kind.upper()}_DOES_NOT_EXIST", f"{told} '{name}' does not exist.")

    async def must_have_column(self, table: str, column: str) -> None:
        """Refuse a call about a column that a table or view has not."""
        name = table.partition(".")[2]
        if view := self._store.get("views", table):
            columns = [each["col_name"] for each in view["columns"]]
        else:
            location = (await asyncio.to_thread(self._lakehouse.tables))[name]
            columns = [
                c["name"] for c in (await asyncio.to_thread(self._lakehouse.describe, name, location))["columns"]
            ]
        if column not in columns:
            raise missing("COLUMN_DOES_NOT_EXIST", f"Column '{table}.{column}' does not exist.")
