"""A member is taken as it was packed; what a zip may lie about is refused by name."""

from __future__ import annotations

import gzip
import io
import threading
import warnings
import zipfile
import zlib
from concurrent.futures import CancelledError, ThreadPoolExecutor

import pytest

from anthill.sources.errors import BadAnswerError, FatalError, ReplacedError, SourceError
from anthill.sources.files.errors import MissingMemberError, RefusedZipError, UnknownHeaderError
from anthill.sources.source import Around
from anthill.sources.stored import pieces

from .published import CONTENT, MEMBER, PLACE, Publisher, dataset, pages, taken, told, zipped

GOOD = zipped({MEMBER: CONTENT})


def unpacked(member: object) -> bytes:
    """What Python's own gzip makes of a page."""
    return gzip.decompress(b"".join(pieces(member)))  # type: ignore[arg-type]


def test_a_member_is_taken_as_it_is_packed(publisher: Publisher) -> None:
    """Its bytes behind a header of gzip, and before a trailer; rows, columns and clock are the file's."""
    publisher.put(zipped({"LEIA-ME.pdf": b"%PDF", MEMBER: CONTENT, "DICIONÁRIO/Dicionário.xlsx": b"PK"}))
    page = taken(publisher.source())
    assert unpacked(page.member) == CONTENT
    whole = b"".join(pieces(page.member))
    packer = zlib.compressobj(wbits=-15)
    assert whole[10:-8] == packer.compress(CONTENT) + packer.flush()
    assert (len(page.rows), page.columns, page.size, page.form) == (1000, ("id", "town"), len(CONTENT), "csv")
    assert page.asof.timestamp() == (publisher.folder / "marks.zip").stat().st_mtime
    file, member = publisher.source().file(dataset(), PLACE)
    assert (member, file.members) == (MEMBER, ("LEIA-ME.pdf", MEMBER, "DICIONÁRIO/Dicionário.xlsx"))


def test_it_takes_four_requests(publisher: Publisher) -> None:
    """HEAD, the zip's end, the member's header, the member; all of the same version."""
    publisher.put(zipped({"before.bin": bytes(range(256)) * 4000, MEMBER: CONTENT}, zipfile.ZIP_DEFLATED))
    taken(publisher.source())
    asked = [(method, headers.get("Range", "")) for method, _, headers in publisher.server.asked]
    assert [method for method, _ in asked] == ["HEAD", "GET", "GET", "GET"]
    tags = {headers["If-Range"] for method, _, headers in publisher.server.asked if method == "GET"}
    assert len(tags) == 1
    assert all(asked[at][1] for at in (1, 2, 3))


def test_a_last_line_without_an_end_is_a_row(publisher: Publisher) -> None:
    """And a table of nothing but a header has none."""
    for content, rows in ((CONTENT.rstrip(), 1000), (b"id;town\r\n", 0), (b"id;town", 0), (b"id;town\nx", 1)):
        publisher.put(zipped({MEMBER: content}))
        assert len(taken(publisher.source()).rows) == rows


def test_zip64(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes and offsets of 64 bits are read, as zips beyond 4 GiB have them."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100)
    body = zipped({"first.bin": CONTENT, MEMBER: CONTENT})
    assert b"PK\x06\x06" in body
    publisher.put(body)
    assert unpacked(taken(publisher.source()).member) == CONTENT


BAD = {
    "a wrong CRC": (told(GOOD, crc=1), "has the CRC-32 [0-9a-f]{8}, the zip says 00000001"),
    "more than the zip says": (told(GOOD, size=len(CONTENT) - 1), "inflates beyond the [0-9,]+ bytes"),
    "less than the zip says": (told(GOOD, size=len(CONTENT) + 1), "inflates to [0-9,]+ bytes, the zip says"),
    "a bomb": (told(GOOD, size=0xFFFFFFF0), "which cannot inflate to 4,294,967,280"),
    "an encrypted one": (told(GOOD, flags=1), "is encrypted"),
    "Deflate64": (told(GOOD, method=9), r"method 9 \(Deflate64\)"),
    "one that is stored": (zipped({MEMBER: CONTENT}, zipfile.ZIP_STORED), r"method 0 \(none\)"),
    "packed bytes that end early": (told(GOOD, packed=1000), "goes on behind its last byte"),
    "packed bytes beyond the directory": (told(GOOD, packed=len(GOOD)), "does not lie before the directory"),
    "no packed bytes": (told(GOOD, packed=0), "does not lie before the directory"),
    "a name that leads out": (zipped({MEMBER: CONTENT, "../x": b""}), r"such names as '\.\./x'"),
    "a name from the root": (zipped({MEMBER: CONTENT, "/etc/x": b""}), "such names as '/etc/x'"),
    "a name of a drive": (zipped({MEMBER: CONTENT, "C:/x": b""}), "such names as 'C:/x'"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_zip_is_refused(publisher: Publisher, what: str) -> None:
    """With the zip, the reason and what to do; no retry would help."""
    body, said = BAD[what]
    publisher.put(body)
    with pytest.raises(RefusedZipError, match=said) as caught:
        taken(publisher.source())
    assert isinstance(caught.value, FatalError)
    assert caught.value.url.startswith(publisher.server.url)
    assert "publisher" in str(caught.value)


def test_changed_bytes_are_noticed(publisher: Publisher) -> None:
    """Whatever byte of the member it is."""
    begin = GOOD.index(MEMBER.encode()) + len(MEMBER)
    end = GOOD.index(b"PK\x01\x02")
    for at in range(begin, end, (end - begin) // 40):
        body = bytearray(GOOD)
        body[at] ^= 0x10
        publisher.put(bytes(body))
        with pytest.raises(SourceError, match="member"):
            taken(publisher.source())


def test_two_members_of_one_name(publisher: Publisher) -> None:
    """Nobody says which of them counts."""
    body = io.BytesIO(GOOD)
    with warnings.catch_warnings(), zipfile.ZipFile(body, "a", zipfile.ZIP_DEFLATED) as file:
        warnings.simplefilter("ignore")
        file.writestr(MEMBER, CONTENT)
    publisher.put(body.getvalue())
    with pytest.raises(RefusedZipError, match=f"2 members of the name '{MEMBER}'"):
        taken(publisher.source())


def test_a_member_that_is_not_there(publisher: Publisher) -> None:
    """Told with those that are."""
    publisher.put(zipped({"DADOS/mark.csv": CONTENT}))
    with pytest.raises(MissingMemberError, match=r"no member 'DADOS/marks.csv'; it has DADOS/mark.csv"):
        taken(publisher.source())


@pytest.mark.parametrize("body", [b"", b"<html>", GOOD[:-10], GOOD[:300], bytes(100_000)], ids=len)
def test_what_is_no_zip(publisher: Publisher, body: bytes) -> None:
    """Is asked for again later: a file may be half uploaded."""
    publisher.put(body)
    with pytest.raises(BadAnswerError, match="is no zip"):
        taken(publisher.source())


def test_a_directory_that_lies(publisher: Publisher) -> None:
    """A member that is not where the directory has it."""
    at = GOOD.index(b"PK\x01\x02") + 42
    publisher.put(GOOD[:at] + (7).to_bytes(4, "little") + GOOD[at + 4 :])
    with pytest.raises(RefusedZipError, match="is not where the directory has it"):
        taken(publisher.source())


HEADERS = {
    "id;town;sex": r"its header of 3 columns is none of 'now' \(2 columns\): beside 'now' it has sex",
    "id;place": "beside 'now' it lacks town and has place",
    "town;id": "has its columns in another order, from town on",
    "id;town;town": "has a column twice",
    "id;town;mark": "beside 'now' it has mark",  # a header that is declared, and not for this edition
    "id,town": "lacks id, town and has id,town",
    "": "lacks id, town",
}


@pytest.mark.parametrize("header", HEADERS)
def test_another_header_is_refused_by_name(publisher: Publisher, header: str) -> None:
    """With what is new and what is gone."""
    publisher.put(zipped({MEMBER: f"{header}\r\n".encode() + b"1;2\r\n"}))
    with pytest.raises(UnknownHeaderError, match=HEADERS[header]) as caught:
        taken(publisher.source())
    assert caught.value.url == f"{publisher.server.url}/microdados/marks.zip!{MEMBER}"


def test_a_byte_order_mark_is_no_part_of_a_name(publisher: Publisher) -> None:
    """In UTF-8, where some programs put one."""
    publisher.put(zipped({MEMBER: "\ufeffid;town\n1;Viçosa\n".encode()}))
    assert taken(publisher.source(), dataset(encoding="UTF-8")).columns == ("id", "town")


def test_a_version_is_of_the_member(publisher: Publisher) -> None:
    """Packed otherwise it is the same; with other rows it is another, and the old one cannot be had."""
    first = publisher.source().version(dataset(), PLACE)
    publisher.put(zipped({"more": b"x", MEMBER: CONTENT}))
    assert publisher.source().version(dataset(), PLACE) == first
    publisher.put(zipped({MEMBER: CONTENT + b"1000;X\r\n"}))
    assert publisher.source().version(dataset(), PLACE) != first
    with pytest.raises(ReplacedError, match="is another one by now"):
        list(pages(publisher.source(), version=first))


def test_nobody_waits_for_the_end(publisher: Publisher) -> None:
    """Over in the middle of a member, the rest is not asked for."""
    publisher.put(zipped({MEMBER: b"id;town\n" + b"".join(b"%d;%d\n" % (n, n * n) for n in range(200_000))}))
    over = threading.Event()
    publisher.server.before = lambda number: over.set() if number == 4 else None
    with ThreadPoolExecutor(1) as pool, pytest.raises(CancelledError):
        list(publisher.source().pages(dataset(), PLACE, "", Around(pool, over)))
