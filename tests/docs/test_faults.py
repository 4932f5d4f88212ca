"""The table of faults: every test that it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize("path", sorted({path for path, _ in NAMED}))
def test_the_tests_it_names_are_there(path: str) -> None:
    """Functions of those names, in that file."""
    tree = ast.parse((ROOT / path).read_text())
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {name for file, name in NAMED if file == path} <= there


def test_every_fault_has_one() -> None:
    """No line of a table ends without a test."""
    rows = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| ") and not line.startswith(("| fault", "| what must", "| ---"))
    ]
    assert len(rows) > 40
    assert [row for row in rows if "::test_" not in row.split("|")[-2]] == []
