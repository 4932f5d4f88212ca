"""The second kind of source, beside the product's own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import anthill.sources


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The kind `scripted` as if its folder stood beside the others; gives its scripts, of which the last answers."""
    kinds = str(Path(__file__).parent / "kinds")
    monkeypatch.setattr(anthill.sources, "__path__", [*anthill.sources.__path__, kinds])
    from anthill.sources.scripted import connection

    yield connection.SCRIPTS
    for name in [name for name in sys.modules if name.startswith("anthill.sources.scripted")]:
        del sys.modules[name]
