"""Where a dataset's pages come from: calls of the API, one chain or many, or a flat file."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future

import msgspec

from anthill.calendars import session_open, shift
from anthill.dataset import Call, Dataset
from anthill.polygon import clipping, digest
from anthill.polygon.client import Client
from anthill.polygon.errors import BadAnswerError, NotFoundError
from anthill.polygon.flat_files import FlatFiles, Version
from anthill.polygon.inflate import deflate
from anthill.polygon.page import Page
from anthill.polygon.stored import Spool

log = logging.getLogger(__name__)

_THREADS = 16


class Source:
    """The API and, where the plan has them, the flat files."""

    def __init__(self, client: Client, flat_files: FlatFiles | None = None) -> None:
        self.client = client
        self.flat_files = flat_files

    @property
    def threads(self) -> int:
        """How many calls may be under way: one where each has to wait for its turn, so that none waits in vain."""
        return 1 if self.client.gate.is_slow else _THREADS

    @property
    def in_memory(self) -> int:
        """How much of a day's pages is held before they go to the disk, in bytes."""
        return self.client.transport.limits.memory >> 6

    def version(self, dataset: Dataset, market_date: dt.date) -> Version | None:
        """Which version of its flat file a market day has, None where the API is called instead."""
        if self.flat_files is None or dataset.flat_file is None:
            return None
        return self.flat_files.version(dataset.flat_file.key(market_date))

    def file(self, dataset: Dataset, market_date: dt.date, version: Version) -> Iterator[Page]:
        """This version of a market day's flat file, as one page."""
        if self.flat_files is not None and dataset.flat_file is not None:
            page = self.flat_files.page(dataset.flat_file.key(market_date), version, dataset.flat_file.fields)
            self.client.clocks.check("the flat file's LastModified", page.asof, page.url)
            yield page

    def pages(
        self, dataset: Dataset, market_date: dt.date, shard: str, fetchers: Executor, over: threading.Event
    ) -> Iterator[Page]:
        """All pages of a shard in the order of its calls; `fetchers` run ahead where there are many.

        CancelledError instead of the next page once it is `over`.
        """
        pages = (
            self._of_changed(dataset, market_date, fetchers, over)
            if dataset.changed
            else self._ahead(self._calls(dataset, market_date, shard), fetchers, over)
            if dataset.each
            else _until(over, self._chain(dataset.call(market_date, shard)))
        )
        if dataset.is_range:
            pages = clipping.whole(pages, market_date, lambda: session_open(dataset.calendar, market_date))
        return pages

    def _calls(self, dataset: Dataset, market_date: dt.date, shard: str) -> Iterator[Call]:
        """The first call of every chain."""
        for value in self._values(dataset, market_date):
            yield dataset.call(market_date, shard, value)

    def _values(self, dataset: Dataset, market_date: dt.date) -> Iterator[str]:
        """What the dataset is asked for each of: its list, or a field of another dataset's rows on the day."""
        yield from dataset.listed
        if dataset.listed_by is None:
            return
        field = dataset.placeholder
        for shard in dataset.listed_by.shard_names:
            if dataset.listed_by.each:
                chains = (_known(self._chain(call)) for call in self._calls(dataset.listed_by, market_date, shard))
            else:
                chains = (self._chain(call) for call in [dataset.listed_by.call(market_date, shard)])
            for chain in chains:
                for page in chain:
                    for row in page.rows:
                        value = _value(row, field)
                        if value is None:
                            raise BadAnswerError(f"a row has no {field}: {bytes(row)[:200]!r}", page.url)
                        yield value

    def _of_changed(
        self, dataset: Dataset, market_date: dt.date, fetchers: Executor, over: threading.Event
    ) -> Iterator[Page]:
        """The pages of what began, ended or changed since the market day before; an empty one where that is nothing.

        Nothing is known to have changed on a day before which the source lists none.
        """
        before, _ = self._listed(dataset, shift(dataset.calendar, market_date, -1), over)
        now, last = self._listed(dataset, market_date, over)
        differing = [key for key in (*now, *before) if (key in now) != (key in before)] if before else []
        asked = dict.fromkeys(next(filter(None, key)) for key in differing)
        calls = (dataset.call(market_date, "", value) for value in asked)
        found = False
        for page in self._ahead(calls, fetchers, over, may_be_unknown=True):
            found = True
            yield page
        if not found:
            none = digest.of_rows([])
            yield msgspec.structs.replace(last, member=deflate(b"\n"), size=1, rows=[], digest=none, next_url=None)

    def _listed(
        self, dataset: Dataset, market_date: dt.date, over: threading.Event
    ) -> tuple[dict[tuple[str | None, ...], None], Page]:
        """What each row of a day has in the fields that matter, of its list's first shard; and the list's last page."""
        assert dataset.listed_by is not None  # noqa: S101 checked when it was declared
        listed_by = dataset.listed_by
        found: dict[tuple[str | None, ...], None] = {}
        for page in _until(over, self._chain(listed_by.call(market_date, listed_by.shard_names[0]))):
            for row in page.rows:
                key = tuple(_value(row, field) or None for field in dataset.changed)
                if any(key):
                    found[key] = None
            last = page
        return found, last

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

    def _ahead(
        self, calls: Iterator[Call], fetchers: Executor, over: threading.Event, *, may_be_unknown: bool = False
    ) -> Iterator[Page]:
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
                waiting.append(fetchers.submit(self._whole_chain, call, over))
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


def _until(over: threading.Event, pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages; CancelledError behind one that came when nobody had use for it any more."""
    for page in pages:
        if over.is_set():
            raise CancelledError
        yield page


def _value(row: msgspec.Raw, field: str) -> str | None:
    """A row's text in a field; None if it has none, or cannot be read."""
    try:
        return msgspec.json.decode(msgspec.json.decode(row, type=dict[str, msgspec.Raw])[field], type=str)
    except (ValueError, KeyError, RecursionError):
        return None
