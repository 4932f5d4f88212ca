"""Where a table's files lie and which columns it has, as Unity Catalog tells it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from anthill.governance import refusals
from anthill.governance.listing import AT
from anthill.governance.permissions import Api


class Column(msgspec.Struct, frozen=True):
    """A column, its type as Spark writes it."""

    name: str
    type_text: str
    comment: str | None = None


class Table(msgspec.Struct, frozen=True):
    """A table or view; a view has no location."""

    full_name: str
    columns: list[Column]
    storage_location: str | None = None
    comment: str | None = None


class TableNotReadError(RuntimeError):
    """Unity Catalog answered, and not with a table that Athena could read; the message says what to do."""


def read(hook: Api, full_name: str) -> Table | None:
    """A table as it is now; None where there is none."""
    try:
        answer: Any = hook._do_api_call(("GET", f"{AT}/tables/{quote(full_name, safe='')}"))
    except Exception as error:
        if refusals.is_not_there(error):
            return None
        error.add_note(f"table {full_name}, which is declared for consumption")
        raise
    try:
        return msgspec.convert(answer, Table)
    except msgspec.ValidationError as error:
        raise TableNotReadError(f"{full_name}: Unity Catalog's answer is no table: {error}") from error


def location(table: Table) -> str:
    """The folder in S3 that a table's files lie in; TableNotReadError where they lie elsewhere, or nobody tells."""
    if not (table.storage_location or "").startswith("s3://"):
        raise TableNotReadError(
            f"{table.full_name} lies at {table.storage_location or 'a place that Unity Catalog does not tell'}; Athena "
            f"reads S3. Who asks has to own the table or hold SELECT on it: the principal of databricks_default"
        )
    return str(table.storage_location).rstrip("/") + "/"
