"""Servers that the tests of the Polygon API talk to."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.local.polygon.serving import KEY, SMALL, Server, serving


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a small market."""
    with serving(tmp_path_factory.mktemp("small"), *SMALL) as server:
        yield server


@pytest.fixture(scope="session")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a small market with late trades and a key of each plan; a test that uses it sets its clock."""
    keys = "low:basic,start:starter,dev:developer,all:advanced,part:advanced:-/v2/aggs/grouped:-/stocks/v1/splits"
    options = ("--late-trades", "--underlyings", "3", "--keys", f"{keys},{KEY}", "--clock", "18:00")
    with serving(tmp_path_factory.mktemp("moving"), *SMALL, *options) as server:
        yield server


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers that end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(serving(tmp_path, *arguments))
