"""What a table of published files declares: where its editions lie, and which headers they may have."""

from __future__ import annotations

import datetime as dt
import posixpath
from collections.abc import Iterator, Mapping

import msgspec

from anthill.dataset import Dataset, Lists, Problem
from anthill.sources.files import form, host_key
from anthill.spreadsheet import Form


class Edition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an edition of the table lies: the zip's path on the server, the member, and the headers it may have."""

    file: str
    member: str
    headers: tuple[str, ...]


class FilesDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table that is a member of a zip; an edition is about the interval that it is declared for."""

    editions: Mapping[dt.date, Edition]
    headers: Mapping[str, tuple[str, ...]]  # by name: all columns in the file's order
    encoding: str = "UTF-8"
    delimiter: str = ","
    sheet: Form | None = None  # where the table is in a spreadsheet; its columns are A, B, C
    certificate: str = ""  # a file in include/certificates: what the server fails to send of its own chain
    host_key: str = ""  # of an SFTP server: type and base64, as ssh-keyscan tells them
    present_only: bool = True  # a URL says what it holds now

    @property
    def file_fields(self) -> Mapping[str, str]:
        """What silver takes; a header has more."""
        return self.fields

    @property
    def published(self) -> tuple[dt.date, ...]:
        """The days that its editions are about."""
        return tuple(self.editions)

    @property
    def endpoint(self) -> str:
        """The zips, each once."""
        return ", ".join(dict.fromkeys(edition.file for edition in self.editions.values()))

    def origin(self, market_date: dt.date, shard: str, *, as_file: bool) -> str:
        """The zip and its member."""
        edition = self.editions.get(market_date)
        return f"{edition.file}!{edition.member}" if edition else self.endpoint

    def first_call(self, market_date: dt.date) -> str:
        """The same."""
        return self.origin(market_date, "", as_file=True)

    def asked(self) -> Iterator[tuple[str, str]]:
        """The members, and what their bytes are."""
        for interval, edition in self.editions.items():
            yield f"edition {interval}", f"`{edition.member}` of `{edition.file}`"
        yield "form", "a spreadsheet" if self.sheet else f"CSV, `{self.delimiter}`, {self.encoding}"

    def problems(self, lists: Lists, above: Mapping[str, Dataset]) -> Iterator[Problem]:
        """What is wrong about editions, headers and their form."""
        yield from self._of_editions()
        yield from self._of_headers()
        yield from form.of_text(self.encoding, self.delimiter)
        if posixpath.basename(self.certificate) != self.certificate:
            yield ".certificate", f"is {self.certificate!r}, allowed is the name of a file in include/certificates"
        if self.host_key and (problem := host_key.problem(self.host_key)):
            yield ".host_key", problem
        if self.every:
            yield ".every", "has no meaning here: a file is looked for with its edition"
        if not self.present_only:
            yield ".present_only", "is false, and a URL says what it holds now"

    def _of_editions(self) -> Iterator[Problem]:
        if not self.editions:
            yield ".editions", "is empty: name the interval that a file is about, its path and its member"
        for interval, edition in self.editions.items():
            if not edition.file.startswith("/"):
                yield f".editions.{interval}.file", f"is {edition.file!r}, allowed is a path on the server, as /a/b.zip"
            if unknown := [name for name in edition.headers if name not in self.headers]:
                said = f"names {', '.join(unknown)}, allowed are those of 'headers': {', '.join(self.headers)}"
                yield f".editions.{interval}.headers", said
            if not edition.headers:
                yield f".editions.{interval}.headers", "is empty: name the headers that the file may have"

    def _of_headers(self) -> Iterator[Problem]:
        yield from form.of_headers(self.headers, self.fields)
        if self.sheet and len(self.headers) > 1:
            yield ".headers", "has more than one, and the columns of a spreadsheet have no other names than A, B, C"
        if self.sheet and (unknown := [column for column in self.sheet.merged if column not in self.fields]):
            yield ".sheet.merged", f"names {', '.join(unknown)}, which 'fields' lacks"


DATASET = FilesDataset
