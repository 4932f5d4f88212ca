"""The numbers of a market day reach StatsD and CloudWatch as they are."""

from __future__ import annotations

import datetime as dt
import socket
from typing import Any

import boto3
import pytest

from anthill.alerts import metrics
from anthill.alerts.outcome import Outcome

DAY = dt.date(2026, 7, 2)
ENDED = dt.datetime(2026, 7, 3, 2, 30, tzinfo=dt.UTC)  # half an hour after stocks are due, 22:00 New York
RESULTS = {
    "land.bars": {"rows": 11_000, "waited": 1.5},
    "silver": {"seconds": 12.0, "datasets": {}},
    "quality": {"seconds": 3.0},
}
RUN = Outcome("stocks", DAY, "link", {"land.bars": "success", "gold": "failed"}, {}, RESULTS)
SENT = {
    ("LandedRows", "bars"): 11_000,
    ("RateLimitWait", "bars"): 1.5,
    ("DatabricksTime", "silver"): 12.0,
    ("DatabricksTime", "quality"): 3.0,
    ("Lateness", ""): 1800.0,
    ("Incomplete", ""): 1.0,
}


def test_cloudwatch_has_them_by_asset_class_and_part(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under the namespace that is configured, and nowhere when none is."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__METRICS_NAMESPACE", "Anthill")
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    cloudwatch = boto3.client("cloudwatch", endpoint_url=s3_url, **keys)
    metrics.send(RUN, ENDED, cloudwatch)
    found: dict[tuple[str, str], Any] = {}
    now = dt.datetime.now(dt.UTC)
    for metric in cloudwatch.list_metrics(Namespace="Anthill")["Metrics"]:
        dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
        assert dimensions["AssetClass"] == "stocks"
        (point,) = cloudwatch.get_metric_statistics(
            Namespace="Anthill",
            MetricName=metric["MetricName"],
            Dimensions=metric["Dimensions"],
            StartTime=now - dt.timedelta(hours=1),
            EndTime=now + dt.timedelta(hours=1),
            Period=86400,
            Statistics=["Sum"],
        )["Datapoints"]
        found[metric["MetricName"], dimensions.get("Part", "")] = point["Sum"]
    assert found == SENT


def test_statsd_has_them_as_gauges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Airflow's metrics go over StatsD, these go too."""
    from airflow.sdk._shared.observability.metrics import stats
    from airflow.sdk.observability.metrics import statsd_logger

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_ON", "True")
        monkeypatch.setenv("AIRFLOW__METRICS__STATSD_PORT", str(listener.getsockname()[1]))
        monkeypatch.setattr(stats, "_backend", statsd_logger.get_statsd_logger())
        metrics.send(RUN, ENDED)
        lines = [listener.recv(1024).decode() for _ in SENT]
    assert "airflow.anthill.stocks.bars.LandedRows:11000|g" in lines
    assert "airflow.anthill.stocks.Lateness:1800.0|g" in lines


def test_nobody_waits_for_old_days() -> None:
    """A backfill of last year is not a year late."""
    assert metrics.lateness(RUN, ENDED + dt.timedelta(days=30)) is None
    assert metrics.lateness(RUN, ENDED - dt.timedelta(hours=4)) == 0.0
