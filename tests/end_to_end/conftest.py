"""The stocks DAG over real HTTP: S3, the API and Databricks run as processes, Airflow runs the tasks in this one."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from airflow.models.dagrun import DagRun

from local import connections, lake
from local.stack import DATA_PARTS, Options, Stack

Run = Callable[[str], DagRun]
PRICES = ("grouped_daily", "tickers", "splits", "dividends")  # what prices stand on
SMALL = ("--stocks", "300", "--otc", "20", "--underlyings", "12", "--forex", "12", "--crypto", "15", "--indices", "6")


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API's script of faults, which it reads again when it changes; a test leaves it empty."""
    path = tmp_path_factory.mktemp("faults") / "faults.json"
    path.write_text("[]")
    return path


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, faults: Path) -> Iterator[Stack]:
    """Small simulated markets, a lake and a workspace, for all files that leave each other's days alone."""
    with started(Stack(Options(tmp_path_factory.mktemp("stack"), polygon=(*SMALL, "--faults", str(faults))))) as stack:
        yield stack


@pytest.fixture(scope="module")
def stack(house: Stack) -> Iterator[Stack]:
    """The stack that files share."""
    with connected(house):
        yield house


@contextlib.contextmanager
def started(stack: Stack) -> Iterator[Stack]:
    """The stack's servers, stopped at the end."""
    with stack.lock():
        stack.start(DATA_PARTS)
        try:
            yield stack
        finally:
            stack.stop()


@contextlib.contextmanager
def connected(stack: Stack) -> Iterator[None]:
    """The connections to a stack's servers in this process's environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in connections.environment(stack.addresses).items():
            patch.setenv(name, value)
        patch.setenv("AIRFLOW__ANTHILL__JOB_POLL_SECONDS", "1")
        # They are the stack's own, and no person's: what a test asks goes by the keys and tokens of who asks.
        patch.setattr(connections, "brought", set)
        patch.setattr(boto3, "DEFAULT_SESSION", None)  # another test's keys
        yield


def running(stack: Stack) -> Iterator[Stack]:
    """A stack of a file's own."""
    with started(stack), connected(stack):
        yield stack


@pytest.fixture
def run(airflow_database: None, stack: Stack) -> Run:
    """Run the stocks DAG of the repository for a market day, without retries."""
    return run_day


def run_day(day: str, asset_class: str = "stocks", *, landing: Iterable[str] = ()) -> DagRun:
    """One run of an asset class's DAG, all tasks in this process."""
    return run_dag(asset_class, landing=landing, market_date=day)


def run_dag(name: str, *, at: dt.datetime | None = None, landing: Iterable[str] = (), **conf: Any) -> DagRun:
    """One run of a DAG of the repository with a form, all tasks in this process, none of them retried.

    `at` is its logical date where it is not this moment; `landing` are datasets: tasks that land others are left out.
    """
    from airflow.dag_processing.dagbag import DagBag

    dag = DagBag(dag_folder=os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).dags[name]
    if wanted := {f"land.{dataset}" for dataset in landing}:
        dag = dag.partial_subset([task for task in dag.task_ids if task in wanted or not task.startswith("land.")])
    dag.deadline = None  # dag.test() cannot look up alerts that no scheduler has stored
    for task in dag.tasks:
        task.retries = 0
    return dag.test(logical_date=at, run_conf=conf)


def states(run: DagRun) -> dict[str, str]:
    """How each task of a run ended."""
    return {instance.task_id: str(instance.state) for instance in run.get_task_instances()}


def objects(stack: Stack) -> set[str]:
    """Every commit in bronze."""
    pages = stack.s3().get_paginator("list_objects_v2").paginate(Bucket=lake.BRONZE)
    keys = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
    return {key for key in keys if "/_" not in key}


def shared(name: str) -> Path:
    """A folder of real data beside the repository; the test is skipped where it is not."""
    place = Path(os.environ.get("ANTHILL_SHARED", Path(__file__).parents[3] / "shared")) / name
    if not place.is_dir():
        pytest.skip(f"no real data: {place} is not there (ANTHILL_SHARED says where it is)")
    return place
