"""The built site needs no other host, nor a server: it opens from its files, with its search."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import msgspec
import pytest
import yaml

from anthill.alerts import runbook
from anthill.alerts.alert import Kind

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_the_site_builds_and_asks_no_other_host(tmp_path: Path) -> None:
    """Strictly, so that a broken link fails; pages load nothing from elsewhere; each part of the site is there."""
    command = [f"{sys.prefix}/bin/mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT}/plugins", "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 40
    for page in pages:
        for tag in re.findall(r"<(?:script|link|img|iframe)\b[^>]*>", page.read_text()):
            for address in re.findall(r"(?:src|href)=\"?([^\"\s>]+)", tag):
                assert not urlsplit(address).netloc, f"{page.relative_to(tmp_path)} loads {address}"
    for place in (
        "concepts",
        "catalogue/index",
        "catalogue/stocks/index",
        "catalogue/stocks/daily_prices",
        "how-to/backfill",
        "cicd",
        "reference/api/anthill.sources.polygon",
        "decisions/index",
    ):
        assert (tmp_path / f"{place}.html").exists(), place
    runbook_page = (tmp_path / "runbook.html").read_text()
    for section in (*get_args(Kind), *runbook.STEPS.values(), runbook.INTRADAY):
        assert re.search(rf"id=\"?{section}[\"\s>]", runbook_page), section
    linked = 0
    for page in (tmp_path / "catalogue").rglob("*.html"):
        for address in re.findall(r'<a href="([^"]+)" class="(?:gold|silver|star|here)">', page.read_text()):
            file, _, anchor = address.partition("#")  # mkdocs does not look into pictures
            text = (page.parent / file).read_text()
            assert not anchor or re.search(rf"id=\"?{anchor}\b", text), f"{page.relative_to(tmp_path)}: {address}"
            linked += 1
    assert linked > 100
    # A page that is opened from a file may load scripts, and nothing else: the index of the search is one.
    index = (tmp_path / "search/search_index.js").read_text()
    assert index.startswith("var __index = {")
    assert '"location":"catalogue/options/implied_volatility.html"' in index
    assert re.search(r'<script src="?../iframe-worker.js', (tmp_path / "catalogue/index.html").read_text())


def test_a_broken_link_fails(tmp_path: Path) -> None:
    """The strictness is real: a page with a link to nowhere stops the build."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# A page\n\n[away](nowhere.md), [there](#no-such-place)\n")
    validation = msgspec.yaml.decode(
        re.search(r"^validation:\n(?:  .+\n)+", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)[0]
    )
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump({"site_name": "x", **validation}))
    command = [f"{sys.prefix}/bin/mkdocs", "build", "--strict", "-f", str(tmp_path / "mkdocs.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr
    assert "#no-such-place" in done.stderr


def test_images_are_small_and_used() -> None:
    """A picture that no page shows is taken away, and a page loads fast."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    shown = {
        (page.parent / address).resolve()
        for page in pages
        for address in re.findall(r"!\[[^\]]*\]\(([^)\s]+)\)", page.read_text())
    }
    images = {path for path in (ROOT / "docs").rglob("*") if path.suffix in (".png", ".svg")}
    assert images == shown
    assert {path.name: path.stat().st_size for path in images if path.stat().st_size > 200_000} == {}
