"""Tasks of the repository in processes of their own, which can be killed; each tells what came of it."""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import logging
import multiprocessing
import os
import sys
import uuid
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

DATASETS = ["grouped_daily", "splits", "dividends"]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.chaos.worker", "anthill.landing.land", "anthill.backfill.operators"])


@dataclass(frozen=True)
class Work:
    """A task and its market days: land a dataset, backfill, silver, quality or gold."""

    kind: str
    run: str  # the DAG run that it belongs to
    first: dt.date
    last: dt.date
    dataset: str = ""
    again: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.dataset} {self.first} to {self.last} of {self.run}".replace("  ", " ")


@dataclass
class _Instance:
    """A task instance as far as a task uses it."""

    run_id: str
    task_id: str
    try_number: int
    dag_id: str = "stocks"
    map_index: int = -1
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    xcoms: dict[str, Any] = field(default_factory=dict)

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[key] = value

    def xcom_pull(self, key: str, **_: Any) -> Any:
        return self.xcoms.get(key)


class Attempt:
    """One try of a task, running in a process of its own."""

    def __init__(self, work: Work, number: int, environment: dict[str, str], log: Path) -> None:
        self._pipe, theirs = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_main, args=(work, number, environment, log, theirs))
        self._process.start()
        theirs.close()

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended within so many seconds."""
        self._process.join(seconds)
        return self._process.exitcode is not None

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.join()

    def result(self) -> dict[str, Any]:
        """What it said before it ended: a result, a skip or an error; an error where it said nothing."""
        try:
            said: dict[str, Any] = self._pipe.recv()
        except EOFError:
            return {"error": f"the process ended with {self._process.exitcode}", "final": False}
        return said


def _main(work: Work, number: int, environment: dict[str, str], log: Path, pipe: Connection) -> None:
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    os.environ.update(environment)
    with log.open("a") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, force=True)
    _hurry()
    try:
        said = {"result": _run(work, number)}
    except AirflowSkipException as reason:
        said = {"skipped": str(reason)}
    except Exception as error:
        logging.exception("%s, try %d", work, number)
        said = {"error": f"{type(error).__name__}: {error}", "final": isinstance(error, AirflowFailException)}
    pipe.send(said)


def _run(work: Work, number: int) -> Any:
    from airflow.sdk.exceptions import TaskDeferred

    task = _task(work)
    form = {
        "asset_class": "stocks",
        "datasets": DATASETS,
        "market_date_from": str(work.first),
        "market_date_to": str(work.last),
        "chunk": 500,
        "again": work.again,
    }
    run = SimpleNamespace(run_type="scheduled", dag_id="stocks", run_id=work.run, start_date=dt.datetime.now(dt.UTC))
    context = {
        "ti": _Instance(work.run, task.task_id, number),
        "task": SimpleNamespace(outlets=[]),
        "outlet_events": {},
        "params": {} if work.kind == "land" else form,
        "dag_run": run,
        "data_interval_start": dt.datetime.combine(work.first, dt.time(), dt.UTC),
    }
    try:
        return task.execute(context)
    except TaskDeferred as deferred:
        return task.execute_complete(context, asyncio.run(_first_event(deferred.trigger)))


def _task(work: Work) -> Any:
    from anthill.backfill.operators import LandChunk, LoadChunk, RunOverRange
    from anthill.landing.operator import LandDataset

    chunk = {"market_date_from": str(work.first), "market_date_to": str(work.last), "days_before": 0}
    match work.kind:
        case "land":
            return LandDataset(task_id=f"land.{work.dataset}", asset_class="stocks", dataset=work.dataset)
        case "backfill":
            return LandChunk(task_id="backfill", **chunk)
        case "silver":
            return LoadChunk(task_id="silver", databricks_retry_delay=0.1, **chunk)
        case job:
            return RunOverRange(task_id=job, job=job, asset_class="", databricks_retry_delay=0.1)


async def _first_event(trigger: Any) -> dict[str, Any]:
    async for event in trigger.run():
        return dict(event.payload)
    raise RuntimeError("the trigger ended without an event")


def _hurry() -> None:
    """The product's patience in seconds where it has minutes, so that many nights fit into few minutes."""
    from anthill.bronze import commits as bronze
    from anthill.bronze import manifest, storage
    from anthill.landing import commit
    from anthill.sources.polygon import client, transport

    client.Patience = functools.partial(client.Patience, total=4, first=0.05, longest=0.5, rate_limited=0.2)
    transport.Limits = functools.partial(transport.Limits, read=2, total=20, inflated=32 << 20)
    for module in (bronze, commit, manifest):
        module.Patience = functools.partial(storage.Patience, first=0.05, longest=0.5)
