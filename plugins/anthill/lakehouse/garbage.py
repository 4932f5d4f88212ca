"""What no value can be, by the unit or kind that its column's comment names: once for all datasets that have such."""

from __future__ import annotations

import re

from anthill.lakehouse.statements import Column

# What a comment says, and the largest amount that there can be of it, a hundred times what was ever seen or more.
_MOST = (
    (re.compile(r"^(?!Income).*\ba share\b"), 1e9),  # the dearest share costs less than a million USD
    (re.compile(r"\bof the quote currency\b"), 1e12),  # a bitcoin in the least of all currencies is ten billion
    (re.compile(r"\bpoints$"), 1e12),  # indices that inflation drove up
    (re.compile(r"\b[Ss]hares\b"), 1e13),  # all shares of all companies
    (re.compile(r"^Contracts\b"), 1e10),
    (re.compile(r"^Number of (transactions|quotes)\b"), 1e18),  # beyond, engines make another number of it
    (re.compile(r"^Units of the base currency\b"), 1e18),  # a coin may have a quadrillion units
)
_SYMBOL = re.compile(r"as the API writes it|^Symbol of|^Ticker of")
_NO_TEXT = "[\\\\p{Cc}\ufffd]"  # control characters, and what stands for bytes that were no text


def most(column: Column) -> float | None:
    """The largest amount that a number of this column may be, either side of 0; None where nothing is known."""
    if column.type not in ("double", "bigint"):
        return None
    said = column.comment.strip("'")
    return next((limit for says, limit in _MOST if says.search(said)), None)


def no_symbol(column: Column, in_key: bool) -> str:
    """A predicate: a text that is no symbol or key; "" for a column that holds other texts."""
    if column.type != "string" or not (in_key or _SYMBOL.search(column.comment.strip("'"))):
        return ""
    name = f"`{column.name}`"
    return f"{name} LIKE '{{%' OR {name} LIKE '[%' OR {name} RLIKE '{_NO_TEXT}'"


def too_large(column: Column) -> str:
    """A predicate: a finite number beyond what there can be; "" where nothing is known."""
    limit, size = most(column) or 0, f"abs(CAST(`{column.name}` AS DOUBLE))"
    bounds = f"{size} > CAST('{limit:g}' AS DOUBLE) AND {size} < CAST('Infinity' AS DOUBLE)"
    return f"{bounds} AND NOT isnan({size})" if limit else ""
