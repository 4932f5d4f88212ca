"""What bronze held at a moment, by the API's clock in each commit."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from anthill import catalog
from anthill.bronze.as_of import held
from anthill.bronze.commits import Place, TamperedError
from anthill.landing.commit import Committer
from anthill.landing.content import Content

from ..landing.test_content import page

ONE, TWO, THREE, FOUR = (dt.date(2014, 6, day) for day in (3, 4, 5, 6))
NOON = dt.datetime(2014, 6, 5, 12, tzinfo=dt.UTC)
BEFORE, AFTER = NOON - dt.timedelta(hours=1), NOON + dt.timedelta(seconds=1)


def land(s3: Any, bucket: str, place: Place, rows: list[int], asof: dt.datetime) -> str:
    """Commit rows that the API gave at a time; the key."""
    given = msgspec.structs.replace(page(rows), asof=asof)
    with Content.of([given]) as content:
        return Committer(s3, bucket, "run").commit(place, content).commit.key


def test_answers_until_the_moment_count(s3: Any, bucket: str) -> None:
    """Of each shard the newest that is not later; a day that came later, or in part, is not there, and is named."""
    declared = {name: catalog.load("stocks").datasets[name] for name in ("splits", "tickers")}
    first = land(s3, bucket, Place("polygon", "stocks", "splits", str(ONE)), [1], BEFORE - dt.timedelta(days=1))
    second = land(s3, bucket, Place("polygon", "stocks", "splits", str(TWO)), [1], BEFORE)
    kept = land(s3, bucket, Place("polygon", "stocks", "splits", str(TWO)), [2], NOON)  # at the moment itself
    land(s3, bucket, Place("polygon", "stocks", "splits", str(TWO)), [3], AFTER)
    land(s3, bucket, Place("polygon", "stocks", "splits", str(TWO)), [4], AFTER + dt.timedelta(days=9))
    land(s3, bucket, Place("polygon", "stocks", "splits", str(THREE)), [1], AFTER)
    land(s3, bucket, Place("polygon", "stocks", "splits", str(THREE)), [2], AFTER + dt.timedelta(days=1))
    for shard, asof in (("active", BEFORE), ("delisted", AFTER)):
        land(s3, bucket, Place("polygon", "stocks", "tickers", str(ONE), shard), [1], asof)
    active = [
        land(s3, bucket, Place("polygon", "stocks", "tickers", str(FOUR), shard), [1], NOON)
        for shard in ("active", "delisted")
    ]

    found = held(s3, bucket, declared, NOON)
    assert second != kept
    assert [(dataset, day, commit.key) for dataset, day, commit in found.found] == [
        ("splits", ONE, first),
        ("splits", TWO, kept),
        *(("tickers", FOUR, key) for key in active),
    ]
    assert found.later == {("splits", THREE): AFTER}
    assert found.halves == [("tickers", ONE)]
    assert found.restated == [("splits", TWO)]


def test_an_object_that_is_not_as_landed_is_no_answer(s3: Any, bucket: str) -> None:
    """What it held nobody knows, so that nothing is said of the moment; the object is named."""
    key = land(s3, bucket, Place("polygon", "stocks", "splits", str(ONE)), [1], BEFORE)
    s3.put_object(Bucket=bucket, Key=key, Body=b"other")
    with pytest.raises(TamperedError, match="r000001"):
        held(s3, bucket, {"splits": catalog.load("stocks").datasets["splits"]}, NOON)
