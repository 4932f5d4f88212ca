"""A publisher a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.enem.server import Server

from .published import Publisher


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    """One small table in a zip."""
    with Server(tmp_path) as server:
        yield Publisher(tmp_path, server)
