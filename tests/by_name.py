"""Tests that take long: they are run by the name of their target, and skipped with it as the reason."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

# The target that runs a folder's long tests, where it is not `test-long`.
_TARGETS = {"chaos": "test-stack LONG=1", "end_to_end": "test-integration", "whole_stack": "test-stack LONG=1"}


def skip_unless(variable: str, items: list[pytest.Item], folder: Path, reason: str) -> None:
    """Skip the tests below a folder where the variable that the target sets is not there."""
    if not os.environ.get(variable):
        for item in items:
            if str(item.path).startswith(f"{folder}{os.sep}"):  # 5,000 times: Path takes a second
                item.add_marker(pytest.mark.skip(reason=reason))


def skip_long(items: list[pytest.Item]) -> None:
    """Skip the tests that are marked as long, where nobody asks for them."""
    if not os.environ.get("ANTHILL_LONG"):
        for item in items:
            if item.get_closest_marker("long"):
                folder = item.path.relative_to(Path(__file__).parent).parts[0]
                item.add_marker(pytest.mark.skip(reason=f"long: `make {_TARGETS.get(folder, 'test-long')}` runs it"))


def long_but(short: Any, values: Iterable[Any]) -> list[Any]:
    """The same test for each value, of which one is tried each time and the others are long."""
    values = list(values)
    assert short in values, f"{short} is none of {values}"
    return [value if value == short else pytest.param(value, marks=pytest.mark.long) for value in values]
