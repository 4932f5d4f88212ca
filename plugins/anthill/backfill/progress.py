"""How far a bulk backfill is, in the log and in the run's note."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context

    from anthill.backfill.land_chunk import Chunk
    from anthill.backfill.plan import Plan

_SAY_EVERY = 10.0  # seconds


class Progress:
    """Days done, days left and the expected end, as a line now and then and in the run's note."""

    def __init__(
        self, task: BaseOperator, context: Context, plan: Plan, days_before: int, there: float, datasets: int
    ) -> None:
        self._task = task
        self._context = context
        self._total = len(plan.days)
        self._done = days_before + there
        self._datasets = datasets
        self._said = time.monotonic()
        self._fetched = 0.0
        started = context["dag_run"].start_date
        self._started = started.timestamp() if started else time.time()

    def step(self, chunk: Chunk) -> None:
        """Called after each day of each dataset."""
        if time.monotonic() - self._said > _SAY_EVERY:
            self.say(chunk)

    def say(self, chunk: Chunk) -> None:
        """Say it now."""
        from anthill import run_note

        self._said = time.monotonic()
        done = self._done + chunk.days / self._datasets
        left = self._total - done
        seconds = (time.time() - self._started) / max(done, 1e-9) * left
        end = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
        text = f"Landing: {done:,.0f} of {self._total:,} market days done, {left:,.0f} left"
        text += f", expected end {end:%Y-%m-%d %H:%M} UTC" if left >= 1 else ""
        self._task.log.info("%s; this chunk: %s rows", text, f"{chunk.rows:,}")
        run_note.write(self._context, text)
