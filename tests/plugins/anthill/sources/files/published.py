"""A publisher of one small table in a zip, which may go wrong in any way."""

from __future__ import annotations

import datetime as dt
import io
import os
import struct
import threading
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from anthill.bronze.commits import Place
from anthill.sources.files.declaration import Edition, FilesDataset
from anthill.sources.files.remote import Remote
from anthill.sources.files.shelf import Patience
from anthill.sources.files.source import FilesSource
from anthill.sources.page import Page
from anthill.sources.source import Around
from local.enem.server import FOLDER, Server

DAY = dt.date(2019, 12, 31)
PLACE = Place("files", "school", "marks", str(DAY))
MEMBER = "DADOS/marks.csv"
FIELD = {"flags": (8, "<H"), "method": (10, "<H"), "crc": (16, "<L"), "packed": (20, "<L"), "size": (24, "<L")}
LINES = "id;town\r\n" + "".join(f"{number};Viçosa {number * 7919 % 1000}\r\n" for number in range(1000))
CONTENT = LINES.encode("iso-8859-1")
SHORT = Patience(tries=3, first=0.01)


def dataset(**other: Any) -> FilesDataset:
    """The table as it is declared."""
    declared = {
        "editions": {DAY: Edition(f"{FOLDER}marks.zip", MEMBER, ("now",))},
        "headers": {"now": ("id", "town"), "later": ("id", "town", "mark")},
        "encoding": "ISO-8859-1",
        "delimiter": ";",
        **other,
    }
    return FilesDataset("Marks", ("id",), {"id": "id"}, source="files", asset_class="school", name="marks", **declared)


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", method) as file:
        for name, content in members.items():
            file.writestr(zipfile.ZipInfo(name, (2022, 5, 31, 0, 0, 0)), content, compress_type=method)
    return body.getvalue()


def told(body: bytes, **fields: int) -> bytes:
    """A zip whose directory says something else of its first member."""
    at = body.index(b"PK\x01\x02")
    changed = bytearray(body)
    for name, value in fields.items():
        offset, form = FIELD[name]
        struct.pack_into(form, changed, at + offset, value)
    return bytes(changed)


class Publisher:
    """A server with one zip."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder, self.server = folder, server
        self._moment = 1_650_000_000
        self.put(zipped({MEMBER: CONTENT}))

    def put(self, body: bytes, name: str = "marks.zip") -> None:
        """Publish a zip in the place of the one before, some seconds later."""
        partial = self.folder / f"{name}.partial"
        partial.write_bytes(body)
        self._moment += 60
        os.utime(partial, (self._moment, self._moment))
        partial.replace(self.folder / name)

    def source(self, url: str = "", **how: Any) -> FilesSource:
        """Somebody who reads it."""
        return FilesSource(Remote(url or self.server.url, **{"patience": SHORT, **how}), "school_default")


def pages(source: FilesSource, table: FilesDataset | None = None, version: str = "") -> Iterator[Page]:
    """The pages of the table."""
    with ThreadPoolExecutor(1) as pool, closing(source):
        yield from source.pages(table or dataset(), PLACE, version, Around(pool, threading.Event()))


def taken(source: FilesSource, table: FilesDataset | None = None) -> Page:
    """The only page of the table."""
    (page,) = pages(source, table)
    return page
