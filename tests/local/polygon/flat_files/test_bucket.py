"""The bucket of flat files, as boto3 sees it."""

import contextlib
import datetime as dt
import gzip
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import polars as pl
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from local.polygon.answers.plans import PLANS
from local.polygon.flat_files.keys import KEYS, read_flat_file_keys
from tests.local.polygon.serving import GROUPED, SHARED, TODAY, Server, serving

COLUMNS = ["ticker", "volume", "open", "close", "high", "low", "window_start", "transactions"]
FEW = ("--stocks", "60", "--otc", "0", "--underlyings", "3", "--crypto", "20", "--no-limits")
OWNERS = "one:secret,poor:secret:basic,starter:secret:starter"


def key(prefix: str, day: str) -> str:
    """The key of a day's file."""
    return f"{prefix}/day_aggs_v1/{day[:4]}/{day[5:7]}/{day}.csv.gz"


def client(server: Server, access: str = "one", secret: str = "secret") -> Any:
    """An S3 client that tries once."""
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client(
        "s3", endpoint_url=server.base, region_name="us-east-1", config=config,
        aws_access_key_id=access, aws_secret_access_key=secret,
    )  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of few tickers on 2026-07-01, whose bars of stocks are revised."""
    with serving(tmp_path_factory.mktemp("files"), *FEW, "--late-trades", "--flat-file-keys", OWNERS) as found:
        yield found


@pytest.fixture(scope="module")
def s3(server: Server) -> Any:
    """The client of a good key."""
    return client(server)


def body(s3: Any, name: str, **options: Any) -> bytes:
    """The bytes of a file."""
    found: bytes = s3.get_object(Bucket="flatfiles", Key=name, **options)["Body"].read()
    return found


def frame(s3: Any, name: str) -> pl.DataFrame:
    """The rows of a file."""
    return pl.read_csv(gzip.decompress(body(s3, name)))


@contextlib.contextmanager
def clock_at(server: Server, day: str, time: str = "18:00") -> Iterator[None]:
    """Moves the server's clock for a while."""

    def move(today: str, moment: str) -> None:
        answer = server.http.request("POST", f"{server.base}/_clock", json={"today": today, "time": moment})
        assert answer.status == 200, answer.data

    move(day, time)
    try:
        yield
    finally:
        move(TODAY, "18:00")


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, int]:
    """The code and the status of an error."""
    with pytest.raises(ClientError) as error:
        call(Bucket="flatfiles", **arguments)
    answer = error.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def test_options_are_those_of_ranges_and_chains(server: Server, s3: Any) -> None:
    """A row is the day bar of a range, and of the chain while its session is the latest."""
    rows = frame(s3, key("us_options_opra", "2026-06-30"))
    assert rows.columns == COLUMNS
    assert rows["ticker"].is_sorted()
    assert rows["ticker"].n_unique() == len(rows) > 500
    midnight = int(dt.datetime(2026, 6, 30, 4, tzinfo=dt.UTC).timestamp()) * 10**9
    assert set(rows["window_start"]) == {midnight}
    for row in rows.sample(25, seed=1).iter_rows(named=True):
        bar = server.rows(f"/v2/aggs/ticker/{row['ticker']}/range/1/day/2026-06-30/2026-06-30")[0]
        assert [row[name] for name in COLUMNS[1:6]] == [bar[name] for name in "vochl"]
        assert (row["window_start"], row["transactions"]) == (bar["t"] * 10**6, bar["n"])
    traded = set(rows["ticker"])
    listed = server.rows("/v3/reference/options/contracts?as_of=2026-06-30&limit=1000")
    assert traded < {row["ticker"] for row in listed}


def test_a_chain_says_the_same(server: Server, s3: Any) -> None:
    """The day of the chain's contracts on a Saturday is Friday's file."""
    with clock_at(server, "2026-06-27"):
        rows = {row["ticker"]: row for row in frame(s3, key("us_options_opra", "2026-06-26")).iter_rows(named=True)}
        chain = server.rows("/v3/snapshot/options/ANTH?limit=250")
    ns = int(dt.datetime(2026, 6, 26, 4, tzinfo=dt.UTC).timestamp()) * 10**9
    days = {row["details"]["ticker"]: row["day"] for row in chain if row["day"].get("last_updated") == ns}
    assert set(days) == {ticker for ticker in rows if ticker.startswith("O:ANTH2")} != set()
    for ticker, day in days.items():
        assert all(day[name] == rows[ticker][name] for name in ("open", "high", "low", "close", "volume"))


@pytest.mark.parametrize(
    ("prefix", "path", "zone_hours"),
    [
        ("us_stocks_sip", GROUPED, 4),
        ("global_forex", "/v2/aggs/grouped/locale/global/market/fx", 0),
        ("global_crypto", "/v2/aggs/grouped/locale/global/market/crypto", 0),
    ],
)
def test_other_markets_are_their_grouped_days(server: Server, s3: Any, prefix: str, path: str, zone_hours: int) -> None:
    """Unadjusted, by ticker, the sides of a pair parted; a day begins in New York or, of global markets, in UTC."""
    rows = frame(s3, key(prefix, "2026-06-11"))
    bars = {row["T"]: row for row in server.page(f"{path}/2026-06-11?adjusted=false")["results"]}
    assert len(rows) == len(bars) >= 20
    begins = int(dt.datetime(2026, 6, 11, zone_hours, tzinfo=dt.UTC).timestamp()) * 10**9
    for row in rows.iter_rows(named=True):
        bar = bars[row["ticker"].replace("-", "")]
        assert [row[name] for name in COLUMNS[1:6]] == [bar[name] for name in "vochl"]
        assert (row["window_start"], row["transactions"]) == (begins, bar.get("n"))
    if prefix == "global_forex":
        assert "C:EUR-USD" in set(rows["ticker"])


def test_indices(server: Server, s3: Any) -> None:
    """Indices have no volume and no trades: their fields are empty."""
    rows = frame(s3, key("us_indices", "2026-06-11"))
    spx = rows.filter(pl.col("ticker") == "I:SPX").row(0, named=True)
    bar = server.rows("/v2/aggs/ticker/I:SPX/range/1/day/2026-06-11/2026-06-11")[0]
    assert [spx[name] for name in ("open", "close", "high", "low")] == [bar[name] for name in "ochl"]
    assert (spx["volume"], spx["transactions"], spx["window_start"]) == (None, None, bar["t"] * 10**6)


def test_head_get_and_list_agree(s3: Any) -> None:
    """The ETag is the md5 of the bytes, everywhere, and the file came at eleven in New York the day after."""
    name = key("us_options_opra", "2026-06-12")
    whole = s3.get_object(Bucket="flatfiles", Key=name)
    data = whole["Body"].read()
    head = s3.head_object(Bucket="flatfiles", Key=name)
    listed = s3.list_objects_v2(Bucket="flatfiles", Prefix=name)["Contents"][0]
    tag = f'"{hashlib.md5(data).hexdigest()}"'
    assert whole["ETag"] == head["ETag"] == listed["ETag"] == tag
    assert whole["ContentLength"] == head["ContentLength"] == listed["Size"] == len(data)
    ready = dt.datetime(2026, 6, 13, 15, tzinfo=dt.UTC)
    assert whole["LastModified"] == head["LastModified"] == listed["LastModified"] == ready
    assert head["ContentType"] == "application/gzip"


@settings(max_examples=25)
@given(first=st.integers(0, 3000), count=st.integers(1, 3000))
def test_ranges(s3: Any, first: int, count: int) -> None:
    """Any part of a file is that part of its bytes."""
    name = key("us_stocks_sip", "2026-06-12")
    data = body(s3, name)
    if first >= len(data):
        assert refused(s3.get_object, Key=name, Range=f"bytes={first}-{first + count}") == ("InvalidRange", 416)
        return
    assert body(s3, name, Range=f"bytes={first}-{first + count - 1}") == data[first : first + count]
    assert body(s3, name, Range=f"bytes={first}-") == data[first:]
    assert body(s3, name, Range=f"bytes=-{count}") == data[-count:]


def test_a_part_says_where_it_lies(s3: Any) -> None:
    """A part is 206 with its place, and the conditions of S3 hold."""
    name = key("us_stocks_sip", "2026-06-12")
    part = s3.get_object(Bucket="flatfiles", Key=name, Range="bytes=10-19")
    size = s3.head_object(Bucket="flatfiles", Key=name)["ContentLength"]
    assert (part["ResponseMetadata"]["HTTPStatusCode"], part["ContentRange"]) == (206, f"bytes 10-19/{size}")
    assert body(s3, name, IfMatch=part["ETag"])
    assert refused(s3.get_object, Key=name, IfMatch='"other"') == ("PreconditionFailed", 412)
    assert refused(s3.get_object, Key=name, IfNoneMatch=part["ETag"])[1] == 304


def test_downloads(s3: Any, tmp_path: Path) -> None:
    """The transfer manager of boto3 works, by parts too."""
    name, path = key("us_options_opra", "2026-06-12"), tmp_path / "day.csv.gz"
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=4096, multipart_chunksize=4096)
    s3.download_file("flatfiles", name, str(path), Config=config)
    assert path.read_bytes() == body(s3, name)


def test_lists_by_pages(s3: Any) -> None:
    """Every page size gives the same keys in order: a month's sessions, none twice, none left out."""
    prefix = "us_stocks_sip/day_aggs_v1/2026/06/"
    pages = s3.get_paginator("list_objects_v2")
    for size in (1000, 7, 1):
        found = [
            row["Key"]
            for page in pages.paginate(Bucket="flatfiles", Prefix=prefix, PaginationConfig={"PageSize": size})
            for row in page["Contents"]
        ]
        assert found == sorted(found)
        assert len(found) == 21
        assert found[0] == key("us_stocks_sip", "2026-06-01")
        assert key("us_stocks_sip", "2026-06-19") not in found
    after = s3.list_objects_v2(Bucket="flatfiles", Prefix=prefix, StartAfter=found[18])
    assert [row["Key"] for row in after["Contents"]] == found[19:]
    assert after["IsTruncated"] is False
    two = s3.list_objects_v2(Bucket="flatfiles", Prefix="us_stocks_sip/day_aggs_v1/2026/0")
    assert (two["KeyCount"], two["IsTruncated"], two["MaxKeys"]) == (50, True, 1000)


def test_lists_of_folders(s3: Any) -> None:
    """With a delimiter the folders come, each once, however few fit on a page."""

    def folders(prefix: str, size: int) -> list[str]:
        pages = s3.get_paginator("list_objects_v2").paginate(
            Bucket="flatfiles", Prefix=prefix, Delimiter="/", PaginationConfig={"PageSize": size}
        )
        return [row["Prefix"] for page in pages for row in page.get("CommonPrefixes", [])]

    top = ["global_crypto/", "global_forex/", "us_indices/", "us_options_opra/", "us_stocks_sip/"]
    assert folders("", 1000) == folders("", 2) == folders("", 1) == top
    years = [f"us_options_opra/day_aggs_v1/{year}/" for year in range(2014, 2027)]
    assert folders("us_options_opra/day_aggs_v1/", 1000) == folders("us_options_opra/day_aggs_v1/", 5) == years
    assert folders("us_options_opra/day_aggs_v1/2026/06/", 1000) == folders("nothing", 1000) == []


@pytest.mark.parametrize(
    "name",
    [
        key("us_options_opra", "2026-07-01"),  # comes tomorrow at eleven
        key("us_options_opra", "2026-06-19"), key("us_options_opra", "2026-06-20"),
        key("us_options_opra", "2014-05-30"), key("global_forex", "2026-06-20"), key("us_futures", "2026-06-12"),
        "us_options_opra/day_aggs_v1/2026/05/2026-06-12.csv.gz",
        "us_options_opra/day_aggs_v1/2026/06/2026-06-31.csv.gz",
        "us_options_opra/minute_aggs_v1/2026/06/2026-06-12.csv.gz", "nothing",
    ],
)  # fmt: skip
def test_what_is_not_there(s3: Any, name: str) -> None:
    """Days to come, days off and other names are no keys."""
    assert refused(s3.get_object, Key=name) == ("NoSuchKey", 404)
    assert refused(s3.head_object, Key=name) == ("404", 404)
    assert "Contents" not in s3.list_objects_v2(Bucket="flatfiles", Prefix=name)


def test_who_may_read(server: Server) -> None:
    """Only who signs with a known key and its secret, on a plan with flat files, and as far back as it reaches."""
    name = key("us_stocks_sip", "2026-06-12")
    assert refused(client(server, "nobody").get_object, Key=name) == ("AccessDenied", 403)
    assert refused(client(server, "one", "wrong").get_object, Key=name) == ("SignatureDoesNotMatch", 403)
    assert refused(client(server, "poor").get_object, Key=name) == ("AccessDenied", 403)
    assert refused(client(server, "poor").list_objects_v2) == ("AccessDenied", 403)
    assert refused(client(server, "nobody").head_object, Key=name) == ("403", 403)
    starter = client(server, "starter")
    assert body(starter, name) == body(client(server), name)
    assert refused(starter.get_object, Key=key("us_options_opra", "2024-06-28")) == ("AccessDenied", 403)
    assert body(starter, key("us_options_opra", "2024-07-01"))
    assert client(server).head_bucket(Bucket="flatfiles")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_another_request_is_not_signed(server: Server) -> None:
    """A signature is for one request: not for another key, another range, or none at all."""
    name = key("us_stocks_sip", "2026-06-12")
    signed: dict[str, str] = {}
    s3 = client(server)
    s3.meta.events.register(
        "before-send.s3.GetObject",
        lambda request, **_: signed.update(
            {k: v.decode() if isinstance(v, bytes) else v for k, v in request.headers.items()}
        ),
    )
    body(s3, name, Range="bytes=0-9")
    again = lambda path, **more: server.http.request("GET", server.base + path, headers=signed | more).status  # noqa: E731
    assert again(f"/flatfiles/{name}") == 206
    assert again(f"/flatfiles/{key('us_stocks_sip', '2026-06-11')}") == 403
    assert again(f"/flatfiles/{name}", Range="bytes=0-99") == 403
    bare = server.http.request("GET", f"{server.base}/flatfiles/{name}")
    assert (bare.status, b"<Code>AccessDenied</Code>" in bare.data) == (403, True)


def test_bad_lists(s3: Any) -> None:
    """What cannot be read is refused by name."""
    assert refused(s3.list_objects_v2, ContinuationToken="§")[0] == "InvalidArgument"
    assert refused(s3.list_objects)[0] == "InvalidArgument"


def test_a_file_comes_at_eleven(server: Server, s3: Any) -> None:
    """Before eleven of the next day there is no file."""
    name = key("us_options_opra", "2026-06-18")
    with clock_at(server, "2026-06-19", "10:59"):
        assert refused(s3.get_object, Key=name) == ("NoSuchKey", 404)
    with clock_at(server, "2026-06-19", "11:00"):
        assert body(s3, name)


def test_a_file_is_replaced(server: Server, s3: Any) -> None:
    """The options of 2026-06-16 come without every 50th row, and whole a day later, with another tag and date."""
    name, seen = key("us_options_opra", "2026-06-16"), []
    for today in ("2026-06-17", "2026-06-18"):
        with clock_at(server, today):
            seen.append((s3.head_object(Bucket="flatfiles", Key=name), frame(s3, name)))
    (first, early), (second, late) = seen
    assert first["ETag"] != second["ETag"]
    assert first["ContentLength"] < second["ContentLength"]
    assert second["LastModified"] - first["LastModified"] == dt.timedelta(days=1)
    lost = late.join(early, on=COLUMNS, how="anti")
    assert len(lost) == len(late) // 50
    assert len(early) == len(late) - len(lost)


def test_late_trades_replace_files(server: Server, s3: Any) -> None:
    """Where bars are revised the file of stocks follows, with the numbers that the API has on the same day."""
    name, seen = key("us_stocks_sip", "2026-06-09"), {}
    for today in ("2026-06-10", "2026-06-12", "2026-06-30"):
        with clock_at(server, today):
            rows, bars = frame(s3, name), server.page(f"{GROUPED}/2026-06-09?adjusted=false")["results"]
            seen[today] = s3.head_object(Bucket="flatfiles", Key=name)
        volumes = dict(rows.select("ticker", "volume").iter_rows())
        assert volumes == {bar["T"]: bar["v"] for bar in bars}
    assert len({head["ETag"] for head in seen.values()}) == 2
    assert seen["2026-06-10"]["LastModified"] < seen["2026-06-12"]["LastModified"] == seen["2026-06-30"]["LastModified"]


def test_the_same_bytes_again(tmp_path: Path, s3: Any) -> None:
    """Another server of the same seed gives the same file, and keeps it in its cache."""
    name = key("us_options_opra", "2026-06-12")
    with serving(tmp_path, *FEW, "--cache", str(tmp_path / "cache"), "--flat-file-keys", OWNERS) as other:
        assert body(client(other), name) == body(s3, name)
    assert list((tmp_path / "cache").glob("*/flat-us_options_opra-2026-06-12*"))


def test_faults_meet_the_bucket(tmp_path: Path) -> None:
    """Rules play on keys as on other paths, and a HEAD that is met keeps its length."""
    faults = tmp_path / "faults.yaml"
    faults.write_text(
        """
- {name: busy, match: {path: ^/flatfiles/us_stocks}, times: 1, then: {status: 503, body: ""}}
- {name: late, match: {path: ^/flatfiles/us_indices}, then: {delay: 0.01}}
"""
    )
    with serving(tmp_path, *FEW, "--faults", str(faults), "--flat-file-keys", OWNERS) as server:
        s3 = client(server)
        assert refused(s3.get_object, Key=key("us_stocks_sip", "2026-06-12"))[1] == 503
        assert body(s3, key("us_stocks_sip", "2026-06-12"))
        name = key("us_indices", "2026-06-12")
        assert s3.head_object(Bucket="flatfiles", Key=name)["ContentLength"] == len(body(s3, name))


def test_replayed_files(tmp_path: Path) -> None:
    """The files of a replay hold the rows of the CSV; a day without rows is a file of the header alone."""
    (tmp_path / "stocks_daily.csv").write_text(
        "date,ticker,open,high,low,close,volume\n2014-06-06,AAPL,649.9,651.3,644.5,645.57,87484000\n"
    )
    (tmp_path / "options_daily.csv").write_text(
        "date,ticker,open,high,low,close,volume\n2014-06-06,O:AAPL140613C00650000,6.4,7.2,5.9,6.1,1200\n"
    )
    with serving(tmp_path, "--history", str(tmp_path), "--today", "2014-06-30", "--flat-file-keys", OWNERS) as server:
        s3 = client(server)
        text = gzip.decompress(body(s3, key("us_options_opra", "2014-06-06"))).decode().splitlines()
        assert text == [",".join(COLUMNS), "O:AAPL140613C00650000,1200,6.4,6.1,7.2,5.9,1402027200000000000,"]
        assert len(gzip.decompress(body(s3, key("us_options_opra", "2014-06-09"))).splitlines()) == 1
        assert frame(s3, key("us_stocks_sip", "2014-06-06")).row(0)[:3] == ("AAPL", 87484000, 649.9)


def test_real_history(tmp_path: Path) -> None:
    """Every row of the real options of 2014 is in the file of its day, as it is."""
    folder = SHARED / "market-history"
    if not folder.is_dir():
        pytest.skip(f"no market history in {SHARED}")
    known = pl.read_csv(gzip.decompress((folder / "options_daily.csv.gz").read_bytes()))
    columns = ["ticker", "open", "high", "low", "close", "volume"]
    with serving(tmp_path, "--history", str(folder), "--today", "2014-12-31", "--flat-file-keys", OWNERS) as server:
        s3 = client(server)
        for (day,), rows in known.group_by("date"):
            found = frame(s3, key("us_options_opra", str(day))).select(columns)
            assert found.cast({"volume": pl.Int64}).equals(
                rows.select(columns).cast({"volume": pl.Int64}).sort("ticker")
            )


@pytest.mark.parametrize(
    ("text", "words"), [("one", "ACCESS:SECRET"), (":x", "ACCESS:SECRET"), ("a:b:gold", "no plan 'gold'")]
)
def test_bad_keys(text: str, words: str) -> None:
    """What is no key is refused by name."""
    with pytest.raises(ValueError, match=words):
        read_flat_file_keys(text, PLANS["basic"])


def test_the_default_key(small: Server) -> None:
    """The documented key works where no other is given."""
    access, secret = KEYS.split(":")
    assert body(client(small, access, secret), key("us_indices", "2026-06-12"))
