"""The index is rebuilt from what bronze holds, whatever it knew before."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import pytest

from anthill import catalog
from anthill.bronze.commits import Place, TamperedError, read_commit
from anthill.coverage.reader import Reader
from anthill.coverage.rebuild import Rebuilt, rebuild
from anthill.intervals import market_day
from anthill.ledger.documents import Documents
from anthill.ledger.entry import Part
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Landed
from tests.plugins.anthill.landing.s3 import s3_at
from tests.plugins.anthill.landing.s3_faults import Fault, S3Proxy

STOCKS = catalog.load("stocks")
DAYS = [dt.date(2009, 12, 31), dt.date(2010, 1, 4), dt.date(2019, 12, 31), dt.date(2020, 1, 2)]


def put(s3: Any, bucket: str, dataset: str, day: dt.date, shard: str = "", revision: int = 1, rows: int = 7) -> str:
    """A commit in bronze that nobody told the index of; its key."""
    metadata = {
        "rows": str(rows),
        "pages": "1",
        "sha256": hashlib.sha256(b"x").hexdigest(),
        "digest": "d",
        "asof": f"{day}T22:00:00+00:00",
        "run": f"run{revision}",
    }
    key = Place("polygon", "stocks", dataset, str(day), shard).key(revision)
    s3.put_object(Bucket=bucket, Key=key, Body=b"x", Metadata=metadata, ChecksumAlgorithm="SHA256")
    return key


def tell(s3: Any, bucket: str, dataset: str, day: dt.date, *keys: str) -> None:
    """A landing tells the index of its commits."""
    commits = [read_commit(s3, bucket, key) for key in keys]
    recorder = Recorder(Documents(s3, bucket), "landing")
    recorder.note(
        STOCKS.datasets[dataset], Landed("stocks", dataset, market_day("XNYS", day), "landed", 1, 1, 1, 0.1, commits)
    )
    recorder.write()


def known(s3: Any, bucket: str, dataset: str) -> dict[dt.date, tuple[Part, ...]]:
    """What the index says of a dataset's days."""
    years = {day.year for day in DAYS}
    datasets = {dataset: STOCKS.datasets[dataset]}
    entries = Reader(Documents(s3, bucket), bucket).entries("stocks", datasets, years)[dataset]
    return {day: entry.parts for day, entry in entries.items()}


def rebuilt(s3: Any, bucket: str) -> dict[str, tuple[int, int]]:
    """Days held and days mended, of datasets that have any; what is said meanwhile is what is returned."""
    said: list[Rebuilt] = []
    done = rebuild(s3, bucket, Documents(s3, bucket), STOCKS, "rebuild", said.append)
    assert said == done
    assert [each.dataset for each in done] == list(STOCKS.datasets)
    return {each.dataset: (each.days, each.mended) for each in done if each.days}


def test_every_decade_is_mended(s3: Any, bucket: str) -> None:
    """Of each dataset; what is known already is not read again."""
    for day in DAYS:
        put(s3, bucket, "splits", day)
    tell(s3, bucket, "splits", DAYS[2], Place("polygon", "stocks", "splits", str(DAYS[2])).key(1))
    put(s3, bucket, "dividends", DAYS[0])
    assert rebuilt(s3, bucket) == {"splits": (4, 3), "dividends": (1, 1)}
    assert sorted(known(s3, bucket, "splits")) == list(map(str, DAYS))
    assert rebuilt(s3, bucket) == {"splits": (4, 0), "dividends": (1, 0)}


def test_every_shard_is_mended(s3: Any, bucket: str) -> None:
    """A day of which one shard is known lacks the other."""
    keys = [put(s3, bucket, "tickers", DAYS[0], shard, rows=rows) for shard, rows in (("active", 5), ("delisted", 9))]
    tell(s3, bucket, "tickers", DAYS[0], keys[0])
    put(s3, bucket, "tickers", DAYS[1], "active")
    assert rebuilt(s3, bucket) == {"tickers": (2, 2)}
    found = known(s3, bucket, "tickers")
    assert [(part.shard, part.rows) for part in found[str(DAYS[0])]] == [("active", 5), ("delisted", 9)]
    assert [part.shard for part in found[str(DAYS[1])]] == ["active"]
    assert rebuilt(s3, bucket) == {"tickers": (2, 0)}


def test_a_newer_revision_is_mended_and_its_attempt_kept(s3: Any, bucket: str) -> None:
    """With the rows before, where the index had seen them."""
    tell(s3, bucket, "splits", DAYS[0], put(s3, bucket, "splits", DAYS[0], rows=7))
    put(s3, bucket, "splits", DAYS[0], revision=2, rows=8)
    assert rebuilt(s3, bucket) == {"splits": (1, 1)}
    ((part,),) = known(s3, bucket, "splits").values()
    assert (part.revision, part.rows, part.before, part.run) == (2, 8, 7, "run2")
    put(s3, bucket, "splits", DAYS[0], revision=10, rows=9)
    assert rebuilt(s3, bucket) == {"splits": (1, 1)}
    ((part,),) = known(s3, bucket, "splits").values()
    assert (part.revision, part.rows, part.before) == (10, 9, None)
    entries = Reader(Documents(s3, bucket), bucket).entries(
        "stocks", {"splits": STOCKS.datasets["splits"]}, [DAYS[0].year]
    )["splits"]
    attempt = entries[str(DAYS[0])].attempt
    assert attempt is not None
    assert (attempt.run, attempt.outcome) == ("landing", "landed")
    assert rebuilt(s3, bucket) == {"splits": (1, 0)}


def test_what_nobody_listens_to_is_not_said(s3: Any, bucket: str) -> None:
    """Whoever wants the result alone gets it."""
    put(s3, bucket, "splits", DAYS[0])
    assert Rebuilt("splits", 1, 1) in rebuild(s3, bucket, Documents(s3, bucket), STOCKS, "rebuild")


def test_a_fault_that_passes_is_no_reason_to_stop(s3: Any, s3_url: str, bucket: str) -> None:
    """Listing, looking and writing are each tried again."""
    put(s3, bucket, "splits", DAYS[0])
    with S3Proxy(s3_url, {method: [Fault(503, "SlowDown")] for method in ("GET", "HEAD", "PUT")}) as proxy:
        assert Rebuilt("splits", 1, 1) in rebuild(
            s3_at(proxy.url), bucket, Documents(s3_at(proxy.url), bucket), STOCKS, "rebuild"
        )


def test_an_object_that_says_nothing_keeps_only_itself_out(s3: Any, bucket: str) -> None:
    """All others of its dataset and of those behind it are in the index; then the objects are named."""
    (first, *_) = STOCKS.datasets
    bad = [Place("polygon", "stocks", first, str(day)).key(1) for day in DAYS[:2]]
    for key in bad:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    put(s3, bucket, first, DAYS[2])
    put(s3, bucket, "splits", DAYS[0])
    said: list[Rebuilt] = []
    with pytest.raises(TamperedError) as caught:
        rebuild(s3, bucket, Documents(s3, bucket), STOCKS, "rebuild", said.append)
    assert all(key in str(caught.value) for key in bad)
    assert [each.dataset for each in said] == list(STOCKS.datasets)
    assert (list(known(s3, bucket, first)), list(known(s3, bucket, "splits"))) == ([str(DAYS[2])], [str(DAYS[0])])
