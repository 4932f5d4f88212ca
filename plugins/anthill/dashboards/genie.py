"""The Genie spaces as Databricks has them serialized, with the widgets' queries as their examples."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from anthill.dashboards.dashboard import Dashboard, declared
from anthill.dashboards.widget import DashboardError
from anthill.include import include_dir

MOST_TABLES = 30  # that a space takes
_TABLE = re.compile(r"\b(FROM|JOIN) (?=(?:gold|quality)\.)")


class Genie(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a file of include/genie says of one space."""

    title: str
    description: str
    tables: tuple[str, ...]
    instructions: tuple[str, ...]
    questions: tuple[str, ...]


def every() -> dict[str, Genie]:
    """All spaces by the names of their files."""
    return {file.stem: read(file) for file in sorted((include_dir() / "genie").glob("*.yaml"))}


def read(file: Path) -> Genie:
    """The space as it is declared; DashboardError names the file and line of what is wrong."""
    space, found = declared(file, Genie)
    if len(space.tables) > MOST_TABLES:
        problem = f"tables are {len(space.tables)}, and a space takes {MOST_TABLES}"
        raise DashboardError(file, found.line(("tables",)), problem)
    return space


def body(space: Genie, dashboards: Iterable[Dashboard], catalog: str) -> dict[str, Any]:
    """The serialized space; `catalog` stands before each table, and may be a reference of the bundle."""
    examples = [
        {"id": _id(each.file.parent.name, each.name), "question": [each.title], "sql": _full(each.sql, catalog)}
        for dashboard in dashboards
        for each in dashboard.widgets
        if each.kind != "choice" and not each.chosen and set(each.tables) <= set(space.tables)
    ]
    questions = [{"id": _id(question), "question": [question]} for question in space.questions]
    tables = [{"identifier": f"{catalog}.{table}"} for table in space.tables]
    return {
        "version": 2,
        "config": {"sample_questions": sorted(questions, key=_by_id)},
        "data_sources": {"tables": sorted(tables, key=lambda table: table["identifier"])},
        "instructions": {
            "text_instructions": [{"id": _id("instructions"), "content": [f"{line}\n" for line in space.instructions]}],
            "example_question_sqls": sorted(examples, key=_by_id),
        },
    }


def _full(sql: str, catalog: str) -> list[str]:
    return _TABLE.sub(rf"\1 {catalog}.", sql).splitlines(keepends=True)


def _id(*words: str) -> str:
    """What tells one entry from the others, and stays the same."""
    return hashlib.md5("/".join(words).encode(), usedforsecurity=False).hexdigest()


def _by_id(entry: dict[str, Any]) -> str:
    return str(entry["id"])
