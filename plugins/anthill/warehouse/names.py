"""What tables are called: by layer (gold.stocks_splits), or as datasets are (stocks.daily_prices)."""

from __future__ import annotations

import re

from anthill.warehouse.errors import QueryError

_WORD = re.compile(r"\w+")
_LAYERS = ("gold", "silver", "quality", "system", "information_schema")


def full_name(table: str) -> str:
    """`schema.table`: gold's where the schema is not said; QueryError for what could not be a name."""
    parts = table.split(".")
    if len(parts) > 3 or not all(_WORD.fullmatch(part) for part in parts):
        raise QueryError(f"{table!r} is no name of a table; write gold.stocks_daily_prices or stocks.daily_prices")
    if len(parts) == 1:
        return f"gold.{table}"
    if len(parts) == 2 and _is_asset_class(parts[0]):
        return f"gold.{parts[0]}_{parts[1]}"
    return table


def _is_asset_class(word: str) -> bool:
    if word in _LAYERS:
        return False
    from anthill import catalog

    return word in catalog.asset_classes()


def quoted(column: str) -> str:
    """A column's name as SQL has it."""
    return "`" + column.replace("`", "``") + "`"
