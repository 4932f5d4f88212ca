"""Datasets that are asked for what changed between two days' lists, and for nothing else."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import re
from typing import Any

import pytest

from anthill import catalog
from anthill.bronze.commits import TamperedError
from anthill.intervals import market_day
from anthill.landing.commit import Committer
from anthill.landing.land import land
from anthill.ledger.results import Landed
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Transport
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

DAY, BEFORE = dt.date(2024, 5, 15), dt.date(2024, 5, 14)
EVENTS = ("ticker_events", DAY)
LISTS = (("tickers", BEFORE), ("tickers", DAY))
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


class Api:
    """Answers lists of tickers and events of those that it knows; `asked` is what it was asked for, in order."""

    def __init__(self, lists: dict[dt.date, list[dict[str, Any]]], unknown: set[str]) -> None:
        self.lists, self.unknown = lists, unknown
        self.lists_asked: list[str] = []
        self.events_asked: list[str] = []

    def __call__(self, asked: Asked) -> Reply:
        """The answer to a call."""
        if asked.path.endswith("/events"):
            name = asked.path.split("/")[4]
            self.events_asked.append(name)
            if name in self.unknown:
                return error(404, {"status": "NOT_FOUND", "message": "Ticker not found."})
            return page({"status": "OK", "request_id": "r", "results": {"name": name, "events": []}})
        self.lists_asked.append(asked.params["date"])
        rows = self.lists[dt.date.fromisoformat(asked.params["date"])] if asked.params["active"] == "true" else []
        return page({"status": "OK", "count": len(rows), "results": rows})


def landing(s3: Any, bucket: str, api: Api, *what: tuple[str, dt.date]) -> list[Landed]:
    """These datasets and days landed, one after the other."""
    datasets = catalog.load("stocks").datasets
    with ScriptedServer(api) as server:
        source = PolygonSource(Client(Transport(server.url, "k"), Gate(0), Patience(total=1, first=0.05)))
        return [
            land(source, Committer(s3, bucket, "run"), datasets[name], market_day("XNYS", day)) for name, day in what
        ]


def asked_for(
    s3: Any, bucket: str, lists: dict[dt.date, list[dict[str, Any]]], unknown: set[str]
) -> tuple[Landed, list[str], list[Any]]:
    """What is landed where no list is, for whom the source was asked, and the answers in bronze."""
    api = Api(lists, unknown)
    (landed,) = landing(s3, bucket, api, EVENTS)
    body = s3.get_object(Bucket=bucket, Key=landed.commits[0].key)["Body"].read()
    answers = [json.loads(line) for line in gzip.decompress(body).splitlines() if line.strip()]
    return landed, api.events_asked, answers


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


def test_lists_that_are_landed_are_not_asked_for_again(s3: Any, bucket: str) -> None:
    """Both days' lists come from bronze, whatever the source would say by now; one that is restated counts as it is."""
    api = Api({BEFORE: YESTERDAY, DAY: TODAY}, {"ENDED"})
    landing(s3, bucket, api, *LISTS)
    api.lists_asked.clear()
    api.lists = {BEFORE: [], DAY: []}
    assert [landed.rows for landed in landing(s3, bucket, api, EVENTS)] == [5]
    assert (api.lists_asked, sorted(api.events_asked)) == ([], ["BEGUN", "ENDED", "F1", "F4", "F5", "LATE"])
    api.events_asked.clear()
    api.lists = {BEFORE: YESTERDAY, DAY: [SAME, YESTERDAY[1], YESTERDAY[2], YESTERDAY[3], TODAY[4]]}
    landing(s3, bucket, api, *LISTS, EVENTS)
    assert api.events_asked == ["F5"]


def test_a_list_that_is_not_landed_is_asked_of_the_source_and_told(
    s3: Any, bucket: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The first day of a history, or one whose list failed: nothing is left out in silence."""
    api = Api({BEFORE: YESTERDAY, DAY: TODAY}, set())
    landing(s3, bucket, api, ("tickers", DAY))
    api.lists_asked.clear()
    landing(s3, bucket, api, EVENTS)
    assert (set(api.lists_asked), len(api.events_asked)) == ({str(BEFORE)}, 6)
    assert [line for line in caplog.messages if "is not landed" in line] == [
        f"stocks.tickers (active) on {BEFORE} is not landed: the source is asked for the list once more"
    ]


def test_a_day_without_changes_costs_one_call(s3: Any, bucket: str) -> None:
    """Bronze tells that there is nothing to ask for, and one page of the list what time it is at the source."""
    api = Api({BEFORE: TODAY, DAY: TODAY}, set())
    landing(s3, bucket, api, *LISTS)
    api.lists_asked.clear()
    (landed,) = landing(s3, bucket, api, EVENTS)
    assert (landed.rows, api.lists_asked, api.events_asked) == (0, [str(DAY)], [])


def test_a_list_that_was_changed_in_bronze_is_not_believed(s3: Any, bucket: str) -> None:
    """Its bytes are not those that were landed: nobody is asked for, and the object is named."""
    api = Api({BEFORE: YESTERDAY, DAY: TODAY}, set())
    commits = [commit for landed in landing(s3, bucket, api, *LISTS) for commit in landed.commits]
    key = next(commit.key for commit in commits if commit.rows and str(DAY) in commit.key)
    real = s3.get_object

    class Changed:
        """S3, which gives other bytes than were put."""

        def __getattr__(self, name: str) -> Any:
            return getattr(s3, name)

        def get_object(self, **asked: Any) -> Any:
            return {"Body": io.BytesIO(b"x")} if asked["Key"] == key else real(**asked)

    with pytest.raises(TamperedError, match=re.escape(key)):
        landing(Changed(), bucket, api, EVENTS)
    assert api.events_asked == []
