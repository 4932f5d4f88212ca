"""Land all tables of a database as of one moment: what changed is committed, and one object names the whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import msgspec

from anthill.bronze.commits import Place
from anthill.bronze.cuts import Cut, Cuts, Table
from anthill.bronze.storage import StorageError
from anthill.dataset import Dataset
from anthill.intervals import Interval
from anthill.landing.commit import Committed, Committer
from anthill.landing.content import Content
from anthill.landing.land import Part, about, landed, refuse_empty
from anthill.ledger.results import Landed
from anthill.sources.source import Around, Source


class LaterCutError(RuntimeError):
    """A database answers for the present: what was cut later is there, and nothing can be put before it."""


class CutLanded(msgspec.Struct, frozen=True):
    """What a look at the database came to; `written` says whether it made a cut."""

    cut: Cut
    written: bool
    tables: list[Landed]


def land_cut(
    source: Source,
    committer: Callable[[Dataset], Committer],
    cuts: Cuts,
    datasets: Mapping[str, Dataset],
    interval: Interval,
    run: str,
) -> CutLanded:
    """Read all tables, then commit those that changed, then the cut, where anything did; `committer` is each table's.

    SourceError, StorageError, ContentError or TamperedError names the table and what to do; LaterCutError where a later
    interval has a cut. What is committed without its cut is read by nobody, and taken over by the next try.
    """
    started = time.monotonic()
    places = {name: Place.of(dataset, interval.label) for name, dataset in datasets.items()}
    with ExitStack() as held:
        with closing(source), ThreadPoolExecutor(1) as fetchers:  # the locks go before anything is written
            asof = source.now()
            before = cuts.newest(asof)
            if before and before.label >= interval.label:
                return _there(before, interval)
            around = Around(fetchers, threading.Event())
            contents: dict[str, Content] = {}
            for name, dataset in datasets.items():
                with about(places[name], source):
                    pages = source.pages(dataset, places[name], "", around)
                    contents[name] = held.enter_context(Content.of(pages, in_memory=source.in_memory))
                    refuse_empty(dataset, contents[name])
        known = before.tables if before else {}
        tables: dict[str, Table] = {}
        came: list[Landed] = []
        for name, dataset in datasets.items():
            with about(places[name], source):
                committed = _committed(committer(dataset), places[name], contents[name], known.get(name))
            tables[name] = Table(contents[name].columns, committed.commit)
            part = Part.of(committed, contents[name])
            came.append(landed(dataset, interval, [part], time.monotonic() - started))
    if before and tables == dict(known):
        return CutLanded(before, written=False, tables=came)
    cut = Cut(interval.label, asof, run, tables)
    if not cuts.put(cut):
        return _there(cuts.read(interval.label), interval)
    return CutLanded(cut, written=True, tables=came)


def _committed(committer: Committer, place: Place, content: Content, known: Table | None) -> Committed:
    """The commit that has these rows: the last cut's where they are the same in the same columns, else a new one.

    StorageError where somebody else has read the table later under this label: its rows are none of this snapshot.
    """
    if known and (known.commit.digest, known.commit.rows, known.columns) == (
        content.digest,
        content.rows,
        content.columns,
    ):
        return Committed("unchanged", known.commit)
    # A try before this one may have been here and have seen other rows: its cut was never made.
    committed = committer.commit(place, content, committer.newest(place))
    if committed.outcome == "superseded":
        raise StorageError(f"another run read it later, at {committed.commit.asof}. Retry the task")
    return committed


def _there(cut: Cut, interval: Interval) -> CutLanded:
    """What somebody made before: a run that is cleared finds its own cut; LaterCutError where it is a later one."""
    if cut.label != interval.label:
        raise LaterCutError(f"the database was read for {cut.label} already: {interval} cannot be had any more")
    return CutLanded(cut, written=False, tables=[])
