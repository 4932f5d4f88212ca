"""Batches of rows by a script, a page each; a fault in it is one of the house's errors."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError

import msgspec

from anthill.bronze.commits import Place
from anthill.dataset import Dataset
from anthill.sources import digest
from anthill.sources.clocks import Clocks
from anthill.sources.errors import ConnectionFailedError
from anthill.sources.inflate import deflate
from anthill.sources.meter import Meter
from anthill.sources.page import Counted, Page
from anthill.sources.source import Around, Holiday

Batches = Iterable[list[dict[str, object]] | Exception]
Script = Callable[[str], Batches]  # of an interval's label
ASOF = dt.datetime(2024, 5, 16, 2, 5, tzinfo=dt.UTC)


class ScriptedSource:
    """Answers for any place with the batches of its interval."""

    threads = 4
    in_memory = 1 << 16

    def __init__(self, script: Script, conn_id: str = "scripted_default") -> None:
        self.script = script
        self.conn_id = conn_id
        self.meter = Meter()
        self.clocks = Clocks()

    def now(self) -> dt.datetime:
        """The clock of the script."""
        return ASOF

    def closures(self) -> list[Holiday]:
        """A script has no holidays."""
        return []

    def version(self, dataset: Dataset, place: Place) -> str:
        """Batches are no file."""
        return ""

    def close(self) -> None:
        """A script holds nothing."""

    def pages(self, dataset: Dataset, place: Place, version: str, around: Around) -> Iterator[Page]:
        """A page a batch."""
        for batch in self.script(place.interval):
            with self.meter.call():
                if isinstance(batch, Exception):
                    raise ConnectionFailedError(f"the script broke off: {batch}", f"script://{place}") from batch
                page = _page(batch, place)
            if around.over.is_set():
                raise CancelledError
            yield page


def _page(batch: list[dict[str, object]], place: Place) -> Page:
    rows = [msgspec.Raw(json.dumps(row).encode()) for row in batch]
    body = b'{"results":[' + b",".join(map(bytes, rows)) + b"]}"
    first = Counted(rows[:50], len(rows))
    return Page(f"script://{place}", deflate(body), len(body), first, digest.of_rows(rows), ASOF)
