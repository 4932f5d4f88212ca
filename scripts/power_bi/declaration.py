"""What include/power_bi.yaml says, over tables of gold as their SQL declares them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from anthill import catalog, shape
from anthill.governance import grants
from anthill.include import include_dir
from anthill.nearest import allowed
from anthill.yaml_file import Keys, YamlFile
from docs.site import samples
from docs.site.tables import Column, Table

REFERENCE = re.compile(r"(\w+)\[(\w+)\]")
"""A column as DAX names it: `dim_date[date]`."""
_T = TypeVar("_T", bound=msgspec.Struct)


class PowerBiError(ValueError):
    """The declaration is wrong; the message names file and line, and what is allowed."""


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A number over the model, in DAX; `table` is where people find it."""

    name: str
    table: str
    says: str
    format: str
    dax: str


class Visual(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a page: a measure, by a column, or both."""

    page: str
    kind: Literal["slicer", "card", "lineChart", "columnChart"]
    by: str = ""
    measure: str = ""

    @property
    def is_chart(self) -> bool:
        """Whether it has an axis."""
        return self.kind.endswith("Chart")


@dataclass(frozen=True)
class Relationship:
    """Rows of one table that meet at most one row of the other."""

    table: str
    column: str
    other: str
    key: str


class Project:
    """The project: tables with their columns, relationships, measures, roles, visuals."""

    def __init__(self, file: Path | None = None) -> None:
        """PowerBiError where the file names what is not there."""
        self._file = file or include_dir() / "power_bi.yaml"
        self._found = YamlFile(self._file)
        for keys, problem in self._found.twice():
            raise self._error(keys, f"{keys[-1]} {problem}")
        self._samples = samples.read()
        self.tables = list(self._tables())
        self.measures = self._each("measures", Measure)
        self.visuals = self._each("visuals", Visual)
        self._check()

    def type_of(self, table: Table, column: Column) -> str:
        """Its type as Spark writes it; a view has the types of its query, as they were found."""
        return column.type.removesuffix(" NOT NULL").lower() or self._samples[table.name].types[column.name]

    @cached_property
    def relationships(self) -> list[Relationship]:
        """From each table to those whose key is one column that it has."""
        return [
            Relationship(table.name, own, other.name, key.columns[0])
            for table in self.tables
            for other in self.tables
            for key in other.keys
            if other is not table and len(key.columns) == 1 and not key.days
            for own in [dict(key.elsewhere).get(key.columns[0], key.columns[0])]
            if own in table.names
        ]

    @cached_property
    def roles(self) -> list[str]:
        """The groups that may read every table of the model."""
        names = {f"catalog.gold.{table.name}" for table in self.tables}
        readers = [
            {principal for principal, privileges in each.grants.items() if "SELECT" in privileges}
            for each in grants.load(grants.areas(), "catalog")
            if each.name in names
        ]
        return sorted(set.intersection(*readers))

    def _tables(self) -> Iterator[Table]:
        sql = include_dir() / "sql/gold"
        known = {file.stem: file for file in (sql / "star").glob("*.sql")}
        for each in catalog.asset_classes():
            known |= {f"{each}_{name}": sql / each / f"{name}.sql" for name in catalog.load(each).gold}
        for at, name in enumerate(self._list("tables")):
            if name not in known:
                raise self._error(("tables", at), f"no table of gold is {name!r}: {allowed(str(name), known)}")
            yield Table.read(known[name])

    def _list(self, key: str) -> list[Any]:
        given = (self._found.value or {}).get(key)
        if not isinstance(given, list) or not given:
            raise self._error((), f"{key} is missing, a list")
        return given

    def _each(self, key: str, kind: type[_T]) -> list[_T]:
        """The entries of a list."""
        made = []
        for at, given in enumerate(self._list(key)):
            entry, faults = shape.read(given, kind) if isinstance(given, dict) else (None, [((), "is no mapping")])
            for keys, problem in faults:
                raise self._error((key, at, *keys), f"{'.'.join(map(str, (key, at + 1, *keys)))} {problem}")
            assert entry is not None  # noqa: S101 - without faults it is there
            made.append(entry)
        return made

    def _check(self) -> None:
        """Each name in it stands for something."""
        columns = [f"{table.name}[{column.name}]" for table in self.tables for column in table.columns]
        tables, measures = [table.name for table in self.tables], [measure.name for measure in self.measures]
        for at, measure in enumerate(self.measures):
            named = [(f"{table}[{column}]", columns) for table, column in REFERENCE.findall(measure.dax)]
            self._known(("measures", at), f"the measure {measure.name!r}", [(measure.table, tables), *named])
        for at, visual in enumerate(self.visuals):
            named = [(visual.by, columns)] if visual.by else []
            named += [(visual.measure, measures)] if visual.measure else []
            self._known(("visuals", at), f"a {visual.kind} of the page {visual.page!r}", named)

    def _known(self, keys: Keys, who: str, named: list[tuple[str, list[str]]]) -> None:
        for name, known in named:
            if name not in known:
                raise self._error(keys, f"{who} names {name!r}, which is not there: {allowed(name, known)}")

    def _error(self, keys: Keys, problem: str) -> PowerBiError:
        return PowerBiError(f"{self._file}:{self._found.line(keys)}: {problem}")
