"""Land a chunk of intervals: what is missing, as much of it as the source gives, at the plan's rate."""

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
from anthill.intervals import Interval
from anthill.landing.commit import Committer
from anthill.landing.land import land_all
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


def missing(
    s3: S3Client, bucket: str, documents: Documents, dataset: Dataset, asked: Sequence[Interval]
) -> list[Interval]:
    """Of these intervals, those of which bronze lacks a shard, or has one from before it was due only."""
    held = bronze.newest_of_all(s3, bucket, dataset)
    there = {each: held[each.label] for each in asked if set(dataset.shard_names) <= held.get(each.label, {}).keys()}
    early = _early(s3, bucket, documents, dataset, there)
    return [each for each in asked if each not in there or each in early]


def _early(
    s3: S3Client, bucket: str, documents: Documents, dataset: Dataset, there: Mapping[Interval, Mapping[str, str]]
) -> set[Interval]:
    """Those landed for which the source was not asked since they were due: by the index, else by bronze."""
    bounded = {each: list(keys.values()) for each, keys in there.items() if dataset.due(each)}
    known = _known(documents, dataset, bounded)
    unknown = [key for keys in bounded.values() for key in keys if key not in known]
    with ThreadPoolExecutor(THREADS) as pool:
        known |= zip(unknown, pool.map(partial(_part, s3, bucket), unknown), strict=True)
    early = set()
    for each, keys in bounded.items():
        parts = [part for key in keys if (part := known[key])]
        if len(parts) == len(keys) and not is_whole(dataset, each, parts):
            early.add(each)
    return early


def _known(documents: Documents, dataset: Dataset, asked: Iterable[Interval]) -> dict[str, Part | None]:
    """What the index knows of objects, by key; nothing where it cannot be read: bronze is what counts."""
    try:
        keys = sorted({days_key(dataset, each.label) for each in asked})
        told = [documents.read(key, Days)[0] for key in keys]
    except (StorageError, ClientError, msgspec.DecodeError, OSError) as error:
        log.warning("The coverage index cannot be read: %s. `anthill coverage --rebuild` mends it", error)
        return {}
    return {
        key: part
        for document in told
        for at, entry in document.days.items()
        for key, part in zip(entry.keys(dataset, at), entry.parts, strict=True)
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
    datasets: Iterable[tuple[Dataset, Sequence[Interval]]],
    step: Callable[[Chunk, Dataset, Landed | Refused], None],
    chunk: Chunk | None = None,
) -> Chunk:
    """Land the intervals of each dataset; what the source refuses is told in the result, and `step` after each.

    The result is added to `chunk` where there is one. A refused key ends it: `step` is told of all days that it leaves.
    """
    chunk = chunk or Chunk()
    left = [(dataset, list(asked)) for dataset, asked in datasets]
    try:
        _land_all(source, committer, left, step, chunk)
    except UnknownKeyError as error:
        for dataset, asked in left:
            for each in asked:
                step(chunk, dataset, Refused(each, error))
        raise
    return chunk


def _land_all(
    source: Source,
    committer: Committer,
    left: Sequence[tuple[Dataset, list[Interval]]],
    step: Callable[[Chunk, Dataset, Landed | Refused], None],
    chunk: Chunk,
) -> None:
    """Land all that is left; what is done is taken out of it."""
    for dataset, waiting in left:
        asked = tuple(waiting)
        refused: list[Refused] = []
        for result in _land(source, committer, dataset, asked):
            waiting.remove(result.interval)
            chunk.days += 1
            if isinstance(result, Landed):
                chunk.landed += 1
                chunk.rows += result.rows
                chunk.raw_bytes += result.raw_bytes
            else:
                refused.append(result)
            step(chunk, dataset, result)
        chunk.refused += _refusals(dataset, asked, refused)


def _land(
    source: Source, committer: Committer, dataset: Dataset, asked: Sequence[Interval]
) -> Iterator[Landed | Refused]:
    """All of them landed or refused; what the plan leaves out is found with few calls, not with one each.

    One refusal speaks for itself: those behind it are asked for, too, until the last of them is refused alike.
    """
    if not asked:
        return
    (first,) = land_all(source, committer, dataset, asked[:1])
    yield first
    within = asked[1:]
    if within and _is(first, NotEntitledError):
        (last,) = land_all(source, committer, dataset, within[-1:])
        yield last
        within = within[:-1]
        if _is(last, NotEntitledError):
            yield from (Refused(each, first.reason) for each in within)
            return
    if _is(first, OutsideHistoryError):
        outside, within = yield from _edge(source, committer, dataset, within)
        yield from (Refused(each, first.reason) for each in outside)
    yield from land_all(source, committer, dataset, within)


def _is(result: Landed | Refused, kind: type[NotEntitledError | OutsideHistoryError]) -> TypeGuard[Refused]:
    return isinstance(result, Refused) and isinstance(result.reason, kind)


def _edge(
    source: Source, committer: Committer, dataset: Dataset, asked: Sequence[Interval]
) -> Generator[Landed | Refused, None, tuple[Sequence[Interval], Sequence[Interval]]]:
    """Halve them until the plan's history begins: those before it, and those that are still to be landed."""
    low, high, landed = 0, len(asked), set[Interval]()
    while low < high:
        middle = (low + high) // 2
        (result,) = land_all(source, committer, dataset, [asked[middle]])
        if _is(result, OutsideHistoryError):
            low = middle + 1
        else:
            high = middle
            landed.add(asked[middle])
            yield result
    return asked[:low], [each for each in asked[low:] if each not in landed]


def _refusals(dataset: Dataset, asked: Sequence[Interval], refused: list[Refused]) -> list[Refusal]:
    """Of what was asked for, the days of neighbours with one reason as one line."""
    lines: list[Refusal] = []
    before = dict(zip(asked[1:], asked, strict=False))
    for result in sorted(refused, key=lambda result: result.interval):
        day, reason, by_plan = result.interval.day, result.text, result.cause == "plan"
        last = lines[-1] if lines else None
        follows = last and (neighbour := before.get(result.interval)) and last.market_date_to == neighbour.day
        if last and follows and last.plan and by_plan and last.reason == reason:
            lines[-1] = msgspec.structs.replace(last, market_date_to=day, days=last.days + 1)
        else:
            lines.append(Refusal(dataset.name, day, day, 1, by_plan, reason))
    return lines
