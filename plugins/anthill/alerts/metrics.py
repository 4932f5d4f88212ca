"""Numbers over time, of market days and dropped files: Airflow metrics over StatsD, and CloudWatch, under a namespace.

MWAA hands on only those of Airflow's metrics that it knows, so the dashboard there stands on the second way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from airflow.sdk.observability.stats import gauge

from anthill import settings
from anthill.alerts.outcome import Outcome

_WAITED_FOR = dt.timedelta(days=7)  # nobody waits for older days: how late they end says nothing


class Metric(NamedTuple):
    """A number with its unit in CloudWatch; `part` is the dataset or job that it is about, "" for the whole day."""

    name: str
    part: str
    value: float
    unit: str


def of(outcome: Outcome, now: dt.datetime) -> Iterator[Metric]:
    """Rows landed, waits for the plan's rate, Databricks time, how late the day ended, and whether it is whole."""
    for task, result in outcome.results.items():
        part = task.removeprefix("land.")
        if part != task:
            yield Metric("LandedRows", part, result.get("rows", 0), "Count")
            yield Metric("RateLimitWait", part, result.get("waited", 0.0), "Seconds")
        elif "seconds" in result:
            yield Metric("DatabricksTime", part, result["seconds"], "Seconds")
    if (late := lateness(outcome, now)) is not None:
        yield Metric("Lateness", "", late, "Seconds")
    yield Metric("Incomplete", "", float(not outcome.is_whole), "Count")


def send(outcome: Outcome, now: dt.datetime, cloudwatch: Any = None) -> None:
    """Send them all, with the connection's client where a namespace is configured."""
    metrics = list(of(outcome, now))
    for name, part, value, _ in metrics:
        gauge(".".join(filter(None, ["anthill", outcome.asset_class, part, name])), value)
    if namespace := settings.metrics_namespace():
        data = [_datum(outcome.asset_class, metric) for metric in metrics]
        (cloudwatch or _client()).put_metric_data(Namespace=namespace, MetricData=data)


def send_drop_wait(seconds: float, cloudwatch: Any = None) -> None:
    """How long the oldest dropped file has waited that has no answer, 0 where none waits: an alarm looks at it."""
    gauge("anthill.DropWait", seconds)
    if namespace := settings.metrics_namespace():
        data = {"MetricName": "DropWait", "Value": seconds, "Unit": "Seconds"}
        (cloudwatch or _client()).put_metric_data(Namespace=namespace, MetricData=[data])


def lateness(outcome: Outcome, now: dt.datetime) -> float | None:
    """Seconds from the moment at which the day was due until now; None for days that nobody waits for."""
    from anthill import catalog
    from anthill.calendars import session_close

    declared = catalog.load(outcome.asset_class)
    late = now - session_close(declared.calendar, outcome.market_date) - declared.due_after_close
    return max(0.0, late.total_seconds()) if late < _WAITED_FOR else None


def _datum(asset_class: str, metric: Metric) -> dict[str, Any]:
    dimensions = {"AssetClass": asset_class, **({"Part": metric.part} if metric.part else {})}
    return {
        "MetricName": metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Value": metric.value,
        "Unit": metric.unit,
    }


def _client() -> Any:
    from airflow.providers.amazon.aws.hooks.base_aws import AwsBaseHook

    return AwsBaseHook(aws_conn_id="aws_default", client_type="cloudwatch").get_conn()
