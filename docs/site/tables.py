"""What a SQL file of include/sql/ declares: its table, columns with their units, key, and what it reads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from anthill.lakehouse import keys, statements
from anthill.lakehouse.keys import Key

_COLUMN = re.compile(r"^  (\w+) (?:(.+?) )?COMMENT '((?:[^']|'')+)',?$", re.MULTILINE)
_TABLE = re.compile(r"\)(?: USING delta)?\nCOMMENT '((?:[^']|'')+)'")
_OWN = re.compile(r"(?:TABLE IF NOT EXISTS|REPLACE VIEW) \{\w+\}\.(\w+)")
_READS = re.compile(r"\{(?:any_)?(silver|gold)\}\.(?:\{asset_class\}_)?(\w+)|\b(roots|days)_of_(\w+)")
_FACT = re.compile(r"^-- (Join|NULL|From): (.+)$", re.MULTILINE)
UNITS = (
    "USD a share", "USD", "points", "fraction a day", "fraction a year", "fraction a session", "fraction",
    "basis points", "calendar days", "market days", "days", "minutes", "seconds", "contracts", "shares", "round lots",
    "quotes", "number",
    "units of the quote currency", "units of the base currency", "in the unit of open", "in the currency of the order",
    "standard deviations", "UTC", "calendar year", "year", "quarter", "1 to 4", "1 to 12", "1 to 31", "-1 to 1",
    "1 is Monday",
)  # fmt: skip
"""What a number or time may be counted in; a comment of a column names one of them."""
_UNIT = re.compile(r"(?<![\w-])(" + "|".join(sorted(UNITS, key=len, reverse=True)) + r")(?!\w)", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column: its type (empty in a view, which takes those of its query) and its comment, which has the unit."""

    name: str
    type: str
    comment: str

    @property
    def required(self) -> bool:
        """Whether it is declared never to be NULL."""
        return self.type.endswith(" NOT NULL")

    @property
    def unit(self) -> str:
        """What it is counted in; empty where it is neither number nor time, or does not say."""
        words = re.split(r"; NULL|: NULL| \(0\.01", self.comment)[0]
        found = _UNIT.findall(words)
        return next((unit for unit in UNITS if found and unit.lower() == found[-1].lower()), "")

    @property
    def null(self) -> str:
        """What NULL means in it, as its comment says; empty where that says nothing."""
        found = re.search(r"NULL(?: (?:where|when|in|for|while|until|before|without|below|:)|:).*", self.comment)
        return found[0].removeprefix("NULL").removeprefix(":").partition(";")[0].strip() if found else ""


@dataclass(frozen=True)
class Join:
    """Another table of gold, and its columns by those of this one."""

    table: str
    columns: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> Join:
        """A join as it is written: `stocks_daily_prices by underlying = ticker, market_date`."""
        table, _, by = text.partition(" by ")
        pairs = [part.split(" = ") for part in by.split(", ")]
        return cls(table, tuple((pair[0], pair[-1]) for pair in pairs))


@dataclass(frozen=True)
class Table:
    """A table or view of silver or gold."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    reads: tuple[str, ...]
    is_view: bool
    keys: tuple[Key, ...]
    joins: tuple[Join, ...]
    null: str

    @classmethod
    def read(cls, file: Path) -> Table:
        """The table that a file declares, with what it includes."""
        text = statements.code(file)
        columns = [
            Column(name, kind or "", comment.replace("''", "'")) for name, kind, comment in _COLUMN.findall(text)
        ]
        (comment,) = _TABLE.findall(text)[:1]
        own = _OWN.search(text)
        name = own[1] if own else file.stem
        facts: dict[str, list[str]] = {"Join": [], "NULL": [], "From": []}
        for fact, said in _FACT.findall(file.read_text()):
            facts[fact].append(said)
        return cls(
            name,
            comment.replace("''", "'"),
            tuple(columns),
            tuple(sorted(_reads(text, file.parent.name).union(facts["From"]) - {f"gold.{name}"})),
            "CREATE OR REPLACE VIEW" in text,
            tuple(keys.of(file)),
            tuple(map(Join.parse, facts["Join"])),
            " ".join(facts["NULL"]),
        )

    @property
    def names(self) -> set[str]:
        """The names of its columns."""
        return {column.name for column in self.columns}

    def never_null(self, column: Column) -> bool:
        """Whether a column has a value in every row: as it is declared, or because it is part of a view's key."""
        return column.required or (self.is_view and any(column.name in key.names for key in self.keys))


def _reads(text: str, folder: str) -> set[str]:
    """The tables that SQL names; of what stands for an asset class's part, the name without it."""
    found = {f"{layer}.{name}" for layer, name, _, _ in _READS.findall(text) if layer}
    return found | {f"gold.{folder}_{name}" for _, _, roots, name in _READS.findall(text) if roots}
