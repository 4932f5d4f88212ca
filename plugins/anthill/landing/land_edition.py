"""Land all tables of an edition: all are read and checked, then committed, then one object names the whole."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import msgspec

from anthill.bronze.commits import Place
from anthill.bronze.editions import Edition, Editions, File, Table
from anthill.bronze.storage import StorageFatalError
from anthill.dataset import Dataset
from anthill.intervals import Interval
from anthill.landing.commit import Committed, Committer
from anthill.landing.content import Content
from anthill.landing.land import Part, about, landed, refuse_empty
from anthill.ledger.results import Landed
from anthill.sources.errors import ReplacedError
from anthill.sources.source import Around, Published

log = logging.getLogger(__name__)

_TRIES = 3  # of an edition that is replaced while it is read


class EditionLanded(msgspec.Struct, frozen=True):
    """What a look at the files came to; `written` says whether it made an edition."""

    edition: Edition
    written: bool
    tables: list[Landed]


class _Read(msgspec.Struct, frozen=True):
    """A table as it was read: its content, or the commit of the edition before, which has the same member."""

    member: str
    columns: tuple[str, ...]
    content: Content | None
    known: Table | None


def land_edition(
    source: Published,
    committer: Callable[[Dataset], Committer],
    editions: Editions,
    datasets: Mapping[str, Dataset],
    interval: Interval,
    run: str,
) -> EditionLanded:
    """Read the tables that are published about an interval, where any of their files is another than before.

    SourceError, StorageError, ContentError or TamperedError names the table and what to do. What is committed without
    its edition is read by nobody, and taken over by the next try.
    """
    started = time.monotonic()
    before = editions.newest(interval.label)
    with ExitStack() as held:
        files, read = _read_again(source, datasets, interval, before, held)
        if before and files == before.files:
            return EditionLanded(before, written=False, tables=_same(datasets, interval, before))
        tables: dict[str, Table] = {}
        came: list[Landed] = []
        for name, table in read.items():
            place = Place.of(datasets[name], interval.label)
            with about(place, source):
                part = _committed(committer(datasets[name]), place, table)
            tables[name] = Table(table.member, table.columns, part.committed.commit)
            came.append(landed(datasets[name], interval, [part], time.monotonic() - started))
    edition = Edition(interval.label, before.revision + 1 if before else 1, run, files, tables)
    editions.put(edition)
    return EditionLanded(edition, written=True, tables=came)


def _read_again(
    source: Published, datasets: Mapping[str, Dataset], interval: Interval, before: Edition | None, held: ExitStack
) -> tuple[tuple[File, ...], dict[str, _Read]]:
    """All tables, from the start again where a file is replaced meanwhile: no two of them are of two versions."""
    for tries in range(1, _TRIES + 1):
        try:
            with closing(source):
                return _read(source, datasets, interval, before, held)
        except ReplacedError as error:
            held.close()
            error.tries = tries
            if tries == _TRIES:
                raise
            log.warning("%s: from the start again", error)
    raise AssertionError("the last try ends it")


def _read(
    source: Published, datasets: Mapping[str, Dataset], interval: Interval, before: Edition | None, held: ExitStack
) -> tuple[tuple[File, ...], dict[str, _Read]]:
    files: dict[str, File] = {}
    members: dict[str, str] = {}
    places = {name: Place.of(dataset, interval.label) for name, dataset in datasets.items()}
    for name, dataset in datasets.items():
        with about(places[name], source):
            file, members[name] = source.file(dataset, places[name])
            files[file.url] = file
    there = tuple(files.values())
    if before and there == before.files:
        return there, {}
    read: dict[str, _Read] = {}
    with ThreadPoolExecutor(1) as fetchers:
        around = Around(fetchers, threading.Event())
        for name, dataset in datasets.items():
            with about(places[name], source):
                version = source.version(dataset, places[name])
                known = before.tables.get(name) if before else None
                if known and known.commit.source == version:
                    read[name] = _Read(members[name], known.columns, None, known)
                    continue
                pages = source.pages(dataset, places[name], version, around)
                content = held.enter_context(Content.of(pages, version, source.in_memory))
                refuse_empty(dataset, content)
                read[name] = _Read(members[name], content.columns, content, None)
    return there, read


def _committed(committer: Committer, place: Place, table: _Read) -> Part:
    """The commit that has a table's rows; StorageFatalError where bronze has those of a later file."""
    if table.content is None:
        assert table.known is not None  # noqa: S101 a table is read, or known
        return Part(Committed("unchanged", table.known.commit), 0)
    committed = committer.commit(place, table.content, committer.newest(place))
    if committed.outcome == "superseded":
        later = committed.commit.asof
        raise StorageFatalError(
            f"bronze has rows of a later file, of {later}: this one is of {table.content.asof} and is not taken. "
            "Ask the publisher which of them counts"
        )
    return Part.of(committed, table.content)


def _same(datasets: Mapping[str, Dataset], interval: Interval, before: Edition) -> list[Landed]:
    """What is there already."""
    return [
        landed(datasets[name], interval, [Part(Committed("unchanged", table.commit), 0)], 0.0)
        for name, table in before.tables.items()
        if name in datasets
    ]
