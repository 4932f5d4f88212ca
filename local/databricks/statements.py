"""SQL statements 2.0: each runs on a kernel of its own; results are inline, a failure is an answer like any other."""

from __future__ import annotations

import asyncio
import re
import uuid
from contextlib import aclosing
from typing import Any

from starlette.routing import Route

from local.databricks.errors import invalid, missing
from local.databricks.kernel import KernelDied, Kernels
from local.databricks.lakehouse import Lakehouse, LakehouseError
from local.databricks.store import Document, Store
from local.databricks.web import Parameters, integer, route

WAREHOUSE = {
    "id": "local",
    "name": "local",
    "state": "RUNNING",
    "cluster_size": "2X-Small",
    "warehouse_type": "PRO",
    "enable_serverless_compute": True,
}
_MOST_ROWS = 100_000
_WAIT = re.compile(r"^(\d+)s$")
_TYPES = {"bigint": "LONG", "tinyint": "BYTE", "smallint": "SHORT"}
_WHOLE = {"INT", "LONG", "BIGINT", "SMALLINT", "TINYINT", "INTEGER"}


class Statements:
    """Handlers of /api/2.0/sql; statements survive a restart with their results."""

    def __init__(self, store: Store, kernels: Kernels, lakehouse: Lakehouse) -> None:
        self._store, self._kernels, self._lakehouse = store, kernels, lakehouse
        self._going: dict[str, asyncio.Task[None]] = {}
        self._closing = False

    def routes(self) -> list[Route]:
        """Every route."""
        return [
            route("POST", "sql/statements", self.submit),
            route("POST", "sql/statements/", self.submit),
            route("GET", "sql/statements/{statement_id}", self.get),
            route("GET", "sql/statements/{statement_id}/result/chunks/{index:int}", self.chunk),
            route("POST", "sql/statements/{statement_id}/cancel", self.cancel),
            route("GET", "sql/warehouses", self.warehouses),
            route("GET", "sql/warehouses/{id}", self.warehouse),
            route("GET", "clusters/spark-versions", self.spark_versions),
        ]

    def recover(self) -> None:
        """Fail the statements that a killed server left behind."""
        for statement in self._store.all("statements"):
            if statement["status"]["state"] in {"PENDING", "RUNNING"}:
                self._fail(statement, "INTERNAL_ERROR", "The workspace stopped while this statement was running.")

    async def close(self) -> None:
        """Stop every statement's process; `recover` tells them of it."""
        self._closing = True
        for going in self._going.values():
            going.cancel()
        await asyncio.gather(*self._going.values(), return_exceptions=True)

    async def submit(self, given: Parameters) -> Document:
        """Start a statement; wait for it as long as `wait_timeout` says (0s: not at all, which answers PENDING)."""
        if not given.get("statement"):
            raise invalid("Missing required field: statement")
        if not given.get("warehouse_id"):
            raise invalid("Missing required field: warehouse_id")
        wait = _WAIT.match(str(given.get("wait_timeout", "10s")))
        if not wait or not (int(wait[1]) == 0 or 5 <= int(wait[1]) <= 50):
            raise invalid(f"wait_timeout must be 0s or between 5s and 50s, not {given['wait_timeout']!r}.")
        statement: Document = {"statement_id": str(uuid.uuid4()), "status": {"state": "PENDING"}, "request": given}
        self._save(statement)
        going = asyncio.create_task(self._run(statement))
        self._going[statement["statement_id"]] = going
        if int(wait[1]):
            await asyncio.wait([going], timeout=int(wait[1]))
            if not going.done() and given.get("on_wait_timeout") == "CANCEL":
                going.cancel()
                await asyncio.wait([going])
        return _public(statement)

    async def _run(self, statement: Document) -> None:
        given = statement["request"]
        try:
            tables = await asyncio.to_thread(self._lakehouse.tables)
            job = {
                "statement": given["statement"],
                "parameters": {p["name"]: _typed(p) for p in given.get("parameters") or []},
                "use_catalog": given.get("catalog"),
                "use_schema": given.get("schema"),
                "row_limit": min(integer(given, "row_limit", _MOST_ROWS), _MOST_ROWS),
                "tables": tables,
                "views": [view["statement"] for view in self._store.all("views")],
                "schemas": self._lakehouse.schemas,
                "catalog": self._lakehouse.catalog,
                "python_path": [],
            }
            async with self._kernels.free:
                statement["status"] = {"state": "RUNNING"}
                self._save(statement)
                async with aclosing(self._kernels.run(job)) as events:
                    async for event in events:
                        self._take(statement, event)
        except (KernelDied, LakehouseError) as error:
            self._fail(statement, "INTERNAL_ERROR", str(error))
        except asyncio.CancelledError:
            if self._closing:
                raise
            statement["status"] = {"state": "CANCELED"}
            self._save(statement)
        except Exception as error:  # the statement must end
            self._fail(statement, "INTERNAL_ERROR", repr(error))
        finally:
            self._going.pop(statement["statement_id"], None)

    def _take(self, statement: Document, event: Document) -> None:
        if event["event"] == "error":
            self._fail(statement, "BAD_REQUEST", event["error"])
            return
        if event["event"] == "view":
            self._store.put("views", event["name"], event)
            return
        rows = event["rows"]
        columns = [
            {"name": c["name"], "position": i, "type_name": _type_name(c["type"]), "type_text": c["type"].upper()}
            for i, c in enumerate(event["columns"])
        ]
        statement["manifest"] = {
            "format": "JSON_ARRAY",
            "schema": {"column_count": len(columns), "columns": columns},
            "total_row_count": len(rows),
            "total_chunk_count": 1 if rows else 0,
            "chunks": [{"chunk_index": 0, "row_offset": 0, "row_count": len(rows)}] if rows else [],
            "truncated": event["truncated"],
        }
        statement["result"] = {"chunk_index": 0, "row_offset": 0, "row_count": len(rows), "data_array": rows}
        statement["status"] = {"state": "SUCCEEDED"}
        self._save(statement)

    def _fail(self, statement: Document, code: str, message: str) -> None:
        statement["status"] = {"state": "FAILED", "error": {"error_code": code, "message": message}}
        self._save(statement)

    def _save(self, statement: Document) -> None:
        self._store.put("statements", statement["statement_id"], statement)

    def _find(self, given: Parameters) -> Document:
        statement = self._store.get("statements", given["statement_id"])
        if statement is None:
            raise missing("NOT_FOUND", f"The statement {given['statement_id']} was not found.")
        return statement

    async def get(self, given: Parameters) -> Document:
        """A statement's state and, once it succeeded, its rows."""
        return _public(self._find(given))

    async def chunk(self, given: Parameters) -> Document:
        """The rows again: there is one chunk."""
        statement = self._find(given)
        if given["index"] != 0 or "result" not in statement:
            raise missing("NOT_FOUND", f"The statement {given['statement_id']} has no chunk {given['index']}.")
        return dict(statement["result"])

    async def cancel(self, given: Parameters) -> Document:
        """Stop a statement; one that is over stays as it is."""
        self._find(given)
        if going := self._going.get(given["statement_id"]):
            going.cancel()
        return {}

    async def warehouses(self, _: Parameters) -> Document:
        """The one warehouse."""
        return {"warehouses": [WAREHOUSE]}

    async def warehouse(self, given: Parameters) -> Document:
        """A warehouse by id; every id is answered, since a connection names its own."""
        return {**WAREHOUSE, "id": given["id"]}

    async def spark_versions(self, _: Parameters) -> Document:
        """What the provider's connection test reads."""
        return {"versions": [{"key": "sail", "name": "Sail (Spark Connect)"}]}


def _public(statement: Document) -> Document:
    return {key: value for key, value in statement.items() if key != "request"}


def _type_name(spark_type: str) -> str:
    name = spark_type.partition("(")[0].partition("<")[0]
    return _TYPES.get(name, name.upper())


def _typed(parameter: dict[str, Any]) -> Any:
    """A named parameter as its type says; text without one."""
    value, kind = parameter.get("value"), str(parameter.get("type", "STRING")).upper()
    if value is None:
        return None
    if kind in _WHOLE:
        return int(value)
    if kind in {"DOUBLE", "FLOAT"} or kind.startswith("DECIMAL"):
        return float(value)
    if kind == "BOOLEAN":
        return str(value).lower() == "true"
    return str(value)
