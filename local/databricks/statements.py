"""SQL statements 2.0: each runs on a kernel of its own; a failure is an answer like any other."""

from __future__ import annotations

import asyncio
import re
import uuid
from contextlib import aclosing
from typing import Any

from starlette.routing import Route

from local.databricks.audit import Audit
from local.databricks.errors import invalid, missing
from local.databricks.kernel import KernelDied, Kernels
from local.databricks.lakehouse import Lakehouse, LakehouseError
from local.databricks.results import Results, asked, refusal
from local.databricks.rights import TELLS, Rights
from local.databricks.store import Document, Store
from local.databricks.warehouse import Warehouse
from local.databricks.web import Parameters, caller, integer, route

_WAIT = re.compile(r"^(\d+)s$")
_TYPES = {"BIGINT": "LONG", "TINYINT": "BYTE", "SMALLINT": "SHORT"}
_WHOLE = {"INT", "LONG", "BIGINT", "SMALLINT", "TINYINT", "INTEGER"}


class Statements:
    """Handlers of /api/2.0/sql; statements survive a restart with their results."""

    def __init__(
        self,
        store: Store,
        kernels: Kernels,
        lakehouse: Lakehouse,
        rights: Rights,
        warehouse: Warehouse,
        kept: Results,
        audit: Audit,
    ) -> None:
        self._store, self._kernels, self._lakehouse, self._results = store, kernels, lakehouse, kept
        self._rights, self._warehouse, self._audit = rights, warehouse, audit
        self._going: dict[str, asyncio.Task[None]] = {}
        self._closing = False

    def routes(self) -> list[Route]:
        """Every route."""
        return [
            route("POST", "sql/statements", self.submit),
            route("POST", "sql/statements/", self.submit),
            route("GET", "sql/statements/{statement_id}", self.get),
            route("DELETE", "sql/statements/{statement_id}", self.close_one),
            route("POST", "sql/sessions", self.open_session),
            route("DELETE", "sql/sessions/{session_id}", self.close_session),
            route("GET", "sql/statements/{statement_id}/result/chunks/{index:int}", self.chunk),
            route("POST", "sql/statements/{statement_id}/cancel", self.cancel),
            route("GET", "clusters/spark-versions", self.spark_versions),
            *self._results.routes(),
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
        if session_id := given.get("session_id"):
            given = {**self._session(str(session_id)), **given}
        if not given.get("warehouse_id"):
            raise invalid("Missing required field: warehouse_id")
        self._warehouse.check(str(given["warehouse_id"]))
        wait = _WAIT.match(str(given.get("wait_timeout", "10s")))
        if not wait or not (int(wait[1]) == 0 or 5 <= int(wait[1]) <= 50):
            raise invalid(f"wait_timeout must be 0s or between 5s and 50s, not {given['wait_timeout']!r}.")
        if wrong := refusal(given):
            raise invalid(wrong)
        if "row_limit" in given and integer(given, "row_limit") < 1:
            raise invalid(f"row_limit must be at least 1, not {given['row_limit']}.")
        self._close_old()
        statement: Document = {"statement_id": str(uuid.uuid4()), "status": {"state": "PENDING"}, "request": given}
        statement["by"] = caller().name
        self._save(statement)
        going = asyncio.create_task(self._run(statement))
        self._going[statement["statement_id"]] = going
        if int(wait[1]):
            await asyncio.wait([going], timeout=int(wait[1]))
            if not going.done() and given.get("on_wait_timeout") == "CANCEL":
                going.cancel()
                await asyncio.wait([going])
        return self._public(statement)

    def _close_old(self) -> None:
        for statement_id in self._results.forget_old():
            if statement := self._store.get("statements", statement_id):
                statement["status"] = {"state": "CLOSED"}
                self._save(statement)

    async def _run(self, statement: Document) -> None:
        given = statement["request"]
        try:
            tables = await asyncio.to_thread(self._lakehouse.tables)
            disposition, form = asked(given)
            job = {
                "statement": given["statement"],
                "parameters": {p["name"]: _typed(p) for p in given.get("parameters") or []},
                "use_catalog": given.get("catalog"),
                "use_schema": given.get("schema"),
                "row_limit": integer(given, "row_limit") if "row_limit" in given else None,
                "disposition": disposition,
                "format": form,
                "results": str(self._results.folder(statement["statement_id"])),
                "principal": self._rights.of_run(statement["by"], tables),
                "audit": self._audit.place(statement["by"], given["statement"]),
                "tables": tables,
                "views": [view["statement"] for view in self._store.all("views")],
                "schemas": self._lakehouse.schemas,
                "locations": self._lakehouse.locations,
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
        if event["event"] in TELLS:
            self._rights.happened(event, statement["by"])
            return
        columns = [
            {"name": c["name"], "position": i, "type_name": _type_name(c["type"]), "type_text": c["type"]}
            for i, c in enumerate(event["columns"])
        ]
        told = self._results.manifest(statement["request"], columns, event["chunks"], event["truncated"])
        statement["manifest"] = told
        statement["status"] = {"state": "SUCCEEDED"}
        self._save(statement)

    def _fail(self, statement: Document, code: str, message: str) -> None:
        statement["status"] = {"state": "FAILED", "error": {"error_code": code, "message": message}}
        self._save(statement)

    def _save(self, statement: Document) -> None:
        self._store.put("statements", statement["statement_id"], statement)

    def _find(self, given: Parameters) -> Document:
        statement = self._store.get("statements", given["statement_id"])
        if statement is None or statement["by"] != caller().name:  # whose they are not, to them they are not there
            raise missing("NOT_FOUND", f"The statement {given['statement_id']} was not found.")
        return statement

    async def get(self, given: Parameters) -> Document:
        """A statement's state and, once it succeeded, its rows."""
        return self._public(self._find(given))

    async def chunk(self, given: Parameters) -> Document:
        """One chunk of the rows."""
        statement = self._find(given)
        succeeded = statement["status"]["state"] == "SUCCEEDED"
        found = self._results.chunk(statement, given["index"]) if succeeded else None
        if found is None:
            raise missing("NOT_FOUND", f"The statement {given['statement_id']} has no chunk {given['index']}.")
        return found

    async def cancel(self, given: Parameters) -> Document:
        """Stop a statement; one that is over stays as it is."""
        self._find(given)
        if going := self._going.get(given["statement_id"]):
            going.cancel()
        return {}

    def _public(self, statement: Document) -> Document:
        """A statement as clients see it, with its first chunk."""
        shown = {key: value for key, value in statement.items() if key not in {"request", "by"}}
        if statement["status"]["state"] != "SUCCEEDED":
            return shown
        return {**shown, "result": self._results.chunk(statement, 0) or {}}

    async def close_one(self, given: Parameters) -> Document:
        """Let go of a statement's result."""
        return await self.cancel(given)

    async def open_session(self, given: Parameters) -> Document:
        """What the SQL connector asks its statements in: a catalog and a schema that names go to."""
        self._warehouse.check(str(given.get("warehouse_id")))
        session_id = str(uuid.uuid4())
        kept = {key: given[key] for key in ("catalog", "schema") if given.get(key)}
        self._store.put("sessions", session_id, {"by": caller().name, "given": kept})
        return {"session_id": session_id}

    async def close_session(self, given: Parameters) -> Document:
        """Forget a session."""
        self._session(given["session_id"])
        self._store.delete("sessions", given["session_id"])
        return {}

    def _session(self, session_id: str) -> Document:
        known = self._store.get("sessions", session_id)
        if known is None or known["by"] != caller().name:
            raise missing("NOT_FOUND", f"The session {session_id} was not found.")
        found: Document = known["given"]
        return found

    async def spark_versions(self, _: Parameters) -> Document:
        """What the provider's connection test reads."""
        return {"versions": [{"key": "sail", "name": "Sail (Spark Connect)"}]}


def _type_name(text: str) -> str:
    name = text.partition("(")[0].partition("<")[0].partition(" ")[0]
    return _TYPES.get(name, name)


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
