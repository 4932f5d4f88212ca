"""Messages reach the subscribers of their topic, with what subscriptions filter by."""

from __future__ import annotations

import datetime as dt
import logging

import pytest

from anthill.alerts.alert import Alert
from anthill.alerts.topics import publish
from tests.plugins.anthill.alerts.conftest import Read

FAILURE = Alert("failure", "stocks", dt.date(2026, 7, 2), "silver failed", "look at it", "https://airflow.example")


def test_an_alert_goes_to_its_topic(topic: tuple[str, Read], monkeypatch: pytest.MonkeyPatch) -> None:
    """Subject, text and attributes arrive."""
    arn, received = topic
    monkeypatch.setenv("AIRFLOW__ANTHILL__ALERT_TOPIC_ARN", arn)
    publish(FAILURE)
    (message,) = received()
    assert (message["Subject"], message["Message"]) == (FAILURE.subject, FAILURE.text)
    attributes = {name: value["Value"] for name, value in message["MessageAttributes"].items()}
    assert attributes == {
        "kind": "failure",
        "severity": "alert",
        "asset_class": "stocks",
        "market_date": "2026-07-02",
    }


def test_without_a_topic_it_is_in_the_log(topic: tuple[str, Read], caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is sent, and the text is not lost."""
    with caplog.at_level(logging.INFO):
        publish(FAILURE)
    assert FAILURE.text in caplog.text
    assert topic[1]() == []
