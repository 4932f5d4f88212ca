"""Tests that take minutes: they are run by the name of their target, and skipped with it as the reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def skip_unless(variable: str, items: list[pytest.Item], folder: Path, reason: str) -> None:
    """Skip the tests below a folder where the variable that the target sets is not there."""
    if not os.environ.get(variable):
        for item in items:
            if str(item.path).startswith(f"{folder}{os.sep}"):  # 5,000 times: Path takes a second
                item.add_marker(pytest.mark.skip(reason=reason))
