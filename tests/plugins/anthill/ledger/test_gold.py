"""The index hears of gold from the jobs that load and publish, in any order."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from anthill import catalog
from anthill.coverage.reader import Reader
from anthill.ledger import gold
from anthill.ledger.documents import Documents, GoldDays, gold_key

FOREX = catalog.load("forex")
TABLE, OTHER = FOREX.gold[0], FOREX.gold[1]
DATASET = next(iter(FOREX.datasets))
TUE, WED, THU = dt.date(2026, 6, 30), dt.date(2026, 7, 1), dt.date(2026, 7, 2)
PUBLISHED = {"reads": [DATASET], "published": ["2026-06-30/2026-07-02"], "held_back": []}


def told(s3: Any, bucket: str, table: str = TABLE) -> dict[dt.date, tuple[str, str]]:
    """The state of each day and why, as a reader sees them."""
    found = Reader(Documents(s3, bucket), bucket).gold("forex", [table], [2026])[table]
    return {day: (each.state, each.why) for day, each in found.days.items()}


def hear(s3: Any, bucket: str, job: str, result: dict[str, Any], run: str = "forex/r/gold/1") -> None:
    """Tell the index of a job's result."""
    gold.hear(Documents(s3, bucket), FOREX, run, job, result)


def test_a_gold_job_tells_how_its_days_stand(s3: Any, bucket: str) -> None:
    """Published, held back and outdated, with why and by whom; of each table what it waits for."""
    held = [
        {"days": ["2026-07-01"], "why": f"{DATASET} broke row_count", "outdated": False},
        {"days": ["2026-07-02"], "why": "not checked", "outdated": True},
    ]
    hear(s3, bucket, "gold", {"standing": {TABLE: {**PUBLISHED, "published": ["2026-06-30"], "held_back": held}}})
    assert told(s3, bucket) == {
        TUE: ("published", ""),
        WED: ("held back", f"{DATASET} broke row_count"),
        THU: ("outdated", "not checked"),
    }
    document, _ = Documents(s3, bucket).read(gold_key("forex", TABLE, 2026), GoldDays)
    assert document.reads == (DATASET,)
    assert {each.run for each in document.days.values()} == {"forex/r/gold/1"}


def test_what_silver_loads_anew_is_outdated_until_it_is_published(s3: Any, bucket: str) -> None:
    """Of the tables that read it, on the days that they have, until gold has taken it up."""
    other = {**PUBLISHED, "reads": ["something_else"]}
    hear(s3, bucket, "gold", {"standing": {TABLE: {**PUBLISHED, "published": ["2026-06-30/2026-07-01"]}, OTHER: other}})
    load = {DATASET: {"days": 3, "loaded_on": ["2026-07-01/2026-07-02"]}, "unknown": {"loaded_on": []}}
    hear(s3, bucket, "silver", {"datasets": load}, "forex/r/silver/1")
    assert told(s3, bucket) == {
        TUE: ("published", ""),
        WED: ("outdated", f"{DATASET}: loaded since, and not published yet"),
    }
    assert set(told(s3, bucket, OTHER).values()) == {("published", "")}
    hear(s3, bucket, "gold", {"standing": {TABLE: PUBLISHED}})
    assert set(told(s3, bucket).values()) == {("published", "")}


def test_a_held_back_day_keeps_its_reason(s3: Any, bucket: str) -> None:
    """A load alone changes nothing of it."""
    held = [{"days": ["2026-07-01"], "why": "broke", "outdated": False}]
    hear(s3, bucket, "gold", {"standing": {TABLE: {**PUBLISHED, "published": [], "held_back": held}}})
    hear(s3, bucket, "silver", {"datasets": {DATASET: {"loaded_on": ["2026-07-01"]}}})
    assert told(s3, bucket) == {WED: ("held back", "broke")}


@pytest.mark.parametrize("job", ["quality", "reconcile", "smoke", "as_of"])
def test_no_other_job_tells_of_gold(s3: Any, bucket: str, job: str) -> None:
    """And a job of an earlier version, which tells nothing, changes nothing."""
    hear(s3, bucket, job, {"standing": {TABLE: PUBLISHED}})
    hear(s3, bucket, "gold", {"tables": {}})
    hear(s3, bucket, "silver", {"datasets": {DATASET: {"days": 1}}})
    assert told(s3, bucket) == {}


def test_days_of_two_decades_lie_in_two_documents(s3: Any, bucket: str) -> None:
    """And are read together."""
    hear(s3, bucket, "gold", {"standing": {TABLE: {**PUBLISHED, "published": ["2019-12-31/2020-01-02"]}}})
    found = Reader(Documents(s3, bucket), bucket).gold("forex", [TABLE], [2019, 2020])[TABLE]
    assert (found.reads, min(found.days), max(found.days)) == ((DATASET,), dt.date(2019, 12, 31), dt.date(2020, 1, 2))
