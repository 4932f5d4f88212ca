"""Where messages go: an SNS topic for what somebody acts on, one for what somebody reads."""

from __future__ import annotations

import logging

from anthill import settings
from anthill.alerts.alert import Alert

log = logging.getLogger(__name__)


def publish(alert: Alert, aws_conn_id: str = "aws_default") -> None:
    """Send a message to its topic, with attributes that subscriptions can filter by; without a topic it is logged."""
    topic = settings.topic(alert.severity)
    if not topic:
        log.info("No topic for %ss is configured, so this goes nowhere else:\n%s", alert.severity, alert.text)
        return
    from airflow.providers.amazon.aws.hooks.sns import SnsHook

    hook = SnsHook(aws_conn_id=aws_conn_id)  # type: ignore[no-untyped-call]
    hook.publish_to_target(
        topic,
        alert.text,
        subject=alert.subject,
        message_attributes={
            "kind": alert.kind,
            "severity": alert.severity,
            "asset_class": alert.asset_class,
            "market_date": str(alert.market_date),
        },
    )
    log.info("Sent to %s: %s", topic, alert.subject)
