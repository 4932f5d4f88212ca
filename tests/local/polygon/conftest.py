"""Servers that the tests of the Polygon API talk to."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.local.polygon.serving import SMALL, Server, serving


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a small market."""
    with serving(tmp_path_factory.mktemp("small"), *SMALL) as server:
        yield server


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers that end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(serving(tmp_path, *arguments))
