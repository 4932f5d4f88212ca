"""What an erasure is about: a dataset that is personal, and a person by a digest or a market day."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from anthill import catalog
from anthill.dataset import Dataset
from anthill.lakehouse import statements
from anthill.names import ParameterError
from anthill.nearest import asked as meant

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TYPES = ("string", "bigint", "int")  # whose text is the same in bronze and in silver


class Asked(msgspec.Struct, frozen=True):
    """Who or what is erased: the rows whose `column` has one of the digests, or all of a market day."""

    asset_class: str
    dataset: str
    column: str = ""
    digests: tuple[str, ...] = ()
    market_date: dt.date | None = None

    @property
    def declared(self) -> Dataset:
        """The dataset."""
        return catalog.load(self.asset_class).datasets[self.dataset]

    @property
    def field(self) -> str:
        """Where the source's rows have the column."""
        return next(field for field, column in self.declared.fields.items() if column == self.column)

    @property
    def key(self) -> str:
        """Of a table of a database the column that tells its rows apart through all versions; "" of all else."""
        declared = self.declared
        return declared.key[0] if declared.has_versions else ""


def read(form: Mapping[str, Any]) -> Asked:
    """The form's answers, checked; ParameterError never repeats what stands where a digest should: it may be a name."""
    given = str(form.get("dataset") or "")
    if given not in (known := personal()):
        said = f"dataset is {given!r}, allowed are those that are personal: {', '.join(known) or 'none'}"
        raise ParameterError(said + meant(given, known))
    name, _, dataset = given.partition(".")
    declared = catalog.load(name).datasets[dataset]
    column, day = str(form.get("column") or ""), form.get("market_date")
    digests = tuple(dict.fromkeys(str(each).strip() for each in form.get("digests") or ()))
    if bool(day) == bool(digests) or bool(column) != bool(digests):
        raise ParameterError("an erasure is about people (column and digests) or about a market day (market_date)")
    if odd := sum(not _DIGEST.fullmatch(each) for each in digests):
        raise ParameterError(
            f"{odd} of {len(digests)} digests are none: give the SHA-256 of each value, 64 hexadecimal digits, never "
            f"the value itself. This run keeps what was typed: delete it (Runs, Delete)"
        )
    if declared.has_versions and (day or len(declared.key) > 1):
        raise ParameterError(
            f"{given} is a table of a database: people are erased from it by column and digests, and by a key of one "
            f"column; it has no market days, and its key is {', '.join(declared.key)}"
        )
    if column:
        _check_column(declared, column)
    return Asked(name, dataset, column, tuple(sorted(digests)), dt.date.fromisoformat(str(day)) if day else None)


def personal() -> list[str]:
    """The datasets that are about people, as <asset class>.<dataset>."""
    return [
        f"{name}.{dataset.name}"
        for name in catalog.asset_classes()
        for dataset in catalog.load(name).datasets.values()
        if dataset.personal
    ]


def _check_column(declared: Dataset, column: str) -> None:
    columns = {each.name: each.type for each in statements.columns("silver", declared.asset_class, declared.name)}
    known = [name for name in declared.fields.values() if columns.get(name) in _TYPES]
    if column not in known:
        said = f"column is {column!r}, allowed are columns of rows that are text or whole numbers: {', '.join(known)}"
        raise ParameterError(said + meant(column, known))
