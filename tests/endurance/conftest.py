"""Whole stacks that are slowed, stopped and ended at any moment: `make test-endurance`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These take a quarter of an hour: they are run by name."""
    if not os.environ.get("ANTHILL_ENDURANCE"):
        skip = pytest.mark.skip(reason="whole stacks that are slowed and ended: `make test-endurance` runs it")
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(skip)
