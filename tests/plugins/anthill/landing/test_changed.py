"""Datasets that are asked for what changed between two days' lists, and for nothing else."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from typing import Any

import pytest

from anthill import catalog
from anthill.landing.commit import Committer
from anthill.landing.land import Landed, land
from anthill.landing.source import Source
from anthill.polygon.client import Client, Patience
from anthill.polygon.rate_limit import Gate
from anthill.polygon.transport import Transport
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

DAY, BEFORE = dt.date(2024, 5, 15), dt.date(2024, 5, 14)
SAME = {"ticker": "STAY", "composite_figi": "F0", "cik": "1"}
YESTERDAY = [
    SAME,
    {"ticker": "OLD", "composite_figi": "F1", "cik": "2"},
    {"ticker": "ENDED", "cik": "3"},
    {"ticker": "LATE", "cik": "4"},
    {"ticker": "MOVED", "composite_figi": "F5", "cik": "5"},
]
TODAY = [
    {**SAME, "name": "renamed, which is no other security"},
    {"ticker": "NEW", "composite_figi": "F1", "cik": "2"},
    {"ticker": "BEGUN", "composite_figi": "", "cik": "6"},
    {"ticker": "LATE", "composite_figi": "F4", "cik": "4"},
    {"ticker": "MOVED", "composite_figi": "F5", "cik": "7"},
]


def asked_for(
    s3: Any, bucket: str, lists: dict[dt.date, list[dict[str, Any]]], unknown: set[str]
) -> tuple[Landed, list[str], list[Any]]:
    """What is landed, for whom the source was asked, and the answers in bronze."""

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("/events"):
            name = asked.path.split("/")[4]
            if name in unknown:
                return error(404, {"status": "NOT_FOUND", "message": "Ticker not found."})
            return page({"status": "OK", "request_id": "r", "results": {"name": name, "events": []}})
        rows = lists[dt.date.fromisoformat(asked.params["date"])]
        return page({"status": "OK", "count": len(rows), "results": rows})

    dataset = catalog.load("stocks").datasets["ticker_events"]
    with ScriptedServer(answer) as server:
        source = Source(Client(Transport(server.url, "k"), Gate(0), Patience(total=1, first=0.05)))
        landed = land(source, Committer(s3, bucket, "run"), dataset, DAY)
        asked = [each.path.split("/")[4] for each in server.asked if each.path.endswith("/events")]
    body = s3.get_object(Bucket=bucket, Key=landed.commits[0].key)["Body"].read()
    return landed, asked, [json.loads(line) for line in gzip.decompress(body).splitlines() if line.strip()]


def test_those_are_asked_for_that_changed_began_or_ended(s3: Any, bucket: str) -> None:
    """By FIGI, else by ticker, each once, whatever else of a row changes; one that is unknown takes no other along."""
    landed, asked, answers = asked_for(s3, bucket, {BEFORE: YESTERDAY, DAY: TODAY}, {"ENDED"})
    assert sorted(asked) == ["BEGUN", "ENDED", "F1", "F4", "F5", "LATE"]
    assert sorted(answer["results"]["name"] for answer in answers) == ["BEGUN", "F1", "F4", "F5", "LATE"]
    assert landed.rows == 5


@pytest.mark.parametrize(
    ("lists", "unknown"),
    [({BEFORE: TODAY, DAY: TODAY}, set()), ({BEFORE: [], DAY: TODAY}, set()), ({BEFORE: [SAME], DAY: []}, {"F0"})],
    ids=["nothing changed", "no list before", "nobody is known"],
)
def test_a_day_of_which_there_is_nothing_to_tell_is_landed_without_rows(
    s3: Any, bucket: str, lists: dict[dt.date, list[dict[str, Any]]], unknown: set[str]
) -> None:
    """It is not missing, and the next landing finds it unchanged."""
    landed, asked, answers = asked_for(s3, bucket, lists, unknown)
    assert (set(asked), answers, landed.rows, landed.outcome) == (unknown, [], 0, "landed")
    assert asked_for(s3, bucket, lists, unknown)[0].outcome == "unchanged"
