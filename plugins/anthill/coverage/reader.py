"""The index as a reader keeps it: each document fetched once and again only when its ETag has changed."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import msgspec

from anthill.coverage import states
from anthill.coverage.states import State
from anthill.dataset import Dataset
from anthill.ledger.documents import Calls, Days, Documents, GoldDays, Job, Jobs, Month, folder, is_of
from anthill.ledger.entry import Entry

THREADS = 16
_T = TypeVar("_T", bound=msgspec.Struct)


class Reader:
    """Reads the index; safe to share between threads, and worth keeping."""

    def __init__(self, documents: Documents, bronze: str, personal: str = "") -> None:
        self._buckets = bronze, personal or bronze  # of the objects that the index is about
        self._documents = documents
        self._kept: dict[str, tuple[str, Any]] = {}
        self._told: dict[str, tuple[str, dict[dt.date, State]]] = {}
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="coverage")
        self._lock = threading.Lock()

    def bucket_of(self, dataset: Dataset) -> str:
        """Where a dataset's objects lie."""
        return self._buckets[dataset.personal]

    def document(self, key: str, kind: type[_T]) -> _T:
        """One document as it is now, an empty one where there is none."""
        return self._documents.read(key, kind)[0]

    def entries(
        self, asset_class: str, datasets: Mapping[str, Dataset], years: Iterable[int]
    ) -> dict[str, dict[str, Entry]]:
        """What is known of each dataset's intervals in some years, and in those that share their documents."""
        found: dict[str, dict[str, Entry]] = {name: {} for name in datasets}
        for name, _, year in self._dated(asset_class, "days", Days, datasets, years):
            found[name] |= year.days
        return found

    def told(
        self, asset_class: str, datasets: Mapping[str, Dataset], years: Iterable[int]
    ) -> dict[str, dict[dt.date, State]]:
        """The states that the index tells of each dataset's days in some years."""
        told: dict[str, dict[dt.date, State]] = {name: {} for name in datasets}
        for name, key, year in self._dated(asset_class, "days", Days, datasets, years):
            told[name] |= self._states(key, datasets[name], year)
        return told

    def gold(self, asset_class: str, tables: Iterable[str], years: Iterable[int]) -> dict[str, GoldDays]:
        """What is known of each gold table's market days in some years, and in those that share their documents."""
        found = {table: GoldDays() for table in tables}
        for table, _, there in self._dated(asset_class, "gold", GoldDays, found, years):
            known = found[table]
            found[table] = GoldDays(there.reads or known.reads, {**known.days, **there.days})
        return found

    def jobs(self, asset_class: str, since: dt.datetime) -> dict[str, Job]:
        """The Databricks runs that ended since a moment, by task and try, the oldest first."""
        found = self._fetch(folder(asset_class, "jobs"), Jobs, _since(f"{since:%Y}"))
        jobs = {run: job for year in found.values() for run, job in year.tasks.items() if job.at >= since}
        return dict(sorted(jobs.items(), key=lambda item: item[1].at))

    def calls(self, asset_class: str, since: dt.datetime) -> list[tuple[str, Calls]]:
        """Each task's calls since a moment, with its dataset, the oldest first."""
        found = self._fetch(folder(asset_class, "calls"), Month, _since(f"{since:%Y-%m}"))
        calls = [
            (key.split("/")[-2], task)
            for key, month in found.items()
            for task in month.tasks.values()
            if task.at >= since
        ]
        return sorted(calls, key=lambda known: known[1].at)

    def _dated(
        self, asset_class: str, kind: str, form: type[_T], names: Collection[str], years: Iterable[int]
    ) -> list[tuple[str, str, _T]]:
        """The documents of some years of datasets or tables, each with its name and key."""
        asked = frozenset(years)
        found = self._fetch(
            folder(asset_class, kind), form, lambda key: key.split("/")[-2] in names and is_of(key, asked)
        )
        return [(key.split("/")[-2], key, document) for key, document in sorted(found.items())]

    def _states(self, key: str, dataset: Dataset, year: Days) -> dict[dt.date, State]:
        etag = self._kept[key][0]
        with self._lock:
            kept = self._told.get(key)
        if kept is None or kept[0] != etag:
            kept = (etag, states.known(dataset, year.days))
            with self._lock:
                self._told[key] = kept
        return kept[1]

    def _fetch(self, prefix: str, kind: type[_T], is_wanted: Callable[[str], bool]) -> dict[str, _T]:
        """The documents under a prefix whose keys are wanted."""
        there = self._documents.etags(prefix)
        wanted = [key for key in there if is_wanted(key)]
        stale = [key for key in wanted if self._kept.get(key, ("",))[0] != there[key]]
        for key, (document, etag) in zip(
            stale, self._pool.map(lambda key: self._documents.read(key, kind), stale), strict=True
        ):
            with self._lock:
                self._kept[key] = (etag, document)
        return {key: self._kept[key][1] for key in wanted}


def _since(first: str) -> Callable[[str], bool]:
    """Whether a document is the first of a time, or a later one; they are named by their time."""
    return lambda key: key.rpartition("/")[2] >= first
