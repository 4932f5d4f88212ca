"""A server of files is asked for parts of one version, goes on where it broke, and is believed with a certificate."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from anthill.bronze.commits import Place
from anthill.sources.errors import (
    BadAnswerError,
    ConnectionFailedError,
    FatalError,
    NotEntitledError,
    NotReadyError,
    RateLimitedError,
    ReplacedError,
    ServerFailedError,
    SourceError,
    UnknownKeyError,
)
from anthill.sources.files.errors import CertificateError, MovedError
from anthill.sources.files.remote import Remote
from anthill.sources.files.shelf import Patience
from anthill.sources.files.source import FilesSource
from anthill.sources.stored import pieces
from local.enem import certificates
from local.enem.server import Server
from tests.scripted_server import Asked, Reply, ScriptedServer, http

from .published import DAY, MEMBER, PLACE, SHORT, Publisher, dataset, taken, zipped
from .test_zips import unpacked

LARGE = b"id;town\n" + b"".join(b"%d;%d\n" % (number, number * 7919 % 10_007) for number in range(150_000))


def ranges(publisher: Publisher) -> list[tuple[int, int]]:
    """First and last byte of each part that was asked for."""
    found = [re.fullmatch(r"bytes=(\d+)-(\d+)", headers.get("Range", "")) for _, _, headers in publisher.server.asked]
    return [(int(each[1]), int(each[2])) for each in found if each]


def test_a_cut_connection_goes_on_where_it_broke(publisher: Publisher) -> None:
    """At every part: what has come is not asked for again, and the member is whole."""
    publisher.put(zipped({MEMBER: LARGE}))
    publisher.server.drops_after = 70_000
    page = taken(publisher.source())
    assert unpacked(page.member) == LARGE
    parts = [part for part in ranges(publisher) if part[1] == ranges(publisher)[-1][1]]
    assert len(parts) > 5
    assert {later - earlier for (earlier, _), (later, _) in itertools.pairwise(parts)} == {70_000}


def test_who_never_gets_on_gives_up(publisher: Publisher) -> None:
    """After so many tries in a row that brought next to nothing, with their number."""
    publisher.server.drops_after = 100
    with pytest.raises(ConnectionFailedError, match=r"the connection broke, .* after 3 tries") as caught:
        taken(publisher.source())
    assert caught.value.tries == SHORT.tries


def test_nobody_is_there() -> None:
    """Told as what it is."""
    with Server(Path("/nowhere")) as gone:
        url = gone.url
    with pytest.raises(ConnectionFailedError, match="no answer"):
        Remote(url, patience=SHORT).version("/x.zip")


def test_a_file_that_is_replaced_while_it_is_read(publisher: Publisher) -> None:
    """No byte of the new one is taken for one of the old."""
    publisher.put(zipped({MEMBER: LARGE}))
    publisher.server.drops_after = 70_000
    publisher.server.before = lambda number: publisher.put(zipped({MEMBER: LARGE[:-2]})) if number == 6 else None
    with pytest.raises(ReplacedError, match="was replaced while it was read"):
        taken(publisher.source())


def test_a_whole_where_a_part_was_asked_for(publisher: Publisher) -> None:
    """206 becomes 200: not read as if it began there."""
    publisher.server.ignores_ranges = True
    with pytest.raises(BadAnswerError, match="a part was asked for and a whole of application/zip came"):
        taken(publisher.source())


def test_a_page_with_the_status_of_a_file(publisher: Publisher) -> None:
    """HTML with 200 is no file, be it from the start or in the middle."""
    publisher.server.closed = True
    with pytest.raises(BadAnswerError, match="text/html; charset=utf-8, tells no time"):
        taken(publisher.source())
    publisher.server.closed, publisher.server.asked = False, []
    publisher.server.before = lambda number: setattr(publisher.server, "closed", number >= 3)
    with pytest.raises(BadAnswerError, match="a whole of text/html"):
        taken(publisher.source())


STATUSES: dict[int, tuple[type[SourceError], str]] = {
    301: (MovedError, "the file is at"),
    401: (UnknownKeyError, "Put login and password"),
    403: (NotEntitledError, "Ask the publisher why"),
    404: (NotReadyError, "there is no such file"),
    410: (NotReadyError, "there is no such file"),
    418: (FatalError, "the server answered 418"),
    429: (RateLimitedError, "429"),
    500: (ServerFailedError, "500"),
    503: (ServerFailedError, "503"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_what_a_status_says(publisher: Publisher, status: int) -> None:
    """As one of the house's errors, with the file's address."""
    publisher.server.status = status
    kind, said = STATUSES[status]
    with pytest.raises(SourceError, match=said) as caught:
        taken(publisher.source())
    assert type(caught.value) is kind
    assert caught.value.url == f"{publisher.server.url}/microdados/marks.zip"


def test_a_fault_that_passes(publisher: Publisher) -> None:
    """Is not seen."""
    publisher.server.before = lambda number: setattr(publisher.server, "status", 503 if number in (1, 3) else 0)
    assert len(taken(publisher.source()).rows) == 1000


ODD = {
    "another part": ({"Content-Range": "bytes 0-9/22"}, 206, r"'bytes 0-9/22', not 'bytes 0-21/22'"),
    "a part without a name": ({}, 206, "'not named'"),
    "more than was asked for": ({"Content-Range": "bytes 0-21/22"}, 200, "a whole of"),
}


@pytest.mark.parametrize("what", ODD)
def test_a_part_is_the_one_that_was_asked_for(what: str) -> None:
    """Whatever the server says that it is."""
    headers, status, said = ODD[what]
    dates = {"Last-Modified": "Tue, 31 May 2022 12:00:00 GMT"}

    def answer(asked: Asked) -> Reply:
        if "Range" in asked.headers:
            return http(bytes(22), status, {**dates, **headers})
        return http(b"", headers={**dates, "Content-Length": "22"})

    with ScriptedServer(answer) as server, pytest.raises(BadAnswerError, match=said):
        taken(FilesSource(Remote(server.url, patience=Patience(1)), "school_default"))


def test_a_part_that_is_empty(publisher: Publisher) -> None:
    """Is not asked for without end, whatever its headers say."""
    dates = {"Last-Modified": "Tue, 31 May 2022 12:00:00 GMT"}

    def answer(asked: Asked) -> Reply:
        if "Range" in asked.headers:
            return http(b"", 206, {**dates, "Content-Range": "bytes 0-21/22"})
        return http(b"", headers={**dates, "Content-Length": "22"})

    with (
        ScriptedServer(answer) as server,
        pytest.raises(ConnectionFailedError, match="22 bytes too early after 3 tries"),
    ):
        taken(FilesSource(Remote(server.url, patience=SHORT), "school_default"))


def test_a_server_without_parts() -> None:
    """Is refused before anything is read."""
    headers = {"Last-Modified": "Tue, 31 May 2022 12:00:00 GMT", "Accept-Ranges": "none"}
    answering = ScriptedServer(lambda _: http(b"", headers={**headers, "Content-Length": "22"}))
    with answering as server, pytest.raises(FatalError, match="gives no parts"):
        taken(FilesSource(Remote(server.url), "school_default"))


def test_a_file_from_the_future(publisher: Publisher) -> None:
    """Would be newer than all that follow."""
    publisher._moment = 4_000_000_000
    publisher.put(zipped({MEMBER: LARGE}))
    with pytest.raises(BadAnswerError, match="over an hour ahead"):
        taken(publisher.source())


def test_a_certificate_is_never_skipped(publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused while the one between is missing; with it in the declaration, the server is checked and read."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    tls = certificates.make(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "root.pem"))
    with Server(tmp_path, tls=tls) as server:
        with pytest.raises(CertificateError, match="include/certificates"):
            taken(publisher.source(server.url))
        between = (folder / "between.pem").read_text()
        assert len(taken(publisher.source(server.url, certificates=between)).rows) == 1000
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(CertificateError):  # what leads to no root is trusted by nobody
            taken(publisher.source(server.url, certificates=between))


def test_a_certificate_of_another_server(publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name counts, too."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    tls = certificates.make(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "root.pem"))
    between = (folder / "between.pem").read_text()
    with Server(tmp_path, tls=tls) as server, pytest.raises(CertificateError, match="localhost"):
        taken(publisher.source(server.url.replace("127.0.0.1", "localhost"), certificates=between))


def test_an_edition_that_nobody_declared(publisher: Publisher) -> None:
    """Told with those that are."""
    with pytest.raises(SourceError, match=f"no edition is declared for it, only for {DAY}"):
        publisher.source().version(dataset(), Place("files", "school", "marks", "2020-12-31"))


def test_nothing_is_kept_after_it_is_closed(publisher: Publisher) -> None:
    """Until then one look is enough; after it whoever asks sees what is there."""
    source = publisher.source()
    first = source.version(dataset(), PLACE)
    publisher.put(zipped({MEMBER: LARGE}))
    assert source.version(dataset(), PLACE) == first
    source.close()
    assert source.version(dataset(), PLACE) != first
    assert sum(map(len, pieces(taken(source).member))) > 0
