"""What a SQL file of include/sql/ declares: its table, columns with their units, what it reads, and its checks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from anthill.lakehouse import statements

_COLUMN = re.compile(r"^  (\w+) (?:(.+?) )?COMMENT '((?:[^']|'')+)',?$", re.MULTILINE)
_TABLE = re.compile(r"\)(?: USING delta)?\nCOMMENT '((?:[^']|'')+)'")
_READS = re.compile(r"\{(?:any_)?(silver|gold)\}\.(\w+)")
_CHECK = re.compile(r"'(\w+)',\s*'(critical|warn)',\s*.*?'([^']*)',\s", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """A column: its type (empty in a view, which takes those of its query) and its comment, which has the unit."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class Table:
    """A table or view of silver or gold."""

    comment: str
    columns: tuple[Column, ...]
    reads: tuple[str, ...]

    @classmethod
    def read(cls, file: Path) -> Table:
        """The table that a file declares, with what it includes."""
        text = statements.code(file)
        columns = [
            Column(name, kind or "", comment.replace("''", "'")) for name, kind, comment in _COLUMN.findall(text)
        ]
        (comment,) = _TABLE.findall(text)[:1]
        own = re.search(r"(?:TABLE IF NOT EXISTS|REPLACE VIEW) \{\w+\}\.(\w+)", text)
        reads = {f"{layer}.{name}" for layer, name in _READS.findall(text) if own is None or name != own[1]}
        return cls(comment.replace("''", "'"), tuple(columns), tuple(sorted(reads)))


@dataclass(frozen=True)
class Expectation:
    """What is expected of a market day: a broken critical one stops what reads the dataset."""

    name: str
    severity: str
    threshold: str


def expectations(file: Path) -> list[Expectation]:
    """The expectations of a quality file; ValueError where some cannot be read."""
    text = file.read_text()
    found = [Expectation(*match) for match in _CHECK.findall(text)]
    declared = sum(map(int, re.findall(r"stack\((\d+)", text)))
    if declared != len(found):
        raise ValueError(f"{file}: stack() counts {declared} expectations, and {len(found)} can be read")
    return found
