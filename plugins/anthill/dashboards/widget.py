"""A widget: a question to gold and how its answer is shown; a SQL file whose head has title, place, kind and units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from anthill.nearest import allowed

COLUMNS = 6
"""How many columns the grid has; a row is as high as Databricks makes it."""
UNITS = (
    "",
    "USD",
    "%",
    "number",
    "days",
    "bps",
    "ratio",
    "rows",
    "its currency",
    "units",
    "points",
    "percentage points",
)
"""What a number is counted in; of `%` the answer has the fraction, 0.01 for 1 %. Without one it is no number."""

# By kind: the roles of its columns, each with the fewest and the most that there are.
KINDS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "counter": {"Value": (1, 1)},
    "line": {"Across": (1, 1), "Up": (1, 4), "Low": (0, 1), "High": (0, 1), "Colour": (0, 1)},
    "bar": {"Across": (1, 1), "Up": (1, 4), "Colour": (0, 1)},
    "scatter": {"Across": (1, 1), "Up": (1, 1), "Colour": (0, 1)},
    "table": {"Column": (1, 12)},
    "choice": {"Group": (1, 1), "Rank": (1, 1)},
}
BAND = ("Low", "High")
"""The ends of a band about what goes up last: drawn with it, on its axis."""
_ONCE = ("Title", "Kind", "Place", "Note", "Empty", "Days", "Chosen", "First", "Newest")
_ROLES = ("Across", "Up", "Low", "High", "Colour", "Value", "Column", "Group", "Rank")
_HEAD = re.compile(r"-- (\w+): (.+)")
_PLACE = re.compile(r"column (\d+), row (\d+), (\d+) wide, (\d+) high")
_NEWEST = re.compile(r"(\w+)(?:, (\d+))?")
_COLUMN = re.compile(r"\w+")
_TABLE = re.compile(r"\b(?:FROM|JOIN) ((?:\w+\.)+\w+)")


class DashboardError(ValueError):
    """A file of include/dashboards is wrong; the message names file and line, and what is allowed."""

    def __init__(self, file: Path, line: int, problem: str) -> None:
        super().__init__(f"{file}:{line}: {problem}")


class Place(NamedTuple):
    """Where a widget stands on the grid, counted from 1."""

    column: int
    row: int
    width: int
    height: int

    def cells(self) -> set[tuple[int, int]]:
        """What it covers."""
        across, down = range(self.column, self.column + self.width), range(self.row, self.row + self.height)
        return {(column, row) for column in across for row in down}


@dataclass(frozen=True)
class Field:
    """A column of the answer: what it is for, what people call it, and its unit."""

    role: str
    name: str
    label: str
    unit: str
    line: int


@dataclass(frozen=True)
class Widget:
    """One widget as its file declares it."""

    file: Path
    title: str
    kind: str
    place: Place
    fields: tuple[Field, ...]
    sql: str
    note: str
    empty: str
    days: int
    chosen: str
    first: str
    newest: str  # the column of which the latest come first
    most: int  # rows that are shown of them; 0 for all
    line: int  # of its place

    @property
    def name(self) -> str:
        """Its file's name."""
        return self.file.stem

    @property
    def columns(self) -> list[str]:
        """The columns that its answer has, no more and no less."""
        return [*([self.chosen] if self.chosen else []), *(field.name for field in self.fields)]

    @property
    def tables(self) -> list[str]:
        """The tables that it reads, as gold.stocks_daily_prices."""
        return tables(self.sql)

    def ordered(self, sql: str) -> str:
        """Its query, or one over the same columns, with the newest rows first where its head asks for that."""
        if not self.newest:
            return sql
        others = ", ".join(name for name in self.columns if name != self.newest)
        limit = f"\nLIMIT {self.most}" if self.most else ""
        return f"SELECT * FROM (\n{sql}\n) AS answer\nORDER BY {self.newest} DESC, {others}{limit}"

    def of(self, role: str) -> list[Field]:
        """The columns with a role."""
        return [field for field in self.fields if field.role == role]


def tables(sql: str) -> list[str]:
    """The tables that a query names, each once."""
    return list(dict.fromkeys(_TABLE.findall(sql)))


class _Head:
    """The lines at the top of a file that say what the widget is."""

    def __init__(self, file: Path, lines: list[str]) -> None:
        self.file, self.lines = file, lines
        self.once: dict[str, tuple[int, str]] = {}
        self.roles: list[tuple[int, str, str]] = []
        for number, line in enumerate(lines, 1):
            self._take(number, line)

    def _take(self, number: int, line: str) -> None:
        if not (found := _HEAD.fullmatch(line)):
            raise DashboardError(
                self.file, number, f"{line!r} is none of the head: write `-- Title: …`, then the query"
            )
        key, said = found[1], found[2].strip()
        if key in self.once:
            raise DashboardError(self.file, number, f"{key} stands in line {self.once[key][0]} already")
        if key in _ROLES:
            self.roles.append((number, key, said))
        elif key in _ONCE:
            self.once[key] = (number, said)
        else:
            raise DashboardError(self.file, number, f"{key} is unknown: {allowed(key, (*_ONCE, *_ROLES))}")

    def said(self, key: str) -> tuple[int, str]:
        """The line and the words of a key that must be there."""
        if key not in self.once:
            raise DashboardError(self.file, 1, f"{key} is missing")
        return self.once[key]

    def words(self, key: str) -> str:
        """The words of a key that may be there."""
        return self.once.get(key, (0, ""))[1]

    def place(self) -> tuple[int, Place]:
        """Where it stands, with its line."""
        line, said = self.said("Place")
        if not (found := _PLACE.fullmatch(said)):
            raise DashboardError(self.file, line, f"Place is {said!r}: write `column 1, row 1, 3 wide, 4 high`")
        place = Place(*map(int, found.groups()))
        if min(place) < 1 or place.column + place.width - 1 > COLUMNS:
            raise DashboardError(self.file, line, f"Place is {said!r}: the grid has columns 1 to {COLUMNS}")
        return line, place

    def days(self) -> int:
        """How many market days it needs; 0 where it does not say."""
        line, said = self.once.get("Days", (0, "0"))
        if not said.isdigit():
            raise DashboardError(self.file, line, f"Days is {said!r}: write a number of market days, as 20")
        return int(said)

    def newest(self, columns: list[str]) -> tuple[str, int]:
        """The column of which the latest come first, and how many of them; none where it does not say."""
        line, said = self.once.get("Newest", (0, ""))
        if not said:
            return "", 0
        if not (found := _NEWEST.fullmatch(said)) or found[1] not in columns:
            raise DashboardError(
                self.file, line, f"Newest is {said!r}: write `column, 50` or `column`, one of the answer's"
            )
        return found[1], int(found[2] or 0)

    def fields(self, kind: str) -> Iterator[Field]:
        """Its columns, as many of each role as the kind takes."""
        wanted = KINDS[kind]
        for line, role, said in self.roles:
            if role not in wanted:
                raise DashboardError(self.file, line, f"a {kind} has no {role}: {allowed(role, wanted)}")
            name, label, unit = [*(part.strip() for part in said.split(",", 2)), "", ""][:3]
            if not _COLUMN.fullmatch(name):
                raise DashboardError(self.file, line, f"{name!r} is no column: write `-- {role}: column, Label, unit`")
            if unit not in UNITS:
                raise DashboardError(self.file, line, f"{unit!r} is no unit: {allowed(unit, UNITS[1:])}")
            yield Field(role, name, label or name, unit, line)
        for role, (fewest, most) in wanted.items():
            count = sum(given == role for _, given, _ in self.roles)
            if not fewest <= count <= most:
                raise DashboardError(self.file, 1, f"a {kind} has {fewest} to {most} of {role}, here are {count}")


def read(file: Path) -> Widget:
    """The widget of a file; DashboardError where its head is none."""
    lines = file.read_text().splitlines()
    height = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    head = _Head(file, lines[:height])
    (_, title), (kind_line, kind), (place_line, place) = head.said("Title"), head.said("Kind"), head.place()
    if kind not in KINDS:
        raise DashboardError(file, kind_line, f"Kind is {kind!r}: {allowed(kind, KINDS)}")
    fields = tuple(head.fields(kind))
    newest, most = head.newest([field.name for field in fields])
    if len({field.unit for field in fields if field.role in ("Up", *BAND)}) > 1:
        raise DashboardError(file, fields[-1].line, "all that goes up one axis has one unit")
    ends = [field for field in fields if field.role in BAND]
    if ends and (len(ends) < len(BAND) or any(field.role == "Colour" for field in fields)):
        raise DashboardError(file, ends[0].line, "a band has one Low and one High, and its chart no Colour")
    if twice := [field for at, field in enumerate(fields) if field.name in [each.name for each in fields[:at]]]:
        raise DashboardError(file, twice[0].line, f"{twice[0].name} is there twice")
    if kind != "choice":
        head.said("Empty")
    sql = "\n".join(lines[height:]).strip()
    if not sql or sql.endswith(";"):
        raise DashboardError(file, len(lines), "one query follows the head, without a semicolon")
    said = {key.lower(): head.words(key) for key in ("Note", "Empty", "Chosen", "First")}
    return Widget(
        file, title, kind, place, fields, sql, **said, days=head.days(), newest=newest, most=most, line=place_line
    )
