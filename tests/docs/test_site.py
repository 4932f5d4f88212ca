"""The catalogue tells all that is declared, and the built site needs no other host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from anthill import catalog, renamed
from docs.site import catalogue
from docs.site.tables import Table, expectations

ROOT = Path(__file__).parents[2]
SQL = ROOT / "include/sql"


@pytest.mark.parametrize("name", catalog.asset_classes())
def test_every_dataset_is_told(name: str) -> None:
    """Its endpoint, key, every column with its comment, every expectation, and its readers."""
    page = catalogue.pages()[f"{name}.md"]
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    declared = catalog.load(name)
    assert set(sections) == set(declared.datasets) | {f"{name}_{gold}" for gold in declared.gold}
    for dataset in declared.datasets.values():
        told = sections[dataset.name]
        assert f"`GET {dataset.path}`" in told
        sql = (SQL / "silver" / name / f"{dataset.name}.sql").read_text()
        rows = re.findall(r"^\| `(\w+)` \| `[^`]+` \| (.+?) \|", told, re.MULTILINE)
        assert [row for row, _ in rows] == re.findall(r"^  (\w+) [A-Z].*COMMENT '", sql, re.MULTILINE)
        assert all(len(comment) >= 3 for _, comment in rows)
        source = dict(re.findall(r"^\| `(\w+)` \| .+ \| `([^`|]+)` \|$", told, re.MULTILINE))
        assert set(source) >= set(dataset.columns)
        for each in expectations(SQL / "quality" / name / f"{dataset.name}.sql"):
            assert f"| `{each.name}` | {each.severity} |" in told
    for gold in declared.gold:
        assert "| column |" in sections[f"{name}_{gold}"]


def test_readers_are_those_who_may_select() -> None:
    """As the grants say, for each table."""
    page = catalogue.pages()["stocks.md"]
    for securable in yaml.safe_load((ROOT / "include/grants/stocks.yaml").read_text())["securables"]:
        layer, table = securable["name"].removeprefix("{catalog}.").split(".")
        who = sorted(p for p, privileges in securable["grants"].items() if "SELECT" in privileges)
        if table in renamed.load().tables:
            assert re.search(rf"^\| `{layer}.{table}` \|.*\| {', '.join(who)} \|$", page, re.MULTILINE)
            continue
        assert f"| table | `{layer}.{table}` |" in page
        section = page.split(f"| table | `{layer}.{table}` |")[1].split("\n### ")[0]
        assert f"| readers | {', '.join(who)} |" in section


def test_a_view_says_how_it_is_read() -> None:
    """It has no files; a table, which has some, says nothing of the kind."""
    page = catalogue.pages()["stocks.md"]
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    assert 'anthill.read("gold.stocks_daily_prices")' in sections["stocks_daily_prices"]
    assert "anthill.read" not in sections["stocks_daily_returns"]


def test_a_table_that_cannot_be_read_whole_is_an_error(tmp_path: Path) -> None:
    """No expectation is left out in silence, and a view's columns are read as a table's are."""
    file = tmp_path / "x.sql"
    file.write_text(
        "SELECT stack(2, 'keys_unique', 'critical', CAST(1 AS DOUBLE), '= 0', true, 'x',\n 'other', 'fatal', 1)"
    )
    with pytest.raises(ValueError, match="counts 2 expectations, and 1 can be read"):
        expectations(file)
    view = Table.read(SQL / "gold/stocks/daily_prices.sql")
    assert "adj_close" in {column.name for column in view.columns}
    assert "gold.stocks_traded_prices" in view.reads


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
        "catalogue/stocks",
        "how-to/backfill",
        "cicd",
        "reference/api/anthill.polygon",
        "decisions",
    ):
        assert (tmp_path / place / "index.html").exists(), place


def test_a_broken_link_fails(tmp_path: Path) -> None:
    """The strictness is real: a page with a link to nowhere stops the build."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# A page\n\n[away](nowhere.md), [there](#no-such-place)\n")
    validation = yaml.safe_load(
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
