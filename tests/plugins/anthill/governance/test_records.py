"""Plans and records in bronze's bucket: written once, found again, and never believed when others wrote them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from anthill.bronze.commits import TamperedError
from anthill.governance.plan import Item, Plan
from anthill.governance.records import Outcome, Record, Records

PLAN = Plan(catalog="dev", added=(Item(kind="grant", on="table dev.gold.t", who="a", what="SELECT", at="x.yaml:3"),))
OTHER = Plan(catalog="dev", kept=PLAN.added)


def record(plan: Plan, second: int, outcome: Outcome = "applied") -> Record:
    """What came of a plan at a second of a minute."""
    at = dt.datetime(2026, 11, 29, 17, 0, second, tzinfo=dt.UTC)
    return Record(sha256=plan.sha256, outcome=outcome, by="anna", answered_at=at, run="governance/r", at=at)


def test_a_plan_is_found_by_its_sha256(s3: Any, bucket: str) -> None:
    """It is one object however often it is made, and its bytes are those that have the digest."""
    records = Records(s3, bucket)
    assert records.keep(PLAN) == records.keep(PLAN) == PLAN.sha256
    (entry,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert entry["Key"] == f"governance/plans/{PLAN.sha256}.json"
    assert s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read() == PLAN.body()
    assert records.plan(PLAN.sha256).sha256 == PLAN.sha256


def test_a_plan_that_is_another_is_not_believed(s3: Any, bucket: str) -> None:
    """What somebody wrote by hand under a digest is no plan that was approved."""
    s3.put_object(Bucket=bucket, Key=f"governance/plans/{PLAN.sha256}.json", Body=OTHER.body())
    with pytest.raises(TamperedError, match=f"governance/plans/{PLAN.sha256}.json is the plan {OTHER.sha256}"):
        Records(s3, bucket).plan(PLAN.sha256)


def test_the_newest_plan_that_was_applied_is_the_approved_one(s3: Any, bucket: str) -> None:
    """Whatever was rejected, moved on or failed since; without any there is none."""
    records = Records(s3, bucket)
    assert records.approved() is None
    for plan in (PLAN, OTHER):
        records.keep(plan)
    records.write(record(OTHER, 1))
    key = records.write(record(PLAN, 2))
    for second, outcome in enumerate(("rejected", "unanswered", "moved", "failed"), 3):
        records.write(record(OTHER, second, outcome))  # type: ignore[arg-type]
    s3.put_object(Bucket=bucket, Key="governance/records/99999999T000000000000Z-applied-x.json", Body=b"{}")
    assert key == f"governance/records/20261129T170002000000Z-applied-{PLAN.sha256}.json"
    assert records.newest() == record(PLAN, 2)
    assert records.approved() == Records(s3, bucket).plan(PLAN.sha256)


def test_what_is_there_is_never_replaced(s3: Any, bucket: str) -> None:
    """Every object is created and none is written over."""
    calls: list[dict[str, Any]] = []
    s3.meta.events.register("before-parameter-build.s3.PutObject", lambda params, **_: calls.append(params))
    records = Records(s3, bucket)
    records.keep(PLAN)
    records.write(record(PLAN, 1))
    records.write(record(PLAN, 1))
    assert [call["IfNoneMatch"] for call in calls] == ["*"] * 3
    assert len(s3.list_objects_v2(Bucket=bucket)["Contents"]) == 2
