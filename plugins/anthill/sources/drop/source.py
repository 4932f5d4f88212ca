"""Dropped files as pages, a file each: one version of it, packed while it is read and checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any

from isal import isal_zlib

from anthill.bronze.commits import Place
from anthill.dataset import Dataset
from anthill.sources.clocks import Clocks
from anthill.sources.drop.declaration import DropDataset
from anthill.sources.drop.text import Text
from anthill.sources.files.bucket import Bucket
from anthill.sources.files.shelf import Patience
from anthill.sources.files.table import Lines
from anthill.sources.meter import Meter
from anthill.sources.page import Counted, Page
from anthill.sources.source import Around, Holiday
from anthill.sources.stored import Store

_GZIP = 31  # zlib's wbits for a gzip member


class OfVersion(Bucket):
    """Objects of a bucket at one of their versions, whatever lies under their key by now; "" for the newest."""

    def __init__(self, s3: Any, bucket: str, patience: Patience, version: str) -> None:
        super().__init__(s3, bucket, patience)
        self._version = version

    def _at(self, path: str) -> dict[str, str]:
        """With its version."""
        return super()._at(path) | ({"VersionId": self._version} if self._version else {})


class DropSource:
    """The files of one bucket."""

    threads = 2
    in_memory = 4 << 20

    def __init__(self, s3: Any, bucket: str, conn_id: str, patience: Patience = Patience()) -> None:  # noqa: B008 frozen
        self._s3, self._bucket, self._patience = s3, bucket, patience
        self.conn_id = conn_id
        self.meter = Meter()
        self.clocks = Clocks()

    def now(self) -> dt.datetime:
        """A file is about what it holds, whenever it is taken."""
        return dt.datetime.now(dt.UTC)

    def closures(self) -> list[Holiday]:
        """Files have no holidays."""
        return []

    def version(self, dataset: Dataset, place: Place) -> str:
        """None that a place tells: who lands a file names its version."""
        return ""

    def pages(self, dataset: Dataset, place: Place, version: str, around: Around) -> Iterator[Page]:
        """The whole file as one page, however large: its bytes are on the disk."""
        if around.over.is_set():
            raise CancelledError
        assert isinstance(dataset, DropDataset)  # noqa: S101 its kind is what brought it here
        shelf = OfVersion(self._s3, self._bucket, self._patience, version)
        path = f"/{dataset.endpoint}{place.shard}"
        with self.meter.call():
            url, there = shelf.url(path), shelf.version(path)
            rows = Lines(dataset.headers, dataset.encoding, dataset.delimiter, url)
            text, store = Text(rows, dataset.encoding, url), Store(self.in_memory)
            packer = isal_zlib.compressobj(1, isal_zlib.DEFLATED, _GZIP)
            for piece in shelf.read(path, there, 0, there.size - 1, around.over):
                text.feed(piece)
                store.write(packer.compress(piece))
            text.end()
            store.write(packer.flush())
        yield Page(
            url=url,
            member=store.close(),
            size=there.size,
            rows=Counted([], rows.rows),
            digest=rows.digest,
            asof=there.modified,
            form="csv",
            columns=rows.header,
        )

    def close(self) -> None:
        """The client keeps its connections."""
