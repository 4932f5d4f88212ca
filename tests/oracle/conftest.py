"""Years of a market through bronze, silver and gold, compared with an engine of its own: `make test-oracle`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import by_name
from tests.oracle.bronze import Bronze
from tests.oracle.market import market
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.lake import sail as serve
from tests.plugins.anthill.landing.conftest import s3_url
from tests.plugins.anthill.landing.s3 import s3_at

__all__ = ["s3_url"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These take minutes: they are run by name."""
    by_name.skip_unless(
        "ANTHILL_ORACLE", items, Path(__file__).parent, "years of a market to gold: `make test-oracle` runs it"
    )


@pytest.fixture(scope="session")
def s3(s3_url: str) -> Any:
    """A client of the S3 that bronze is on."""
    return s3_at(s3_url)


@pytest.fixture(scope="session")
def sail(s3_url: str) -> Iterator[str]:
    """The address of a Spark Connect server that reads bronze from S3."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT", "AWS_ENDPOINT_URL"):
            patch.setenv(name, s3_url)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            patch.setenv(name, "us-east-1")
        patch.setenv("AWS_ALLOW_HTTP", "true")
        with serve() as remote:
            yield remote


@pytest.fixture(scope="session")
def small(sail: str, s3: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lake, Bronze]]:
    """Gold of a small market of every asset class, and the bronze that it comes from."""
    folder = tmp_path_factory.mktemp("small")
    with market(folder, s3, sail) as lake:
        yield lake, Bronze(folder / "bronze")
