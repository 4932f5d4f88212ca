"""The recorders of an environment as ECS has them: one service an asset class, of one task or none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

_AT_ONCE = 10  # services that one call describes
_SAID = 3  # of ECS's last words


class Recorder(msgspec.Struct, frozen=True):
    """One recorder: how many tasks are wanted and run, of which image, and what ECS last said of it."""

    asset_class: str
    wanted: int
    runs: int
    image: str  # by its digest
    said: tuple[str, ...]

    def __str__(self) -> str:
        """In a line."""
        state = "runs" if self.runs else "starts" if self.wanted else "is stopped"
        leaving = " until its task has ended" if self.runs and not self.wanted else ""
        return f"{self.asset_class} {state}{leaving} ({self.image.rpartition('@')[2][:19] or 'no image'})"


class Services:
    """The cluster, by a client of ECS."""

    def __init__(self, client: Any, cluster: str) -> None:
        self._client, self._cluster = client, cluster

    def recorders(self, asset_classes: Iterable[str]) -> dict[str, Recorder]:
        """Those of these asset classes that have a service."""
        names, found = sorted(asset_classes), {}
        for at in range(0, len(names), _AT_ONCE):
            asked = {"cluster": self._cluster, "services": names[at : at + _AT_ONCE]}
            for service in self._client.describe_services(**asked)["services"]:
                if service["status"] == "ACTIVE":
                    found[service["serviceName"]] = self._recorder(service)
        return found

    def want(self, asset_class: str, tasks: int) -> None:
        """Let so many tasks run: one, or none."""
        self._client.update_service(cluster=self._cluster, service=asset_class, desiredCount=tasks)

    def settle(self, asset_class: str, looks: int, seconds: int) -> bool:
        """Wait until as many run as are wanted; whether they do after so many looks."""
        from botocore.exceptions import WaiterError

        often = {"Delay": seconds, "MaxAttempts": looks}
        try:
            waiter = self._client.get_waiter("services_stable")
            waiter.wait(cluster=self._cluster, services=[asset_class], WaiterConfig=often)
        except WaiterError:
            return False
        return True

    def _recorder(self, service: dict[str, Any]) -> Recorder:
        named = self._client.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
        return Recorder(
            asset_class=service["serviceName"],
            wanted=service["desiredCount"],
            runs=service["runningCount"],
            image=named["containerDefinitions"][0]["image"],
            said=tuple(event["message"] for event in service.get("events", [])[:_SAID]),
        )
