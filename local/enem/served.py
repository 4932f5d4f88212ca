"""ENEM in the stack: a server of its zips, and the demo's editions: both forms of 2019 at one URL, then 2024."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from local import demo, sources
from local.airflow_api import AirflowApi
from local.enem import archive
from local.service import Service, clean_environment, free_port
from local.stack import ROOT, Stack

if TYPE_CHECKING:
    from anthill.warehouse.warehouse import Warehouse

NAME = "enem"
DAGS = (NAME,)
QUERY = "SELECT * FROM gold.enem_scores ORDER BY year DESC, state, school_kind, sex, area LIMIT 20"
ROWS = 5_000


class Edition(NamedTuple):
    """What the publisher has at a year's URL, for a while."""

    year: int
    form: archive.Form
    table: str  # that has the scores
    rows: int

    @property
    def label(self) -> str:
        """The day that it is about."""
        return f"{self.year}-12-31"


# The law took columns, and here some candidates, away from what had been published before.
EDITIONS = (
    Edition(2019, "full", "candidates", ROWS),
    Edition(2019, "open", "candidates", ROWS - 100),
    Edition(2024, "split", "results", ROWS),
)
_SCORES = """
    SELECT state, CAST(max(candidates) AS BIGINT) AS candidates, sum(points) / nullif(sum(scored), 0) AS mean FROM (
        SELECT state, area, sum(candidates) AS candidates, sum(scored) AS scored, sum(mean_score * scored) AS points
        FROM gold.enem_scores WHERE market_date = CAST(:day AS DATE) GROUP BY state, area
    ) AS of_areas GROUP BY state ORDER BY mean DESC NULLS LAST, state"""


def start(home: Path, run: Path) -> sources.Started:
    """A server over a folder of the home, in which the newest form of each year lies."""
    folder, port = home / NAME, free_port()
    folder.mkdir(parents=True, exist_ok=True)
    for edition in EDITIONS[1:]:
        if not _zip(folder, edition).exists():
            publish(folder, edition)
    command = [sys.executable, "-m", "local.enem", "--folder", str(folder), "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    server = Service(NAME, command, clean_environment(), run, ROOT, health=f"{address}/")
    connection = json.dumps({"conn_type": "http", "host": address})
    return sources.Started({"AIRFLOW_CONN_ENEM_DEFAULT": connection}, [server])


def publish(folder: Path, edition: Edition) -> None:
    """Put an edition in the place of the one before, as INEP did."""
    archive.write(_zip(folder, edition), edition.year, edition.form, edition.rows)


def take(stack: Stack, api: AirflowApi, progress: demo.Progress) -> dict[str, Any]:
    """One edition after the other, each published and then taken to gold by hand."""
    demo.end_earlier_runs(api, list(DAGS), progress)
    taken = []
    for edition in EDITIONS:
        progress.line(f"ENEM: the edition of {edition.year} ({edition.form}, {edition.rows:,} candidates)")
        publish(stack.home / NAME, edition)
        job = demo.trigger(api, NAME, {"edition": edition.label}, NAME)
        demo.watch(stack, api, [job], progress)
        landed = (api.xcoms(NAME, job.run, "land") or {}).get(edition.label, {})
        told = {"year": edition.year, "form": edition.form, "rows": landed.get("rows", {})}
        taken.append(told | scores(stack.warehouse(), edition))
    missing = [
        f"{edition.label} ({edition.form}): {found['candidates']:,} of {edition.rows:,} candidates in gold"
        for edition, found in zip(EDITIONS, taken, strict=True)
        if not found["candidates"] == found["rows"].get(edition.table) == edition.rows
    ]
    return {"tables": sources.tables(stack.warehouse(), NAME), "editions": taken, "missing": missing}


def scores(warehouse: Warehouse, edition: Edition) -> dict[str, Any]:
    """Gold's candidates of an edition, and the mean of all their scores by state, the highest first."""
    by_state = warehouse.records(_SCORES, day=edition.label)
    return {
        "candidates": sum(each["candidates"] for each in by_state),
        "scores": {each["state"]: round(each["mean"], 1) for each in by_state if each["mean"] is not None},
    }


def lines(numbers: Mapping[str, Any]) -> list[str]:
    """Each edition, with the states of the highest and the lowest scores."""
    return [_line(each) for each in numbers["editions"]]


def _line(edition: Mapping[str, Any]) -> str:
    ranked = [f"{state} {score:,.1f}" for state, score in edition["scores"].items()]
    columns = {"full": "136 columns", "open": "76 columns", "split": "two files"}[edition["form"]]
    told = f"{edition['year']} ({columns}): {edition['candidates']:,} candidates"
    if not ranked:
        return f"{told}, no scores"
    return f"{told} in {len(ranked)} states; mean score {', '.join(ranked[:3])} … {', '.join(ranked[-2:])}"


def _zip(folder: Path, edition: Edition) -> Path:
    return folder / f"microdados_enem_{edition.year}.zip"
