"""Cuts: written once, found by time, and what a load may have missed among them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

import pytest

from anthill import catalog
from anthill.bronze.commits import Commit, TamperedError
from anthill.bronze.cuts import Cut, Cuts, Table
from anthill.bronze.storage import Patience

NOW = dt.datetime(2026, 6, 16, 10, 1, tzinfo=dt.UTC)
FOLDER = "postgres/totesys/_cuts/"


@pytest.fixture
def cuts(s3: Any, bucket: str) -> Cuts:
    """Those of ToteSys, none yet."""
    return Cuts(s3, bucket, catalog.load("totesys"), Patience(tries=1))


def cut(label: str, rows: int = 3) -> Cut:
    """A cut of one table."""
    commit = Commit(
        bucket="b", key=f"staff/{label}", shard="", revision=1, rows=rows, pages=1, size=10, sha256="0" * 64,
        digest="0" * 32, asof=NOW, run="run",
    )  # fmt: skip
    return Cut(label, NOW, "run", {"staff": Table(("staff_id", "first_name"), commit)})


def test_a_cut_is_read_as_it_was_put(cuts: Cuts, s3: Any, bucket: str) -> None:
    """At the address that names it; the first of a label stays."""
    assert cuts.put(cut("20260616T100000Z"))
    assert not cuts.put(cut("20260616T100000Z", rows=9))
    assert cuts.read("20260616T100000Z") == cut("20260616T100000Z")
    assert cuts.uri("20260616T100000Z") == f"s3://{bucket}/{FOLDER}20260616T100000Z.json"
    body = json.loads(s3.get_object(Bucket=bucket, Key=f"{FOLDER}20260616T100000Z.json")["Body"].read())
    assert body["tables"]["staff"]["columns"] == ["staff_id", "first_name"]


def test_what_is_no_cut_is_told(cuts: Cuts, s3: Any, bucket: str) -> None:
    """With where it lies; a label that is no moment is asked of nobody."""
    s3.put_object(Bucket=bucket, Key=f"{FOLDER}20260616T100000Z.json", Body=b"{}")
    with pytest.raises(TamperedError, match=f"s3://{bucket}/{FOLDER}20260616T100000Z.json is no list of commits"):
        cuts.read("20260616T100000Z")
    with pytest.raises(ValueError, match="yesterday"):
        cuts.read("yesterday")


def test_the_newest_is_the_last_in_time(cuts: Cuts, s3: Any, bucket: str) -> None:
    """None before the first; months back, too; of a clock that is a day ahead, too; what else lies there is no cut."""
    assert cuts.newest(NOW) is None
    for label in ("20251231T235700Z", "20260616T095700Z", "20260616T100000Z", "20260617T000000Z"):
        cuts.put(cut(label))
        s3.put_object(Bucket=bucket, Key=f"{FOLDER}{label}.json.partial", Body=b"")
        found = cuts.newest(NOW)
        assert found is not None
        assert found.label == label


def test_a_load_takes_the_cuts_of_a_week(cuts: Cuts, bucket: str) -> None:
    """Up to its own, in order; what is older was missed by a week of loads."""
    labels = ["20260608T100000Z", "20260609T100000Z", "20260615T100000Z", "20260616T100000Z", "20260616T100300Z"]
    for label in reversed(labels):
        cuts.put(cut(label))
    assert cuts.until("20260616T100000Z") == [cuts.uri(label) for label in labels[1:4]]


def test_a_list_is_named_by_its_content(cuts: Cuts, s3: Any, bucket: str) -> None:
    """The same again is the same object."""
    cuts.put(cut("20260616T100000Z"))
    uri = cuts.list_of("20260616T100000Z")
    assert cuts.list_of("20260616T100000Z") == uri
    folder, _, name = uri.removeprefix(f"s3://{bucket}/").rpartition("/")
    body = s3.get_object(Bucket=bucket, Key=f"{folder}/{name}")["Body"].read()
    assert json.loads(body) == [cuts.uri("20260616T100000Z")]
    assert (folder, name) == ("postgres/totesys/_loads", f"{hashlib.sha256(body).hexdigest()}.json")
