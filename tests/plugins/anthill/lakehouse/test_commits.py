"""Commits: what Airflow gives a silver run is checked before Spark sees it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
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
    days, left_out = commits.days_of(DATASET, commits.parse(json.dumps(given)), DAY, DAY)
    assert not left_out
    return days


def test_shards_make_a_day() -> None:
    """A day has its shards in the order of their names, whatever order they came in; so has its digest."""
    one, two = commit("active", revision=2), commit("delisted")
    (day,) = read(two, one)
    assert day.revisions == {"active": 2, "delisted": 1}
    assert day.sha256 == read(one, two)[0].sha256 == hashlib.sha256(b"active delisted").hexdigest()


def test_a_day_of_one_object_has_its_digest() -> None:
    """Days come in their order, and what belongs to other datasets is theirs."""
    splits = catalog.load("stocks").datasets["splits"]
    days = [DAY + dt.timedelta(number) for number in range(3)]
    given = [commit("", dataset="splits", market_date=str(day), sha256=str(day)) for day in reversed(days)]
    found, _ = commits.days_of(splits, commits.parse(json.dumps([commit(), *given])), days[0], days[-1])
    assert [(day.market_date, day.sha256) for day in found] == [(day, str(day)) for day in days]


def test_what_is_taken_again_and_again_has_as_many_shards_as_there_are() -> None:
    """None is missing, since none is declared."""
    snapshot = catalog.load("stocks").datasets["snapshot"]
    given = [commit(shard, dataset="snapshot") for shard in ("1615", "1600")]
    ((day,), _) = commits.days_of(snapshot, commits.parse(json.dumps(given)), DAY, DAY)
    assert list(day.revisions) == ["1600", "1615"]


@pytest.mark.parametrize(
    "asof",
    ["2024-01-03T23:00:00Z", "2024-01-03T18:00:00-05:00", "Wed, 03 Jan 2024 23:00:00 GMT", "2024-01-03T23:00:00"],
)
def test_asof_is_read_in_both_spellings(asof: str) -> None:
    """ISO 8601 and HTTP dates are one moment, in UTC."""
    (day,) = read(commit("active", asof=asof), commit("delisted"))
    assert day.commits[0].moment == dt.datetime(2024, 1, 3, 23, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([commit()], r"^bronze has the shards \['active'\], declared are \['active', 'del"),
        ([commit(), commit("delisted"), commit("other")], "bronze has the shards .*'other'.*; land the day again$"),
        ([commit(), commit(), commit("delisted")], "shard 'active' is given twice"),
        ([commit(market_date="2024-01-05")], "s3://b/k lies outside the days asked, 2024-01-03 to 2024-01-04"),
        ([commit(market_date="2024-01-02")], "lies outside the days asked"),
    ],
)
def test_what_is_wrong_with_a_day_keeps_only_that_day_out(given: list[dict[str, Any]], message: str) -> None:
    """Missing and doubled shards and days that were not asked for each have their message; the next day is there."""
    after = [commit(shard, market_date="2024-01-04") for shard in ("active", "delisted")]
    days, left_out = commits.days_of(DATASET, commits.parse(json.dumps([*given, *after])), DAY, dt.date(2024, 1, 4))
    assert [day.market_date for day in days] == [dt.date(2024, 1, 4)]
    ((day, why),) = left_out.items()
    assert str(day) == given[0]["market_date"]
    assert re.search(message, why)


@pytest.mark.parametrize("given", [[commit(asof="yesterday")], [{"dataset": "tickers"}]])
def test_a_list_that_cannot_be_read_is_an_error(given: list[dict[str, Any]]) -> None:
    """Nobody knows what it would have named."""
    with pytest.raises(CommitError, match="the list of commits to load cannot be read"):
        read(*given)
