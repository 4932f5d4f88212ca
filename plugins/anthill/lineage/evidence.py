"""What S3 knows of a market day: the objects of bronze, and the runs that the index of coverage was told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from anthill import catalog
from anthill.bronze.commits import S3Client
from anthill.coverage.reader import Reader
from anthill.ledger.documents import Job
from anthill.lineage import objects
from anthill.lineage.objects import Object


class Run(msgspec.Struct, frozen=True):
    """A Databricks run that has ended: what it did, its page, and the task of Airflow that started it."""

    job: str
    at: dt.datetime
    ok: bool
    page: str
    task: str
    market_date_from: dt.date
    market_date_to: dt.date
    datasets: tuple[str, ...] | None = None  # that silver loaded; None where it is about all

    def took(self, day: dt.date, dataset: str) -> bool:
        """Whether it was about a market day of a dataset."""
        loaded = self.datasets is None or dataset in self.datasets
        return loaded and self.market_date_from <= day <= self.market_date_to


class Evidence(Protocol):
    """What a trace asks of S3: itself, or through whoever reaches it."""

    def objects(self, asset_class: str, dataset: str, day: dt.date, revisions: Mapping[str, int]) -> list[Object]:
        """The objects of a market day in these revisions of its shards, read and checked."""

    def runs(self, asset_class: str, since: dt.datetime) -> list[Run]:
        """The runs that ended since a moment, the oldest first."""


class S3Evidence:
    """Asks S3."""

    def __init__(self, s3: S3Client, reader: Reader) -> None:
        self._s3, self._reader = s3, reader

    def objects(self, asset_class: str, dataset: str, day: dt.date, revisions: Mapping[str, int]) -> list[Object]:
        """The objects of a market day in these revisions of its shards, read and checked."""
        declared = catalog.load(asset_class).datasets[dataset]
        return objects.read(self._s3, self._reader.bucket_of(declared), declared, day, revisions)

    def runs(self, asset_class: str, since: dt.datetime) -> list[Run]:
        """The runs that ended since a moment, the oldest first."""
        return [_run(task, job) for task, job in self._reader.jobs(asset_class, since).items()]


def after(runs: Iterable[Run], job: str, moment: dt.datetime) -> Run | None:
    """The run that did what was done at a moment: the first of its kind that ended after it."""
    return next((run for run in runs if run.job == job and run.at >= moment), None)


def _run(task: str, job: Job) -> Run:
    named = job.facts.get("datasets")
    datasets = None if named is None else tuple(named)
    return Run(job.job, job.at, job.ok, job.page, task, job.market_date_from, job.market_date_to, datasets)
