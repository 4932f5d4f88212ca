"""Tells the index what landings come to, a few writes for many market days; no landing fails for it."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import defaultdict
from functools import partial

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from anthill.bronze.commits import Commit
from anthill.bronze.storage import StorageError
from anthill.cut import cut
from anthill.dataset import Dataset
from anthill.ledger.documents import Calls, Days, Documents, Month, calls_key, days_key
from anthill.ledger.entry import Attempt, Entry, merge, of_commits
from anthill.ledger.results import Landed, Refused
from anthill.sources.meter import Meter

log = logging.getLogger(__name__)

_EVERY = 30.0  # seconds between two writes of a long landing
_LONGEST = 600  # characters of a reason


class Recorder:
    """Keeps results of one task's try until `save`; its meter's costs go to the dataset that is told next."""

    def __init__(self, documents: Documents, run: str, meter: Meter | None = None) -> None:
        self._documents = documents
        self._run = run
        self._meter = meter or Meter()
        self._entries: dict[str, dict[str, Entry]] = defaultdict(dict)  # by document
        self._calls: dict[tuple[str, str], Calls] = {}
        self._saved = time.monotonic()
        self._started = dt.datetime.now(dt.UTC)

    def note(self, dataset: Dataset, result: Landed | Refused) -> None:
        """Take a result; written now and then, and all of them by `save`."""
        now = dt.datetime.now(dt.UTC)
        if isinstance(result, Landed):
            attempt = Attempt(now, self._run, result.outcome)
            self._add(
                dataset, result.interval.label, of_commits(result.commits, attempt, result.asked, result.interval.label)
            )
        else:
            cause, reason = result.cause, cut(result.text, _LONGEST)
            attempt = Attempt(now, self._run, "refused", reason, by_plan=cause == "plan", by_key=cause == "key")
            self._add(dataset, result.interval.label, Entry((), attempt))
        self._count(dataset, now, result)
        if time.monotonic() - self._saved > _EVERY:
            self.save()

    def found(self, dataset: Dataset, interval: str, commits: list[Commit]) -> None:
        """Take what bronze holds of an interval, whoever landed it."""
        self._add(dataset, interval, of_commits(commits))

    @property
    def waited(self) -> float:
        """Seconds that calls waited for the plan's rate and for what the API asked for."""
        return round(sum(calls.waited for calls in self._calls.values()), 1)

    def save(self) -> None:
        """Write what was told; a line in the log where that is not possible, since bronze itself is what counts."""
        self._saved = time.monotonic()
        try:
            self.write()
        except (StorageError, ClientError, BotoCoreError, msgspec.DecodeError, OSError) as error:
            log.warning("The coverage index was not written: %s. `anthill coverage --rebuild` mends it", error)

    def write(self) -> None:
        """Write what was told; StorageError or what S3 and the document's bytes raise where that is not possible."""
        for key, entries in self._entries.items():
            self._documents.update(key, Days, partial(_with, told=entries))
        for (asset_class, dataset), calls in self._calls.items():
            key = calls_key(asset_class, dataset, self._started)
            self._documents.update(key, Month, partial(_counted, run=self._run, told=calls))
        self._entries.clear()

    def _add(self, dataset: Dataset, interval: str, entry: Entry) -> None:
        entries = self._entries[days_key(dataset, interval)]
        entries[interval] = merge(entries.get(interval, Entry()), entry)

    def _count(self, dataset: Dataset, now: dt.datetime, result: Landed | Refused) -> None:
        """Add the calls since the last result to the dataset's."""
        cost = self._meter.take()
        name = (dataset.asset_class, dataset.name)
        before = self._calls.get(name) or Calls(now, 0, 0, 0, 0.0, 0.0, 0.0, 0, 0, 0)
        landed = result if isinstance(result, Landed) else None
        self._calls[name] = Calls(
            at=now,
            calls=before.calls + cost.calls,
            failed=before.failed + cost.failed,
            limited=before.limited + cost.limited,
            seconds=round(before.seconds + cost.seconds, 3),
            slowest=round(max(before.slowest, cost.slowest), 3),
            waited=round(before.waited + cost.waited, 3),
            days=before.days + 1,
            rows=before.rows + (landed.rows if landed else 0),
            raw_bytes=before.raw_bytes + (landed.raw_bytes if landed else 0),
        )


def _counted(there: Month, run: str, told: Calls) -> Month:
    return Month({**there.tasks, run: told})


def _with(there: Days, told: dict[str, Entry]) -> Days:
    merged = {**there.days, **{at: merge(there.days.get(at, Entry()), entry) for at, entry in told.items()}}
    return Days({at: merged[at] for at in sorted(merged)})
