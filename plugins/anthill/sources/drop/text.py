"""A dropped file while it is read: text as it is declared, without quotes, a row a line."""

from __future__ import annotations

import codecs

from anthill.sources.drop.errors import RefusedFileError
from anthill.sources.files.table import Lines


class Text:
    """Takes the bytes; RefusedFileError names the first line that is no text, or that has a quotation mark."""

    def __init__(self, rows: Lines, encoding: str, url: str) -> None:
        self._rows, self._encoding, self._url = rows, encoding, url
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._line = 1

    def feed(self, part: bytes) -> None:
        """Take the next bytes."""
        self._decode(part)
        if (at := part.find(b'"')) >= 0:
            raise self._bad(part[:at], "has a quotation mark: values in quotes are not read. Write the file without")
        self._rows.feed(part)
        self._line += part.count(b"\n")

    def end(self) -> None:
        """All has come."""
        self._decode(b"", final=True)
        self._rows.end()

    def _decode(self, part: bytes, *, final: bool = False) -> None:
        try:
            self._decoder.decode(part, final)
        except UnicodeDecodeError as error:
            raise self._bad(error.object[: error.start], f"is not {self._encoding}, as its dataset declares") from None

    def _bad(self, before: bytes, what: str) -> RefusedFileError:
        number = self._line + before.count(b"\n")
        return RefusedFileError(f"line {number} {what}", self._url)
