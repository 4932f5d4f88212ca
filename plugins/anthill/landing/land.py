"""Land a dataset's market days: fetch every shard's chain, commit each once."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

import msgspec

from anthill.catalog import Dataset, Request
from anthill.landing.bronze import Commit, Place, TamperedError
from anthill.landing.commit import Committed, Committer, Outcome
from anthill.landing.content import Content, ContentError
from anthill.landing.progress import Progress
from anthill.landing.storage import StorageError
from anthill.polygon.client import Client
from anthill.polygon.errors import NotReadyError, PolygonError, UnknownKeyError

log = logging.getLogger(__name__)

THREADS = 16
_NEWS: tuple[Outcome, ...] = (
    "restated",
    "landed",
    "superseded",
    "unchanged",
)  # what a day with several shards is called


class Landed(msgspec.Struct, frozen=True):
    """A market day in bronze: its newest commits, one a shard, and whether this landing wrote any of them."""

    asset_class: str
    dataset: str
    market_date: dt.date
    outcome: Outcome
    rows: int
    pages: int
    raw_bytes: int  # of JSON, as fetched this time
    seconds: float
    commits: list[Commit]


class Refused(msgspec.Struct, frozen=True):
    """A market day that the API did not give, and why; the others go on."""

    market_date: dt.date
    reason: PolygonError


class _Chain(msgspec.Struct, frozen=True):
    """What came of one shard."""

    committed: Committed
    raw_bytes: int


def land(client: Client, committer: Committer, dataset: Dataset, market_date: dt.date) -> Landed:
    """Land one market day; PolygonError, StorageError, ContentError or TamperedError name it and what to do."""
    for result in land_days(client, committer, dataset, [market_date]):
        if isinstance(result, Refused):
            raise result.reason
        return result
    raise AssertionError("a day has a result")


def land_days(
    client: Client, committer: Committer, dataset: Dataset, days: Iterable[dt.date], threads: int = THREADS
) -> Iterator[Landed | Refused]:
    """Land many market days at once, each as it is done; a wrong key, S3 and the disk end it all."""
    progress = Progress(f"{dataset.asset_class}.{dataset.name}")
    requests = {day: dataset.requests(day) for day in days}
    pool = ThreadPoolExecutor(min(threads, sum(map(len, requests.values())) or 1), thread_name_prefix="land")
    try:
        started = time.monotonic()
        days_of: dict[Future[_Chain], dt.date] = {
            pool.submit(_land_chain, client, committer, dataset, day, request, progress): day
            for day, shards in requests.items()
            for request in shards
        }
        left = {day: len(shards) for day, shards in requests.items()}
        done: dict[dt.date, list[_Chain]] = {day: [] for day in requests}
        refused: dict[dt.date, PolygonError] = {}
        for future in as_completed(days_of):
            day = days_of.pop(future)
            try:
                done[day].append(future.result())
            except UnknownKeyError:
                raise
            except PolygonError as error:
                refused.setdefault(day, error)
            left[day] -= 1
            if left[day] == 0:
                chains = done.pop(day)
                seconds = time.monotonic() - started
                yield Refused(day, refused[day]) if day in refused else _landed(dataset, day, chains, seconds)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        progress.close()


def _land_chain(
    client: Client, committer: Committer, dataset: Dataset, day: dt.date, request: Request, progress: Progress
) -> _Chain:
    place = Place(dataset.asset_class, dataset.name, day, request.shard)
    try:
        with Content.of(progress.watch(client.chain(request.path, request.params))) as content:
            if content.rows == 0 and dataset.empty == "refused":
                raise NotReadyError("the API has no rows for this market day, and this dataset always has some")
            return _Chain(committer.commit(place, content), content.raw)
    except PolygonError as error:
        error.subject = str(place)
        raise
    except (StorageError, ContentError, TamperedError) as error:
        raise type(error)(f"{place}: {error}") from error


def _landed(dataset: Dataset, day: dt.date, chains: list[_Chain], seconds: float) -> Landed:
    outcomes = {chain.committed.outcome for chain in chains}
    commits = sorted((chain.committed.commit for chain in chains), key=lambda commit: commit.shard)
    return Landed(
        asset_class=dataset.asset_class,
        dataset=dataset.name,
        market_date=day,
        outcome=next(outcome for outcome in _NEWS if outcome in outcomes),
        rows=sum(commit.rows for commit in commits),
        pages=sum(commit.pages for commit in commits),
        raw_bytes=sum(chain.raw_bytes for chain in chains),
        seconds=round(seconds, 3),
        commits=commits,
    )
