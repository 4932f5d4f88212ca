"""Where a dataset's pages come from: calls of the API, one chain or many, or a flat file."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from typing import TypeVar

import msgspec

from anthill.bronze.commits import Place
from anthill.calendars import session_open, shift
from anthill.dataset import Dataset
from anthill.sources import digest
from anthill.sources.errors import BadAnswerError, NotFoundError
from anthill.sources.inflate import deflate
from anthill.sources.page import Page
from anthill.sources.polygon import clipping
from anthill.sources.polygon.client import Client
from anthill.sources.polygon.declaration import Call, PolygonDataset
from anthill.sources.polygon.envelope import parse
from anthill.sources.polygon.flat_files import FlatFiles, Version
from anthill.sources.polygon.market_files import MarketFiles
from anthill.sources.polygon.market_status import holidays, market_status
from anthill.sources.source import Around, Holiday, Landed
from anthill.sources.stored import Spool

log = logging.getLogger(__name__)

_THREADS = 16
_T = TypeVar("_T")


class PolygonSource:
    """The API and, where the plan has them, the flat files."""

    def __init__(self, client: Client, flat_files: FlatFiles | None = None, conn_id: str = "") -> None:
        self.client = client
        self.flat_files = flat_files
        self._of_markets = MarketFiles(flat_files) if flat_files else None
        self.conn_id = conn_id
        self.meter = client.meter
        self.clocks = client.clocks

    @property
    def threads(self) -> int:
        """How many calls may be under way: one where each has to wait for its turn, so that none waits in vain."""
        return 1 if self.client.gate.is_slow else _THREADS

    @property
    def in_memory(self) -> int:
        """How much of a day's pages is held before they go to the disk, in bytes."""
        return self.client.transport.limits.memory >> 6

    def now(self) -> dt.datetime:
        """The API's clock (UTC)."""
        return dt.datetime.fromisoformat(market_status(self.client).server_time).astimezone(dt.UTC)

    def closures(self) -> list[Holiday]:
        """The days off that the API has from the exchanges."""
        return holidays(self.client)

    def version(self, dataset: Dataset, place: Place) -> str:
        """Which version of its flat file a market day has, "" where the API is called instead."""
        file = _declared(dataset).flat_file
        if self.flat_files is None or file is None:
            return ""
        return str(self.flat_files.version(file.key(place.market_date)))

    def pages(self, dataset: Dataset, place: Place, version: str, around: Around) -> Iterator[Page]:
        """The flat file as one page, or all pages of a shard in the order of its calls, some fetched ahead."""
        asked, market_date = _declared(dataset), place.market_date
        if version and self.flat_files is not None and asked.flat_file is not None:
            yield self._file(self.flat_files, asked, place, version, around.over)
            return
        pages = (
            self._of_changed(asked, market_date, around)
            if asked.changed
            else self._ahead(self._calls(asked, place, around.landed), around)
            if asked.each and not asked.apart
            else _until(around.over, self._chain(asked.call(market_date, place.shard)))
        )
        if asked.is_range:
            pages = clipping.whole(pages, market_date, lambda: session_open(dataset.calendar, market_date))
        yield from pages

    def close(self) -> None:
        """It holds nothing but idle connections."""

    def _file(
        self, flat_files: FlatFiles, asked: PolygonDataset, place: Place, version: str, over: threading.Event
    ) -> Page:
        assert asked.flat_file is not None  # noqa: S101 it has a version
        key, fields = asked.flat_file.key(place.market_date), asked.flat_file.fields
        if asked.apart and self._of_markets:
            of_file = key, Version.parse(version), ",".join(fields)
            page = self._of_markets.page(*of_file, asked.listed, place.shard, over)
        else:
            page = flat_files.page(key, Version.parse(version), fields)
        self.clocks.check("the flat file's LastModified", page.asof, page.url)
        return page

    def _calls(self, dataset: PolygonDataset, place: Place, landed: Landed) -> Iterator[Call]:
        """The first call of every chain."""
        for value in self._values(dataset, place.market_date, landed):
            yield dataset.call(place.market_date, place.shard, value)

    def _values(self, dataset: PolygonDataset, market_date: dt.date, landed: Landed) -> Iterator[str]:
        """What the dataset is asked for each of: its list, or a field of another dataset's rows on the day."""
        yield from dataset.listed
        if dataset.listed_by is None:
            return
        for shard in dataset.listed_by.shard_names:
            place = _place(dataset.listed_by, market_date, shard)
            for row in self._rows(dataset.listed_by, place, landed):
                value = _value(row, dataset.placeholder)
                if value is None:
                    raise BadAnswerError(f"a row has no {dataset.placeholder}: {bytes(row)[:200]!r} in {place}", "")
                yield value

    def _rows(self, listed_by: PolygonDataset, place: Place, landed: Landed) -> Iterator[msgspec.Raw]:
        """The rows of a list as bronze has them; where it was not landed, as the source gives them now."""
        if (pages := landed(place)) is not None:
            for line in pages:
                yield from parse(line, str(place), listed_by.rows_in).rows
            return
        log.warning("%s is not landed: the source is asked for the list once more", place)
        if listed_by.each:
            chains = (_known(self._chain(call)) for call in self._calls(listed_by, place, landed))
        else:
            chains = (self._chain(call) for call in [listed_by.call(place.market_date, place.shard)])
        for chain in chains:
            for page in chain:
                yield from page.rows

    def _of_changed(self, dataset: PolygonDataset, market_date: dt.date, around: Around) -> Iterator[Page]:
        """The pages of what began, ended or changed since the market day before; an empty one where that is nothing.

        Nothing is known to have changed on a day before which the source lists none.
        """
        before = self._listed(dataset, shift(dataset.calendar, market_date, -1), around)
        now = self._listed(dataset, market_date, around)
        differing = [key for key in (*now, *before) if (key in now) != (key in before)] if before else []
        asked = dict.fromkeys(next(filter(None, key)) for key in differing)
        calls = (dataset.call(market_date, "", value) for value in asked)
        found = False
        for page in self._ahead(calls, around, may_be_unknown=True):
            found = True
            yield page
        if not found:  # only an answer of the API tells its clock
            listed_by = _list_of(dataset)
            clock = next(_until(around.over, self._chain(listed_by.call(market_date, listed_by.shard_names[0]))))
            none = digest.of_rows([])
            yield msgspec.structs.replace(clock, member=deflate(b"\n"), size=1, rows=[], digest=none, next_url=None)

    def _listed(
        self, dataset: PolygonDataset, market_date: dt.date, around: Around
    ) -> dict[tuple[str | None, ...], None]:
        """What each row of a day has in the fields that matter, of its list's first shard."""
        listed_by = _list_of(dataset)
        found: dict[tuple[str | None, ...], None] = {}
        place = _place(listed_by, market_date, listed_by.shard_names[0])
        for row in _until(around.over, self._rows(listed_by, place, around.landed)):
            key = tuple(_value(row, field) or None for field in dataset.changed)
            if any(key):
                found[key] = None
        return found

    def _chain(self, call: Call) -> Iterator[Page]:
        return self.client.chain(call.path, call.params, call.rows_in)

    def _whole_chain(self, call: Call, over: threading.Event) -> list[Page] | NotFoundError:
        """The pages of a chain; the error where there is no such thing from its first page on.

        Beyond the first ones they wait for their turn in a temporary file.
        """
        unknown: list[NotFoundError] = []
        spool = Spool(self.client.transport.limits.held)
        found = _until(over, _known(self._chain(call), unknown.append))
        pages = [msgspec.structs.replace(page, member=spool.keep(page.member)) for page in found]
        return unknown[0] if unknown else pages

    def _ahead(self, calls: Iterator[Call], around: Around, *, may_be_unknown: bool = False) -> Iterator[Page]:
        """The pages of many chains, some of them fetched before their turn.

        One thing that the source does not know is told and takes no other with it; NotFoundError where it knows none,
        unless that may be.
        """
        waiting: deque[Future[list[Page] | NotFoundError]] = deque()
        unknown: NotFoundError | None = None
        known = False

        def next_in_turn() -> list[Page]:
            nonlocal unknown, known
            found = waiting.popleft().result()
            if isinstance(found, NotFoundError):
                unknown = unknown or found
                return []
            known = True
            return found

        try:
            for call in calls:
                waiting.append(around.fetchers.submit(self._whole_chain, call, around.over))
                if len(waiting) >= self.threads:
                    yield from next_in_turn()
            while waiting:
                yield from next_in_turn()
            if unknown and not known and not may_be_unknown:
                raise unknown
        finally:
            for future in waiting:
                future.cancel()


def _known(pages: Iterator[Page], tell: Callable[[NotFoundError], None] = lambda _: None) -> Iterator[Page]:
    """The same pages; none, told, where the source does not know what they are asked for from the first one on."""
    any_came = False
    try:
        for page in pages:
            any_came = True
            yield page
    except NotFoundError as error:
        if any_came:
            raise
        log.warning("Left out, since the source does not know it: %s", error.fact)
        tell(error)


def _until(over: threading.Event, pages: Iterator[_T]) -> Iterator[_T]:
    """The same pages or rows; CancelledError behind one that came when nobody had use for it any more."""
    for page in pages:
        if over.is_set():
            raise CancelledError
        yield page


def _declared(dataset: Dataset) -> PolygonDataset:
    if not isinstance(dataset, PolygonDataset):
        raise TypeError(
            f"{dataset.asset_class}.{dataset.name} is a dataset of {dataset.source or 'no source'}, not of the API"
        )
    return dataset


def _place(dataset: Dataset, market_date: dt.date, shard: str) -> Place:
    return Place.of(dataset, str(market_date), shard)


def _list_of(dataset: PolygonDataset) -> PolygonDataset:
    """Of what it asks for the changes."""
    assert dataset.listed_by is not None  # noqa: S101 checked when it was declared
    return dataset.listed_by


def _value(row: msgspec.Raw, field: str) -> str | None:
    """A row's text in a field; None if it has none, or cannot be read."""
    try:
        return msgspec.json.decode(msgspec.json.decode(row, type=dict[str, msgspec.Raw])[field], type=str)
    except (ValueError, KeyError, RecursionError):
        return None
