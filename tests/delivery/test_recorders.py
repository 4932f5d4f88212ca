"""Recorders are moved to an image by its digest and back; moto's ECS, with the deployments that updates make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.ecs.models import EC2ContainerServiceBackend, Service

from delivery.errors import DeliveryError, StillAtWorkError
from delivery.recorders import Recorders

CLUSTER = "anthill-dev-recorder"
URI = f"111111111111.dkr.ecr.us-east-1.amazonaws.com/{CLUSTER}"
FIRST, SECOND = (f"{URI}@sha256:{digit * 64}" for digit in "12")


@pytest.fixture
def ecs(monkeypatch: pytest.MonkeyPatch) -> Any:
    """ECS with a cluster."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("ecs", region_name="us-east-1")
        client.create_cluster(clusterName=CLUSTER)
        yield client


@pytest.fixture
def goes(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function (states of the new deployment, one a look; running at the end) that says how an update goes."""

    def planned(*states: str, running: int = 1) -> None:
        left: list[str] = []
        update, describe = EC2ContainerServiceBackend.update_service, EC2ContainerServiceBackend.describe_services

        def updated(self: Any, properties: dict[str, Any]) -> Service:
            service = update(self, properties)
            former = [each | {"status": "ACTIVE"} for each in service.deployments]
            new = {"status": "PRIMARY", "taskDefinition": service.task_definition, "rolloutState": "IN_PROGRESS"}
            service.deployments, service.running_count = [former[0] | new, *former[:1]], 0
            left[:] = states
            return service

        def described(self: Any, cluster: str, names: list[str]) -> Any:
            found, failures = describe(self, cluster, names)
            for service in found:
                if len(service.deployments) > 1 and left:
                    service.deployments[0]["rolloutState"] = left.pop(0)
                    if not left:
                        service.running_count = min(running, service.desired_count)
                if service.deployments[0]["rolloutState"] == "gone":  # ECS went back: the new one is listed no more
                    service.deployments = service.deployments[1:]
                    service.events = [{"id": "1", "message": "tasks failed to start", "createdAt": 0}]
            return found, failures

        monkeypatch.setattr(EC2ContainerServiceBackend, "update_service", updated)
        monkeypatch.setattr(EC2ContainerServiceBackend, "describe_services", described)

    return planned


def declared(ecs: Any, name: str, memory: str = "512") -> None:
    """A task as Terraform declares it, without an image."""
    ecs.register_task_definition(
        family=f"{CLUSTER}-{name}",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory=memory,
        executionRoleArn="arn:aws:iam::111111111111:role/start",
        taskRoleArn="arn:aws:iam::111111111111:role/record",
        volumes=[{"name": "spool"}],
        containerDefinitions=[{"name": "recorder", "image": f"{URI}:none", "command": ["record", name]}],
    )


def made(ecs: Any, name: str, count: int = 1) -> None:
    """A service of it."""
    declared(ecs, name)
    ecs.create_service(cluster=CLUSTER, serviceName=name, taskDefinition=f"{CLUSTER}-{name}", desiredCount=count)


def runs(ecs: Any, name: str) -> dict[str, Any]:
    """The definition that a service runs."""
    (service,) = ecs.describe_services(cluster=CLUSTER, services=[name])["services"]
    found: dict[str, Any] = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
    return found


def test_every_recorder_runs_the_image(ecs: Any, goes: Callable[..., None]) -> None:
    """By its digest, all else as Terraform has declared it; a second time nothing is registered."""
    goes("IN_PROGRESS", "COMPLETED")
    said: list[str] = []
    for name in ("crypto", "stocks"):
        made(ecs, name)
    Recorders(ecs, CLUSTER, said.append, poll=0).move(lambda: FIRST)
    for name in ("crypto", "stocks"):
        found = runs(ecs, name)
        (container,) = found["containerDefinitions"]
        assert (container["image"], container["command"]) == (FIRST, ["record", name])
        assert (found["taskRoleArn"][-6:], found["executionRoleArn"][-5:], found["memory"]) == (
            "record",
            "start",
            "512",
        )
        assert found["volumes"][0]["name"] == "spool"
        assert found["revision"] == 2
    Recorders(ecs, CLUSTER, said.append, poll=0).move(lambda: FIRST)
    assert said[-2:] == ["crypto runs it already", "stocks runs it already"]
    assert [runs(ecs, name)["revision"] for name in ("crypto", "stocks")] == [2, 2]


def test_a_release_before_is_brought_back(ecs: Any, goes: Callable[..., None]) -> None:
    """The same command with the former image."""
    goes("COMPLETED")
    made(ecs, "stocks")
    for image in (FIRST, SECOND, FIRST):
        Recorders(ecs, CLUSTER, print, poll=0).move(lambda image=image: image)
        assert runs(ecs, "stocks")["containerDefinitions"][0]["image"] == image


def test_what_terraform_has_changed_comes_with_the_next_delivery(ecs: Any, goes: Callable[..., None]) -> None:
    """Terraform's newest definition has no image: the delivery gives it one, the same as before or another."""
    goes("COMPLETED")
    made(ecs, "stocks")
    Recorders(ecs, CLUSTER, print, poll=0).move(lambda: FIRST)
    declared(ecs, "stocks", memory="1024")
    Recorders(ecs, CLUSTER, print, poll=0).move(lambda: FIRST)
    found = runs(ecs, "stocks")
    assert (found["memory"], found["containerDefinitions"][0]["image"]) == ("1024", FIRST)


def test_a_recorder_that_is_stopped_stays_stopped(ecs: Any, goes: Callable[..., None]) -> None:
    """An operator has stopped it; its next start takes the image."""
    goes("COMPLETED")
    made(ecs, "stocks", count=0)
    Recorders(ecs, CLUSTER, print, poll=0).move(lambda: FIRST)
    (service,) = ecs.describe_services(cluster=CLUSTER, services=["stocks"])["services"]
    assert service["desiredCount"] == 0
    assert runs(ecs, "stocks")["containerDefinitions"][0]["image"] == FIRST


@pytest.mark.parametrize("states", [("IN_PROGRESS", "FAILED"), ("IN_PROGRESS", "gone")])
def test_an_image_that_does_not_start_is_a_failure(
    ecs: Any, goes: Callable[..., None], states: tuple[str, ...]
) -> None:
    """ECS goes back by itself, and the delivery says so and of which."""
    goes(*states)
    made(ecs, "stocks")
    with pytest.raises(DeliveryError, match="the recorder of stocks did not start with the new image, ECS went back"):
        Recorders(ecs, CLUSTER, print, poll=0).move(lambda: FIRST)


@pytest.mark.parametrize("state", ["IN_PROGRESS", "COMPLETED"])
def test_one_that_takes_too_long_is_no_failure_yet(ecs: Any, goes: Callable[..., None], state: str) -> None:
    """It is told what there is, and that the same command goes on; completed is what has as many tasks as wanted."""
    goes(state, running=0)
    made(ecs, "stocks")
    with pytest.raises(StillAtWorkError, match="has 0 of 1 tasks after 0 minutes; the same command again goes on"):
        Recorders(ecs, CLUSTER, print, poll=0, patience=0).move(lambda: FIRST)


def test_nothing_recorded_is_nothing_to_do(ecs: Any) -> None:
    """An environment whose stack declares no asset class."""
    said: list[str] = []
    Recorders(ecs, CLUSTER, said.append).move(lambda: pytest.fail("an image is asked for"))
    assert said == [f"{CLUSTER} has no services: no asset class is recorded here"]
