"""The task that looks for editions: what it returns, when it is skipped, what it says of the members nobody takes."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from anthill import catalog, run_note
from anthill.bronze.editions import Editions
from anthill.coverage.reader import Reader
from anthill.landing.editions import LandEditions
from anthill.ledger.documents import Documents
from local.enem.server import Server
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.sources.files.published import Publisher, zipped

from .test_land_edition import LONG, MARKS, school

DAY = dt.date(2019, 12, 31)


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was written into runs' notes."""
    written: list[str] = []
    monkeypatch.setattr(run_note, "write", lambda context, text: written.append(text))
    return written


@pytest.fixture
def publisher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_url: str, bucket: str, notes: list[str]
) -> Iterator[Publisher]:
    """A school as the only asset class, with connections; 2019 is published, 2024 is not yet."""
    (tmp_path / "datasets").mkdir()
    shutil.copy(Path(__file__).with_name("school.yaml"), tmp_path / "datasets")
    monkeypatch.setattr(catalog, "include_dir", lambda: tmp_path)
    with Server(tmp_path) as server:
        monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
        monkeypatch.setenv("AIRFLOW_CONN_SCHOOL_DEFAULT", json.dumps({"conn_type": "http", "host": server.url}))
        monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", bucket)
        publisher = Publisher(tmp_path, server)
        publisher.put(school())
        yield publisher


def land(edition: str | None = None) -> dict[str, Any]:
    """Run the task."""
    declared = catalog.load("school")
    task = LandEditions(task_id="land", asset_class="school", datasets=list(declared.datasets), source="files")
    known = {"dag_id": "school", "run_id": "r", "task_id": "land", "id": "1", "map_index": -1}
    return task.execute(
        {
            "params": {"edition": edition},
            "run_id": "r",
            "ti": SimpleNamespace(**known),
            "task": task,
            "dag_run": SimpleNamespace(run_type="scheduled", run_after=None),
            "outlet_events": {asset: SimpleNamespace() for asset in task.outlets},
        }
    )


def test_a_new_edition_is_told(publisher: Publisher, bucket: str, notes: list[str]) -> None:
    """Where it lies and what it holds; the note names the members that no table takes. 2024 is no fault."""
    assert land() == {
        "2019-12-31": {
            "uri": f"s3://{bucket}/files/school/_editions/2019-12-31/r000001.json",
            "rows": {"marks": 2, "pupils": 1},
            "changed": ["marks", "pupils"],
            "others": ["LEIA-ME.pdf"],
        }
    }
    assert notes == ["2019-12-31 (revision 1): marks, pupils. Not taken: LEIA-ME.pdf"]


def test_nothing_new_is_skipped(publisher: Publisher, notes: list[str]) -> None:
    """And so is what stands on it; a new file is another edition, and so is one that comes at last."""
    land()
    with pytest.raises(AirflowSkipException, match="No edition is new: 2019-12-31, 2024-12-31"):
        land()
    publisher.put(school(LONG))
    assert land()["2019-12-31"]["changed"] == ["marks"]
    publisher.put(zipped({"later/marks.csv": MARKS}), "later.zip")
    assert land()["2024-12-31"]["rows"] == {"marks": 2}
    assert len(notes) == 3


def test_one_by_hand(publisher: Publisher) -> None:
    """The one that is asked for and no other; one that is not there, or that nobody declared, is told."""
    assert list(land("2019-12-31")) == ["2019-12-31"]
    with pytest.raises(AirflowException, match=r"school\.marks on 2024-12-31: .* there is no such file"):
        land("2024-12-31")
    with pytest.raises(AirflowFailException, match=r"no edition 2020-12-31 is declared, only 2019-12-31, 2024-12-31"):
        land("2020-12-31")


def test_one_bad_edition_keeps_only_itself_out(publisher: Publisher, s3: Any, bucket: str) -> None:
    """The others are landed; the task fails, and coverage says of which tables."""
    publisher.put(school(b"id;place\r\n"))
    publisher.put(zipped({"later/marks.csv": MARKS}), "later.zip")
    with pytest.raises(AirflowFailException, match="beside 'short' it lacks town and has place"):
        land()
    declared = catalog.load("school")
    assert Editions(s3, bucket, declared).newest("2024-12-31")
    told = Reader(Documents(s3, bucket), bucket).told("school", declared.datasets, [2019, 2024])
    assert {name: days[DAY] for name, days in told.items()} == {"marks": "X", "pupils": "X"}


def test_a_certificate_of_the_declaration(publisher: Publisher, tmp_path: Path) -> None:
    """One that is named and not there is told with its place."""
    file = tmp_path / "datasets" / "school.yaml"
    file.write_text(file.read_text().replace('delimiter: ";"', 'delimiter: ";"\n    certificate: between.pem'))
    with pytest.raises(AirflowFailException, match=r"include/certificates/between\.pem cannot be read"):
        land()
