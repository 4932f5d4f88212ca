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
SPAN = dt.timedelta(minutes=3)  # of a cut
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
    asset_class = "stocks"

    def __str__(self) -> str:
        return f"{self.kind} {self.dataset} {self.first} to {self.last} of {self.run}".replace("  ", " ")

    def task(self) -> Any:
        """The task itself."""
        from anthill.backfill.operators import LandChunk, LoadChunk, RunOverRange
        from anthill.landing.operator import LandDataset

        chunk = {"market_date_from": str(self.first), "market_date_to": str(self.last), "days_before": 0}
        match self.kind:
            case "land":
                return LandDataset(task_id=f"land.{self.dataset}", asset_class="stocks", dataset=self.dataset)
            case "backfill":
                return LandChunk(task_id="backfill", **chunk)
            case "silver":
                return LoadChunk(task_id="silver", databricks_retry_delay=0.1, **chunk)
            case job:
                return RunOverRange(task_id=job, job=job, asset_class="", databricks_retry_delay=0.1)

    def about(self) -> dict[str, Any]:
        """What Airflow tells the task of its run."""
        form = {
            "asset_class": "stocks",
            "datasets": DATASETS,
            "market_date_from": str(self.first),
            "market_date_to": str(self.last),
            "chunk": 500,
            "again": self.again,
        }
        begin = dt.datetime.combine(self.first, dt.time(), dt.UTC)
        return {"params": {} if self.kind == "land" else form, "data_interval_start": begin}

    def before(self) -> dict[str, Any]:
        """What the task before it returned."""
        return {}


@dataclass(frozen=True)
class Look:
    """A task that looks at a source beside the market: land or silver, of a cut or of editions."""

    kind: str
    run: str
    asset_class: str
    end: dt.datetime  # of the interval
    landed: tuple[str, ...] = ()  # editions, by their labels

    def __str__(self) -> str:
        return f"{self.kind} of {self.asset_class}, {self.run}"

    def task(self) -> Any:
        """The task itself, as the DAG's builder makes it."""
        from anthill import catalog
        from anthill.lakehouse.load_cuts import LoadCuts
        from anthill.lakehouse.load_editions import LoadEditions
        from anthill.landing.cut import LandCut
        from anthill.landing.editions import LandEditions

        declared = catalog.load(self.asset_class)
        known = {"task_id": self.kind, "asset_class": self.asset_class}
        match self.kind, declared.source:
            case "land", source:
                kind = LandCut if source == "postgres" else LandEditions
                return kind(datasets=list(declared.datasets), source=source, **known)
            case _, "postgres":
                return LoadCuts(queue_of=declared.queue, databricks_retry_delay=0.1, **known)
            case _:
                return LoadEditions(databricks_retry_delay=0.1, **known)

    def about(self) -> dict[str, Any]:
        """What Airflow tells the task of its run."""
        return {"params": {}, "data_interval_start": self.end - SPAN, "data_interval_end": self.end}

    def before(self) -> dict[str, Any]:
        """What the task before it returned."""
        return {"return_value": {label: {} for label in self.landed}}


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

    def xcom_pull(self, key: str = "return_value", **_: Any) -> Any:
        return self.xcoms.get(key)


class Attempt:
    """One try of a task, running in a process of its own."""

    def __init__(self, work: Work | Look, number: int, environment: dict[str, str], log: Path) -> None:
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


def _main(work: Work | Look, number: int, environment: dict[str, str], log: Path, pipe: Connection) -> None:
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


def _run(work: Work | Look, number: int) -> Any:
    from airflow.sdk.exceptions import TaskDeferred

    task = work.task()
    run = SimpleNamespace(
        run_type="scheduled", dag_id=work.asset_class, run_id=work.run, start_date=dt.datetime.now(dt.UTC)
    )
    instance = _Instance(work.run, task.task_id, number, work.asset_class, xcoms=work.before())
    context = {
        "ti": instance,
        "task": SimpleNamespace(outlets=[]),
        "outlet_events": {},
        "dag_run": run,
        **work.about(),
    }
    try:
        return task.execute(context)
    except TaskDeferred as deferred:
        return task.execute_complete(context, asyncio.run(_first_event(deferred.trigger)))


async def _first_event(trigger: Any) -> dict[str, Any]:
    async for event in trigger.run():
        return dict(event.payload)
    raise RuntimeError("the trigger ended without an event")


def _hurry() -> None:
    """The product's patience in seconds where it has minutes, so that many nights fit into few minutes."""
    from anthill.bronze import commits as bronze
    from anthill.bronze import cuts, editions, manifest, storage
    from anthill.landing import commit
    from anthill.sources.polygon import client, transport

    client.Patience = functools.partial(client.Patience, total=4, first=0.05, longest=0.5, rate_limited=0.2)
    transport.Limits = functools.partial(transport.Limits, read=2, total=20, inflated=32 << 20)
    for module in (bronze, commit, cuts, editions, manifest):
        module.Patience = functools.partial(storage.Patience, first=0.05, longest=0.5)
