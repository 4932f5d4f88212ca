"""A tiny project with mutants of every fate."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.rooms import Room

PRICE = """
def doubled(price):
    return price * 2


def unlooked(price):
    return price + 7


def never(price):
    return price - 5


def counted(many):
    left = many
    while left > 0:
        left = left - 1
    return many
"""
TESTS = """
import pytest
from tiny.price import counted, doubled, unlooked


@pytest.fixture(scope="module")
def four():
    return doubled(2)


def test_it_is_there(four):
    unlooked(1)


def test_four(four):
    assert four == 4


def test_counted():
    assert counted(3) == 3
"""
SETTINGS = '[tool.pytest.ini_options]\npythonpath = ["plugins"]\naddopts = "--import-mode=importlib"\n'
ROOM = Room("tiny", "plugins/tiny", "tests/tiny")
FILES = {"pyproject.toml": SETTINGS, "plugins/tiny/price.py": PRICE, "tests/tiny/test_price.py": TESTS}


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Where the project lies."""
    root = tmp_path / "tiny"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root
