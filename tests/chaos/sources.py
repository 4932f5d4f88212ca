"""Nights of the sources beside the market: cuts of ToteSys while it works, and ENEM's editions as they are replaced.

Connections to both break, S3 fails, tasks are killed; in the end bronze and silver are what the sources say.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from anthill.intervals import ending
from local.enem import archive
from local.enem.server import Server as Publisher
from local.totesys.business import Business
from local.totesys.server import Server as Database
from tests.chaos.faults import Night
from tests.chaos.worker import SPAN, Look
from tests.chaos.world import World

# What the publisher has at a year's URL from a night on; the law took columns away from the first one.
EDITIONS: dict[int, tuple[int, archive.Form, int]] = {
    0: (2019, "full", 400),
    1: (2019, "open", 390),
    2: (2024, "split", 400),
}
_OURS = "business"  # whose connections nobody breaks
_BREAK = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> %s"""
_MADE = 25  # events of the business a night
Task = Callable[[Look, Night | None], tuple[str, Any]]


class Sources:
    """Both sources over a world; `task` runs a task with its retries and gives its error and what it returned."""

    def __init__(self, world: World, seed: int, task: Task, say: Callable[[str], None]) -> None:
        self.world, self.seed, self._task, self.say = world, seed, task, say
        self.folder = world.home / "enem"
        self.broken = 0
        self._begun = dt.datetime.now(dt.UTC)
        self._number = 0
        self._red: list[Look] = []  # what a person has to clear

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as opening:
            self.folder.mkdir()
            self.database = Database(self.world.home / "totesys")
            opening.callback(self.database.stop)
            self.business = Business(functools.partial(self.database.connect, application_name=_OURS), self.seed)
            opening.callback(self.business.close)
            self.business.open(designs=5, counterparties=5, staff=5)
            self.publisher = opening.enter_context(Publisher(self.folder))
            self._open = opening.pop_all()
        self.world.served = {
            "AIRFLOW_CONN_TOTESYS_DEFAULT": json.dumps(self.database.airflow()),
            "AIRFLOW_CONN_ENEM_DEFAULT": json.dumps({"conn_type": "http", "host": self.publisher.url}),
        }
        return self

    def __exit__(self, *exc: Any) -> None:
        self._open.__exit__(*exc)

    @property
    def labels(self) -> tuple[str, ...]:
        """The editions that are published."""
        return tuple(f"{file.stem[-4:]}-12-31" for file in sorted(self.folder.glob("*.zip")))

    def zip(self, year: int) -> Path:
        """Where a year's lies."""
        return self.folder / f"microdados_enem_{year}.zip"

    def night(self, number: int) -> None:
        """A cut and a look at the publisher at once, then silver of both; the database goes on meanwhile."""
        began, night = time.monotonic(), Night(f"{self.seed} sources {number}")
        self.business.work(_MADE)
        if number in EDITIONS:
            year, form, many = EDITIONS[number]
            archive.write(self.zip(year), year, form, many, seed=number)
        self.world.disturb(night)
        with self._trouble(night):
            red = self._looks(f"sources-{number}", night)
        self.world.calm()
        self.say(
            f"night {number} of the sources: {len(red)} tasks red in the end, {time.monotonic() - began:.0f} s"
            + "".join(f"\n    {error[:220]}" for error in red)
        )

    def last_resort(self) -> list[str]:
        """What people do when the weather is fine again: they clear what is red; then one look more. What failed."""
        self.business.settle()
        red, self._red = self._red, []
        for look in red:
            self._taken(look, None) if look.kind == "land" else self._loaded(look, None)
        self.business.work(_MADE)
        self.business.settle()
        red = self._looks("sources-mended", None)
        return [*red, *(f"{look} stays red" for look in self._red)]

    def _looks(self, run: str, night: Night | None) -> list[str]:
        """A look at each source at once; the errors of what went red."""
        self._number += 1
        end = ending("PT3M", self._begun + self._number * SPAN).end
        looks = [Look("land", run, name, end) for name in ("totesys", "enem")]
        with ThreadPoolExecutor(2) as pool:
            return [error for error in pool.map(lambda look: self._taken(look, night), looks) if error]

    def _taken(self, look: Look, night: Night | None) -> str:
        """Land, and load where that was not skipped, as the DAG does it."""
        error, result = self._task(look, night)
        if error:
            self._red.append(look)
        if error or not result:
            return error
        landed = tuple(result) if look.asset_class == "enem" else ()
        return self._loaded(Look("silver", look.run, look.asset_class, look.end, landed), night)

    def _loaded(self, look: Look, night: Night | None) -> str:
        error, _ = self._task(look, night)
        if error:
            self._red.append(look)
        return error

    @contextlib.contextmanager
    def _trouble(self, night: Night) -> Iterator[None]:
        """Connections break: those to the database at moments of the night's, the publisher's after so many bytes."""
        dice = random.Random(f"{night.seed} connections")
        over = threading.Event()

        def breaking() -> None:
            while not over.wait(dice.uniform(0.1, 2)):
                with self.database.connect(application_name=_OURS) as connection, connection.cursor() as cursor:
                    cursor.execute(_BREAK, (_OURS,))
                    self.broken += cursor.rowcount

        def answering(number: int) -> None:
            asked = random.Random(f"{night.seed} publisher {number}")
            self.publisher.status = 503 if asked.random() < 0.1 else 0
            self.publisher.drops_after = asked.choice([None, 30_000, 90_000])

        self.publisher.before = answering
        thread = threading.Thread(target=breaking)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            self.publisher.before = lambda number: None
            self.publisher.status, self.publisher.drops_after = 0, None
