"""The bytes of one commit, gathered page by page in bounded memory."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import IO, Protocol, Self

from anthill.bronze.commits import Form
from anthill.bronze.storage import ContentError, NoRoomError
from anthill.landing import fields
from anthill.sources import digest
from anthill.sources.inflate import deflate
from anthill.sources.page import Page
from anthill.sources.stored import pieces

IN_MEMORY = 4 << 20  # bytes; beyond it the content is on the disk
_MOST = 512 << 20  # bytes of pages, which are held whole where they are read
_NEWLINE = deflate(b"\n")


def no_room(error: OSError) -> NoRoomError:
    """The error for a temporary file that cannot be written."""
    where = f"the temporary folder {tempfile.gettempdir()} does not take the pages ({error.strerror})"
    return NoRoomError(f"{where}: make room there, or set TMPDIR. Nothing was committed")


class Whole(Protocol):
    """What a commit is made of: a file, and what its object says of it."""

    source: str
    form: Form
    file: IO[bytes]
    rows: int
    pages: int
    size: int
    asof: dt.datetime | None

    @property
    def sha256(self) -> str:
        """Of the bytes, in hexadecimal."""

    @property
    def digest(self) -> str:
        """Of what the bytes say."""

    @property
    def about(self) -> Mapping[str, str]:
        """What else the object says of itself, in ASCII."""


class Content:
    """Pages as one file: a gzip member a page, between two pages a member holding a newline.

    `source` says which version of a file it is; all pages have one form.
    """

    def __init__(self, source: str = "", in_memory: int = IN_MEMORY) -> None:
        self.source = source
        self.form: Form = "jsonl"
        self.file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=in_memory)  # noqa: SIM115 closed by __exit__
        self.rows = self.pages = self.size = self.raw = 0
        self.asof: dt.datetime | None = None
        self.fields: set[str] = set()
        self.columns: tuple[str, ...] = ()
        self.about: Mapping[str, str] = {}
        self._digest = 0
        self._sha256 = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.file.close()

    @classmethod
    def of(cls, given: Iterable[Page], source: str = "", in_memory: int = IN_MEMORY) -> Content:
        """The content of all pages; the file is closed again if one fails."""
        content = cls(source, in_memory)
        try:
            for page in given:
                content.add(page)
        except BaseException:
            content.file.close()
            raise
        return content

    def add(self, page: Page) -> None:
        """Append a page; ContentError if there is no room for it."""
        if self.pages:
            self._write(_NEWLINE)
        else:
            self.asof, self.form, self.columns = page.asof, page.form, page.columns  # later ones are at least as new
            self.about = page.about
        for piece in pieces(page.member):
            self._write(piece)
        self.pages += 1
        self.rows += len(page.rows)
        self.raw += page.size
        self.fields |= fields.of_rows(page.rows) if page.form == "jsonl" else set()
        self._digest = digest.joined(self._digest, page.digest)

    @property
    def sha256(self) -> str:
        """Of the bytes, in hexadecimal."""
        return self._sha256.hexdigest()

    @property
    def digest(self) -> str:
        """Of the rows, in any order, on any pages."""
        return digest.text(self._digest)

    def _write(self, piece: bytes) -> None:
        if self.size + len(piece) > _MOST and self.form == "jsonl":
            raise ContentError(f"the chain is larger than {_MOST >> 20} MiB: split it into shards in include/datasets")
        try:
            self.file.write(piece)
        except OSError as error:
            raise no_room(error) from error
        self._sha256.update(piece)
        self.size += len(piece)
