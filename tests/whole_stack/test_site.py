"""The built site in Chromium, opened from its files: without a server, search finds a table and pictures lead on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from local.stack import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_the_catalogue_opens_from_a_file(browser: Browser, tmp_path: Path) -> None:
    """Nothing is asked of a host; a search by a column's words finds its table, whose picture leads to the next."""
    command = [f"{sys.prefix}/bin/mkdocs", "build", "--quiet", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT}/plugins", "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    page = browser.new_page()
    page.set_default_timeout(60_000)
    other: list[str] = []
    page.on("request", lambda request: other.append(request.url) if request.url.startswith("http") else None)
    page.goto(f"file://{tmp_path}/index.html")
    page.locator(".md-tabs").get_by_role("link", name="Data catalogue").click()
    page.get_by_placeholder("Search").first.click()
    page.keyboard.type("implied_volatility expiry skew")
    page.locator(".md-search-result__link[href*='options/implied_volatility.html']").first.click()
    page.locator("h1", has_text="options_implied_volatility").wait_for()
    page.locator(".graph a", has_text="silver.options_chain_snapshot").click()
    page.locator("h3", has_text="chain_snapshot").wait_for()
    page.close()
    assert other == []
