"""Questions to the tables over the SQL statements API, as any client of a Databricks warehouse asks them."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local import patience


class QueryError(RuntimeError):
    """The warehouse could not answer; the message is its own."""


@dataclass(frozen=True)
class Answer:
    """Column names, their types as the warehouse names them, and rows of text (None is NULL)."""

    columns: list[str]
    types: list[str]
    rows: list[list[str | None]]

    def records(self) -> list[dict[str, Any]]:
        """Rows as mappings, numbers and booleans as such."""
        readers = [_READERS.get(kind.split("(")[0].upper(), str) for kind in self.types]
        return [
            {
                name: None if value is None else read(value)
                for name, read, value in zip(self.columns, readers, row, strict=True)
            }
            for row in self.rows
        ]


class Warehouse:
    """A warehouse at an address, asked with a token."""

    def __init__(self, address: str, token: str, catalog: str, warehouse_id: str = "local") -> None:
        self.address = address
        self.token = token
        self.catalog = catalog
        self.warehouse_id = warehouse_id

    def query(self, statement: str, **values: str) -> Answer:
        """The whole answer to one statement, however long it takes; QueryError with the reason when it fails.

        `values` are text for the statement's :names.
        """
        body = {
            "statement": statement,
            "warehouse_id": self.warehouse_id,
            "catalog": self.catalog,
            "wait_timeout": "0s",
            "parameters": [{"name": name, "value": value} for name, value in values.items()],
        }
        state = self._call("POST", "/api/2.0/sql/statements", body)
        while state["status"]["state"] in ("PENDING", "RUNNING"):
            time.sleep(0.05)
            state = self._call("GET", f"/api/2.0/sql/statements/{state['statement_id']}")
        if state["status"]["state"] != "SUCCEEDED":
            raise QueryError(state["status"].get("error", {}).get("message", state["status"]["state"]))
        columns = state.get("manifest", {}).get("schema", {}).get("columns", [])
        return Answer(
            [column["name"] for column in columns],
            [column.get("type_text") or column["type_name"] for column in columns],
            state.get("result", {}).get("data_array") or [],
        )

    def records(self, statement: str, **values: str) -> list[dict[str, Any]]:
        """The answer as mappings."""
        return self.query(statement, **values).records()

    def tables(self) -> Answer:
        """Every table of the catalog with what it holds."""
        rows: list[list[str | None]] = []
        for schema in self._call("GET", f"/api/2.1/unity-catalog/schemas?catalog_name={self.catalog}")["schemas"]:
            rows += [
                [f"{schema['name']}.{table['name']}", table.get("comment")] for table in self.listed(schema["name"])
            ]
        return Answer(["table", "comment"], ["STRING", "STRING"], sorted(rows, key=str))

    def listed(self, schema: str) -> list[dict[str, Any]]:
        """Every table of a schema as Unity Catalog tells it, with its columns."""
        found: list[dict[str, Any]] = []
        query = f"catalog_name={self.catalog}&schema_name={schema}"
        token = ""
        while True:
            answer = self._call("GET", f"/api/2.1/unity-catalog/tables?{query}{token}")
            found += answer.get("tables", [])
            if not answer.get("next_page_token"):
                return found
            token = f"&page_token={urllib.parse.quote(answer['next_page_token'])}"

    def columns(self, table: str) -> Answer:
        """A table's columns with their units."""
        full_name = table if table.count(".") == 2 else f"{self.catalog}.{table}"
        path = f"/api/2.1/unity-catalog/tables/{urllib.parse.quote(full_name, safe='')}"
        columns = self._call("GET", path)["columns"]
        rows = [[column["name"], column["type_text"], column.get("comment")] for column in columns]
        return Answer(["column", "type", "comment"], ["STRING"] * 3, rows)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=patience.STANDSTILL) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise QueryError(
                f"{method} {path} answered {error.code}: {error.read().decode(errors='replace')}"
            ) from error
        except OSError as error:
            raise QueryError(f"the workspace at {self.address} has no answer to {method} {path}: {error}") from error


class Settled(Warehouse):
    """A warehouse in which nothing changes any more: its lists of tables are asked for once."""

    def __init__(self, other: Warehouse) -> None:
        super().__init__(other.address, other.token, other.catalog, other.warehouse_id)
        self._lists: dict[str, list[dict[str, Any]]] = {}

    def listed(self, schema: str) -> list[dict[str, Any]]:
        """The tables as they were when they were first asked for."""
        if schema not in self._lists:
            self._lists[schema] = super().listed(schema)
        return self._lists[schema]


_READERS: dict[str, Callable[[str], Any]] = {
    "BOOLEAN": lambda text: text == "true",
    "BYTE": int, "SMALLINT": int, "INT": int, "BIGINT": int, "LONG": int, "SHORT": int,
    "FLOAT": float, "DOUBLE": float, "DECIMAL": float,
}  # fmt: skip
