"""What only Delta takes, over Parquet: the one seam between the steps and Apache Spark without Delta's jars.

Each write is a copy more of its table, kept as the version that `VERSION AS OF` names. What is answered here is counted
in `taken`; Spark parses each form of it once. All else is Spark's own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from anthill.lakehouse import statements

_TABLE = r"(\w+\.\w+\.\w+)"
_KINDS = {
    "USING delta": rf"CREATE TABLE IF NOT EXISTS {_TABLE} (\(.*\)) USING delta(.*)",
    "INSERT … REPLACE WHERE": rf"INSERT INTO {_TABLE} REPLACE WHERE (.+?) (SELECT .*)",
    "INSERT INTO": rf"INSERT INTO {_TABLE} (\([^)]*\)) (SELECT .*)",
    "DELETE": rf"DELETE FROM {_TABLE} WHERE (.*)",
    "UPDATE": rf"UPDATE {_TABLE} SET (\w+) = (.+?) WHERE (.*)",
    "DESCRIBE HISTORY": rf"DESCRIBE HISTORY {_TABLE} LIMIT 1",
}
_FORMS = {kind: re.compile(form, re.DOTALL) for kind, form in _KINDS.items()}
_VERSION = re.compile(rf"{_TABLE} VERSION AS OF (\d+)")
_ITS_OWN = ("USING delta", "DESCRIBE HISTORY")  # Delta's grammar or format: Spark alone has no word for it


class DeltaError(AssertionError):
    """Delta would refuse this write."""


class Copies:
    """A Spark session's `sql`, with Delta's statements."""

    def __init__(self, spark: Any, root: Path) -> None:
        self.taken: Counter[str] = Counter()
        self._root = root
        self._sql = spark.sql
        self._versions: dict[str, int] = {}
        self._required: dict[str, list[str]] = {}
        self._parsed: set[str] = set()
        self._answers: dict[str, Callable[..., Any]] = {
            "USING delta": self._create,
            "INSERT … REPLACE WHERE": self._replace,
            "INSERT INTO": self._append,
            "DELETE": self._delete,
            "UPDATE": self._update,
            "DESCRIBE HISTORY": self._history,
        }
        spark.sql = self.sql
        self._sql("CREATE SCHEMA IF NOT EXISTS versions")

    def sql(self, statement: str, *arguments: Any, **named: Any) -> Any:
        """Run a statement."""
        for kind, form in _FORMS.items():
            if found := form.fullmatch(statement.strip()):
                self._parse(kind, statement)
                return self._answers[kind](*found.groups())
        if _VERSION.search(statement):
            self._parse("VERSION AS OF", statement)
            statement = _VERSION.sub(lambda found: _version(found[1], int(found[2])), statement)
        return self._sql(statement, *arguments, **named)

    def _parse(self, kind: str, statement: str) -> None:
        """Let Spark parse what it is not to run: EXPLAIN tells what else is wrong with it as text."""
        self.taken[kind] += 1
        shape = re.sub(r"'[^']*'|\d+", "?", statement)
        if kind not in _ITS_OWN and shape not in self._parsed:
            self._sql(f"EXPLAIN {statement}")
            self._parsed.add(shape)

    def _create(self, table: str, columns: str, more: str) -> None:
        if table not in self._versions:
            self._sql(f"CREATE TABLE {table} {columns} USING parquet{more}")
            declared = statements.declared(f"CREATE TABLE IF NOT EXISTS {table} {columns} USING delta")[1]
            self._required[table] = [column.name for column in declared if column.required]
            self._versions[table] = -1
            self._write(table)

    def _replace(self, table: str, where: str, rows: str) -> None:
        self._write(table, rows, where=where, kept=f"NOT coalesce(({where}), false)")

    def _append(self, table: str, columns: str, rows: str) -> None:
        self._write(table, rows, columns=columns, kept="true")

    def _delete(self, table: str, where: str) -> None:
        self._write(table, kept=f"NOT coalesce(({where}), false)")

    def _update(self, table: str, column: str, value: str, where: str) -> None:
        names = [row[0] for row in self._sql(f"SHOW COLUMNS IN {table}").collect()]
        values = ", ".join(
            f"CASE WHEN coalesce(({where}), false) THEN {value} ELSE {name} END AS {name}" if name == column else name
            for name in names
        )
        self._write(table, f"SELECT {values} FROM {table}")

    def _history(self, table: str) -> Any:
        return self._sql(f"SELECT {self._versions[table]} AS version")

    def _write(self, table: str, rows: str = "", *, columns: str = "", where: str = "true", kept: str = "") -> None:
        """A version more: the rows that a statement gives, as Spark stores them, and those kept of before."""
        version = self._versions[table] + 1
        copy = _version(table, version)
        place = self._root / copy
        self._sql(f"CREATE TABLE {copy} LIKE {table.partition('.')[2]} USING parquet LOCATION '{place}'")
        if rows:
            self._sql(f"INSERT INTO {copy} {columns} {rows}")
            self._check(table, copy, where)
        if kept and version:
            self._sql(f"INSERT INTO {copy} SELECT * FROM {table} WHERE {kept}")
        self._sql(f"ALTER TABLE {table} SET LOCATION '{place}'")
        self._versions[table] = version

    def _check(self, table: str, copy: str, where: str) -> None:
        """What Delta checks of rows as they come: NOT NULL, and that all match what they replace."""
        nulls = " OR ".join(f"{name} IS NULL" for name in self._required[table]) or "false"
        (found,) = self._sql(
            f"SELECT count_if({nulls}) AS empty, count_if(NOT coalesce(({where}), false)) AS others FROM {copy}"
        ).collect()
        if found["empty"]:
            raise DeltaError(f"{table}: NOT NULL broken by {found['empty']} rows")
        if found["others"]:
            raise DeltaError(f"{table}: {found['others']} rows do not match REPLACE WHERE {where}")


def _version(table: str, version: int) -> str:
    _, schema, name = table.split(".")
    return f"versions.{schema}__{name}__{version}"
