"""Land what waits: a file that can be taken is a commit of bronze, any other is answered at once."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import msgspec

from anthill.asset_class import AssetClass
from anthill.bronze.commits import Commit, Place
from anthill.dataset import Dataset
from anthill.drops.zone import Answer, Dropped, Zone
from anthill.landing.commit import Committer
from anthill.landing.content import Content
from anthill.landing.land import about
from anthill.sources.drop.errors import RefusedFileError
from anthill.sources.files.errors import UnknownHeaderError
from anthill.sources.source import Around, Source

log = logging.getLogger(__name__)

# The day on which a name came first, by dataset: a file that is dropped again takes its own place.
Days = Callable[[Dataset], Mapping[str, str]]


class Taken(msgspec.Struct, frozen=True):
    """A file whose rows are in bronze, and wait for their answer."""

    dropped: Dropped
    dataset: str
    interval: str
    commit: Commit


class Landing:
    """What it takes to land files of the classes that are dropped."""

    def __init__(
        self, zone: Zone, source: Source, committer: Committer, declared: Mapping[str, AssetClass], days: Days
    ) -> None:
        self._zone, self._source, self._committer = zone, source, committer
        self._declared, self._days = declared, days
        self._known: dict[str, dict[str, str]] = {}

    def all(self, waiting: Iterable[Dropped]) -> dict[str, list[Taken]]:
        """What was taken of each asset class; SourceError or StorageError where reading failed, not the file."""
        taken: dict[str, list[Taken]] = {}
        for dropped in waiting:
            try:
                one = self._one(dropped)
            except (RefusedFileError, UnknownHeaderError) as error:
                self._say(dropped, "refused", f"{error.problem}. {error.advice}")
                continue
            if one:
                taken.setdefault(str(dropped.place and dropped.place[0]), []).append(one)
        return taken

    def _one(self, dropped: Dropped) -> Taken | None:
        dataset = self._dataset(dropped)
        assert dropped.place is not None  # noqa: S101 it has a dataset
        name = dropped.place[2]
        if not dropped.newest:
            self._say(dropped, "superseded", "another file came under its name before it was read")
            return None
        known = self._known.setdefault(dataset.table, dict(self._days(dataset)))
        place = Place.of(dataset, known.get(name, str(dropped.modified.date())), name)
        with about(place, self._source), ThreadPoolExecutor(1) as fetchers:
            around = Around(fetchers, threading.Event())
            pages = self._source.pages(dataset, place, dropped.version, around)
            with Content.of(pages, dropped.version, self._source.in_memory) as content:
                if not content.rows and dataset.empty == "refused":
                    raise RefusedFileError("the file has a header and no rows", dropped.key)
                if first := self._first(dataset, content, name, known):
                    self._say(dropped, "copy", f"its rows are those of {first}", rows=content.rows)
                    return None
                committed = self._committer.commit(place, content, self._committer.newest(place))
        if committed.outcome == "superseded":
            self._say(dropped, "superseded", "a later file of its name was taken before")
            return None
        known[name] = place.interval
        log.info("%s %s as s3://%s/%s", place, committed.outcome, committed.commit.bucket, committed.commit.key)
        return Taken(dropped, dataset.name, place.interval, committed.commit)

    def _dataset(self, dropped: Dropped) -> Dataset:
        """Whose file it is; RefusedFileError where it is nobody's, or cannot be taken by its name."""
        tables = {
            f"{one}/{name}": each for one, known in self._declared.items() for name, each in known.datasets.items()
        }
        asset_class, dataset, _ = dropped.place or ("", "", "")
        if (found := tables.get(f"{asset_class}/{dataset}")) is None:
            folders = ", ".join(f"input/{each}/" for each in tables) or "none"
            raise RefusedFileError(f"it lies in no dataset's folder, of which there are {folders}", dropped.key)
        if dropped.odd:
            raise RefusedFileError(dropped.odd, dropped.key)
        return found

    def _first(self, dataset: Dataset, content: Content, name: str, known: Mapping[str, str]) -> str:
        """The other file that has these very rows, and has them still; "" where none has."""
        first = self._zone.claim(dataset.asset_class, dataset.name, f"{content.digest}-{content.rows}", name)
        if first == name or first not in known:
            return ""
        there = self._committer.newest(Place.of(dataset, known[first], first))
        return first if there and (there.digest, there.rows) == (content.digest, content.rows) else ""

    def _say(self, dropped: Dropped, outcome: str, why: str, rows: int = 0) -> None:
        said = Answer(
            file=dropped.key,
            version=dropped.version,
            dropped=dropped.modified,
            outcome=outcome,
            why=why,
            rows=rows,
        )
        self._zone.answer(dropped, said)
        log.warning("%s: %s, %s", dropped.key, outcome, why)


def days_of(names: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The day of each name, of the newest keys by day and name: the first, should it have several."""
    found: dict[str, str] = {}
    for day in sorted(names, key=dt.date.fromisoformat, reverse=True):
        found |= dict.fromkeys(names[day], day)
    return found
