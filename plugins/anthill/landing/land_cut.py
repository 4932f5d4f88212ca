"""Land all tables of a database as of one moment: what changed is committed, and one object names the whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import msgspec

from anthill.bronze.commits import Place, TamperedError
from anthill.bronze.cuts import Cut, Cuts, Table
from anthill.bronze.storage import ContentError, StorageError
from anthill.dataset import Dataset
from anthill.intervals import Interval
from anthill.landing.commit import Committed, Committer
from anthill.landing.content import Content
from anthill.landing.land import refuse_empty
from anthill.ledger.results import Landed, Outcome
from anthill.sources.errors import SourceError
from anthill.sources.source import Around, Source


class LaterCutError(RuntimeError):
    """A database answers for the present: what was cut later is there, and nothing can be put before it."""


class CutLanded(msgspec.Struct, frozen=True):
    """What a look at the database came to; `written` says whether it made a cut."""

    cut: Cut
    written: bool
    tables: list[Landed]


def land_cut(
    source: Source,
    committer: Callable[[Dataset], Committer],
    cuts: Cuts,
    datasets: Mapping[str, Dataset],
    interval: Interval,
    run: str,
) -> CutLanded:
    """Read all tables, then commit those that changed, then the cut, where anything did; `committer` is each table's.

    SourceError, StorageError, ContentError or TamperedError names the table and what to do; LaterCutError where a later
    interval has a cut. What is committed without its cut is read by nobody, and taken over by the next try.
    """
    started = time.monotonic()
    with ExitStack() as held:
        with closing(source):  # the locks go before anything is written
            asof = source.now()
            before = cuts.newest(asof)
            if before and before.label >= interval.label:
                return _there(before, interval)
            contents = {
                name: held.enter_context(_read(source, dataset, interval)) for name, dataset in datasets.items()
            }
        known = before.tables if before else {}
        tables: dict[str, Table] = {}
        landed: list[Landed] = []
        for name, dataset in datasets.items():
            committed = _committed(committer(dataset), dataset, interval, contents[name], known.get(name))
            tables[name] = Table(contents[name].columns, committed.commit)
            seconds = round(time.monotonic() - started, 3)
            landed.append(_landed(dataset, interval, committed, contents[name], seconds))
    if before and tables == dict(known):
        return CutLanded(before, written=False, tables=landed)
    cut = Cut(interval.label, asof, run, tables)
    if not cuts.put(cut):
        return _there(cuts.read(interval.label), interval)
    return CutLanded(cut, written=True, tables=landed)


def _read(source: Source, dataset: Dataset, interval: Interval) -> Content:
    """All rows of a table; its errors name it."""
    place = Place.of(dataset, interval.label)
    with ThreadPoolExecutor(1) as fetchers:
        try:
            pages = source.pages(dataset, place, "", Around(fetchers, threading.Event()))
            content = Content.of(pages, in_memory=source.in_memory)
            refuse_empty(dataset, content)
        except SourceError as error:
            error.subject, error.connection = error.subject or str(place), source.conn_id
            raise
    return content


def _committed(
    committer: Committer, dataset: Dataset, interval: Interval, content: Content, known: Table | None
) -> Committed:
    """The commit that has these rows: the last cut's where they are the same in the same columns, else a new one."""
    if known and (known.commit.digest, known.commit.rows, known.columns) == (
        content.digest,
        content.rows,
        content.columns,
    ):
        return Committed("unchanged", known.commit)
    place = Place.of(dataset, interval.label)
    try:
        # A try before this one may have been here and have seen other rows: its cut was never made.
        return committer.commit(place, content, committer.newest(place))
    except (StorageError, ContentError, TamperedError) as error:
        raise type(error)(f"{place}: {error}") from error


def _landed(dataset: Dataset, interval: Interval, committed: Committed, content: Content, seconds: float) -> Landed:
    commit = committed.commit
    outcome: Outcome = committed.outcome
    asked = {commit.shard: content.asof} if content.asof else {}
    return Landed(
        dataset.asset_class, dataset.name, interval, outcome, commit.rows, commit.pages, content.raw, seconds,
        [commit], content.columns, asked,
    )  # fmt: skip


def _there(cut: Cut, interval: Interval) -> CutLanded:
    """What somebody made before: a run that is cleared finds its own cut; LaterCutError where it is a later one."""
    if cut.label != interval.label:
        raise LaterCutError(f"the database was read for {cut.label} already: {interval} cannot be had any more")
    return CutLanded(cut, written=False, tables=[])
