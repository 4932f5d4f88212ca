"""Names that one file of the repository takes from another are there: mypy looks at the platform's own alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOTS = ("benchmarks", "dags", "delivery", "docs", "local", "plugins", "scripts", "terraform", "tests")


@cache
def file_of(module: str) -> Path | None:
    """Where a module of ours is; None for anybody else's."""
    for root in (ROOT, ROOT / "plugins"):
        place = root.joinpath(*module.split("."))
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file():
                return file
    return None


@cache
def read(file: Path) -> tuple[set[str], list[ast.ImportFrom]]:
    """All names that a file binds anywhere, and what it takes from others."""
    names: set[str] = set()
    taken: list[ast.ImportFrom] = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.ImportFrom):
            taken.append(node)
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    return names, taken


def lacking(file: Path) -> Iterator[str]:
    """What a file takes from another of ours that has no such name."""
    for node in read(file)[1]:
        if node.module and not node.level and (source := file_of(node.module)):
            for alias in node.names:
                if alias.name not in read(source)[0] and file_of(f"{node.module}.{alias.name}") is None:
                    yield f"{file.relative_to(ROOT)}:{node.lineno}: {node.module} has no {alias.name}"


@pytest.mark.parametrize("root", ROOTS)
def test_what_is_imported_is_there(root: str) -> None:
    """In functions too, which nothing runs before a whole stack starts."""
    files = sorted((ROOT / root).rglob("*.py"))
    assert files
    assert [line for file in files for line in lacking(file)] == []
