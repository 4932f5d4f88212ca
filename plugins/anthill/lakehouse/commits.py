"""The bronze commits that a silver run is to load: read from a job's parameter, checked, ordered."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

import msgspec

from anthill.dataset import Dataset


class CommitError(ValueError):
    """The commits of a run are incomplete or unreadable; the message says which and what to do."""


class Commit(msgspec.Struct, frozen=True):
    """One committed bronze object: what it holds and where; `asof` is the API's clock, ISO 8601 or as in HTTP."""

    dataset: str
    market_date: dt.date
    shard: str
    key: str
    uri: str
    rows: int
    pages: int
    sha256: str
    revision: int
    asof: str
    columns: tuple[str, ...] = ()  # of a table that has columns of its own, in its order

    @property
    def is_copy(self) -> bool:
        """Whether it is a table as PostgreSQL copies it."""
        return self.key.endswith(".copy.gz")

    @property
    def is_changes(self) -> bool:
        """Whether it is what has changed in such a table."""
        return self.key.endswith(".changes.gz")

    @property
    def is_table(self) -> bool:
        """Whether it is a table of a file, with columns of its own."""
        return bool(self.columns) and not (self.is_copy or self.is_changes)

    @property
    def is_csv(self) -> bool:
        """Whether it is a flat file, and not pages of JSON."""
        return self.key.endswith(".csv.gz")

    @property
    def moment(self) -> dt.datetime:
        """`asof` as a UTC time."""
        try:
            moment = dt.datetime.fromisoformat(self.asof)
        except ValueError:
            moment = parsedate_to_datetime(self.asof)
        return moment.replace(tzinfo=moment.tzinfo or dt.UTC).astimezone(dt.UTC)


class Day(msgspec.Struct, frozen=True):
    """All commits of one dataset and market day, a shard each."""

    market_date: dt.date
    commits: tuple[Commit, ...]

    @property
    def revisions(self) -> dict[str, int]:
        """The revision of each shard."""
        return {commit.shard: commit.revision for commit in self.commits}

    @property
    def sha256(self) -> str:
        """What identifies the day's bytes: the object's own digest, or one over all shards' digests."""
        digests = [commit.sha256 for commit in self.commits]
        return digests[0] if len(digests) == 1 else hashlib.sha256(" ".join(digests).encode()).hexdigest()


def parse(text: str) -> list[Commit]:
    """Read a manifest; CommitError when it is not the JSON list it must be."""
    try:
        commits = msgspec.json.decode(text, type=list[Commit])
        for commit in commits:
            _ = commit.moment
    except (msgspec.DecodeError, ValueError) as error:
        raise CommitError(f"the list of commits to load cannot be read: {error}") from error
    return commits


def days_of(
    dataset: Dataset, commits: Sequence[Commit], first: dt.date, last: dt.date
) -> tuple[list[Day], dict[dt.date, str]]:
    """The dataset's days from first to last in order, every shard there, once; and why others are left out.

    A dataset that is gathered has a shard for each taking or file, as many as there are.
    """
    found: dict[dt.date, dict[str, Commit]] = defaultdict(dict)
    left_out: dict[dt.date, str] = {}
    for commit in commits:
        if commit.dataset != dataset.name:
            continue
        if not first <= commit.market_date <= last:
            left_out[commit.market_date] = f"{commit.uri} lies outside the days asked, {first} to {last}"
        if commit.shard in found[commit.market_date]:
            left_out[commit.market_date] = f"shard {commit.shard!r} is given twice; give its newest revision only"
        found[commit.market_date][commit.shard] = commit
    for day, shards in found.items():
        if not dataset.is_whole(shards):
            left_out.setdefault(
                day,
                f"bronze has the shards {sorted(shards)}, declared are {sorted(dataset.shard_names)}; "
                f"land the day again",
            )
    whole = sorted(found.keys() - left_out.keys())
    return [Day(day, tuple(found[day][shard] for shard in sorted(found[day]))) for day in whole], left_out
