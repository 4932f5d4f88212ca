"""What tests of packages need: the uv that `make` uses, and a registry, which only `make test-packages` asks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

_OWN = Path(__file__).parents[1] / "var/tools/bin/uv"
ASKED = bool(os.environ.get("ANTHILL_PACKAGES"))


def uv() -> str:
    """The path of UV as `make` sets it, of what is on PATH, or of what `make` has set up."""
    for place in (os.environ.get("UV"), "uv", str(_OWN)):
        if place and (found := shutil.which(place)):
            return str(Path(found).absolute())
    return absent("uv is not on this machine: make sets one up")


def registry() -> None:
    """Skips what installs packages while it runs, unless that is what is asked for."""
    if not ASKED:
        pytest.skip("a package registry is asked: `make test-packages` runs it")


def absent(reason: str) -> NoReturn:
    """A tool that is not there is a skip, but a failure of `make test-packages`."""
    if ASKED:
        pytest.fail(reason)
    pytest.skip(reason)
