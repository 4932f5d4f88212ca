"""Arrows between the rooms of the house run one way, from the roof to the ground."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3] / "plugins" / "anthill"

# From the ground up: what stands in a line may import what stands in the lines before it.
ORDER = """
    cut facets header http_date include nearest yaml_file moments names spreadsheet
    exchange
    closures
    calendars corrections fingerprint renamed lists shape
    intervals dashboards
    access expectation
    dataset timetables
    settings
    asset_class
    bronze
    sources
    catalog
    history market_day parameters
    assets links run_note task
    ledger
    landing lakehouse governance warehouse
    alerts consumption export models recorder
    dag_defaults
    reader sandbox approval streams
    coverage
    lineage
    digest doctor as_of erasure forecasts warehouses drops recorders
    backfill dag_builder
    ui cli
    plugin provider __init__
"""
FLOORS = {room: floor for floor, line in enumerate(ORDER.strip().splitlines()) for room in line.split()}
KNOW_NO_KIND = ("bronze", "catalog", "ledger", "task", "landing", "lakehouse", "alerts", "coverage", "backfill")


@cache
def imports() -> list[tuple[Path, str]]:
    """Each file with the dotted name of each module of the house that it imports, within functions too."""
    found: list[tuple[Path, str]] = []
    for file in sorted(HOUSE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "anthill":
                found += [(file, f"{node.module}.{alias.name}") for alias in node.names]
            elif isinstance(node, ast.Import):
                found += [(file, alias.name) for alias in node.names if alias.name.startswith("anthill.")]
    return found


def room_of(file: Path) -> str:
    """The folder or file that a file of the house stands in."""
    return file.relative_to(HOUSE).parts[0].removesuffix(".py")


def test_every_room_has_its_floor() -> None:
    """A new room says where it stands, and none is named that is gone."""
    there = {room_of(file) for file in HOUSE.rglob("*.py")}
    assert there == set(FLOORS)


@pytest.mark.parametrize("room", sorted(FLOORS))
def test_a_room_imports_from_below_only(room: str) -> None:
    """No file reaches into a room on its own floor or above."""
    up = [
        f"{file.relative_to(HOUSE)} imports {name}"
        for file, name in imports()
        if room_of(file) == room != (other := name.split(".")[1]) and FLOORS[other] >= FLOORS[room]
    ]
    assert up == []


def test_only_a_kinds_own_folder_knows_it() -> None:
    """What lands, loads and shows the data asks `sources.kinds` and never for one of them."""
    kinds = {folder.name for folder in (HOUSE / "sources").iterdir() if (folder / "declaration.py").is_file()}
    assert kinds
    knowing = [
        f"{file.relative_to(HOUSE)} imports {name}"
        for file, name in imports()
        if room_of(file) in KNOW_NO_KIND and name.split(".")[1] == "sources" and name.split(".")[2] in kinds
    ]
    assert knowing == []
