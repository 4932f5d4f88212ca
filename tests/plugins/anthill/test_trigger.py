"""A market DAG triggered by Airflow's own command line, REST API and backfill: which day its tasks are about."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk import DAG
from starlette.testclient import TestClient

from anthill import market_day
from anthill.calendars import NotAMarketDayError
from tests.plugins.anthill.landing.conftest import s3_url
from tests.plugins.anthill.ui.conftest import app, client, headers

__all__ = ["app", "client", "headers", "s3_url"]

Headers = dict[str, dict[str, str]]
NOON = "2024-05-28T12:00:00+00:00"


@pytest.fixture(scope="module")
def stocks(app: Any) -> DAG:
    """The repository's DAG, known to Airflow's database."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import BundleDagBag, sync_bag_to_db

    folder = os.environ["AIRFLOW__CORE__DAGS_FOLDER"]
    DagBundlesManager().sync_bundles_to_db()
    bag = BundleDagBag(dag_folder=f"{folder}/stocks.py", bundle_path=folder, bundle_name="dags-folder")  # type: ignore[arg-type]
    sync_bag_to_db(bag, "dags-folder", None)
    return bag.dags["stocks"]


@pytest.fixture(autouse=True)
def no_runs(stocks: DAG) -> Iterator[None]:
    """No run of another test."""
    from airflow.models import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    yield
    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.dag_id == "stocks"))


def day_of(stocks: DAG, run_id: str) -> dt.date:
    """The market day of a run that Airflow made, as its tasks see it."""
    from airflow.models import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        run = session.scalar(select(DagRun).where(DagRun.dag_id == "stocks", DagRun.run_id == run_id))
        assert run is not None
        context = {"dag": stocks, "dag_run": run, "run_id": run_id, "params": {**(run.conf or {})}}
        if run.logical_date:  # as the task runner makes it
            context |= {"logical_date": run.logical_date, "data_interval_start": run.data_interval_start}
        return market_day.market_day(context)


def by_command_line(logical_date: str) -> str:
    """`airflow dags trigger stocks -l …`: the run's id."""
    from airflow.cli import cli_parser
    from airflow.cli.commands.dag_command import dag_trigger

    run_id = f"cli_{logical_date}"
    dag_trigger(cli_parser.get_parser().parse_args(["dags", "trigger", "stocks", "-l", logical_date, "-r", run_id]))
    return run_id


def by_rest(client: TestClient, headers: Headers, logical_date: str | None) -> Any:
    """What the REST API answers, which the UI asks as well."""
    body = {"logical_date": logical_date, "conf": {}}
    return client.post("/api/v2/dags/stocks/dagRuns", json=body, headers=headers["ann"])


@pytest.mark.parametrize(
    ("logical_date", "day"),
    [
        ("2024-05-28T00:00:00+00:00", dt.date(2024, 5, 28)),
        ("2024-05-28T02:00:00+02:00", dt.date(2024, 5, 28)),
        (NOON, dt.date(2024, 5, 24)),
        ("2024-05-29T02:00:00+00:00", dt.date(2024, 5, 28)),  # its due moment
    ],
)
def test_command_line_rest_and_ui_agree(
    stocks: DAG, client: TestClient, headers: Headers, logical_date: str, day: dt.date
) -> None:
    """A midnight UTC names its day, which is not the latest; another time takes the last one due then."""
    assert day_of(stocks, by_command_line(logical_date)) == day
    no_longer(stocks)  # one run a logical date
    answer = by_rest(client, headers, logical_date)
    assert answer.status_code == 200, answer.text
    assert day_of(stocks, answer.json()["dag_run_id"]) == day


def no_longer(stocks: DAG) -> None:
    """Forget its runs."""
    from airflow.models import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import delete

    with create_session() as session:
        session.execute(delete(DagRun).where(DagRun.dag_id == stocks.dag_id))


def test_a_day_off_is_an_error_with_the_days_around_it(stocks: DAG, client: TestClient, headers: Headers) -> None:
    """Before there is a run where Airflow asks the timetable for it, else by the first task."""
    said = "2024-05-27 is no market day of XNYS: the market days around it are 2024-05-24 and 2024-05-28"
    answer = by_rest(client, headers, "2024-05-27T00:00:00Z")
    assert (answer.status_code, answer.json()["detail"]) == (400, said)
    with pytest.raises(NotAMarketDayError, match=said):
        day_of(stocks, by_command_line("2024-05-27T00:00:00+00:00"))


def test_a_run_without_a_logical_date_has_no_day(stocks: DAG, client: TestClient, headers: Headers) -> None:
    """Nobody guesses one; the message says how to name it."""
    run_id = by_rest(client, headers, None).json()["dag_run_id"]
    with pytest.raises(
        NotAMarketDayError, match="trigger it again with the parameter 'market_date', or with a logical"
    ):
        day_of(stocks, run_id)
