"""What tells Airflow of dropped files, on the emulator as terraform/modules/drop-zone makes it: a rule and a queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local import lake

# The emulator's account; boto3 goes where AWS_ENDPOINT_URL says, whatever host a queue's URL has.
URL = f"https://sqs.{lake.REGION}.amazonaws.com/000000000000/{lake.DROP}"
PATTERN = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {"bucket": {"name": [lake.DROP]}, "object": {"key": [{"prefix": "input/"}]}},
}


def hang(client: Callable[[str], Any]) -> None:
    """Make all of it by clients of services by name; what is there stays as it is."""
    sqs, events = client("sqs"), client("events")
    dead, rings = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in (f"{lake.DROP}-dead", lake.DROP))
    arns = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for url in (dead, rings)
    ]
    redrive = {"deadLetterTargetArn": arns[0], "maxReceiveCount": 5}
    sqs.set_queue_attributes(QueueUrl=rings, Attributes={"RedrivePolicy": json.dumps(redrive)})
    events.put_rule(Name=lake.DROP, EventPattern=json.dumps(PATTERN))
    target = {"Id": "queue", "Arn": arns[1], "DeadLetterConfig": {"Arn": arns[0]}}
    events.put_targets(Rule=lake.DROP, Targets=[target])
    client("s3").put_bucket_notification_configuration(
        Bucket=lake.DROP, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
