"""Commits: what Airflow gives a silver run is checked before Spark sees it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from anthill import catalog
from anthill.lakehouse import commits
from anthill.lakehouse.commits import CommitError

DAY = dt.date(2024, 1, 3)
DATASET = catalog.load("stocks").datasets["tickers"]


def commit(shard: str = "active", **other: Any) -> dict[str, Any]:
    """One commit as the job parameter holds it."""
    known = {"dataset": "tickers", "market_date": str(DAY), "shard": shard, "key": "k", "uri": "s3://b/k"}
    return {**known, "rows": 1, "pages": 1, "sha256": shard, "revision": 1, "asof": "2024-01-03T23:00:00Z", **other}


def read(*given: dict[str, Any]) -> list[commits.Day]:
    """The days that these commits make."""
    return commits.days_of(DATASET, commits.parse(json.dumps(given)), DAY, DAY)


def test_shards_make_a_day() -> None:
    """A day has its shards in the order of their names, whatever order they came in; so has its digest."""
    one, two = commit("active", revision=2), commit("delisted")
    (day,) = read(two, one)
    assert day.revisions == {"active": 2, "delisted": 1}
    assert day.sha256 == read(one, two)[0].sha256


@pytest.mark.parametrize("asof", ["2024-01-03T23:00:00Z", "2024-01-03T18:00:00-05:00", "Wed, 03 Jan 2024 23:00:00 GMT"])
def test_asof_is_read_in_both_spellings(asof: str) -> None:
    """ISO 8601 and HTTP dates are one moment, in UTC."""
    (day,) = read(commit("active", asof=asof), commit("delisted"))
    assert day.commits[0].moment == dt.datetime(2024, 1, 3, 23, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([commit()], "bronze has the shards"),
        ([commit(), commit(), commit("delisted")], "shard 'active' is given twice"),
        ([commit(market_date="2024-01-09")], "lies outside the days asked"),
        ([commit(asof="yesterday")], "the list of commits to load cannot be read"),
        ([{"dataset": "tickers"}], "the list of commits to load cannot be read"),
    ],
)
def test_what_is_wrong_is_named(given: list[dict[str, Any]], message: str) -> None:
    """Missing and doubled shards, other days and unreadable text each have their message."""
    with pytest.raises(CommitError, match=message):
        read(*given)
