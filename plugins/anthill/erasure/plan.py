"""What an erasure will take, object by object: kept by its sha256, shown to who approves it."""

from __future__ import annotations

import datetime as dt
import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import msgspec

from anthill import intervals
from anthill.bronze import commits as bronze
from anthill.bronze import landed_pages
from anthill.bronze.commits import Commit, S3Client, parse, read_commit
from anthill.bronze.cuts import Cuts
from anthill.bronze.storage import Patience
from anthill.erasure.asked import Asked
from anthill.erasure.copies import Copied
from anthill.erasure.pages import Looked, Person

_THREADS = 8
_T = TypeVar("_T")
_SHOWN = 20  # market days that are named to who approves


class Object(msgspec.Struct, frozen=True):
    """A revision that holds rows of what is erased, and how many; of a table of a database with its columns."""

    key: str
    rows: int
    columns: tuple[str, ...] = ()

    @property
    def market_date(self) -> dt.date:
        """The market day that it is about."""
        return intervals.day_of(parse(self.key)[0].interval)


class Plan(msgspec.Struct, frozen=True):
    """What was found when somebody asked; `unreadable` rows are in quarantine, and nobody can tell whose they are."""

    asked: Asked
    bucket: str
    objects: tuple[Object, ...]
    days: tuple[dt.date, ...]  # market days that it touches: what the job on Databricks needs to know
    unreadable: int = 0
    keys: tuple[str, ...] = ()  # of a table of a database: the digests of the keys that their rows have

    @property
    def rows(self) -> int:
        """Rows in all revisions together."""
        return sum(each.rows for each in self.objects)

    def body(self) -> bytes:
        """Its bytes: the same for the same plan."""
        return msgspec.json.encode(self, order="sorted")

    @property
    def sha256(self) -> str:
        """What it is known by."""
        return hashlib.sha256(self.body()).hexdigest()

    def markdown(self) -> str:
        """What who approves it reads; no value of anybody stands in it."""
        of, days = self.asked, self.days
        whose = f"all of the market day {of.market_date}" if of.market_date else _people(of)
        shown = ", ".join(map(str, days[:_SHOWN])) + (f" and {len(days) - _SHOWN} more" if len(days) > _SHOWN else "")
        lines = [
            f"**{of.asset_class}.{of.dataset}**: {whose}.",
            "",
            f"- {len(self.objects)} objects in `{self.bucket}`, {self.rows} rows in all their revisions",
            f"- market days: {shown or 'none'}",
            "- then the rows that came of them in silver, gold and quality, and the files in which they were",
            "",
            f"Plan `{self.sha256}`. **Nothing of it can be brought back.**",
        ]
        if self.unreadable:
            lines.insert(4, f"- {self.unreadable} rows that no decoder reads stay: nobody can tell whose they are")
        return "\n".join(lines)


def _people(asked: Asked) -> str:
    shown = ", ".join(f"`{each[:12]}…`" for each in asked.digests[:_SHOWN])
    return f"{len(asked.digests)} by `{asked.column}` (SHA-256 {shown})"


def read(body: bytes) -> Plan:
    """A plan from its bytes."""
    return msgspec.json.decode(body, type=Plan)


def make(s3: S3Client, bucket: str, asked: Asked, cuts: Cuts | None = None) -> Plan:
    """Look into every object of the dataset; TamperedError or StorageError of the first that cannot be read.

    `cuts` are those of a database: its tables' rows are told by their keys, in whatever version the column was so.
    """
    found = _Objects(s3, bucket, asked, cuts)
    if cuts:
        keys = sorted({key for each in found.all(lambda key: found.keys_in(key)) for key in each})
        looked = found.all(lambda key: found.look(key, asked.key, keys))
    else:
        keys, looked = [], found.all(lambda key: found.look(key, asked.column, asked.digests))
    pairs = sorted(zip(found.names, looked, strict=True))
    objects = tuple(
        Object(key, each.theirs, found.columns(key)) for key, each in pairs if each.theirs or asked.market_date
    )
    days = {each.market_date for each in objects} | ({asked.market_date} if asked.market_date else set())
    unreadable = sum(each.unreadable for each in looked)
    return Plan(asked, bucket, objects, tuple(sorted(days)), unreadable, tuple(keys))


class _Objects:
    """Every object of a dataset, and what is in it."""

    def __init__(self, s3: S3Client, bucket: str, asked: Asked, cuts: Cuts | None) -> None:
        self._s3, self._bucket, self._asked, self._cuts = s3, bucket, asked, cuts
        self._labels = cuts.labels() if cuts else []
        revisions = bronze.all_revisions(s3, bucket, asked.declared)
        self.names = [
            key
            for keys in revisions.values()
            for key in keys
            if asked.market_date is None or asked.market_date == parse(key)[0].market_date
        ]

    def all(self, look: Callable[[str], _T]) -> list[_T]:
        """What a look into each gives."""
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(look, self.names))

    def columns(self, key: str) -> tuple[str, ...]:
        """The columns of a table's object, as the first cut that can name it has them; () where objects have none."""
        place, _ = parse(key)
        if not self._cuts:
            return ()
        at = bisect_left(self._labels, place.interval)
        table = self._cuts.read(self._labels[at]).tables.get(place.dataset) if at < len(self._labels) else None
        return table.columns if table else tuple(self._asked.declared.columns)

    def keys_in(self, key: str) -> set[str]:
        """The digests of the keys that their rows have."""
        copied = Copied(self.columns(key), self._asked.column, self._asked.digests)
        return set(copied.keys(self._pages(key), self._asked.key))

    def look(self, key: str, column: str, digests: Sequence[str]) -> Looked:
        """How many rows of an object are erased."""
        if self._asked.market_date:
            return Looked(self._commit(key).rows, 0)
        return rows_of(self._asked, self.columns(key), column, digests).look(self._pages(key))

    def _pages(self, key: str) -> Iterator[bytes]:
        return landed_pages.read(self._s3, self._commit(key), Patience())

    def _commit(self, key: str) -> Commit:
        return Patience().call(lambda: read_commit(self._s3, self._bucket, key), self._bucket, key)


def rows_of(asked: Asked, columns: Sequence[str], column: str, digests: Sequence[str]) -> Person | Copied:
    """Who is looked for, in pages or in a table of these columns."""
    return Copied(columns, column, digests) if columns else Person(asked.declared, asked.field, digests)
