"""A small market of every asset class on Sail and on Apache Spark: `make test-spark`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import by_name
from tests.oracle.market import BUCKET, EARLIER, STATEMENTS, fill
from tests.oracle.scheduled import NAMES
from tests.plugins.anthill.lakehouse.lake import sail
from tests.plugins.anthill.landing.conftest import s3_url
from tests.plugins.anthill.landing.s3 import s3_at
from tests.spark import traps
from tests.spark.server import spark
from tests.spark.twins import Twins

__all__ = ["s3_url"]

SIZE = (
    "--stocks", "100", "--otc", "5", "--underlyings", "7", "--forex", "10", "--crypto", "10", "--indices", "10",
    "--no-limits", "--late-trades", "--clock", "22:30",
)  # fmt: skip
STOCKS = [
    (dt.date(2026, 5, 7), dt.date(2026, 5, 7), STATEMENTS),
    (dt.date(2026, 4, 6), dt.date(2026, 6, 29), NAMES),
]
"""Sixty days, among them those on which local/polygon/stocks/script.yaml has most of what is hard to follow."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These want Apache Spark and take minutes: they are run by name."""
    by_name.skip_unless("ANTHILL_SPARK", items, Path(__file__).parent, "Apache Spark: `make test-spark` runs it")


@pytest.fixture(scope="session")
def twins(s3_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """A small market in gold on both."""
    folder = tmp_path_factory.mktemp("twins")
    with sail() as one, spark(folder) as other:
        s3: Any = s3_at(s3_url)
        twins = Twins(s3, BUCKET, folder, one, other)
        fill(twins, folder, s3, SIZE, {**EARLIER, "stocks": STOCKS})
        traps.load(twins)
        yield twins
        twins.close()
