"""The recorders of an environment: services of one cluster, each moved to an image by its digest, and back as well."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from delivery.errors import DeliveryError, StillAtWorkError

# What a definition is registered with; all else in its description is ECS's own.
_TAKEN = (
    "family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes",
    "requiresCompatibilities", "cpu", "memory", "runtimePlatform", "ephemeralStorage",
)  # fmt: skip


class Recorders:
    """The services of a cluster, by a client of ECS; looks every `poll` seconds and gives up after `patience`."""

    def __init__(
        self, client: Any, cluster: str, say: Callable[[str], None], *, poll: float = 10, patience: float = 1200
    ) -> None:
        self.client, self.cluster, self.say = client, cluster, say
        self.poll, self.patience = poll, patience

    def move(self, image: Callable[[], str]) -> None:
        """Run an image everywhere, as Terraform has last declared the tasks; what runs it already is left as it is.

        Where nothing is recorded nobody asks for the image: a release of before there were any is one all the same.
        """
        services = list(self._services())
        if not services:
            self.say(f"{self.cluster} has no services: no asset class is recorded here")
            return
        named = image()
        for service in services:
            self._move(service, named)

    def _services(self) -> Iterator[dict[str, Any]]:
        """Every service, as ECS describes it."""
        pages = self.client.get_paginator("list_services").paginate(cluster=self.cluster)
        arns = [arn for page in pages for arn in page["serviceArns"]]
        for at in range(0, len(arns), 10):  # as many as one call describes
            yield from self.client.describe_services(cluster=self.cluster, services=arns[at : at + 10])["services"]

    def _move(self, service: dict[str, Any], image: str) -> None:
        name = service["serviceName"]
        newest = self._definition(f"{self.cluster}-{name}")
        wanted = newest | {"containerDefinitions": [each | {"image": image} for each in newest["containerDefinitions"]]}
        if self._definition(service["taskDefinition"]) == wanted:
            self.say(f"{name} runs it already")
            return
        arn = self.client.register_task_definition(**wanted)["taskDefinition"]["taskDefinitionArn"]
        self.client.update_service(cluster=self.cluster, service=name, taskDefinition=arn)
        self.say(f"{name}: {arn.rpartition('/')[2]}, {service['desiredCount'] or 'no'} task")
        self._settled(name, arn)

    def _definition(self, name: str) -> dict[str, Any]:
        """What a task definition says, by its ARN, or the newest of a family."""
        described = self.client.describe_task_definition(taskDefinition=name)["taskDefinition"]
        return {key: described[key] for key in _TAKEN if key in described}

    def _settled(self, name: str, arn: str) -> None:
        """Wait until the service runs it; DeliveryError where ECS has gone back by itself."""
        end, begun = time.monotonic() + self.patience, False
        while True:
            (now,) = self.client.describe_services(cluster=self.cluster, services=[name])["services"]
            ours = next((each for each in now["deployments"] if each["taskDefinition"] == arn), None)
            # A description may lag behind the update; one that is gone again has failed.
            state = ours["rolloutState"] if ours else "FAILED" if begun else "IN_PROGRESS"
            begun = begun or ours is not None
            if state == "FAILED":
                said = "; ".join(event["message"] for event in now.get("events", [])[:3]) or "its console says why"
                raise DeliveryError(f"the recorder of {name} did not start with the new image, ECS went back: {said}")
            if state == "COMPLETED" and now["runningCount"] == now["desiredCount"]:
                return
            if time.monotonic() > end:
                raise StillAtWorkError(
                    f"the recorder of {name} has {now['runningCount']} of {now['desiredCount']} tasks after"
                    f" {self.patience / 60:.0f} minutes; the same command again goes on from here"
                )
            time.sleep(self.poll)
