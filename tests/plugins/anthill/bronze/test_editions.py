"""Editions: all tables of a publication in one object, the newest by its number, never replaced."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from anthill import catalog
from anthill.bronze.commits import Commit, TamperedError
from anthill.bronze.editions import Edition, Editions, File, Table
from anthill.bronze.storage import Patience, StorageError

MOMENT = dt.datetime(2026, 6, 16, 10, 1, tzinfo=dt.UTC)
DAY = "2019-12-31"
FOLDER = f"files/enem/_editions/{DAY}/"


@pytest.fixture
def editions(s3: Any, bucket: str) -> Editions:
    """Those of ENEM, none yet."""
    return Editions(s3, bucket, catalog.load("enem"), Patience(tries=1))


def edition(revision: int, run: str = "run") -> Edition:
    """An edition of one table from a file of three members."""
    commit = Commit(
        bucket="b", key="k", shard="", revision=revision, rows=3, pages=1, size=10, sha256="0" * 64, digest="0" * 32,
        asof=MOMENT, run=run,
    )  # fmt: skip
    file = File("https://x/e.zip", '"1"', 9, MOMENT, ("a.csv", "b.pdf", "c.csv"))
    return Edition(DAY, revision, run, (file,), {"participants": Table("a.csv", ("id",), commit)})


def test_the_newest_is_that_of_the_largest_number(editions: Editions, s3: Any, bucket: str) -> None:
    """None before the first; what else lies there is no edition."""
    assert editions.newest(DAY) is None
    for revision in (1, 2, 10):
        editions.put(edition(revision))
        s3.put_object(Bucket=bucket, Key=f"{FOLDER}r999999.json.partial", Body=b"")
        assert editions.newest(DAY) == edition(revision)
    assert editions.newest("2020-12-31") is None
    assert editions.uri(edition(10)) == f"s3://{bucket}/{FOLDER}r000010.json"


def test_two_runs_of_one_number(editions: Editions) -> None:
    """The same again is the same; another run is told to try again."""
    editions.put(edition(1))
    editions.put(edition(1))
    with pytest.raises(StorageError, match=r"r000001\.json was put by another run\. Retry the task"):
        editions.put(edition(1, run="other"))
    assert editions.newest(DAY) == edition(1)


def test_what_is_no_edition_is_told(editions: Editions, s3: Any, bucket: str) -> None:
    """With where it lies."""
    s3.put_object(Bucket=bucket, Key=f"{FOLDER}r000001.json", Body=b"[]")
    with pytest.raises(TamperedError, match=f"s3://{bucket}/{FOLDER}r000001.json is no list of commits"):
        editions.newest(DAY)


def test_members_that_no_table_takes_are_the_others() -> None:
    """In the order of the file."""
    assert edition(1).others == ["b.pdf", "c.csv"]
