"""The report that the demo has left, opened in Chromium."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.stack import ROOT
from tests import by_name
from tests.whole_stack.conftest import browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser"]
DAYS = 130
DEMO = ROOT / "var" / "demo"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They look at a run that takes many minutes."""
    by_name.skip_unless("ANTHILL_PAGES", items, Path(__file__).parent, "a demo of 130 days: `make test-pages` runs it")


@pytest.fixture(scope="session")
def report() -> Path:
    """The page, which is of the days that are asked for."""
    stocks = json.loads((DEMO / "summary.json").read_text())["asset_classes"]["stocks"]
    assert stocks["market_days"] == DAYS, "var/demo is of another run: make demo DAYS=130 ASSETS=stocks"
    return DEMO / "report.html"


@pytest.fixture(scope="session")
def opened(browser: Browser, report: Path) -> Iterator[Page]:
    """The whole page, drawn."""
    page = browser.new_page(viewport={"width": 1360, "height": 900})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(report.as_uri())
    page.wait_for_function("document.querySelectorAll('.body:empty').length === 0")
    yield page
    assert faults == []
    page.close()
