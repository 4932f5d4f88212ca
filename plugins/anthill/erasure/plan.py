"""What an erasure will take, object by object: kept by its sha256, shown to who approves it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec

from anthill.bronze import commits as bronze
from anthill.bronze import landed_pages
from anthill.bronze.commits import S3Client, parse, read_commit
from anthill.bronze.storage import Patience
from anthill.erasure.asked import Asked
from anthill.erasure.pages import Looked, Person

_THREADS = 8
_SHOWN = 20  # market days that are named to who approves


class Object(msgspec.Struct, frozen=True):
    """A revision that holds rows of what is erased, and how many."""

    key: str
    rows: int

    @property
    def market_date(self) -> dt.date:
        """The market day that it is about."""
        return parse(self.key)[0].market_date


class Plan(msgspec.Struct, frozen=True):
    """What was found when somebody asked; `unreadable` rows are in quarantine, and nobody can tell whose they are."""

    asked: Asked
    bucket: str
    objects: tuple[Object, ...]
    days: tuple[dt.date, ...]  # market days that it touches: what the job on Databricks needs to know
    unreadable: int = 0

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


def make(s3: S3Client, bucket: str, asked: Asked) -> Plan:
    """Look into every object of the dataset; TamperedError or StorageError of the first that cannot be read."""
    keys = list(_keys(s3, bucket, asked))
    with ThreadPoolExecutor(_THREADS) as pool:
        looked = list(pool.map(lambda key: look(s3, bucket, key, asked), keys))
    found = zip(keys, looked, strict=True)
    objects = tuple(Object(key, each.theirs) for key, each in sorted(found) if each.theirs or asked.market_date)
    days = {each.market_date for each in objects} | ({asked.market_date} if asked.market_date else set())
    return Plan(asked, bucket, objects, tuple(sorted(days)), sum(each.unreadable for each in looked))


def look(s3: S3Client, bucket: str, key: str, asked: Asked) -> Looked:
    """How many rows of an object are erased."""
    patience = Patience()
    commit = patience.call(lambda: read_commit(s3, bucket, key), bucket, key)
    if asked.market_date:
        return Looked(commit.rows, 0)
    return person(asked).look(landed_pages.read(s3, commit, patience))


def person(asked: Asked) -> Person:
    """Who is looked for."""
    return Person(asked.declared, asked.field, asked.digests)


def _keys(s3: S3Client, bucket: str, asked: Asked) -> Iterator[str]:
    for keys in bronze.all_revisions(s3, bucket, asked.declared).values():
        yield from (key for key in keys if asked.market_date in (None, parse(key)[0].market_date))
