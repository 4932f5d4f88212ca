"""What the index is told of Databricks runs that have ended, by the name of their job."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest

from anthill.ledger import jobs
from anthill.ledger.documents import Documents, Job, Jobs, jobs_key

DAYS = dt.date(2026, 6, 30), dt.date(2026, 7, 1)
SILVER = {
    "datasets": {
        "bars": {"days": 2, "silver_rows": 30, "quarantined": 1},
        "tickers": {"days": 0, "silver_rows": 4},
    }
}
WARNINGS = [f"warning {number}" for number in range(7)]


def told(s3: Any, bucket: str, *ended: Job) -> dict[str, Job]:
    """What stands in the index after these runs were told to it."""
    documents = Documents(s3, bucket)
    for number, job in enumerate(ended):
        jobs.record(documents, "forex", f"forex/r/{job.job}/{number}", job)
    return documents.read(jobs_key("forex", ended[-1].at), Jobs)[0].tasks


@pytest.mark.parametrize(
    ("job", "result", "kept"),
    [
        ("silver", SILVER, {"silver_rows": 34, "quarantined": 1, "datasets": ["bars"]}),
        ("silver", {}, {"silver_rows": 0, "quarantined": 0, "datasets": []}),
        ("quality", {"checks": 9, "warnings": WARNINGS}, {"checks": 9, "warnings": 7, "first": WARNINGS[:5]}),
        (
            "reconcile",
            {"checks": 9, "settled": {"minute_stream": ["2026-06-16"]}},
            {"checks": 9, "warnings": 0, "first": [], "settled": {"minute_stream": ["2026-06-16"]}},
        ),
        ("reconcile", {"warnings": WARNINGS, "warned": 40}, {"checks": 0, "warnings": 40, "first": WARNINGS[:5]}),
        (
            "gold",
            {"tables": {"prices": {"fresh_until": "2026-07-01", "rows": 3}, "returns": {}}},
            {"fresh_until": {"prices": "2026-07-01", "returns": None}},
        ),
        ("grants", {"added": 3}, {}),
    ],
)
def test_of_a_result_what_people_ask_for_is_kept(
    s3: Any, bucket: str, job: str, result: dict[str, Any], kept: dict[str, Any]
) -> None:
    """Sums of silver, five warnings and how many there are, how far each table of gold is."""
    (found,) = told(s3, bucket, jobs.ended(job, DAYS, "https://runs/1", result)).values()
    assert found.facts == kept
    assert (found.job, found.market_date_from, found.market_date_to, found.page) == (job, *DAYS, "https://runs/1")
    assert (found.ok, found.message) == (True, "")
    assert dt.timedelta(0) <= dt.datetime.now(dt.UTC) - found.at < dt.timedelta(minutes=30)


def test_a_run_is_beside_those_before_it_and_a_failure_is_cut(s3: Any, bucket: str) -> None:
    """A record a run; a message is as long as a person reads."""
    found = told(s3, bucket, jobs.ended("gold", DAYS, "", {}), jobs.ended("silver", DAYS, "", {}, "word " * 200))
    assert list(found) == ["forex/r/gold/0", "forex/r/silver/1"]
    assert not found["forex/r/silver/1"].ok
    assert 590 < len(found["forex/r/silver/1"].message) <= 600


def test_an_index_that_cannot_be_told_is_a_line_in_the_log(s3: Any, caplog: pytest.LogCaptureFixture) -> None:
    """What has ended has ended: the run goes on."""
    with caplog.at_level(logging.WARNING):
        jobs.record(Documents(s3, "no-such-bucket"), "forex", "forex/r/gold/1", jobs.ended("gold", DAYS, "", {}))
    assert "The coverage index was not told of this run" in caplog.text
