"""What bronze held at a moment: of each market day's shard the newest commit whose answer is not later."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from anthill.bronze import commits as bronze
from anthill.bronze import manifest
from anthill.bronze.commits import Commit, S3Client
from anthill.bronze.manifest import Found
from anthill.dataset import Dataset

_THREADS = 16
DayOf = tuple[str, dt.date]  # a dataset and one of its market days


class Held(msgspec.Struct, frozen=True):
    """The commits of whole days as of a moment, and which days read otherwise now.

    `later` are days of which bronze had nothing then, with the API's clock at their first answer (UTC); `halves` are
    days that lacked a shard then, `restated` those with a newer revision since.
    """

    found: list[Found]
    later: Mapping[DayOf, dt.datetime]
    halves: list[DayOf]
    restated: list[DayOf]


def together(parts: Iterable[Held]) -> Held:
    """What several buckets held."""
    whole = Held([], {}, [], [])
    for each in parts:
        whole = Held(
            [*whole.found, *each.found],
            {**whole.later, **each.later},
            [*whole.halves, *each.halves],
            [*whole.restated, *each.restated],
        )
    return whole


def held(s3: S3Client, bucket: str, declared: Mapping[str, Dataset], moment: dt.datetime) -> Held:
    """What bronze held of an asset class's datasets; TamperedError or StorageError of the first that cannot be read."""
    reader = manifest.Reader(s3, bucket)

    def known(keys: Sequence[str]) -> tuple[Commit | None, dt.datetime]:
        """The newest commit that was there, and the API's clock at what was looked at last: it, or the very first."""
        asof = moment
        for key in keys:
            commit = reader.read(key)
            if isinstance(commit, Exception):
                raise commit
            if (asof := commit.asof) <= moment:
                return commit, asof
        return None, asof

    with ThreadPoolExecutor(_THREADS) as pool:
        listed = [
            ((name, dt.date.fromisoformat(day)), keys)
            for name, dataset in declared.items()
            for (day, _), keys in bronze.all_revisions(s3, bucket, dataset).items()
        ]
        results = list(pool.map(known, [keys for _, keys in listed]))
    found: list[Found] = []
    restated: dict[DayOf, None] = {}
    firsts: dict[DayOf, list[dt.datetime]] = defaultdict(list)
    for ((dataset, day), keys), (commit, asof) in zip(listed, results, strict=True):
        if commit is None:
            firsts[dataset, day].append(asof)
            continue
        found.append((dataset, day, commit))
        if commit.key != keys[0]:
            restated[dataset, day] = None
    there = {(dataset, day) for dataset, day, _ in found}
    whole, halves = manifest.whole(found, declared)
    later = {of: min(asofs) for of, asofs in firsts.items() if of not in there}
    return Held(whole, later, halves, [of for of in restated if of not in halves])
