"""SQL files: include/sql/<layer>/… found, split into statements, and given their schemas' names."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from anthill.include import include_dir

LAYERS = ("silver", "quality", "gold")
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\S+) \(\n(.*?)\n\) USING delta", re.DOTALL)
_COLUMN = re.compile(r"`?(\w+)`? (.+?)( NOT NULL)?(?: COMMENT ('(?:[^'\\]|\\.)*'))?,?")
_INCLUDE = re.compile(r"^\{include (.+)\}", re.MULTILINE)


class StatementError(ValueError):
    """A SQL file is missing or has not the statements it must have; the message names the file."""


class Column(NamedTuple):
    """A column as a SQL file declares it; `type` as Spark writes it, `comment` a SQL literal or empty."""

    name: str
    type: str
    required: bool
    comment: str


def declared(creation: str) -> tuple[str, list[Column]]:
    """The table that a statement creates, and its columns, one a line; "" and none where it creates a view."""
    if not (table := _TABLE.match(creation)):
        return "", []
    columns = []
    for line in table[2].splitlines():
        if not (found := _COLUMN.fullmatch(line.strip())):
            raise StatementError(f"{table[1]}: this line declares no column: {line.strip()}")
        columns.append(Column(found[1], found[2].lower().replace(" ", ""), bool(found[3]), found[4] or ""))
    return table[1], columns


def path(layer: str, *names: str) -> Path:
    """Where the SQL of a table lies: the path is the table's name."""
    return include_dir().joinpath("sql", layer, *names[:-1], f"{names[-1]}.sql")


def table(layer: str, asset_class: str, name: str) -> str:
    """A table's name within the catalog, such as silver.stocks_splits."""
    return f"{layer}.{asset_class}_{name}"


def read(file: Path, catalog: str, **words: str) -> list[str]:
    """The statements of one file in order, with {catalog}, {silver}, {quality}, {gold} and other words filled in."""
    return [filled(text, file, catalog, **words) for text in split(code(file))]


def creation(file: Path) -> str:
    """The statement that makes a table or view of gold; StatementError where it is a view that reads silver."""
    first = split(code(file))[0]
    if "{silver}" in first or "{any_silver}" in first:
        raise StatementError(
            f"{file}: its view reads silver, and would show rows that nobody has checked. Make it a table whose rows a "
            f"SELECT gives, or a view over gold"
        )
    return first


def filled(text: str, file: Path, catalog: str, **words: str) -> str:
    """A statement of a file with its words filled in; StatementError names those that are allowed."""
    known = {"catalog": catalog, **{layer: f"{catalog}.{layer}" for layer in LAYERS}, **words}
    known |= {"any_silver": known["silver"], "any_gold": known["gold"]}
    try:
        return text.format_map(known)
    except (KeyError, IndexError, ValueError) as error:
        allowed = ", ".join(f"{{{name}}}" for name in known)
        raise StatementError(f"{file}: unknown placeholder {error}; allowed are {allowed}") from error


def code(file: Path) -> str:
    """The text of a SQL file without its comment lines; {include gold/returns.sql} is the text of that file.

    In what it includes {asset_class} is its folder.
    """
    return _code(file, ())


def _code(file: Path, by: tuple[Path, ...]) -> str:
    """The same of a file that others include, `by` one another."""
    if file in by:
        chain = " includes ".join(each.name for each in (*by[by.index(file) :], file))
        raise StatementError(f"{by[0]}: an include comes back to itself: {chain}")
    if not file.is_file():
        raise StatementError(f"{file}: no such file; every declared dataset and gold table has one")
    text = "\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("--"))
    if by:
        text = text.replace("{asset_class}", by[0].parent.name)
    return _INCLUDE.sub(lambda line: _code(_included(file, line[1]), (*by, file)), text)


def digest(layer: str, *names: str) -> str:
    """What tells the SQL of a file, with all that it includes, from another one: SHA-256, hexadecimal."""
    return hashlib.sha256(code(path(layer, *names)).encode()).hexdigest()


def _included(by: Path, name: str) -> Path:
    """A file that another includes, named from include/sql on."""
    file = include_dir() / "sql" / name
    if not file.is_file():
        raise StatementError(f"{by}: includes {name}, but there is no {file}")
    return file


def columns(layer: str, *names: str) -> list[Column]:
    """The columns of a table as its SQL declares them; `names` are those of its file."""
    return declared(code(path(layer, *names)))[1]


def split(text: str) -> list[str]:
    """The statements of a text; each ends with a semicolon at the end of a line."""
    return [statement.strip() for statement in f"{text}\n".split(";\n") if statement.strip()]
