"""Operators see, start and stop recorders: moto's ECS through the provider's hook."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from airflow.sdk.exceptions import AirflowFailException
from moto import mock_aws
from moto.ecs.models import EC2ContainerServiceBackend

from anthill import run_note
from anthill.recorders.operator import Recorders

CLUSTER = "anthill-dev-recorder"
IMAGE = f"111111111111.dkr.ecr.us-east-1.amazonaws.com/{CLUSTER}@sha256:{'1' * 64}"
Do = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the run's note says, in the place of Airflow's API."""
    said: list[str] = []
    monkeypatch.setattr(run_note, "write", lambda context, text: said.append(text))
    return said


@pytest.fixture
def ecs(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A cluster with the recorders of crypto, running, and of stocks, stopped."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__RECORDER_CLUSTER", CLUSTER)
    connection = {"conn_type": "aws", "login": "x", "password": "x", "extra": {"region_name": "us-east-1"}}
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", json.dumps(connection))
    with mock_aws():
        client = boto3.client("ecs", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        client.create_cluster(clusterName=CLUSTER)
        for name, count in (("crypto", 1), ("stocks", 0)):
            family = f"{CLUSTER}-{name}"
            definition = [{"name": "recorder", "image": IMAGE, "memory": 512}]
            client.register_task_definition(family=family, containerDefinitions=definition)
            client.create_service(cluster=CLUSTER, serviceName=name, taskDefinition=family, desiredCount=count)
            client.update_service(cluster=CLUSTER, service=name, desiredCount=count)  # by which moto's tasks run
        yield client


@pytest.fixture
def do(notes: list[str]) -> Do:
    """What the task returns for what a form asks for."""

    def done(do: str = "look", asset_class: str = "all") -> list[dict[str, Any]]:
        return Recorders(task_id="recorders", asset_class=asset_class, do=do, seconds=0).execute({})  # type: ignore[typeddict-item]

    return done


def test_all_are_shown(ecs: Any, do: Do, notes: list[str]) -> None:
    """Wanted, running and of which image; looking changes nothing."""
    assert [(each["asset_class"], each["wanted"], each["runs"], each["image"]) for each in do()] == [
        ("crypto", 1, 1, IMAGE),
        ("stocks", 0, 0, IMAGE),
    ]
    short = "sha256:111111111111"
    assert notes == [f"crypto runs ({short})\nstocks is stopped ({short})"]


def test_one_that_is_taken_away_is_none(ecs: Any, do: Do) -> None:
    """ECS describes a deleted service for a while."""
    ecs.delete_service(cluster=CLUSTER, service="stocks", force=True)
    assert [each["asset_class"] for each in do()] == ["crypto"]


def test_one_is_started_and_stopped(ecs: Any, do: Do, notes: list[str]) -> None:
    """The number of its tasks, and of no other's."""
    for verb, tasks in (("start", 1), ("start", 1), ("stop", 0)):
        told = {each["asset_class"]: each["wanted"] for each in do(verb, "stocks")}
        assert told == {"crypto": 1, "stocks": tasks}
    found = ecs.describe_services(cluster=CLUSTER, services=["crypto", "stocks"])["services"]
    assert [each["desiredCount"] for each in found] == [1, 0]
    assert notes[-1].splitlines()[1].startswith("stocks is stopped")


@pytest.mark.parametrize("asset_class", ["all", "forex"])
def test_what_has_no_recorder_is_not_started(ecs: Any, do: Do, asset_class: str) -> None:
    """Whose there are, and where another is declared."""
    with pytest.raises(AirflowFailException, match=r"has no recorder in .*, there are: crypto, stocks\. Declare"):
        do("start", asset_class)


def test_one_that_does_not_start_says_what_ecs_says(ecs: Any, do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that cannot pull its image runs never: the task is red, and the wish stays."""
    update = EC2ContainerServiceBackend.update_service

    def never(self: Any, properties: dict[str, Any]) -> Any:
        service = update(self, properties)
        service.running_count, service.events = 0, [{"id": "1", "message": "unable to pull the image", "createdAt": 0}]
        return service

    monkeypatch.setattr(EC2ContainerServiceBackend, "update_service", never)
    with pytest.raises(AirflowFailException, match=r"stocks does not start: 0 of 1 tasks run\. ECS says: unable"):
        do("start", "stocks")


def test_without_a_cluster_it_says_how_else(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    """On one machine a recorder is a process."""
    monkeypatch.delenv("AIRFLOW__ANTHILL__RECORDER_CLUSTER", raising=False)
    with pytest.raises(AirflowFailException, match="started by `anthill record`"):
        do()
