"""What tells the rows of a table of gold apart, as the comment `-- Key:` of its SQL says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from anthill.lakehouse import statements

_PART = re.compile(r"(\w+)(?: \(elsewhere (\w+)\)| to (\w+)| before (\w+))?")
_SAID = re.compile(r"^-- Key: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Key:
    """Columns of which no two rows have the same values; of a span of days, no two rows have a day in common.

    `days` are the columns with its first and last day, `ends_before` whether the last one is the first no longer in it.
    """

    columns: tuple[str, ...]
    days: tuple[str, str] | None = None
    ends_before: bool = False
    elsewhere: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Key:
        """A key as it is written: `ticker, valid_from to valid_to`, `ticker, since before until`, `none, one row`."""
        if text == "none, one row":
            return cls(())
        columns, days, before, elsewhere = [], None, False, []
        for part in text.split(", "):
            if not (found := _PART.fullmatch(part)):
                raise ValueError(f"{part!r} is no column, nor days such as `valid_from to valid_to`")
            if end := found[3] or found[4]:
                days, before = (found[1], end), bool(found[4])
            else:
                columns.append(found[1])
            if found[2]:
                elsewhere.append((found[1], found[2]))
        return cls(tuple(columns), days, before, tuple(elsewhere))

    @property
    def names(self) -> tuple[str, ...]:
        """All its columns."""
        return (*self.columns, *(self.days or ()))


def of(file: Path) -> list[Key]:
    """The keys that a file says its table has, the first one as people ask for its rows."""
    return [Key.parse(said) for said in _SAID.findall(file.read_text())]


def told_by(asset_class: str, table: str, key: str) -> str:
    """The column of a table of gold that has the key of another one, by its name or as others call it; "" if none."""
    columns = {column.name for column in statements.columns("gold", asset_class, table)}
    files = statements.path("gold", asset_class, table).parent.glob("*.sql")
    elsewhere = [dict(each.elsewhere).get(key, "") for file in sorted(files) for each in of(file)]
    return next((name for name in (key, *elsewhere) if name in columns), "")
