"""Files of a whole market into bronze: read through once, only what is listed, as it was, each ticker's rows apart."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import threading
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any

import pytest

from anthill.bronze.commits import Place, newest_key
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land import land, land_all
from anthill.ledger.results import Refused
from anthill.sources import errors
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.declaration import FlatFile, PolygonDataset
from anthill.sources.polygon.flat_files import FlatFiles, Version
from anthill.sources.polygon.market_files import MarketFiles
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Limits, Transport
from anthill.sources.stored import pieces
from tests.scripted_server import Asked, Reply, ScriptedServer, page

DAY = dt.date(2026, 6, 30)
AT = market_day("XNYS", DAY)
KEY = "us_stocks_sip/trades_v1/2026/06/2026-06-30.csv.gz"
HEADER = "ticker,conditions,id"
TRADES = PolygonDataset(
    "trades",
    ("ticker", "id"),
    {"conditions": "conditions", "id": "id"},
    path="/v3/trades/{tick}",
    params={"timestamp": "{market_date}"},
    each="tick",
    apart="ticker",
    listed=("AAA", "BB.B", "NONE"),
    flat_file=FlatFile("us_stocks_sip/trades_v1", {"ticker": "ticker", "conditions": "conditions", "id": "id"}),
    asset_class="stocks",
    source="polygon",
    name="trades",
)
ROWS = ["A,12,1", 'AAA,"12,37",2', "AAA,,3", 'AAAA,"1,2",4', "BB,2,5", "BB.B,,6", "BB.B, odd \xe9,7", "AAA,,8", "Z,,9"]


@pytest.fixture
def flat_files(s3: Any) -> Iterator[FlatFiles]:
    """An empty bucket of flat files."""
    s3.create_bucket(Bucket="flatfiles")
    yield FlatFiles(s3)
    for entry in s3.list_objects_v2(Bucket="flatfiles").get("Contents", []):
        s3.delete_object(Bucket="flatfiles", Key=entry["Key"])
    s3.delete_bucket(Bucket="flatfiles")


def publish(s3: Any, rows: list[str] = ROWS, header: str = HEADER, cut: int | None = None) -> bytes:
    """Publish a day's file; its bytes."""
    body = gzip.compress("\n".join([header, *rows, ""]).encode())[:cut]
    s3.put_object(Bucket="flatfiles", Key=KEY, Body=body)
    return body


def source(files: FlatFiles | None, api: str = "http://127.0.0.1:1") -> PolygonSource:
    """The source with these files, and an API where nobody answers unless it is given."""
    client = Client(Transport(api, "KEY"), Gate(0), Patience(0, 0.01, 0.01, 0.01))
    return PolygonSource(client, files)


def objects(s3: Any, bucket: str) -> dict[str, Any]:
    """The newest object of each ticker that has one."""
    keys = {name: newest_key(s3, bucket, Place.of(TRADES, str(DAY), name)) for name in TRADES.listed}
    return {name: s3.get_object(Bucket=bucket, Key=key) for name, key in keys.items() if key}


def count_reads(s3: Any) -> list[str]:
    """The keys of flat files that are read from here on."""
    reads: list[str] = []
    s3.meta.events.register(
        "provide-client-params.s3.GetObject",
        lambda params, **_: reads.append(params["Key"]) if params["Bucket"] == "flatfiles" else None,
    )
    return reads


def test_what_is_listed_is_kept_as_it_was_by_one_reading(
    s3: Any, bucket: str, committer: Committer, flat_files: FlatFiles
) -> None:
    """An object a ticker below the file's header, empty for one without rows; it says of which file it is a part."""
    body, reads = publish(s3), count_reads(s3)
    landed = land(source(flat_files), committer, TRADES, AT)
    assert (landed.outcome, landed.rows, len(landed.commits)) == ("landed", 5, 3)
    assert reads == [KEY]
    found = objects(s3, bucket)
    texts = {name: gzip.decompress(each["Body"].read()).decode().splitlines() for name, each in found.items()}
    assert texts == {
        "AAA": [HEADER, ROWS[1], ROWS[2], ROWS[7]],
        "BB.B": [HEADER, ROWS[5], ROWS[6]],
        "NONE": [HEADER],
    }
    about = found["AAA"]["Metadata"]
    etag = s3.head_object(Bucket="flatfiles", Key=KEY)["ETag"].strip('"')
    assert (about["etag"], about["file-size"], about["left-out"]) == (etag, str(len(body)), "4")
    assert [found[name]["Metadata"]["rows"] for name in TRADES.listed] == ["3", "2", "0"]


def test_a_file_is_read_again_only_where_it_was_replaced_or_more_is_listed(
    s3: Any, bucket: str, committer: Committer, flat_files: FlatFiles
) -> None:
    """What has the same rows stays; a ticker that is new on the list is landed beside the others."""
    publish(s3)
    land(source(flat_files), committer, TRADES, AT)
    reads = count_reads(s3)
    assert land(source(flat_files), committer, TRADES, AT).outcome == "unchanged"
    assert reads == []
    publish(s3, [*ROWS, "AAA,,10"])
    again = land(source(flat_files), committer, TRADES, AT)
    assert (again.outcome, {each.shard: each.revision for each in again.commits}) == (
        "restated",
        {"AAA": 2, "BB.B": 1, "NONE": 1},
    )
    assert reads == [KEY]


@pytest.mark.parametrize(
    ("wrong", "kind", "said"),
    [
        ({"header": "ticker,id,conditions"}, errors.BadAnswerError, "the flat file's header is 'ticker,id,conditions'"),
        ({"cut": -9}, errors.BadAnswerError, "the flat file is a gzip body cut after"),
        ({"cut": 30}, errors.BadAnswerError, "the flat file is"),
        ({"cut": 0}, errors.BadAnswerError, "the flat file is"),
    ],
    ids=["header", "short", "cut", "empty"],
)
def test_a_wrong_file_lands_nothing_and_is_read_once(
    s3: Any, bucket: str, committer: Committer, flat_files: FlatFiles, wrong: Any, kind: type[Exception], said: str
) -> None:
    """One reason for all tickers, by one reading."""
    publish(s3, **wrong)
    reads = count_reads(s3)
    (refused,) = land_all(source(flat_files), committer, TRADES, [AT], threads=1)
    assert isinstance(refused, Refused)
    assert isinstance(refused.reason, kind)
    assert said in str(refused.reason)
    assert reads == [KEY]
    assert objects(s3, bucket) == {}


def test_a_file_that_is_replaced_while_it_is_read_is_not_landed(
    s3: Any, bucket: str, committer: Committer, flat_files: FlatFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking and reading: what was looked for is refused, and the next landing has all of the new one."""
    publish(s3)
    look, seen = FlatFiles.version, list[Version]()

    def replaced(files: FlatFiles, key: str) -> Version:
        seen.append(look(files, key))
        if len(seen) == 1:
            publish(s3, ROWS[1:])
        return seen[-1]

    with monkeypatch.context() as patched:
        patched.setattr(FlatFiles, "version", replaced)
        (refused,) = land_all(source(flat_files), committer, TRADES, [AT], threads=1)
    assert isinstance(refused, Refused)
    assert "the file was replaced while it was read" in str(refused.reason)
    assert "AAA" not in objects(s3, bucket)
    assert land(source(flat_files), committer, TRADES, AT).rows == 5
    assert {each["Metadata"]["left-out"] for each in objects(s3, bucket).values()} == {"3"}


class Bucket:
    """A bucket of one file that is made while it is read; it may end too early."""

    def __init__(self, rows: int, size: int | None = None) -> None:
        self.rows, self.size = rows, size

    def get_object(self, **_: Any) -> dict[str, Any]:
        """The file."""
        return {"Body": io.BufferedReader(Made(self.rows))}


class Made(io.RawIOBase):
    """So many rows of two tickers in members of gzip."""

    def __init__(self, rows: int) -> None:
        self._parts = self._made(rows)
        self._rest = b""

    @staticmethod
    def _made(rows: int) -> Iterator[bytes]:
        yield gzip.compress(f"{HEADER}\n".encode(), 1)
        for at in range(0, rows, 5000):
            lines = [f"{'AAA' if number % 2 else 'OTHER'},,{number:090}" for number in range(at, at + 5000)]
            yield gzip.compress("\n".join([*lines, ""]).encode(), 1)

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        self._rest = self._rest or next(self._parts, b"")
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def read(rows: int, limits: Limits) -> tuple[int, int]:
    """The rows of a ticker in a file of so many rows, and the most memory that reading them took."""
    size = sum(map(len, Made._made(rows)))
    files = MarketFiles(FlatFiles(Bucket(rows), limits=limits))
    version = Version("tag", size, dt.datetime(2026, 7, 1, 15, tzinfo=dt.UTC))
    tracemalloc.start()
    try:
        page = files.page(KEY, version, HEADER, ["AAA"], "AAA", threading.Event())
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    rows = gzip.decompress(b"".join(pieces(page.member))).count(b"\n") - 1
    assert rows == len(page.rows)
    return rows, most


def test_ten_times_the_rows_take_the_same_memory() -> None:
    """What is kept goes to the disk, and nothing else is held."""
    limits = Limits(memory=2 << 20)
    few, small = read(20_000, limits)
    many, large = read(200_000, limits)
    assert (few, many) == (10_000, 100_000)
    assert large < small * 1.3


def test_a_file_that_ends_too_early_is_told_by_its_size() -> None:
    """Whole members of gzip, but fewer than there are."""
    version = Version("tag", 10**6, dt.datetime(2026, 7, 1, 15, tzinfo=dt.UTC))
    with pytest.raises(errors.ConnectionFailedError, match=r"the flat file has [\d,]+ bytes, not 1,000,000"):
        MarketFiles(FlatFiles(Bucket(5000))).page(KEY, version, HEADER, ["AAA"], "AAA", threading.Event())


def test_a_reading_that_nobody_has_use_for_ends_at_once() -> None:
    """Of a file that takes an hour no more than a piece."""
    version, over = Version("tag", 10**6, dt.datetime(2026, 7, 1, 15, tzinfo=dt.UTC)), threading.Event()
    over.set()
    with pytest.raises(CancelledError):
        MarketFiles(FlatFiles(Bucket(5000))).page(KEY, version, HEADER, ["AAA"], "AAA", over)


def test_without_flat_files_each_ticker_is_asked_for(s3: Any, bucket: str, committer: Committer) -> None:
    """A chain of pages an object, under the ticker."""

    def answer(asked: Asked) -> Reply:
        return page({"status": "OK", "results": [{"id": asked.target}]})

    with ScriptedServer(answer) as server:
        landed = land(source(None, server.url), committer, TRADES, AT)
    assert (landed.rows, sorted(each.shard for each in landed.commits)) == (3, ["AAA", "BB.B", "NONE"])
    texts = {name: gzip.decompress(each["Body"].read()) for name, each in objects(s3, bucket).items()}
    assert all(f"/v3/trades/{name}?timestamp=2026-06-30".encode() in text for name, text in texts.items())
