"""Trades and quotes over HTTP: pages, spans, and the flat files that say the same."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from typing import Any

import boto3
import polars as pl
import pytest
from botocore.config import Config

from tests.local.polygon.serving import Server, serving

DAY = "2026-06-30"
FEW = ("--stocks", "60", "--otc", "0", "--underlyings", "3", "--crypto", "3", "--forex", "3", "--no-limits")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of few tickers on 2026-07-01 with two of them in its flat files."""
    with serving(
        tmp_path_factory.mktemp("ticks"), *FEW, "--ticks", "TMKZ,TJJM", "--flat-file-keys", "one:secret"
    ) as found:
        yield found


@pytest.fixture(scope="module")
def s3(server: Server) -> Any:
    """A client of the bucket, after the day's file has come."""
    server.move(today="2026-07-02", time="12:00")
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client(
        "s3", endpoint_url=server.base, region_name="us-east-1", config=config,
        aws_access_key_id="one", aws_secret_access_key="secret",  # pragma: allowlist secret
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["trades", "quotes"])
def test_the_file_says_what_the_pages_say(server: Server, s3: Any, kind: str) -> None:
    """Each field of each row of both tickers, in the same order, the file by ticker."""
    listed = s3.list_objects_v2(Bucket="flatfiles", Prefix=f"us_stocks_sip/{kind}_v1/2026/06/{DAY}")["Contents"]
    (key,) = [each["Key"] for each in listed]
    text = gzip.decompress(s3.get_object(Bucket="flatfiles", Key=key)["Body"].read())
    rows = pl.read_csv(io.BytesIO(text), infer_schema=False)
    assert rows["ticker"].unique().to_list() in (["TJJM", "TMKZ"], ["TMKZ", "TJJM"])
    assert rows["ticker"].is_sorted()
    for ticker in ("TJJM", "TMKZ"):
        pages = server.rows(f"/v3/{kind}/{ticker}?timestamp={DAY}&order=asc&limit=60")
        mine = rows.filter(pl.col("ticker") == ticker)
        assert len(pages) == len(mine) > 100
        for page, row in zip(pages, mine.iter_rows(named=True), strict=True):
            for name, value in page.items():
                if name == "conditions" and kind == "trades":
                    assert row[name].split(",") == list(map(str, value))
                elif name != "conditions":
                    assert float(row[name]) == float(value)
                    assert "timestamp" not in name or row[name] == str(value)
            assert all(float(row[name] or 0) == 0 for name in row.keys() - page.keys() - {"ticker", "indicators"})


def test_spans_and_orders(server: Server) -> None:
    """By nanosecond, from the end, and by a page that is just full; a day without trades, and no span at all."""
    whole = server.rows(f"/v3/trades/TMKZ?timestamp={DAY}&order=asc&limit=50000")
    times = [row["sip_timestamp"] for row in whole]
    assert times == sorted(times)
    assert server.rows(f"/v3/trades/TMKZ?timestamp={DAY}&limit=100") == whole[::-1]
    some = f"timestamp.gt={times[9]}&timestamp.lte={times[50]}&order=asc"
    within = [row for row in whole if times[9] < row["sip_timestamp"] <= times[50]]
    assert server.rows(f"/v3/trades/TMKZ?{some}&limit=7") == within
    full = server.page(f"/v3/trades/TMKZ?timestamp={DAY}&limit={len(whole)}")
    assert (len(full["results"]), "next_url" in full) == (len(whole), False)
    assert server.page("/v3/trades/TMKZ?timestamp=2026-06-28")["results"] == []
    assert server.get("/v3/trades/TMKZ").status == 400


def test_without_a_list_there_are_no_such_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither in the bucket nor by name; REST answers for any stock."""
    with serving(tmp_path_factory.mktemp("none"), *FEW) as server:
        assert server.page(f"/v3/quotes/TMKZ?timestamp={DAY}&limit=1")["results"][0]["bid_price"] > 0
        assert server.page(f"/v3/trades/NOPE?timestamp={DAY}")["results"] == []
