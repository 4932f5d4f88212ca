"""What Glue holds of a table or view of gold, so that Athena reads it."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from anthill.consumption import unity_catalog
from anthill.consumption.declared import Declared
from anthill.consumption.unity_catalog import Column, Table, TableNotReadError

OWNER = "anthill"  # of the entries written here; nobody else's are touched
_COMMENT = 255  # characters that Glue keeps of a column's comment
# A type of Spark, which Glue writes the same way, and what the engine of Athena's views calls it.
_OF_VIEWS = {
    "boolean": "boolean",
    "tinyint": "tinyint",
    "smallint": "smallint",
    "int": "integer",
    "bigint": "bigint",
    "float": "real",
    "double": "double",
    "date": "date",
    "timestamp": "timestamp",
    "string": "varchar",
    "binary": "varbinary",
}
_DECIMAL = re.compile(r"decimal\(\d+,\d+\)")

Entry = dict[str, Any]  # Glue's TableInput


def of(declared: Declared, table: Table, database: str) -> Entry:
    """The entry of a table as it is now; TableNotReadError where Athena could not read it."""
    made = _view(declared, table, database) if declared.select else _delta(table)
    return {"Name": declared.name, "Owner": OWNER, "Description": f"From {declared.full_name}", **made}


def differences(wanted: Any, held: Any, at: str = "") -> list[str]:
    """The keys under which an entry is held otherwise; Glue adds keys of its own, which count for nothing."""
    if isinstance(wanted, dict) and isinstance(held, dict):
        return [
            each for key in wanted for each in differences(wanted[key], held.get(key), f"{at}.{key}" if at else key)
        ]
    if isinstance(wanted, list) and isinstance(held, list) and len(wanted) == len(held):
        return [at] if any(differences(*pair) for pair in zip(wanted, held, strict=True)) else []
    return [] if wanted == held else [at or "it"]


def _delta(table: Table) -> Entry:
    """A Delta table: Athena follows the path of the serde to its log, and takes names and types from there."""
    place = unity_catalog.location(table)
    serde = {"Parameters": {"serialization.format": "1", "path": place}}
    return {
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "spark.sql.sources.provider": "delta"},
        "PartitionKeys": [],
        "StorageDescriptor": {"Columns": _columns(table), "Location": place, "SerdeInfo": serde},
    }


def _view(declared: Declared, table: Table, database: str) -> Entry:
    """A view, in the form in which Athena's own CREATE VIEW keeps one."""
    kept = {
        "originalSql": declared.select,
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": [
            {"name": each.name, "type": _OF_VIEWS.get(_type(table, each), _type(table, each))} for each in table.columns
        ],
    }
    text = base64.b64encode(json.dumps(kept).encode()).decode()
    return {
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"presto_view": "true", "comment": "Presto View"},
        "PartitionKeys": [],
        "StorageDescriptor": {"Columns": _columns(table), "Location": "", "SerdeInfo": {}},
        "ViewOriginalText": f"/* Presto View: {text} */",
        "ViewExpandedText": "/* Presto View */",
    }


def _columns(table: Table) -> list[dict[str, str]]:
    return [
        {"Name": each.name, "Type": _type(table, each), "Comment": (each.comment or "")[:_COMMENT]}
        for each in table.columns
    ]


def _type(table: Table, column: Column) -> str:
    """A column's type; of structs and lists, which each engine writes its own way, nobody has asked for one."""
    given = column.type_text.lower().replace(" ", "")
    if given in _OF_VIEWS or _DECIMAL.fullmatch(given):
        return given
    raise TableNotReadError(
        f"{table.full_name}: column {column.name} is {column.type_text}, which is not for Athena here; allowed: "
        f"{', '.join(_OF_VIEWS)}, decimal. Take consumption from its entry, or give it a flat table of its own"
    )
