"""What nobody heard of a stream, as pages: the same minutes asked of the API, of all that the stream is asked for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import msgspec

from anthill.bronze.commits import Place
from anthill.dataset import Dataset
from anthill.sources.page import Page
from anthill.sources.polygon.declaration import PolygonDataset
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon_stream.declaration import StreamDataset
from anthill.sources.polygon_stream.span import Span
from anthill.sources.source import Around, Holiday

_ENDS = re.compile(r"(/range/\d+/minute/).*")


class StreamSource:
    """The API, asked for spans of minutes; a place without a span is the whole day."""

    def __init__(self, api: PolygonSource) -> None:
        self._api = api
        self.conn_id = api.conn_id
        self.meter = api.meter
        self.clocks = api.clocks

    @property
    def threads(self) -> int:
        """Those of the API."""
        return self._api.threads

    @property
    def in_memory(self) -> int:
        """That of the API."""
        return self._api.in_memory

    def now(self) -> dt.datetime:
        """The API's clock (UTC)."""
        return self._api.now()

    def closures(self) -> list[Holiday]:
        """The datasets of the API tell them."""
        return []

    def version(self, dataset: Dataset, place: Place) -> str:
        """Minutes are no file."""
        return ""

    def pages(self, dataset: Dataset, place: Place, version: str, around: Around) -> Iterator[Page]:
        """The bars of the place's minutes, a chain each of the list."""
        asked = msgspec.structs.replace(account_of(dataset), flat_file=None)
        if place.shard:
            ends = Span.of(place.shard).in_path
            asked = msgspec.structs.replace(asked, path=_ENDS.sub(rf"\g<1>{ends}", asked.path))
        return self._api.pages(asked, Place.of(asked, place.interval), "", around)

    def close(self) -> None:
        """It holds nothing but the API's idle connections."""
        self._api.close()


def account_of(dataset: Dataset) -> PolygonDataset:
    """The dataset that settles a stream."""
    assert isinstance(dataset, StreamDataset)  # noqa: S101 its kind is what brought it here
    assert dataset.account is not None  # noqa: S101 checked when it was declared
    return dataset.account
