"""What a table of a database declares: the columns that it is known to have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, Self

import msgspec

from anthill.dataset import Dataset, Lists, Problem

_RELATION = re.compile(r"[^.\0]+\.[^.\0]+")


class PostgresDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table, whole in each cut; silver's columns have the names that the database gives them."""

    types: Mapping[str, str]  # column -> its type as PostgreSQL spells it, such as numeric(10,2)
    fields: Mapping[str, str] = {}
    present_only: bool = True  # a database says what it holds now
    mode: Literal["snapshot", "changes"] = "snapshot"  # read whole in each cut, or by what the database's log says
    relation: str = ""  # schema.table, where it is another than public's of the dataset's name

    @property
    def qualified(self) -> tuple[str, str]:
        """The table's schema and name."""
        schema, _, name = (self.relation or f"public.{self.name}").partition(".")
        return schema, name

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that its types name."""
        return tuple(self.types)

    @property
    def has_versions(self) -> bool:
        """Always: a table says what is, and what was is known by the cuts before."""
        return True

    @property
    def endpoint(self) -> str:
        """The table with its schema."""
        return ".".join(self.qualified)

    def asked(self) -> Iterator[tuple[str, str]]:
        """The table, and in which order its rows are read."""
        yield "table", f"`{self.endpoint}`, in the order of `{', '.join(self.key)}`"

    def placed(self, lists: Lists, above: Mapping[str, Dataset]) -> Self:
        """The same with the fields that its types name."""
        return msgspec.structs.replace(self, fields=self.fields or {name: name for name in self.types})

    def problems(self, lists: Lists, above: Mapping[str, Dataset]) -> Iterator[Problem]:
        """What is wrong about the table and its columns."""
        if not self.types:
            yield ".types", "is empty: name the columns with their types"
        elif dict(self.fields) != {name: name for name in self.types}:
            yield ".fields", "is given by 'types'"
        if self.relation and not _RELATION.fullmatch(self.relation):
            yield ".relation", f"is {self.relation!r}, allowed is schema.table"
        others = {name for name, each in above.items() if getattr(each, "mode", self.mode) != self.mode}
        if others:
            yield ".mode", f"is {self.mode}, that of {', '.join(others)} is another: a cut reads all its tables one way"
        if self.every:
            yield ".every", "has no meaning here: a table is read with its cut"
        if not self.present_only:
            yield ".present_only", "is false, and a database says what it holds now"


DATASET = PostgresDataset
