"""What the index says of one dataset and interval, and how two tellings become one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from anthill.bronze.commits import Commit, Form, Place, form_of, parse
from anthill.dataset import Dataset

Outcome = Literal["landed", "restated", "unchanged", "superseded", "refused"]


class Part(msgspec.Struct, frozen=True, array_like=True):
    """The newest revision of one shard; `before` are the rows of the revision it followed.

    `asof` and `confirmed` are the API's clock: when it gave these rows first, and last, where it did so again.
    """

    shard: str
    revision: int
    form: Form
    rows: int
    pages: int
    size: int  # bytes as stored
    asof: dt.datetime
    run: str
    before: int | None = None
    confirmed: dt.datetime | None = None
    at: str = ""  # the label of an earlier interval where it lies, since its rows have not changed

    @property
    def asked(self) -> dt.datetime:
        """When the source was last known to have these rows."""
        return self.confirmed or self.asof


class Attempt(msgspec.Struct, frozen=True, array_like=True):
    """The last time somebody asked the source for it (UTC), and why it was refused.

    `by_plan` where the API plan leaves it out, `by_key` where the source did not take our key: that says nothing of it.
    """

    at: dt.datetime
    run: str
    outcome: Outcome
    reason: str = ""
    by_plan: bool = False
    by_key: bool = False


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One interval of a dataset: its newest revisions, a shard each, and the last attempt."""

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
        """When the source gave what is there."""
        return max((part.asof for part in self.parts), default=None)

    @property
    def confirmed(self) -> dt.datetime | None:
        """Since when the source was not asked again for any part of what is there."""
        return min((part.asked for part in self.parts), default=None)

    def keys(self, dataset: Dataset, interval: str) -> list[str]:
        """The keys of bronze that hold the interval."""
        return [Place.of(dataset, part.at or interval, part.shard).key(part.revision, part.form) for part in self.parts]


def of_commits(
    commits: Iterable[Commit],
    attempt: Attempt | None = None,
    asked: Mapping[str, dt.datetime] = MappingProxyType({}),
    interval: str = "",
) -> Entry:
    """What commits say of their interval, or of another one that has the same rows.

    `asked` is when the source gave the rows of a shard, be it again.
    """
    ordered = sorted(commits, key=lambda commit: commit.shard)
    return Entry(tuple(_part(commit, asked.get(commit.shard), interval) for commit in ordered), attempt)


def together(entries: Iterable[Entry]) -> Entry:
    """What several intervals hold, and the last attempt at any of them."""
    known = tuple(entries)
    attempts = [entry.attempt for entry in known if entry.attempt]
    last = max(attempts, key=lambda attempt: (attempt.at, attempt.run), default=None)
    return Entry(tuple(part for entry in known for part in entry.parts), last)


def merge(one: Entry, other: Entry) -> Entry:
    """Both tellings as one, in any order, any number of times: the newest revisions and the last attempt."""
    parts = {part.shard: part for part in one.parts}
    for part in other.parts:
        parts[part.shard] = _newer(parts[part.shard], part) if part.shard in parts else part
    return Entry(tuple(parts[shard] for shard in sorted(parts)), together((one, other)).attempt)


def _newer(one: Part, other: Part) -> Part:
    if one.revision == other.revision:
        known = one if other.before is None else other
        confirmed = max(filter(None, (one.confirmed, other.confirmed)), default=None)
        return known if known.confirmed == confirmed else msgspec.structs.replace(known, confirmed=confirmed)
    old, new = sorted((one, other), key=lambda part: part.revision)
    return msgspec.structs.replace(new, before=old.rows) if new.revision == old.revision + 1 else new


def _part(commit: Commit, asked: dt.datetime | None, interval: str) -> Part:
    place, revision = parse(commit.key)
    assert revision == commit.revision  # noqa: S101 a commit lies where its revision says
    return Part(
        commit.shard,
        commit.revision,
        form_of(commit.key),
        commit.rows,
        commit.pages,
        commit.size,
        commit.asof,
        commit.run,
        confirmed=asked if asked and asked > commit.asof else None,
        at="" if interval in ("", place.interval) else place.interval,
    )
