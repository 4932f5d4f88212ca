"""Land a dataset's intervals: fetch every shard, commit each once."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from typing import Self

import msgspec

from anthill.bronze.commits import Place, TamperedError
from anthill.bronze.storage import THREADS, ContentError, NoRoomError, Outage, StorageError
from anthill.dataset import Dataset
from anthill.intervals import Interval
from anthill.landing.commit import Committed, Committer
from anthill.landing.content import Content, no_room
from anthill.landing.progress import Progress
from anthill.ledger.results import Landed, Outcome, Refused
from anthill.sources.errors import NotReadyError, SourceError, UnknownKeyError
from anthill.sources.source import Around, Source

_NEWS: tuple[Outcome, ...] = (
    "restated",
    "landed",
    "superseded",
    "unchanged",
)  # what an interval with several shards is called


class Part(msgspec.Struct, frozen=True):
    """What came of one shard."""

    committed: Committed
    raw_bytes: int
    fields: frozenset[str] = frozenset()
    asked: dt.datetime | None = None  # the source's clock

    @classmethod
    def of(cls, committed: Committed, content: Content) -> Self:
        """What came of a content that was read."""
        return cls(committed, content.raw, frozenset(content.fields), content.asof)


def land(source: Source, committer: Committer, dataset: Dataset, interval: Interval, taking: str = "") -> Landed:
    """Land one interval; SourceError, StorageError, ContentError or TamperedError name it and what to do.

    `taking` names one of many in it, for a dataset that is taken again and again.
    """
    shards = (taking,) if taking else dataset.shard_names
    for result in _land(source, committer, dataset, {interval: shards}, source.threads):
        if isinstance(result, Refused):
            raise result.reason
        return result
    raise AssertionError("a day has a result")


def land_all(
    source: Source, committer: Committer, dataset: Dataset, intervals: Iterable[Interval], threads: int = THREADS
) -> Iterator[Landed | Refused]:
    """Land many intervals at once, each as it is done; one that fails keeps only itself out.

    A wrong key ends it all, and so do S3 or a full disk where they fail one after the other.
    """
    shards = dict.fromkeys(intervals, dataset.shard_names)
    return _land(source, committer, dataset, shards, min(threads, source.threads) if shards else 1)


def _land(
    source: Source, committer: Committer, dataset: Dataset, shards: dict[Interval, tuple[str, ...]], threads: int
) -> Iterator[Landed | Refused]:
    progress, over = Progress(f"{dataset.asset_class}.{dataset.name}"), threading.Event()
    parts = sum(map(len, shards.values()))
    pool = ThreadPoolExecutor(max(1, min(threads, parts)), thread_name_prefix="land")
    fetchers = ThreadPoolExecutor(threads, thread_name_prefix="fetch")
    around = Around(fetchers, over, lambda place: committer.pages(place))
    try:
        started = time.monotonic()
        intervals: dict[Future[Part], Interval] = {
            pool.submit(
                _land_shard,
                source,
                committer,
                dataset,
                Place.of(dataset, interval.label, shard),
                progress,
                around,
            ): interval
            for interval, names in shards.items()
            for shard in names
        }
        left = {interval: len(names) for interval, names in shards.items()}
        done: dict[Interval, list[Part]] = {interval: [] for interval in shards}
        refused: dict[Interval, Exception] = {}
        outage = Outage()
        for future in as_completed(intervals):
            interval = intervals.pop(future)
            try:
                done[interval].append(future.result())
                outage.worked()
            except UnknownKeyError:
                raise
            except (SourceError, StorageError, ContentError, TamperedError) as error:
                if isinstance(error, StorageError | NoRoomError) and outage.failed():
                    raise
                refused.setdefault(interval, error)
            left[interval] -= 1
            if left[interval] == 0:
                parts_of = done.pop(interval)
                seconds = time.monotonic() - started
                if interval in refused:
                    yield Refused(interval, refused[interval])
                else:
                    yield landed(dataset, interval, parts_of, seconds)
    finally:
        over.set()  # a task that is ended waits for the page that is under way, not for the chain
        for executor in (pool, fetchers):
            executor.shutdown(wait=True, cancel_futures=True)
        progress.close()


def _land_shard(
    source: Source, committer: Committer, dataset: Dataset, place: Place, progress: Progress, around: Around
) -> Part:
    source.clocks.of_s3 = lambda: committer.clock(place)
    with about(place, source):
        newest, version = None, ""
        if dataset.file_fields:
            # Its file may have been landed as pages of the API before, and the other way round.
            newest = committer.newest(place)
            version = source.version(dataset, place)
            if newest and version and newest.source == version:
                return Part(Committed("unchanged", newest), 0)
        pages = source.pages(dataset, place, version, around)
        with Content.of(progress.watch(pages), version, source.in_memory) as content:
            refuse_empty(dataset, content)
            return Part.of(committer.commit(place, content, newest), content)


@contextmanager
def about(place: Place, source: Source) -> Iterator[None]:
    """What goes wrong names the place, and the connection where the source is to blame."""
    try:
        yield
    except SourceError as error:
        error.subject, error.connection = str(place), source.conn_id
        raise
    except (StorageError, ContentError, TamperedError) as error:
        raise type(error)(f"{place}: {error}") from error
    except OSError as error:  # of the temporary files of large pages
        raise NoRoomError(f"{place}: {no_room(error)}") from error


def refuse_empty(dataset: Dataset, content: Content) -> None:
    """NotReadyError for no rows where there always are some."""
    if content.rows == 0 and dataset.empty == "refused":
        raise NotReadyError("the source has no rows for it, and this dataset always has some")


def landed(dataset: Dataset, interval: Interval, parts: list[Part], seconds: float) -> Landed:
    """What the parts of an interval came to together."""
    outcomes = {part.committed.outcome for part in parts}
    commits = sorted((part.committed.commit for part in parts), key=lambda commit: commit.shard)
    return Landed(
        asset_class=dataset.asset_class,
        dataset=dataset.name,
        interval=interval,
        outcome=next(outcome for outcome in _NEWS if outcome in outcomes),
        rows=sum(commit.rows for commit in commits),
        pages=sum(commit.pages for commit in commits),
        raw_bytes=sum(part.raw_bytes for part in parts),
        seconds=round(seconds, 3),
        commits=commits,
        fields=tuple(sorted(frozenset().union(*(part.fields for part in parts)))),
        asked={part.committed.commit.shard: part.asked for part in parts if part.asked},
    )
