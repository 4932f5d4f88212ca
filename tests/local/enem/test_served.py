"""What the stack gets of ENEM: a server that lives until it is stopped, editions in turn, their story."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from anthill import catalog
from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace as Asked
from local.enem import served
from local.service import find, stop
from local.sources import Started
from tests.local.databricks.workspace import TOKEN, Workspace

STATES = {"SP": 560.25, "RJ": 540.0, "MG": 530.0, "AC": 498.5}
NUMBERS = {
    "editions": [
        {"year": 2019, "form": "full", "rows": {}, "candidates": 5000, "scores": STATES},
        {"year": 2024, "form": "split", "rows": {}, "candidates": 0, "scores": {}},
    ]
}


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Started]:
    """Its service, ended afterwards; few candidates."""
    few = tuple(each._replace(rows=20 + number) for number, each in enumerate(served.EDITIONS))
    monkeypatch.setattr(served, "EDITIONS", few)
    yield served.start(tmp_path, tmp_path / "run")
    stop(list(find(tmp_path / "run").values()))


def header(started: Started, year: int) -> tuple[list[str], int]:
    """The columns that the address of Airflow's connection serves, and how many rows."""
    host = json.loads(started.connections["AIRFLOW_CONN_ENEM_DEFAULT"])["host"]
    zipped = requests.get(f"{host}/microdados/microdados_enem_{year}.zip", timeout=60)
    zipped.raise_for_status()
    with zipfile.ZipFile(io.BytesIO(zipped.content)) as file:
        (name,) = [each for each in file.namelist() if each.endswith((f"ENEM_{year}.csv", f"RESULTADOS_{year}.csv"))]
        lines = list(csv.reader(io.StringIO(file.read(name).decode("iso-8859-1"), ""), delimiter=";"))
    return lines[0], len(lines) - 1


def test_editions_follow_one_another_at_one_address(started: Started, tmp_path: Path) -> None:
    """The newest forms are there at first; what is published is served at once, with a header that is declared."""
    (server,) = started.services
    assert server.name == "enem"
    server.start()
    server.wait()
    declared = catalog.load("enem").datasets
    headers = declared["candidates"].headers
    assert header(started, 2019) == (list(headers["open"]), 21)
    assert header(started, 2024) == (list(declared["results"].headers["first"]), 22)
    served.publish(tmp_path / "enem", served.EDITIONS[0])
    assert header(started, 2019) == (list(headers["full"]), 20)


def test_what_is_there_is_not_made_again(started: Started, tmp_path: Path) -> None:
    """A second start serves the zips of the first, with their times: nothing is new."""
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "enem").iterdir()}
    served.start(tmp_path, tmp_path / "run")
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "enem").iterdir()} == before


def test_scores_by_state_are_golds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mean over areas, kinds of school and sexes by how many have a score; each candidate is counted once."""
    columns = "market_date, year, state, school_kind, sex, area, candidates, scored, mean_score"
    of_2019 = {
        ("Pública", "essay"): (10, 500.0),
        ("Privada", "essay"): (5, 800.0),
        ("Pública", "sciences"): (5, 600.0),
        ("Privada", "sciences"): (0, None),
    }
    rows = [("2019", "SP", kind, area, 10, scored, mean) for (kind, area), (scored, mean) in of_2019.items()]
    rows += [("2019", "AC", "Pública", "essay", 3, 0, None), ("2024", "SP", "Pública", "essay", 7, 7, 999.0)]
    values = ", ".join(
        f"(DATE'{year}-12-31', {year}, '{state}', '{kind}', 'F', '{area}', CAST({many} AS BIGINT), "
        f"CAST({scored} AS BIGINT), CAST({'NULL' if mean is None else mean} AS DOUBLE))"
        for year, state, kind, area, many, scored, mean in rows
    )
    workspace = Workspace(tmp_path).start()
    try:
        named = f"SELECT * FROM VALUES {values} AS rows({columns})"
        made = workspace.sql(f"CREATE TABLE dev.gold.enem_scores USING delta AS {named}")
        assert made["status"]["state"] == "SUCCEEDED", made
        asked = Warehouse(Asked(workspace.url, lambda: TOKEN, 60), "dev", "local")
        found = served.scores(asked, served.EDITIONS[0])
    finally:
        workspace.stop()
    assert found == {"candidates": 23, "scores": {"SP": (10 * 500 + 5 * 800 + 5 * 600) / 20}}


def test_the_summary_has_scores_by_state() -> None:
    """The highest and the lowest; an edition without any says so."""
    states = "mean score SP 560.2, RJ 540.0, MG 530.0 … MG 530.0, AC 498.5"
    assert served.lines(NUMBERS) == [
        f"2019 (136 columns): 5,000 candidates in 4 states; {states}",
        "2024 (two files): 0 candidates, no scores",
    ]
