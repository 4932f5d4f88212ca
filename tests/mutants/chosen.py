"""A plugin of pytest: of what was collected, the chosen tests in the order that was chosen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

TESTS = "ANTHILL_MUTANTS_TESTS"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out the others."""
    place = {test: number for number, test in enumerate(json.loads(Path(os.environ[TESTS]).read_text()))}
    items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])
