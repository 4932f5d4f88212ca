"""Whole stacks that are slowed, stopped and ended at any moment: `make test-endurance`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import by_name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These take a quarter of an hour: they are run by name."""
    by_name.skip_unless(
        "ANTHILL_ENDURANCE",
        items,
        Path(__file__).parent,
        "whole stacks that are slowed and ended: `make test-endurance` runs it",
    )
