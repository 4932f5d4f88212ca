"""The table of what plays which part beside the market: whatever it names is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from anthill import catalog
from docs.site.gold import Gold

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text()
(TABLE,) = re.findall(r"^## What plays which part.*?\n(\|.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
_LINES = [[cell.strip() for cell in line[1:-1].split(" | ")] for line in TABLE.splitlines()[2:]]
ROWS = {first: others for first, *others in _LINES}
OF = dict(zip(("totesys", "enem", "drop"), range(3), strict=True))
WORDS = sorted({word for cells in ROWS.values() for cell in cells for word in re.findall(r"`([^`]+)`", cell)})
FILES = [word for word in WORDS if re.fullmatch(r"[\w/.]+(?:/|\.py|\.yaml|\.yml)", word) and "_cuts" not in word]


def test_each_row_has_the_three() -> None:
    """A part that is played by nobody says so."""
    assert len(ROWS) > 15
    assert {name: len(cells) for name, cells in ROWS.items() if len(cells) != len(OF) or not all(cells)} == {}


@pytest.mark.parametrize("name", [each for each in FILES if not each.startswith(("files/", "output/"))])
def test_its_files_are_there(name: str) -> None:
    """From the root, from the package, or beside the bundle's others."""
    assert any((ROOT / place / name).exists() for place in ("", "plugins/anthill", "databricks/resources"))


def test_its_dags_pools_and_connections_are_those_of_the_code() -> None:
    """Each asset class has its DAG, and the pool of its kind of source; targets of make exist."""
    for name in re.findall(r"`(\w+)`", " ".join(cell.partition(",")[0] for cell in ROWS["DAG"])):
        assert (ROOT / f"dags/{name}.py").exists()
    assert (ROOT / "dags/totesys_warehouse.py").exists()
    pools = re.findall(r"pool `(\w+)`", " ".join(ROWS["built by"]))
    assert pools == [catalog.load("totesys").source, catalog.load("enem").source, "files"]
    assert set(pools) <= json.loads((ROOT / "include/pools.json").read_text()).keys()
    for target, asked in re.findall(r"`make (\w+) (?:ASSETS|SOURCES)=(\w+)`", TABLE):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert asked in catalog.asset_classes()


def test_its_tables_and_queries_are_gold() -> None:
    """What is asked for is a table of gold, with the columns that the query names."""
    tables = {table.name: table.names for each in Gold({}).tables.values() for table in each}
    asked = re.findall(r"`SELECT (.+?) FROM gold\.(\w+)(?: WHERE (\w+) = '(\w+)')?`", TABLE)
    assert [name for _, name, *_ in asked] == ["totesys_fact_sales_order", "enem_scores"]
    for columns, name, column, _ in asked:
        assert {*columns.split(", "), column} - {"*", ""} <= tables[name]
    assert {name for name in re.findall(r"`gold\.(\w+)`", TABLE) if name != "yml"} <= tables.keys()
    assert catalog.load("totesys").datasets["staff"].personal
    assert not any(catalog.load(name).source == "drop" for name in catalog.asset_classes())  # as the table says
