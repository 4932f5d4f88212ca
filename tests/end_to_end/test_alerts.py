"""An operator hears of a day that fails, once, and of its recovery; over real HTTP from the task to a subscriber."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from anthill import catalog
from local import connections, lake
from local.stack import Stack
from tests.end_to_end.conftest import run_day, states

pytestmark = pytest.mark.long
DAY = "2026-07-02"
Received = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def received(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Received:
    """What a subscriber of both topics has received since it was last asked."""
    ours = {"endpoint_url": stack.addresses.s3, "region_name": lake.REGION}
    ours |= {"aws_access_key_id": lake.KEY, "aws_secret_access_key": lake.KEY}
    sns, sqs = boto3.client("sns", **ours), boto3.client("sqs", **ours)
    queue = sqs.create_queue(QueueName="operators")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for severity in ("alert", "notice"):
        topic = sns.create_topic(Name=f"{severity}s")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        monkeypatch.setenv(f"AIRFLOW__ANTHILL__{severity.upper()}_TOPIC_ARN", topic)

    def read() -> list[dict[str, Any]]:
        found = []
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    return read


def test_a_failure_is_told_once_and_its_end_too(
    airflow_database: None, stack: Stack, faults: Path, received: Received, capfd: pytest.CaptureFixture[str]
) -> None:
    """Red with the API's words, silent at the same failure again, whole again after the recovery."""
    faults.write_text(json.dumps([{"match": {"path": "/range/1/minute/"}, "then": {"error": "not_entitled"}}]))
    for expected in (1, 0):
        outcome = states(run_day(DAY, "forex"))
        assert (outcome["land.minute_bars"], outcome["complete"]) == ("failed", "failed")
        told = [message for message in received() if "failure" in message["Subject"]]
        assert len(told) == expected
        for message in told:
            assert message["Subject"].startswith(f"forex {DAY} failure: land.minute_bars, quality failed")
            assert "You are not entitled to this data" in message["Message"]
            assert "First: open the log of the task" in message["Message"]
            assert "/dags/forex/runs/manual__" in message["Message"]
            assert connections.POLYGON_KEY not in message["Message"]
    faults.write_text("[]")
    for expected in (1, 0):
        assert set(states(run_day(DAY, "forex")).values()) == {"success"}
        told = [message for message in received() if "recovery" in message["Subject"]]
        assert len(told) == expected
    assert connections.POLYGON_KEY not in "".join(capfd.readouterr())


def test_every_table_has_an_event_with_its_rows(airflow_database: None, stack: Stack) -> None:
    """The asset graph goes from the source's answers to gold, and others can schedule on any of it."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    declared = catalog.load("forex")
    with create_session() as session:
        rows = session.execute(
            select(AssetModel.name, AssetEvent.extra)
            .join(AssetEvent, AssetEvent.asset_id == AssetModel.id)
            .order_by(AssetEvent.id)
        ).all()
    events = {name: extra for name, extra in rows if ".forex." in name}
    assert events.keys() == {
        *(f"{layer}.forex.{name}" for layer in ("bronze", "silver") for name in declared.daily),
        *(f"gold.forex.{name}" for name in declared.gold),
    }
    (bars,) = stack.warehouse().records(
        f"SELECT count(*) AS n FROM silver.forex_grouped_daily WHERE market_date = DATE'{DAY}'"
    )
    assert events["bronze.forex.grouped_daily"] == {"market_date": DAY, "rows": bars["n"]}
    assert events["silver.forex.grouped_daily"]["days"] >= 1
    assert events["gold.forex.daily_prices"]["fresh_until"] == DAY
