"""The S3 and SNS of the alerts' tests: moto over HTTP."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

__all__ = ["bucket", "s3", "s3_url"]

Read = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def topic(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Read]:
    """A topic that Airflow's AWS connection reaches, and what its subscriber has received."""
    given = {"endpoint_url": s3_url, "region_name": "us-east-1"}
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(s3_url))
    sns, sqs = boto3.client("sns", **given, **keys), boto3.client("sqs", **given, **keys)
    name = uuid.uuid4().hex
    arn = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    of_queue = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=of_queue)

    def read() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return found

    return arn, read
