"""The task that lands a cut: what it returns, when it is skipped, and what coverage shows of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from anthill import catalog
from anthill.bronze.copied import digest
from anthill.bronze.cuts import Cuts
from anthill.bronze.erased import Erased
from anthill.coverage import view
from anthill.coverage.reader import Reader
from anthill.lakehouse.load_cuts import LoadCuts
from anthill.landing.cut import LandCut
from anthill.ledger.documents import Documents
from local.totesys.business import Business
from tests.plugins.anthill.aws import aws_connection

if TYPE_CHECKING:
    from local.totesys.server import Server

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def business(monkeypatch: pytest.MonkeyPatch, totesys: Server, s3_url: str, bucket: str) -> Iterator[Business]:
    """ToteSys with connections, and people at work."""
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW_CONN_TOTESYS_DEFAULT", json.dumps(totesys.airflow()))
    for zone in ("BRONZE", "PERSONAL"):
        monkeypatch.setenv(f"AIRFLOW__ANTHILL__{zone}_BUCKET", bucket)
    totesys.reset()
    business = Business(totesys.connect, seed=3)
    business.open(designs=3, counterparties=3, staff=3)
    business.sell()
    yield business
    business.close()


def land(number: int) -> dict[str, Any]:
    """Run the task of the cut after so many times three minutes."""
    declared = catalog.load("totesys")
    task = LandCut(task_id="cut", asset_class="totesys", datasets=list(declared.datasets), source="postgres")
    known = {"dag_id": "totesys", "run_id": f"r{number}", "task_id": "cut", "id": str(number), "map_index": -1}
    return task.execute(
        {
            "params": {},
            "run_id": f"r{number}",
            "ti": SimpleNamespace(**known),
            "task": task,
            "data_interval_end": NOON + number * dt.timedelta(minutes=3),
            "dag_run": SimpleNamespace(run_type="scheduled", run_after=None),
            "outlet_events": {asset: SimpleNamespace() for asset in task.outlets},
        }
    )


def test_a_cut_is_told(business: Business, bucket: str) -> None:
    """Where it lies, what it is as of, and which tables are new."""
    first = land(1)
    assert first["uri"] == f"s3://{bucket}/postgres/totesys/_cuts/20260601T120300Z.json"
    assert first["at"] == "20260601T120300Z"
    assert first["rows"] == {**first["rows"], "sales_order": 1, "transaction": 1, "payment": 1, "purchase_order": 0}
    assert len(first["changed"]) == 11
    business.buy()
    assert land(2)["changed"] == ["payment", "purchase_order", "transaction"]


def test_a_look_that_finds_nothing_new_is_skipped(business: Business) -> None:
    """And so is one that is too late."""
    land(1)
    with pytest.raises(AirflowSkipException, match="Nothing has changed since the cut of 20260601T120300Z"):
        land(2)
    business.sell()
    land(3)
    with pytest.raises(AirflowSkipException, match="cannot be had any more"):
        land(2)


def test_coverage_knows_each_look(business: Business, s3: Any, bucket: str) -> None:
    """One that found nothing new is landed too, and its rows are where they lie; one that was not made is gone."""
    land(1)
    for number in (2, 4):
        with pytest.raises(AirflowSkipException):
            land(number)
    declared, day = catalog.load("totesys"), NOON.date()
    reader = Reader(Documents(s3, bucket), bucket)
    shown = view.cell(reader, declared, declared.datasets["currency"], day, NOON + dt.timedelta(minutes=12))
    keys = {each.uri.partition("at=")[2][:16] for each in shown.objects}
    assert keys == {"20260601T120300Z"}
    assert len(shown.objects) == 3
    assert shown.state == "M"  # the third look, and all before the first


def test_a_table_that_cannot_be_read_is_told_for_all(business: Business, totesys: Server, s3: Any, bucket: str) -> None:
    """The cut fails for good, with the table and what to do; the index knows it of every table."""
    totesys.alter("ALTER TABLE staff RENAME last_name TO surname")
    with pytest.raises(AirflowFailException, match=r"totesys\.staff: .* has no column 'last_name'"):
        land(1)
    declared = catalog.load("totesys")
    told = Reader(Documents(s3, bucket), bucket).told("totesys", declared.datasets, [2026])
    assert {name for name, days in told.items() if days[NOON.date()] == "X"} == set(declared.datasets)


def test_a_database_that_is_away_is_asked_again(business: Business, monkeypatch: pytest.MonkeyPatch) -> None:
    """A retry may help."""
    monkeypatch.setenv("AIRFLOW_CONN_TOTESYS_DEFAULT", json.dumps({"conn_type": "postgres", "host": "/nowhere"}))
    with pytest.raises(AirflowException, match="no connection") as caught:
        land(1)
    assert not isinstance(caught.value, AirflowFailException)


def test_silver_is_told_of_the_cuts_and_of_no_table(business: Business, s3: Any, bucket: str) -> None:
    """All of the last days up to the run's own: what a load has missed is among them; without any it is skipped."""
    task = LoadCuts(task_id="silver", asset_class="totesys")

    def listed(number: int) -> list[str]:
        end = NOON + number * dt.timedelta(minutes=3)
        known = {"params": {}, "run_id": "r", "data_interval_start": end - dt.timedelta(minutes=3)}
        run = SimpleNamespace(run_type="scheduled", run_after=None)
        asked = task.parameters({**known, "data_interval_end": end, "dag_run": run})
        assert (asked["market_date_from"], asked["market_date_to"]) == ("2026-06-01", "2026-06-01")
        key = asked["manifest"].removeprefix(f"s3://{bucket}/")
        assert key.startswith("postgres/totesys/_loads/")
        found: list[str] = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        return [uri.rpartition("/")[2] for uri in found]

    with pytest.raises(AirflowSkipException, match="bronze has no cut of totesys"):
        listed(1)
    for number in (1, 3, 4):
        business.sell()
        land(number)
    assert listed(3) == ["20260601T120300Z.json", "20260601T120900Z.json"]


def test_somebody_who_was_erased_and_comes_again_is_told(business: Business, s3: Any, bucket: str) -> None:
    """By number of rows and object, and by no name; once the database gives nobody of them there is nothing to tell."""
    land(1)
    gone = Erased("staff", "staff_id", (digest("2"),), {})
    Cuts(s3, bucket, catalog.load("totesys")).erasures.note("p", gone)
    business.hire()
    (told,) = land(2)["drift"]
    assert told.startswith("staff: 1 rows have a staff_id of somebody who was erased, postgres/totesys/staff/at=")
    assert "Have them erased there" in told
    business._do("UPDATE department SET manager = (SELECT first_name FROM staff WHERE staff_id = 2)")
    assert land(3)["drift"] == []  # the table did not change
    business._do("UPDATE sales_order SET staff_id = 1 WHERE staff_id = 2; DELETE FROM staff WHERE staff_id = 2")
    assert land(4)["drift"] == []


def test_a_table_that_is_about_people_now_is_landed_where_they_are(
    business: Business, s3: Any, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though nothing in it has changed: from where it lay nobody could be erased."""
    land(1)
    people = f"{bucket}-people"
    s3.create_bucket(Bucket=people)
    monkeypatch.setenv("AIRFLOW__ANTHILL__PERSONAL_BUCKET", people)
    land(2)
    with pytest.raises(AirflowSkipException, match="Nothing has changed"):
        land(3)
    tables = Cuts(s3, bucket, catalog.load("totesys")).read("20260601T120600Z").tables
    assert {name for name, table in tables.items() if table.commit.bucket == people} == {"staff"}
