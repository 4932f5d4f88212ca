"""Land a chunk of market days: what is missing, as much of it as the source gives, at the plan's rate."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeGuard

import msgspec
from botocore.exceptions import ClientError

from anthill.bronze import commits as bronze
from anthill.bronze.commits import S3Client, TamperedError
from anthill.bronze.storage import Patience, StorageError
from anthill.coverage.reader import THREADS
from anthill.coverage.states import is_whole
from anthill.dataset import Dataset
from anthill.landing.commit import Committer
from anthill.landing.land import land_days
from anthill.ledger.documents import Days, Documents, days_key
from anthill.ledger.entry import Part, of_commits
from anthill.ledger.results import Landed, Refused
from anthill.sources.errors import NotEntitledError, OutsideHistoryError, UnknownKeyError
from anthill.sources.source import Source

log = logging.getLogger(__name__)


class Refusal(msgspec.Struct, frozen=True):
    """Market days of a dataset that could not be landed, and why; `plan` where the API plan leaves them out."""

    dataset: str
    market_date_from: dt.date
    market_date_to: dt.date
    days: int
    plan: bool
    reason: str


class Chunk(msgspec.Struct):
    """What came of a chunk: days asked for and already there, landed with their rows, and refused."""

    days: int = 0  # counted for each dataset
    there: int = 0
    landed: int = 0
    rows: int = 0
    raw_bytes: int = 0
    refused: list[Refusal] = []


def missing_days(
    s3: S3Client, bucket: str, documents: Documents, dataset: Dataset, days: Sequence[dt.date]
) -> list[dt.date]:
    """Of these market days, those of which bronze lacks a shard, or has one from before the day was due only."""
    held = bronze.newest_of_days(s3, bucket, dataset.asset_class, dataset.name)
    there = {day: held[day] for day in days if set(dataset.shard_names) <= held.get(day, {}).keys()}
    early = _early(s3, bucket, documents, dataset, there)
    return [day for day in days if day not in there or day in early]


def _early(
    s3: S3Client, bucket: str, documents: Documents, dataset: Dataset, there: Mapping[dt.date, Mapping[str, str]]
) -> set[dt.date]:
    """Of landed days, those for which the source was not asked since they were due: by the index, else by bronze."""
    bounded = {day: list(keys.values()) for day, keys in there.items() if dataset.due(day)}
    known = _known(documents, dataset, bounded)
    unknown = [key for keys in bounded.values() for key in keys if key not in known]
    with ThreadPoolExecutor(THREADS) as pool:
        known |= zip(unknown, pool.map(partial(_part, s3, bucket), unknown), strict=True)
    early = set()
    for day, keys in bounded.items():
        parts = [part for key in keys if (part := known[key])]
        if len(parts) == len(keys) and not is_whole(dataset, day, parts):
            early.add(day)
    return early


def _known(documents: Documents, dataset: Dataset, days: Iterable[dt.date]) -> dict[str, Part | None]:
    """What the index knows of objects, by key; nothing where it cannot be read: bronze is what counts."""
    try:
        years = [documents.read(key, Days)[0] for key in sorted({days_key(dataset, day.year) for day in days})]
    except (StorageError, ClientError, msgspec.DecodeError, OSError) as error:
        log.warning("The coverage index cannot be read: %s. `anthill coverage --rebuild` mends it", error)
        return {}
    return {
        key: part
        for year in years
        for day, entry in year.days.items()
        for key, part in zip(entry.keys(dataset.asset_class, dataset.name, day), entry.parts, strict=True)
    }


def _part(s3: S3Client, bucket: str, key: str) -> Part | None:
    """What an object says of itself; None where that cannot be read: it is there, and who loads it tells."""
    try:
        commit = Patience().call(lambda: bronze.read_commit(s3, bucket, key), bucket, key)
    except TamperedError:
        return None
    return of_commits([commit]).parts[0]


def land_chunk(
    source: Source,
    committer: Committer,
    datasets: Iterable[tuple[Dataset, Sequence[dt.date]]],
    step: Callable[[Chunk, Dataset, Landed | Refused], None],
    chunk: Chunk | None = None,
) -> Chunk:
    """Land the days of each dataset; what the source refuses is told in the result, and `step` after each day.

    The result is added to `chunk` where there is one. A refused key ends it: `step` is told of all days that it leaves.
    """
    chunk = chunk or Chunk()
    left = [(dataset, list(days)) for dataset, days in datasets]
    try:
        _land_all(source, committer, left, step, chunk)
    except UnknownKeyError as error:
        for dataset, days in left:
            for day in days:
                step(chunk, dataset, Refused(day, error))
        raise
    return chunk


def _land_all(
    source: Source,
    committer: Committer,
    left: Sequence[tuple[Dataset, list[dt.date]]],
    step: Callable[[Chunk, Dataset, Landed | Refused], None],
    chunk: Chunk,
) -> None:
    """Land all that is left; what is done is taken out of it."""
    for dataset, waiting in left:
        days = tuple(waiting)
        refused: list[Refused] = []
        for result in _land(source, committer, dataset, days):
            waiting.remove(result.market_date)
            chunk.days += 1
            if isinstance(result, Landed):
                chunk.landed += 1
                chunk.rows += result.rows
                chunk.raw_bytes += result.raw_bytes
            else:
                refused.append(result)
            step(chunk, dataset, result)
        chunk.refused += _refusals(dataset, days, refused)


def _land(
    source: Source, committer: Committer, dataset: Dataset, days: Sequence[dt.date]
) -> Iterator[Landed | Refused]:
    """Every day landed or refused; what the plan leaves out is found with few calls, not with one a day.

    One refusal speaks for its own day: those behind it are asked for, too, until the last of them is refused alike.
    """
    if not days:
        return
    (first,) = land_days(source, committer, dataset, days[:1])
    yield first
    within = days[1:]
    if within and _is(first, NotEntitledError):
        (last,) = land_days(source, committer, dataset, within[-1:])
        yield last
        within = within[:-1]
        if _is(last, NotEntitledError):
            yield from (Refused(day, first.reason) for day in within)
            return
    if _is(first, OutsideHistoryError):
        outside, within = yield from _edge(source, committer, dataset, within)
        yield from (Refused(day, first.reason) for day in outside)
    yield from land_days(source, committer, dataset, within)


def _is(result: Landed | Refused, kind: type[NotEntitledError | OutsideHistoryError]) -> TypeGuard[Refused]:
    return isinstance(result, Refused) and isinstance(result.reason, kind)


def _edge(
    source: Source, committer: Committer, dataset: Dataset, days: Sequence[dt.date]
) -> Generator[Landed | Refused, None, tuple[Sequence[dt.date], Sequence[dt.date]]]:
    """Halve the days until the plan's history begins: those before it, and those that are still to be landed."""
    low, high, landed = 0, len(days), set[dt.date]()
    while low < high:
        middle = (low + high) // 2
        (result,) = land_days(source, committer, dataset, [days[middle]])
        if _is(result, OutsideHistoryError):
            low = middle + 1
        else:
            high = middle
            landed.add(days[middle])
            yield result
    return days[:low], [day for day in days[low:] if day not in landed]


def _refusals(dataset: Dataset, days: Sequence[dt.date], refused: list[Refused]) -> list[Refusal]:
    """Of the days asked for, neighbours with one reason as one line."""
    lines: list[Refusal] = []
    before = dict(zip(days[1:], days, strict=False))
    for result in sorted(refused, key=lambda result: result.market_date):
        day, reason, by_plan = result.market_date, result.text, result.cause == "plan"
        last = lines[-1] if lines else None
        if last and last.market_date_to == before.get(day) and last.plan and by_plan and last.reason == reason:
            lines[-1] = msgspec.structs.replace(last, market_date_to=day, days=last.days + 1)
        else:
            lines.append(Refusal(dataset.name, day, day, 1, by_plan, reason))
    return lines
