"""What the index says of one dataset and market day, and how two tellings become one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import msgspec

from anthill.landing.bronze import Commit, Form, Place, parse

Outcome = Literal["landed", "restated", "unchanged", "superseded", "refused"]


class Part(msgspec.Struct, frozen=True, array_like=True):
    """The newest revision of one shard; `asof` is the API's clock, `before` the rows of the revision it followed."""

    shard: str
    revision: int
    form: Form
    rows: int
    pages: int
    size: int  # bytes as stored
    asof: dt.datetime
    run: str
    before: int | None = None


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """The last time somebody asked the source for the day (UTC); `by_plan` where the API plan leaves it out."""

    at: dt.datetime
    run: str
    outcome: Outcome
    reason: str = ""
    by_plan: bool = False


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One market day of a dataset: its newest revisions, a shard each, and the last attempt."""

    parts: tuple[Part, ...] = ()
    attempt: Attempt | None = None

    @property
    def rows(self) -> int:
        """The rows of all shards."""
        return sum(part.rows for part in self.parts)

    @property
    def pages(self) -> int:
        """The pages of all shards."""
        return sum(part.pages for part in self.parts)

    @property
    def revision(self) -> int:
        """The newest revision of any shard, 0 where there is none."""
        return max((part.revision for part in self.parts), default=0)

    @property
    def asof(self) -> dt.datetime | None:
        """When the source was last asked for what is there."""
        return max((part.asof for part in self.parts), default=None)

    def keys(self, asset_class: str, dataset: str, day: dt.date) -> list[str]:
        """The keys of bronze that hold the day."""
        return [Place(asset_class, dataset, day, part.shard).key(part.revision, part.form) for part in self.parts]


def of_commits(commits: Iterable[Commit], attempt: Attempt | None = None) -> Entry:
    """What commits of one market day say."""
    return Entry(tuple(_part(commit) for commit in sorted(commits, key=lambda commit: commit.shard)), attempt)


def merge(one: Entry, other: Entry) -> Entry:
    """Both tellings as one, in any order, any number of times: the newest revisions and the last attempt."""
    parts = {part.shard: part for part in one.parts}
    for part in other.parts:
        parts[part.shard] = _newer(parts[part.shard], part) if part.shard in parts else part
    attempts = [entry.attempt for entry in (one, other) if entry.attempt]
    last = max(attempts, key=lambda attempt: (attempt.at, attempt.run), default=None)
    return Entry(tuple(parts[shard] for shard in sorted(parts)), last)


def _newer(one: Part, other: Part) -> Part:
    if one.revision == other.revision:
        return one if other.before is None else other
    old, new = sorted((one, other), key=lambda part: part.revision)
    return msgspec.structs.replace(new, before=old.rows) if new.revision == old.revision + 1 else new


def _part(commit: Commit) -> Part:
    form: Form = "csv" if commit.key.endswith(".csv.gz") else "jsonl"
    assert parse(commit.key)[1] == commit.revision  # noqa: S101 a commit lies where its revision says
    return Part(commit.shard, commit.revision, form, commit.rows, commit.pages, commit.size, commit.asof, commit.run)
