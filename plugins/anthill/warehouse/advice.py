"""What a warehouse says of a statement that fails, with what to do: names that are near, whom to ask."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from anthill.warehouse.errors import QueryError, RefusedError

if TYPE_CHECKING:
    from anthill.renamed import Renamed
    from anthill.warehouse.warehouse import Warehouse

_NAMES = re.compile(r"\b(?:from|join)\s+((?:`[^`]+`|\w+)(?:\.(?:`[^`]+`|\w+))*)", re.IGNORECASE)
_COLUMN = (
    re.compile(r"attribute ObjectName\((.*?)\)\]? is missing"),  # Sail, each part as Identifier("…")
    re.compile(r"UNRESOLVED_COLUMN.*? with name (`.+?`) cannot be resolved", re.DOTALL),
)
_PART = re.compile(r'Identifier\("(\w+)"\)?|`(\w+)`')
_NO_TABLE = re.compile(r"TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND|table not found", re.IGNORECASE)
_NO_RIGHT = re.compile(r"PERMISSION_DENIED|INSUFFICIENT_PERMISSIONS|does not have (?:\w+ )*permission", re.IGNORECASE)
HINT = "`tables` lists the tables, `describe <table>` the columns of one"


def on(message: str, statement: str, warehouse: Warehouse) -> str:
    """The message of a statement that failed, with what to do about it."""
    asked = [found.replace("`", "") for found in _NAMES.findall(statement)]
    if _NO_RIGHT.search(message):
        return f"{_first_line(message)}. {_rights(asked)}"
    if _NO_TABLE.search(message):
        return _no_table(message, asked, warehouse)
    for pattern in _COLUMN:
        if found := pattern.search(message):
            name = ["".join(part) for part in _PART.findall(found[1])][-1]
            return no_column(name, _columns_of(asked, warehouse), asked)
    return message


def on_table(error: QueryError, table: str, warehouse: Warehouse) -> str:
    """What to say of a table that Unity Catalog does not show."""
    status = error.status if isinstance(error, RefusedError) else 0
    if status == 403:
        return f"{error}. {_rights([table])}"
    if status in (400, 404):
        return _no_table(f"there is no table {table}", [table], warehouse)
    return str(error)


def no_column(name: str, columns: list[str], tables: list[str]) -> str:
    """What to say of a column that these tables do not have."""
    where = ", ".join(tables)
    renamed = _renamed()
    for table in tables:
        if now := renamed.column(table.rpartition(".")[2], name):
            return f"the column `{name}` of {table} is called `{now}` now"
    near = get_close_matches(name, columns, 3, 0.6)
    meant = f": did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else "."
    return f"there is no column `{name}`{f' in {where}' if where else ''}{meant} {HINT}"


def _no_table(message: str, asked: list[str], warehouse: Warehouse) -> str:
    known: list[str] = []
    for schema in ("gold", "silver", "quality"):
        try:
            known += [f"{schema}.{table['name']}" for table in warehouse.listed(schema)]
        except QueryError:  # one that this reader may not list
            continue
    missing = [name.removeprefix(f"{warehouse.catalog}.") for name in asked]
    missing = [name for name in missing if name not in known]
    if not missing:
        return f"{_first_line(message)}. {HINT}"
    name = missing[0]
    if (old := _renamed().tables.get(name.rpartition(".")[2])) is not None:
        return f"the table {name} is called {' and '.join(f'gold.{now}' for now in old.rows_of)} now"
    near = get_close_matches(name, known, 3, 0.6)
    near = near or [each for each in known if each.partition(".")[2] == name.rpartition(".")[2]]
    meant = f": did you mean {' or '.join(near)}?" if near else "."
    return f"there is no table {name}{meant} {HINT}"


def _renamed() -> Renamed:
    from anthill import renamed  # reads YAML: for what fails, and not for a first request

    return renamed.load()


def _columns_of(tables: list[str], warehouse: Warehouse) -> list[str]:
    found: list[str] = []
    for table in tables:
        try:
            found += [str(column["name"]) for column in warehouse.described(table)["columns"]]
        except QueryError:
            continue
    return found


def _rights(tables: list[str]) -> str:
    on_what = f" on {', '.join(tables)}" if tables else ""
    return f"Ask the data engineers for SELECT{on_what} (include/grants/ declares who reads what)"


def _first_line(message: str) -> str:
    return message.strip().splitlines()[0].rstrip(".") if message.strip() else "no reason was given"
