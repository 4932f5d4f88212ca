"""Temporary table credentials: keys to a table's own storage, for clients that read it past the warehouse."""

from __future__ import annotations

import asyncio
import os
import uuid
from pathlib import Path

from starlette.routing import Route

from local.databricks.errors import denied, invalid, missing
from local.databricks.held import Need, of_table
from local.databricks.lakehouse import Lakehouse
from local.databricks.policies import Policies
from local.databricks.rights import Rights
from local.databricks.store import Document
from local.databricks.tasks import now
from local.databricks.web import Parameters, caller, route

_KEPT = 3_600_000  # milliseconds for which they open
_NEEDS = {"READ": ("SELECT",), "READ_WRITE": ("SELECT", "MODIFY")}


def table_id(full_name: str) -> str:
    """The id by which a table's credentials are asked for."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, full_name))


def url(location: str) -> str:
    """A table's place as clients read it: a schema in a folder is one of tests."""
    return location if "://" in location else Path(location).as_uri()


class Credentials:
    """Handler of temporary-table-credentials."""

    def __init__(self, lakehouse: Lakehouse, rights: Rights, policies: Policies) -> None:
        self._lakehouse, self._rights, self._policies = lakehouse, rights, policies

    def routes(self) -> list[Route]:
        """The one route."""
        return [route("POST", "unity-catalog/temporary-table-credentials", self.generate)]

    async def generate(self, given: Parameters) -> Document:
        """Keys, for who may use the schema from outside and has the right to what is to be done."""
        operation = str(given.get("operation") or "READ")
        if operation not in _NEEDS:
            raise invalid(f"operation must be one of {', '.join(_NEEDS)}, not {operation!r}.")
        tables = await asyncio.to_thread(self._lakehouse.tables)
        names = {table_id(f"{self._lakehouse.catalog}.{name}"): name for name in tables}
        if (name := names.get(str(given.get("table_id")))) is None:
            raise missing("TABLE_DOES_NOT_EXIST", f"Table '{given.get('table_id')}' does not exist.")
        full = f"{self._lakehouse.catalog}.{name}"
        use, *rest = of_table(full, *_NEEDS[operation])
        outside = Need("EXTERNAL_USE_SCHEMA", "schema", full.rpartition(".")[0])
        self._rights.check(caller(), [use, rest[0], outside, *rest[1:]])
        if await asyncio.to_thread(self._policies.secured(caller(), tables).held_back, full):
            raise denied(
                f"Table '{full}' with row filters or column masks cannot be accessed from outside of Databricks."
            )
        keys = {
            "access_key_id": os.environ.get("AWS_ACCESS_KEY_ID", ""),
            "secret_access_key": os.environ.get("AWS_SECRET_ACCESS_KEY", ""),
            "session_token": os.environ.get("AWS_SESSION_TOKEN", ""),
        }
        return {"aws_temp_credentials": keys, "expiration_time": now() + _KEPT, "url": url(tables[name])}
