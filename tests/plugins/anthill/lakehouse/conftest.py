"""A Sail server for all tests of the lakehouse, and a lake of its own for each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.landing.conftest import s3_url

__all__ = ["s3_url"]

if TYPE_CHECKING:
    from pysail.spark import SparkConnectServer


@pytest.fixture(scope="session")
def sail() -> Iterator[SparkConnectServer]:
    """A Spark Connect server on a free port of the loopback."""
    from pysail.spark import SparkConnectServer

    os.environ["SAIL_CATALOG__LIST"] = '[{type="memory",name="dev",initial_database=["default"]}]'
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    yield server
    server.stop()


@pytest.fixture
def lake(sail: SparkConnectServer, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lake]:
    """An empty lake on local disk, of stocks unless a test is parametrized with another asset class."""
    asset_class = getattr(request, "param", "stocks")
    lake = Lake(f"sc://127.0.0.1:{sail.listening_address[1]}", tmp_path, asset_class=asset_class)
    yield lake
    lake.close()
