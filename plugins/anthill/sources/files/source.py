"""Members of zips as pages, one a table: packed as they came, behind a header of gzip."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError

from anthill.bronze.commits import Place
from anthill.bronze.editions import File
from anthill.dataset import Dataset
from anthill.sources.clocks import Clocks
from anthill.sources.errors import NotFoundError, ReplacedError
from anthill.sources.files.archive import Archive, Member
from anthill.sources.files.declaration import Edition, FilesDataset
from anthill.sources.files.shelf import Shelf
from anthill.sources.files.table import GZIP_HEADER, Content, Lines, Rows, Sheet
from anthill.sources.meter import Meter
from anthill.sources.page import Counted, Page
from anthill.sources.source import Around, Holiday
from anthill.sources.stored import Store

_NEVER = threading.Event()


class FilesSource:
    """The zips of one shelf; each is looked at once until it is closed, so that all members are of one version."""

    threads = 2
    in_memory = 4 << 20

    def __init__(self, shelf: Shelf, conn_id: str) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()
        self._archives: dict[str, Archive] = {}
        self.conn_id = conn_id
        self.meter = Meter()
        self.clocks = Clocks()

    def now(self) -> dt.datetime:
        """A file is about its edition, whenever it is asked for."""
        return dt.datetime.now(dt.UTC)

    def closures(self) -> list[Holiday]:
        """Files have no holidays."""
        return []

    def version(self, dataset: Dataset, place: Place) -> str:
        """What tells the member of a place from one that replaces it later."""
        return self._found(dataset, place)[2].version

    def file(self, dataset: Dataset, place: Place) -> tuple[File, str]:
        """The zip of a place as it is there, and the member that is its table."""
        _, archive, member = self._found(dataset, place)
        there = archive.version
        return File(archive.url, there.etag, there.size, there.modified, archive.names), member.name

    def pages(self, dataset: Dataset, place: Place, version: str, around: Around) -> Iterator[Page]:
        """The whole member as one page, however large: its bytes are on the disk."""
        if around.over.is_set():
            raise CancelledError
        with self.meter.call():
            edition, archive, member = self._found(dataset, place)
            if version and member.version != version:
                raise ReplacedError(f"the member {member.name!r} is another one by now", archive.url)
            assert isinstance(dataset, FilesDataset)  # noqa: S101 its kind is what brought it here
            page = self._page(dataset, edition, archive, member, around.over)
        yield page

    def close(self) -> None:
        """Forget what was seen: who asks next sees what is there then."""
        with self._lock:
            self._archives.clear()
        self._shelf.close()

    def _found(self, dataset: Dataset, place: Place) -> tuple[Edition, Archive, Member]:
        assert isinstance(dataset, FilesDataset)  # noqa: S101 its kind is what brought it here
        edition = dataset.editions.get(place.market_date)
        if edition is None:
            known = ", ".join(map(str, dataset.editions))
            advice = "Declare it under 'editions' in include/datasets"
            raise NotFoundError(f"no edition is declared for it, only for {known}", self._shelf.base_url, advice)
        with self._lock:
            archive = self._archives.get(edition.file)
            if archive is None:
                archive = self._archives[edition.file] = Archive(self._shelf, edition.file, _NEVER)
                self.clocks.check("Last-Modified", archive.version.modified, archive.url)
        return edition, archive, archive.member(edition.member)

    def _page(
        self, dataset: FilesDataset, edition: Edition, archive: Archive, member: Member, over: threading.Event
    ) -> Page:
        url = f"{archive.url}!{member.name}"
        headers = {name: dataset.headers[name] for name in edition.headers}
        rows: Rows = Lines(headers, dataset.encoding, dataset.delimiter, url)
        if dataset.sheet:
            rows = Sheet(dataset.headers[edition.headers[0]], dataset.sheet, url)
        content, store = Content(member, url, rows), Store(self.in_memory)
        store.write(GZIP_HEADER)
        begins = archive.begins(member, over)
        for piece in self._shelf.read(archive.path, archive.version, begins, begins + member.packed - 1, over):
            content.feed(piece)
            store.write(piece)
        store.write(content.end())
        return Page(
            url=url,
            member=store.close(),
            size=content.size,
            rows=Counted([], rows.rows),
            digest=rows.digest,
            asof=archive.version.modified,
            form="xlsx" if dataset.sheet else "csv",
            columns=rows.header,
        )
