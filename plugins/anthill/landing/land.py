"""Land a dataset's market days: fetch every shard, commit each once."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

import msgspec

from anthill.bronze.commits import Place, TamperedError
from anthill.bronze.storage import THREADS, ContentError, NoRoomError, Outage, StorageError
from anthill.dataset import Dataset
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
)  # what a day with several shards is called


class _Part(msgspec.Struct, frozen=True):
    """What came of one shard."""

    committed: Committed
    raw_bytes: int
    fields: frozenset[str] = frozenset()
    asked: dt.datetime | None = None  # the API's clock


def land(source: Source, committer: Committer, dataset: Dataset, market_date: dt.date, taking: str = "") -> Landed:
    """Land one market day; SourceError, StorageError, ContentError or TamperedError name it and what to do.

    `taking` names one of many on the day, for a dataset that is taken again and again.
    """
    shards = (taking,) if taking else dataset.shard_names
    for result in _land(source, committer, dataset, {market_date: shards}, source.threads):
        if isinstance(result, Refused):
            raise result.reason
        return result
    raise AssertionError("a day has a result")


def land_days(
    source: Source, committer: Committer, dataset: Dataset, days: Iterable[dt.date], threads: int = THREADS
) -> Iterator[Landed | Refused]:
    """Land many market days at once, each as it is done; one that fails keeps only itself out.

    A wrong key ends it all, and so do S3 or a full disk where they fail day after day.
    """
    shards = dict.fromkeys(days, dataset.shard_names)
    return _land(source, committer, dataset, shards, min(threads, source.threads) if shards else 1)


def _land(
    source: Source, committer: Committer, dataset: Dataset, shards: dict[dt.date, tuple[str, ...]], threads: int
) -> Iterator[Landed | Refused]:
    progress, over = Progress(f"{dataset.asset_class}.{dataset.name}"), threading.Event()
    parts = sum(map(len, shards.values()))
    pool = ThreadPoolExecutor(max(1, min(threads, parts)), thread_name_prefix="land")
    fetchers = ThreadPoolExecutor(threads, thread_name_prefix="fetch")
    around = Around(fetchers, over, lambda place: committer.pages(place))
    try:
        started = time.monotonic()
        days_of: dict[Future[_Part], dt.date] = {
            pool.submit(
                _land_shard,
                source,
                committer,
                dataset,
                Place(dataset.asset_class, dataset.name, day, shard),
                progress,
                around,
            ): day
            for day, names in shards.items()
            for shard in names
        }
        left = {day: len(names) for day, names in shards.items()}
        done: dict[dt.date, list[_Part]] = {day: [] for day in shards}
        refused: dict[dt.date, Exception] = {}
        outage = Outage()
        for future in as_completed(days_of):
            day = days_of.pop(future)
            try:
                done[day].append(future.result())
                outage.worked()
            except UnknownKeyError:
                raise
            except (SourceError, StorageError, ContentError, TamperedError) as error:
                if isinstance(error, StorageError | NoRoomError) and outage.failed():
                    raise
                refused.setdefault(day, error)
            left[day] -= 1
            if left[day] == 0:
                landed = done.pop(day)
                seconds = time.monotonic() - started
                yield Refused(day, refused[day]) if day in refused else _landed(dataset, day, landed, seconds)
    finally:
        over.set()  # a task that is ended waits for the page that is under way, not for the chain
        for executor in (pool, fetchers):
            executor.shutdown(wait=True, cancel_futures=True)
        progress.close()


def _land_shard(
    source: Source, committer: Committer, dataset: Dataset, place: Place, progress: Progress, around: Around
) -> _Part:
    source.clocks.of_s3 = lambda: committer.clock()
    try:
        newest, version = None, ""
        if dataset.file_fields:
            # Its file may have been landed as pages of the API before, and the other way round.
            newest = committer.newest(place)
            version = source.version(dataset, place)
            if newest and version and newest.source == version:
                return _Part(Committed("unchanged", newest), 0)
        pages = source.pages(dataset, place, version, around)
        with Content.of(progress.watch(pages), version, source.in_memory) as content:
            if content.rows == 0 and dataset.empty == "refused":
                raise NotReadyError("the API has no rows for this market day, and this dataset always has some")
            committed = committer.commit(place, content, newest)
            return _Part(committed, content.raw, frozenset(content.fields), content.asof)
    except SourceError as error:
        error.subject, error.connection = str(place), source.conn_id
        raise
    except (StorageError, ContentError, TamperedError) as error:
        raise type(error)(f"{place}: {error}") from error
    except OSError as error:  # of the temporary files of large pages
        raise NoRoomError(f"{place}: {no_room(error)}") from error


def _landed(dataset: Dataset, day: dt.date, parts: list[_Part], seconds: float) -> Landed:
    outcomes = {part.committed.outcome for part in parts}
    commits = sorted((part.committed.commit for part in parts), key=lambda commit: commit.shard)
    return Landed(
        asset_class=dataset.asset_class,
        dataset=dataset.name,
        market_date=day,
        outcome=next(outcome for outcome in _NEWS if outcome in outcomes),
        rows=sum(commit.rows for commit in commits),
        pages=sum(commit.pages for commit in commits),
        raw_bytes=sum(part.raw_bytes for part in parts),
        seconds=round(seconds, 3),
        commits=commits,
        fields=tuple(sorted(frozenset().union(*(part.fields for part in parts)))),
        asked={part.committed.commit.shard: part.asked for part in parts if part.asked},
    )
