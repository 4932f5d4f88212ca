"""Whole answers from a Databricks warehouse: every chunk of a statement, or an error."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from anthill.warehouse import advice, type_text
from anthill.warehouse.answer import Answer, Rows
from anthill.warehouse.errors import QueryError
from anthill.warehouse.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

_STATEMENTS = "/api/2.0/sql/statements"
_CATALOG = "/api/2.1/unity-catalog"
_SOONEST, _LATEST = 0.02, 1.0  # seconds between two looks at a statement


class Warehouse:
    """A warehouse of a workspace, and one catalog in it."""

    def __init__(self, workspace: Workspace, catalog: str, warehouse_id: str) -> None:
        self._workspace, self.catalog, self.warehouse_id = workspace, catalog, warehouse_id

    def __str__(self) -> str:
        return f"{self.warehouse_id} of {self._workspace.address}"

    def stream(self, statement: str, **values: str) -> Rows:
        """Run a statement to its end, however long it takes; its rows come as they are read, in bounded memory.

        `values` are text for the statement's :names. QueryError says why there is no answer, and what to do.
        """
        body = {
            "statement": statement,
            "warehouse_id": self.warehouse_id,
            "catalog": self.catalog,
            "wait_timeout": "0s",
            "disposition": "EXTERNAL_LINKS",
            "format": "ARROW_STREAM",
            "parameters": [{"name": name, "value": value} for name, value in values.items()],
        }
        state = self._ended(self._workspace.call("POST", _STATEMENTS, body))
        if (status := state["status"])["state"] != "SUCCEEDED":
            raise QueryError(advice.on(status.get("error", {}).get("message") or status["state"], statement, self))
        manifest = state.get("manifest") or {}
        if manifest.get("truncated"):
            raise QueryError(
                f"the answer is not whole: the warehouse cut it off after {manifest.get('total_row_count')} rows. Ask "
                f"for fewer days or columns at a time"
            )
        schema = type_text.schema((manifest.get("schema") or {}).get("columns") or [])
        total = int(manifest.get("total_row_count") or 0)
        return Rows(schema, total, self._batches(state, schema, total))

    def query(self, statement: str, **values: str) -> Answer:
        """The whole answer to one statement, in memory."""
        return self.stream(statement, **values).all()

    def records(self, statement: str, **values: str) -> list[dict[str, Any]]:
        """The answer as mappings."""
        return self.query(statement, **values).records()

    def tables(self) -> Answer:
        """Every table of the catalog with what it holds."""
        schemas = self._workspace.pages(f"{_CATALOG}/schemas?catalog_name={self.catalog}", "schemas")
        names = [schema["name"] for schema in schemas if schema["name"] != "information_schema"]
        rows = [(f"{name}.{table['name']}", table.get("comment")) for name in names for table in self.listed(name)]
        return _answer(("table", "comment"), sorted(rows, key=str))

    def listed(self, schema: str) -> list[dict[str, Any]]:
        """Every table of a schema as Unity Catalog tells it, with its columns."""
        return self._workspace.pages(
            f"{_CATALOG}/tables?catalog_name={self.catalog}&schema_name={quote(schema)}", "tables"
        )

    def described(self, table: str) -> dict[str, Any]:
        """A table as Unity Catalog tells it; QueryError with the names that are near where there is none."""
        full_name = table if table.count(".") == 2 else f"{self.catalog}.{table}"
        try:
            return self._workspace.call("GET", f"{_CATALOG}/tables/{quote(full_name, safe='')}")
        except QueryError as error:
            raise QueryError(advice.on_table(error, table, self)) from error

    def columns(self, table: str) -> Answer:
        """A table's columns with their units."""
        columns = self.described(table)["columns"]
        rows = [(column["name"], column["type_text"], column.get("comment")) for column in columns]
        return _answer(("column", "type", "comment"), rows)

    def _ended(self, state: dict[str, Any]) -> dict[str, Any]:
        wait = _SOONEST
        try:
            while state["status"]["state"] in ("PENDING", "RUNNING"):
                time.sleep(wait)
                wait = min(wait * 1.1, _LATEST)
                state = self._workspace.call("GET", f"{_STATEMENTS}/{state['statement_id']}")
        except KeyboardInterrupt:
            self._workspace.call("POST", f"{_STATEMENTS}/{state['statement_id']}/cancel", {})
            raise
        return state

    def _batches(self, state: dict[str, Any], schema: pa.Schema, total: int) -> Iterator[pa.RecordBatch]:
        """The rows of every chunk; QueryError where they are not as many as the manifest says."""
        part, seen = state.get("result") or {}, 0
        while part.get("external_links"):
            link = part["external_links"][0]
            for batch in self._chunk(state["statement_id"], link, schema):
                seen += batch.num_rows
                yield batch
            if not (following := link.get("next_chunk_internal_link")):
                break
            part = self._workspace.call("GET", following)
        if seen != total:
            raise QueryError(f"the answer is not whole: {seen:,} rows came of {total:,}. Ask again")

    def _chunk(self, statement_id: str, link: dict[str, Any], schema: pa.Schema) -> list[pa.RecordBatch]:
        import pyarrow as pa

        data = self._workspace.download(link["external_link"])
        if data is None:  # the reader took its time, and the link's is over
            path = f"{_STATEMENTS}/{statement_id}/result/chunks/{link['chunk_index']}"
            fresh = self._workspace.call("GET", path)["external_links"][0]
            data = self._workspace.download(fresh["external_link"])
        if data is None:
            raise QueryError("the answer is not whole: the storage of the result refuses its own links. Ask again")
        try:
            table = pa.ipc.open_stream(data).read_all().rename_columns(schema.names)
            table = table if table.schema == schema else table.cast(schema)
        except (pa.ArrowInvalid, OSError) as error:
            raise QueryError(
                f"the answer is not whole: chunk {link['chunk_index']} cannot be read ({error})"
            ) from error
        if table.num_rows != link["row_count"]:
            raise QueryError(
                f"the answer is not whole: chunk {link['chunk_index']} has {table.num_rows} rows of {link['row_count']}"
            )
        return list(table.to_batches())


def _answer(names: Sequence[str], rows: Sequence[tuple[str | None, ...]]) -> Answer:
    import pyarrow as pa

    schema = pa.schema([(name, pa.string()) for name in names])
    return Answer(pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema))


class Settled(Warehouse):
    """A warehouse in which nothing changes any more: its lists of tables are asked for once."""

    def __init__(self, other: Warehouse) -> None:
        super().__init__(other._workspace, other.catalog, other.warehouse_id)
        self._lists: dict[str, list[dict[str, Any]]] = {}

    def listed(self, schema: str) -> list[dict[str, Any]]:
        """The tables as they were when they were first asked for."""
        if schema not in self._lists:
            self._lists[schema] = super().listed(schema)
        return self._lists[schema]
