"""The rows of a table as one page, however many: the bytes beyond a bound are on the disk."""

from __future__ import annotations

import datetime as dt
import io
import threading
from concurrent.futures import CancelledError

import xxhash
from isal import isal_zlib

from anthill.bronze.commits import Form
from anthill.sources.page import Counted, Page
from anthill.sources.stored import Store

_GZIP = 31  # zlib's wbits for a gzip member with its checksum


class Rows(io.RawIOBase):
    """Takes lines as they come: counted, hashed and packed; an Event says that nobody wants them any more."""

    def __init__(self, store: Store, over: threading.Event) -> None:
        self._store, self._over = store, over
        self._packer = isal_zlib.compressobj(1, wbits=_GZIP)
        self._hash = xxhash.xxh3_128()
        self._number = self._size = 0

    def writable(self) -> bool:
        """It is written to."""
        return True

    def write(self, piece: bytes | memoryview) -> int:  # type: ignore[override] # any buffer is taken
        """Take a piece of the text."""
        if self._over.is_set():
            raise CancelledError
        body = bytes(piece)
        self._hash.update(body)
        self._number += body.count(b"\n")
        self._size += len(body)
        self._store.write(self._packer.compress(body))
        return len(body)

    def page(self, url: str, asof: dt.datetime, columns: tuple[str, ...], form: Form = "copy") -> Page:
        """All that came."""
        self._store.write(self._packer.flush())
        digest = int.from_bytes(self._hash.digest(), "big")
        rows = Counted([], self._number)
        return Page(url, self._store.close(), self._size, rows, digest, asof, form=form, columns=columns)
