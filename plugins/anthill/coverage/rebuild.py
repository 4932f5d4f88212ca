"""The index from what bronze holds: a listing, and the metadata of what the index does not know."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from anthill.bronze import commits as bronze
from anthill.bronze.commits import Commit, S3Client, TamperedError
from anthill.bronze.storage import Patience
from anthill.catalog import AssetClass
from anthill.coverage.reader import THREADS, Reader
from anthill.dataset import Dataset
from anthill.intervals import day_of
from anthill.ledger.documents import Documents
from anthill.ledger.recorder import Recorder


class Rebuilt(NamedTuple):
    """Of one dataset: intervals that bronze holds, and those of which the index did not know the newest revisions."""

    dataset: str
    days: int
    mended: int


def rebuild(
    s3: S3Client,
    bucket: str,
    documents: Documents,
    declared: AssetClass,
    run: str,
    say: Callable[[Rebuilt], None] = lambda _: None,
) -> list[Rebuilt]:
    """Bring the index of an asset class up to `bucket`'s bronze; what it knows of attempts and refusals stays.

    TamperedError at the end names the objects that say nothing; all others are in the index then.
    """
    reader = Reader(documents, bucket)
    done: list[Rebuilt] = []
    tampered: list[TamperedError] = []
    for dataset in declared.datasets.values():
        rebuilt = _rebuild(s3, bucket, reader, Recorder(documents, run), dataset, tampered)
        say(rebuilt)
        done.append(rebuilt)
    if tampered:
        raise TamperedError("\n".join(["The index has all but:", *map(str, tampered)]))
    return done


def _rebuild(
    s3: S3Client,
    bucket: str,
    reader: Reader,
    recorder: Recorder,
    dataset: Dataset,
    tampered: list[TamperedError],
) -> Rebuilt:
    held = bronze.newest_of_all(s3, bucket, dataset)
    known = reader.entries(dataset.asset_class, {dataset.name: dataset}, {day_of(at).year for at in held})[dataset.name]
    unknown = {
        at: list(keys.values())
        for at, keys in held.items()
        if at not in known or not set(keys.values()) <= set(known[at].keys(dataset, at))
    }
    keys = [(at, key) for at, found in unknown.items() for key in found]
    patience = Patience()

    def read(key: str) -> Commit | TamperedError:
        try:
            return patience.call(lambda: bronze.read_commit(s3, bucket, key), bucket, key)
        except TamperedError as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        for (at, _), commit in zip(keys, pool.map(read, [key for _, key in keys]), strict=True):
            if isinstance(commit, TamperedError):
                tampered.append(commit)
            else:
                recorder.found(dataset, at, [commit])
    recorder.write()
    return Rebuilt(dataset.name, len(held), len(unknown))
