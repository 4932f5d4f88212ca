"""What a SQL statement needs: which tables it reads, writes, makes and drops."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sqlglot import ErrorLevel, exp, parse_one, tokenize
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it does not understand is read by names here

_LOOKS = re.compile(r"\s*(SHOW|DESC|DESCRIBE|EXPLAIN|TABLE|REFRESH|ANALYZE|CACHE|UNCACHE|SET)\b", re.IGNORECASE)
_LISTS = re.compile(r"\s*SHOW\s+(?:TABLES|VIEWS)\s+(?:IN|FROM)\s+([\w.`]+)", re.IGNORECASE)
_WORD = re.compile(r"[\w`]+(?:\.[\w`]+)*")


@dataclass
class Touched:
    """Names as they are written, parts parted by points, of what a statement touches: format.path where it is files."""

    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    makes: list[str] = field(default_factory=list)
    replaces: bool = False
    is_view: bool = False
    drops: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)  # paths at which a table is made
    lists: list[str] = field(default_factory=list)  # schemas whose tables are listed, or that are used
    catalogs: list[str] = field(default_factory=list)  # that are used
    schemas: list[str] = field(default_factory=list)  # that are made
    uses: tuple[str, str] | None = None  # the catalog, empty for the one before, and the schema that names go to
    words: Collection[str] = ()  # every name of a statement that is not understood, each may be a table
    looks: bool = False  # whether such a statement changes nothing
    calculates: bool = False  # whether a name is what an expression gives, so that nobody knows it beforehand


@lru_cache(maxsize=512)
def touched(statement: str) -> Touched:
    """What a statement touches; one that is not understood touches all that it names."""
    if _calculates(statement):
        return Touched(calculates=True)
    try:
        tree = parse_one(statement, dialect="databricks", error_level=ErrorLevel.IMMEDIATE)
    except (SqlglotError, RecursionError):
        return _unknown(statement)
    match tree:
        case exp.Command():
            return _unknown(statement)
        case exp.Use():
            return _use(tree)
        case exp.Create():
            return _creation(tree)
        case exp.Drop() if tree.args.get("kind") in {"TABLE", "VIEW"}:
            return Touched(drops=[_name(tree.this)])
        case exp.Insert() | exp.Update() | exp.Delete() | exp.Merge() | exp.TruncateTable() | exp.Alter():
            return _change(tree)
    return Touched(reads=_names(tree))


def _calculates(statement: str) -> bool:
    """Whether it names something by IDENTIFIER(…)."""
    if "identifier" not in statement.lower():
        return False
    try:
        tokens = tokenize(statement, read="databricks")
    except SqlglotError:
        return True
    return any(t.text.upper() == "IDENTIFIER" and then.token_type == TokenType.L_PAREN for t, then in pairwise(tokens))


def _unknown(statement: str) -> Touched:
    if (
        explained := re.match(r"\s*EXPLAIN\s+(?:EXTENDED|FORMATTED|COST|CODEGEN)?", statement, re.IGNORECASE)
    ) is not None:
        return touched(statement[explained.end() :])
    if listed := _LISTS.match(statement):
        return Touched(lists=[listed[1].replace("`", "")])
    words = {word.replace("`", "") for word in _WORD.findall(statement)}
    return Touched(words=words, looks=_LOOKS.match(statement) is not None)


def _use(tree: Any) -> Touched:
    name = _name(tree.this)
    if str(tree.args.get("kind")).upper() == "CATALOG":
        return Touched(catalogs=[name], uses=(name, ""))
    catalog, _, schema = name.rpartition(".")
    return Touched(lists=[name], uses=(catalog, schema))


def _creation(tree: Any) -> Touched:
    target = tree.this.find(exp.Table)
    others = [_name(table) for table in tree.find_all(exp.Table) if table is not target]
    if tree.find(exp.TemporaryProperty) or target is None:
        return Touched(reads=others)
    if tree.args.get("kind") in {"SCHEMA", "DATABASE"}:
        return Touched(schemas=[_name(target)])
    is_view = tree.args.get("kind") == "VIEW"
    made = Touched(reads=others, makes=[_name(target)], replaces=bool(tree.args.get("replace")), is_view=is_view)
    made.places = [place.this.name for place in tree.find_all(exp.LocationProperty)]
    return made


def _change(tree: Any) -> Touched:
    target = (tree.this if isinstance(tree.this, exp.Expression) else tree).find(exp.Table)
    others = [_name(table) for table in tree.find_all(exp.Table) if table is not target]
    rows_are_looked_at = isinstance(tree, exp.Update | exp.Delete | exp.Merge)
    changed = [_name(target)] if target is not None else []
    return Touched(reads=[*others, *(changed if rows_are_looked_at else [])], writes=changed)


def _names(tree: Any) -> list[str]:
    return [_name(table) for table in tree.find_all(exp.Table)]


def _name(table: Any) -> str:
    return ".".join(part.name for part in table.parts)
