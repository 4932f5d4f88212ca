"""Land all tables of a database as of one moment: what changed is committed, and one object names the whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import msgspec

from anthill.bronze.commits import Place, form_of
from anthill.bronze.cuts import Cut, Cuts, Table
from anthill.bronze.storage import StorageError
from anthill.dataset import Dataset
from anthill.intervals import Interval
from anthill.landing.commit import Committed, Committer
from anthill.landing.content import Content
from anthill.landing.land import Part, about, landed, refuse_empty
from anthill.ledger.results import Landed
from anthill.sources.source import Around, Database


class LaterCutError(RuntimeError):
    """A database answers for the present: what was cut later is there, and nothing can be put before it."""


class CutLanded(msgspec.Struct, frozen=True):
    """What a look at the database came to; `written` says whether it made a cut that has anything new."""

    cut: Cut
    written: bool
    tables: list[Landed]


def land_cut(
    source: Database,
    committer: Callable[[Dataset], Committer],
    cuts: Cuts,
    datasets: Mapping[str, Dataset],
    interval: Interval,
    run: str,
) -> CutLanded:
    """Read all tables, then commit those that changed, then the cut, where anything did; `committer` is each table's.

    SourceError, StorageError, ContentError or TamperedError names the table and what to do; LaterCutError where a later
    interval has a cut. What is committed without its cut is read by nobody, and taken over by the next try. What the
    database keeps for a source that follows its changes, it keeps until the cut is there.
    """
    started = time.monotonic()
    places = {name: Place.of(dataset, interval.label) for name, dataset in datasets.items()}
    with ExitStack() as held:
        with closing(source), ThreadPoolExecutor(1) as fetchers:  # the locks go before anything is written
            asof = source.now()
            before = cuts.newest(asof)
            if before and before.label >= interval.label:
                return _there(before, interval)
            position = source.follow(before.position if before else None)
            asof = source.now()
            around = Around(fetchers, threading.Event())
            contents: dict[str, Content] = {}
            for name, dataset in datasets.items():
                with about(places[name], source):
                    pages = source.pages(dataset, places[name], "", around)
                    contents[name] = held.enter_context(Content.of(pages, in_memory=source.in_memory))
                    if contents[name].pages:
                        refuse_empty(dataset, contents[name])
        known = before.tables if before else {}
        tables: dict[str, Table] = {}
        came: list[Landed] = []
        for name, dataset in datasets.items():
            with about(places[name], source):
                tables[name], committed = _committed(committer(dataset), places[name], contents[name], known.get(name))
            part = Part.of(committed, contents[name])
            came.append(landed(dataset, interval, [part], time.monotonic() - started))
    changed = tables != dict(known)
    if before and not changed and position == before.position:
        return CutLanded(before, written=False, tables=came)
    whole = any(content.form == "copy" for content in contents.values())
    begun = "" if whole or before is None else before.first
    after = before.label if before else ""
    cut = Cut(interval.label, asof, run, tables, position, begun, after, source.why)
    if not cuts.put(cut):
        return _there(cuts.read(interval.label), interval)
    if position:
        source.confirm(position)
    return CutLanded(cut, written=changed, tables=came)


def _committed(committer: Committer, place: Place, content: Content, known: Table | None) -> tuple[Table, Committed]:
    """The table with the commit that has these rows: the last cut's where nothing is new, else a new one.

    StorageError where somebody else has read the table later under this label: its rows are none of this moment.
    """
    lies_here = known and known.commit.bucket == committer.bucket  # else it was declared about people since
    if known and (not content.pages or (lies_here and _same(known, content))):
        return known, Committed("unchanged", known.commit)
    # A try before this one may have been here and have seen other rows: its cut was never made.
    committed = committer.commit(place, content, committer.newest(place))
    if committed.outcome == "superseded":
        raise StorageError(f"another run read it later, at {committed.commit.asof}. Retry the task")
    return Table(content.columns, committed.commit), committed


def _same(known: Table, content: Content) -> bool:
    """Whether a whole table has the same rows, in the same columns, as the last cut's; changes are never the same."""
    commit, form = known.commit, form_of(known.commit.key)
    there = commit.digest, commit.rows, known.columns, form
    return content.form == "copy" and there == (content.digest, content.rows, content.columns, content.form)


def _there(cut: Cut, interval: Interval) -> CutLanded:
    """What somebody made before: a run that is cleared finds its own cut; LaterCutError where it is a later one."""
    if cut.label != interval.label:
        raise LaterCutError(f"the database was read for {cut.label} already: {interval} cannot be had any more")
    return CutLanded(cut, written=False, tables=[])
