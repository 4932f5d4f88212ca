"""A Sail server for all tests of the lakehouse, and a lake of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.lake import sail as serve
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

__all__ = ["bucket", "s3", "s3_url"]


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """The address of a Spark Connect server."""
    with serve() as remote:
        yield remote


@pytest.fixture
def lake(sail: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lake]:
    """An empty lake on local disk, of stocks unless a test is parametrized with another asset class."""
    lake = Lake(sail, tmp_path, asset_class=getattr(request, "param", "stocks"))
    yield lake
    lake.close()


@pytest.fixture
def copied(template: Lake, sail: str, tmp_path: Path) -> Iterator[Lake]:
    """A module's `template`, a lake a test: in another session, which knows its tables as Unity Catalog does."""
    lake = template.copy(sail, tmp_path)
    yield lake
    lake.close()
