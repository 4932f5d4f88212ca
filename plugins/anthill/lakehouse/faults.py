"""What makes a row unfit for silver, as SQL: a value that cannot be read, or one that must be there and is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from anthill.dataset import Dataset
from anthill.lakehouse import forms, garbage
from anthill.lakehouse.page_rows import FAULT, ROW
from anthill.lakehouse.statements import Column

_SHOWN = 80  # characters of a value in a reason
# An item of a good answer may be an error in place of a row: what it says comes first.
_ERROR, _MESSAGE = (f"get_json_object(given.{ROW}, '$.{name}')" for name in ("error", "message"))
_SAID = f"concat('the source says ', {_ERROR}, coalesce(concat(': ', {_MESSAGE}), ''))"


def condition(dataset: Dataset, declared: Sequence[Column]) -> str:
    """A predicate over typed rows: true for a row that has a fault."""
    return " OR ".join([f"given.{FAULT} IS NOT NULL", *(f"({when})" for when, _ in _faults(dataset, declared))])


def reason(dataset: Dataset, declared: Sequence[Column]) -> str:
    """A string over typed rows with their text: every fault of the row, parted by semicolons."""
    refusal = f"CASE WHEN given.{ROW} LIKE '{{%' THEN {_SAID} END"
    each = [refusal, *(f"CASE WHEN {when} THEN {text} END" for when, text in _faults(dataset, declared))]
    return f"coalesce(given.{FAULT}, concat_ws('; ', {', '.join(each)}))"


def _faults(dataset: Dataset, declared: Sequence[Column]) -> Iterator[tuple[str, str]]:
    """Every possible fault: when it is one, and its text."""
    of_source = set(dataset.columns)
    for column in declared:
        name, kind = column.name, column.type
        given, value = f"given.`{name}`", f"substr(given.`{name}`, 1, {_SHOWN})"
        if name in of_source:
            unreadable = f"({given} IS NOT NULL AND `{name}` IS NULL)"
            if no_form := forms.no_form(kind):
                unreadable += f" OR {given} {no_form}"
            if kind == "double":
                unreadable += f" OR isnan(`{name}`) OR abs(`{name}`) = CAST('Infinity' AS DOUBLE)"
            if no_symbol := garbage.no_symbol(column, in_key=name in dataset.key):
                unreadable += f" OR {no_symbol}"
            yield unreadable, f"concat('{name}: cannot read \\'', {value}, '\\' as {kind.upper()}')"
            if too_large := garbage.too_large(column):
                yield too_large, f"concat('{name}: ', {value}, ' is garbage, above {garbage.most(column):g}')"
        if column.required:
            missing = f"{given} IS NULL AND `{name}` IS NULL" if name in of_source else f"`{name}` IS NULL"
            yield missing, f"'{name} is missing'"
            if kind == "string" and name in of_source:
                yield f"trim(`{name}`) = ''", f"'{name} is empty'"
