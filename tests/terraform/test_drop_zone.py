"""Who may do what with dropped files: people in their own folders, Airflow with all, EventBridge with the queue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local import bell
from local.policy import decide, statements
from tests.terraform.conftest import Render
from tests.terraform.test_policies import ACCOUNT, LAKE_KEY, MODULES, REGION, rendered

BUCKET = "arn:aws:s3:::anthill-dev-drop"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:anthill-dev-drop"
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/anthill-dev-drop"
OWN = ("input/depot/stock/june.csv", "output/depot/stock/june.csv/20260101T000000Z-0/answer.json")
OTHERS = ("depot/stocks/june.csv", "depot/june.csv", "stocks/tickers/june.csv", "june.csv")


@pytest.fixture(scope="module")
def zone(render: Render) -> dict[str, Any]:
    """The policies of the bucket, of the queues and of an owner of `depot/stock/`."""
    return rendered(render, "drop-zone")


@pytest.fixture(scope="module")
def owner(zone: dict[str, Any]) -> list[Any]:
    """What somebody may who owns that dataset."""
    return statements(zone["people_policies"]["depots"])


def test_an_owner_drops_and_reads_what_came_of_it(owner: list[Any]) -> None:
    """All that the console, `anthill drop` and `aws s3 cp --recursive` of docs/how-to/add-a-file.md ask for."""
    dropped, answered = (f"{BUCKET}/{key}" for key in OWN)
    for call in ("PutObject", "GetObject", "AbortMultipartUpload", "ListMultipartUploadParts"):
        assert decide(owner, f"s3:{call}", dropped) == "allow"
    assert decide(owner, "s3:GetObject", answered) == "allow"
    for prefix in ("input/depot/stock/", "input/depot/stock/june.csv", "output/depot/stock/june.csv/"):
        assert decide(owner, "s3:ListBucket", BUCKET, {"s3:prefix": prefix}) == "allow"
    assert decide(owner, "s3:ListBucketMultipartUploads", BUCKET) == "allow"
    told = {"kms:ViaService": f"s3.{REGION}.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": BUCKET}
    for call in ("Decrypt", "GenerateDataKey"):
        assert decide(owner, f"kms:{call}", LAKE_KEY, told) == "allow"


def test_an_owner_does_nothing_else(owner: list[Any]) -> None:
    """Deletes, answers and claims nothing, sees no other's folder; the lake's key opens no other bucket."""
    dropped, answered = (f"{BUCKET}/{key}" for key in OWN)
    for place in (dropped, answered):
        assert decide(owner, "s3:DeleteObject", place) == "none"
        assert decide(owner, "s3:DeleteObjectVersion", place) == "none"
    for place in (answered, f"{BUCKET}/claims/depot/stock/0-1.json"):
        assert decide(owner, "s3:PutObject", place) == "none"
    for key in OTHERS:
        for call, folder in (("PutObject", "input"), ("GetObject", "input"), ("GetObject", "output")):
            assert decide(owner, f"s3:{call}", f"{BUCKET}/{folder}/{key}") == "none"
        assert decide(owner, "s3:ListBucket", BUCKET, {"s3:prefix": f"input/{key}"}) == "none"
    for listed in ({}, {"s3:prefix": ""}, {"s3:prefix": "input/"}):
        assert decide(owner, "s3:ListBucket", BUCKET, listed) == "none"
    for bucket in ("bronze", "personal", "drop-x"):
        told = {"kms:ViaService": f"s3.{REGION}.amazonaws.com", "kms:EncryptionContext:aws:s3:arn": BUCKET}
        told["kms:EncryptionContext:aws:s3:arn"] = f"arn:aws:s3:::anthill-dev-{bucket}"
        assert decide(owner, "kms:Decrypt", LAKE_KEY, told) == "none"
    assert decide(owner, "sqs:SendMessage", QUEUE) == "none"


def test_airflow_takes_every_file_and_answers(render: Render) -> None:
    """It reads versions, writes answers and claims, takes messages; it deletes no file and drops none."""
    airflow = statements(rendered(render, "mwaa")["policy_json"])
    may = {
        "s3:ListBucket": BUCKET,
        "s3:ListBucketVersions": BUCKET,
        "s3:GetObject": f"{BUCKET}/claims/depot/stock/0-1.json",
        "s3:GetObjectVersion": f"{BUCKET}/{OWN[0]}",
        "s3:PutObject": f"{BUCKET}/{OWN[1]}",
        "sqs:ReceiveMessage": QUEUE,
        "sqs:DeleteMessage": QUEUE,
    }
    for action, resource in may.items():
        assert decide(airflow, action, resource) == "allow", action
    assert decide(airflow, "s3:PutObject", f"{BUCKET}/claims/depot/stock/0-1.json") == "allow"
    for action, resource in (
        ("s3:PutObject", f"{BUCKET}/{OWN[0]}"),
        ("s3:DeleteObject", f"{BUCKET}/{OWN[0]}"),
        ("s3:DeleteObjectVersion", f"{BUCKET}/{OWN[0]}"),
        ("s3:DeleteObject", f"{BUCKET}/{OWN[1]}"),
        ("s3:GetObject", f"{BUCKET}/other/x"),
        ("sqs:SendMessage", QUEUE),
        ("sqs:ReceiveMessage", f"{QUEUE}-dead"),
        ("sqs:PurgeQueue", QUEUE),
    ):
        assert decide(airflow, action, resource) == "none", action


def test_an_answer_is_written_once(zone: dict[str, Any]) -> None:
    """By whoever; what lies beside it has its digest in its name, and dropped files are replaced as people like."""
    policy, tls = statements(zone["policy_json"]), {"aws:SecureTransport": "true", "s3:ObjectCreationOperation": "true"}
    for key, decision in (
        (OWN[1], "deny"),
        ("claims/depot/stock/0-1.json", "deny"),
        (OWN[1].replace("answer.json", "accepted-0.csv"), "none"),
        (OWN[0], "none"),
    ):
        assert decide(policy, "s3:PutObject", f"{BUCKET}/{key}", tls, principal="somebody") == decision
        first = tls | {"s3:if-none-match": "*"}
        assert decide(policy, "s3:PutObject", f"{BUCKET}/{key}", first, principal="somebody") == "none"


def test_the_local_stack_rings_by_the_same_events(render: Render) -> None:
    """Files below `input/` that are whole, and nothing else."""
    (pattern,) = render("drop-zone", ["event_pattern"], **MODULES["drop-zone"][1]).values()
    assert json.loads(pattern) == bell.PATTERN


@pytest.mark.parametrize("queue", ["drop", "drop-dead"])
def test_a_message_comes_of_the_rule_alone(zone: dict[str, Any], queue: str) -> None:
    """Another rule's, another account's and anybody's with a policy of his own are denied; so is plain HTTP."""
    policy, arn = statements(zone["queue_policies"][queue]), QUEUE.replace("-drop", f"-{queue}")
    events, told = "events.amazonaws.com", {"aws:SourceArn": RULE, "aws:SecureTransport": "true"}
    assert decide(policy, "sqs:SendMessage", arn, told, principal=events) == "allow"
    for context in ({}, {"aws:SourceArn": f"{RULE}-x"}, {"aws:SourceArn": RULE.replace(ACCOUNT, "222222222222")}):
        assert (
            decide(policy, "sqs:SendMessage", arn, told | {"aws:SourceArn": ""} | context, principal=events) == "deny"
        )
        assert decide(policy, "sqs:SendMessage", arn, context, principal=f"arn:aws:iam::{ACCOUNT}:role/x") == "deny"
    plain = told | {"aws:SecureTransport": "false"}
    assert decide(policy, "sqs:SendMessage", arn, plain, principal=events) == "deny"
    assert decide(policy, "sqs:ReceiveMessage", arn, plain, principal=f"arn:aws:iam::{ACCOUNT}:role/x") == "deny"
