"""The catalogue draws ToteSys' tables, ENEM's and the star as they are declared, and as the databases have them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import pytest

from anthill import catalog
from docs.site import catalogue, schema

TOTESYS = Path(__file__).parents[2] / "local/totesys"
OF_SQL = re.compile(r'^CREATE TABLE "?(\w+)"? \((.*?)^\);', re.MULTILINE | re.DOTALL)


def tables_of(file: str) -> dict[str, str]:
    """The tables that a database is made with, each with the lines that it is made of."""
    return dict(OF_SQL.findall((TOTESYS / file).read_text()))


def boxes(picture: str) -> dict[str, tuple[list[str], tuple[float, ...]]]:
    """What stands in each box under its name, and where the box is."""
    root = ET.fromstring(re.findall(r"<svg.*?</svg>", picture)[0])
    found = {}
    for link in root.iter("a"):
        rect = link.find("rect")
        name, *lines = [text.text or "" for text in link.iter("text")]
        assert rect is not None
        found[name] = lines, tuple(float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
    return found


def test_a_database_is_drawn_as_it_refers() -> None:
    """Eleven tables, their columns with the key first, and an arrow for each reference that PostgreSQL holds."""
    declared = catalog.load("totesys")
    made = tables_of("schema.sql")
    refers = {
        (one, column, other)
        for one, lines in made.items()
        for column, other in re.findall(r'^\s+(\w+) .*REFERENCES "?(\w+)"?', lines, re.MULTILINE)
    }
    assert len(refers) > 10
    assert set(schema.references(declared)) == refers
    picture = schema.picture(declared)
    drawn = boxes(picture)
    assert set(drawn) == {f"totesys_{name}" for name in made}
    for name, (lines, _) in drawn.items():
        of_sql = re.findall(r"^\s+([a-z_0-9]+) [a-z]", made[name.removeprefix("totesys_")], re.MULTILINE)
        assert sorted(line.partition(" → ")[0] for line in lines) == sorted(of_sql)
        assert (lines[0],) == declared.datasets[name.removeprefix("totesys_")].key
    assert picture.count('class="edge"') == len({(one, other) for one, _, other in refers})
    assert "agreed_delivery_location_id → address" in drawn["totesys_sales_order"][0]


def test_an_editions_tables_stand_side_by_side() -> None:
    """Nothing refers to anything: five tables with all that is loaded of them, none over another, none outside."""
    declared = catalog.load("enem")
    picture = schema.picture(declared)
    drawn = boxes(picture)
    assert {name: set(lines) for name, (lines, _) in drawn.items()} == {
        each.table: set(each.columns) for each in declared.datasets.values()
    }
    width, height = map(float, re.findall(r'viewBox="0 0 (\d+) (\d+)"', picture)[0])
    places = [place for _, place in drawn.values()]
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in places)
    for (x, y, w, h), (x2, y2, w2, h2) in combinations(places, 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Every page of the catalogue."""
    return catalogue.pages()


def test_a_star_is_drawn_where_one_is_loaded(pages: dict[str, str]) -> None:
    """ToteSys' fact and what it refers to, as the warehouse has them; its page and ENEM's show their tables."""
    star = boxes(pages["totesys/index.md"].split("\n## Its star\n")[1])
    assert set(star) == {f"totesys_{name}" for name in tables_of("warehouse.sql") if name != "loads"}
    left = {name: x for name, (_, (x, *_)) in star.items()}
    assert min(left, key=lambda name: left[name]) == "totesys_fact_sales_order"
    for name in ("totesys", "enem"):
        assert schema.picture(catalog.load(name)) in pages[f"{name}/index.md"].split("\n## Silver\n")[1]
    assert schema.picture(catalog.load("stocks")) == ""
    assert [name for name, page in pages.items() if "\n## Its star\n" in page] == ["totesys/index.md"]
