"""An environment of Amazon MWAA: what it is, what it does, and its Airflow's REST API."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from delivery.artefacts import PLUGINS, REQUIREMENTS, STARTUP
from delivery.errors import DeliveryError, StillAtWorkError

AT_WORK = {"CREATING", "CREATING_SNAPSHOT", "MAINTENANCE", "PENDING", "ROLLING_BACK", "UPDATING"}
# After UPDATE_FAILED MWAA has restored what was there before, and takes the next update.
READY = {"AVAILABLE", "UPDATE_FAILED"}
_FIELDS = {PLUGINS: "Plugins", REQUIREMENTS: "Requirements", STARTUP: "StartupScript"}


class Environment:
    """One environment, by a client of MWAA; looks every `poll` seconds and gives up after `patience`."""

    def __init__(
        self, client: Any, name: str, say: Callable[[str], None], *, poll: float = 30, patience: float = 4 * 3600
    ) -> None:
        self.client, self.name, self.say = client, name, say
        self.poll, self.patience = poll, patience
        self.clock = dt.datetime.min.replace(tzinfo=dt.UTC)  # the server's, when it was last read

    def read(self) -> dict[str, Any]:
        """As MWAA describes it."""
        try:
            answer = self.client.get_environment(Name=self.name)
        except self.client.exceptions.ResourceNotFoundException:
            raise DeliveryError(
                f"there is no MWAA environment {self.name}: docs/terraform.md tells how to make it"
            ) from None
        self.clock = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        described: dict[str, Any] = answer["Environment"]
        return described

    def settled(self, earlier: Any = None) -> dict[str, Any]:
        """Wait until nothing is at work in it; with the `earlier` update's time, until a later one has ended."""
        end, last = time.monotonic() + self.patience, ""
        while True:
            now = self.read()
            status = now["Status"]
            begun = earlier is None or now.get("LastUpdate", {}).get("CreatedAt") != earlier
            if status in READY and begun:
                return now
            if status not in READY | AT_WORK:
                raise DeliveryError(f"{self.name} is {status}: nothing can be delivered to it; look at its console")
            if status != last:
                self.say(f"{self.name} is {status}")
                last = status
            if time.monotonic() > end:
                raise StillAtWorkError(
                    f"{self.name} is {status} after {self.patience / 60:.0f} minutes of waiting;"
                    " the same command again goes on from here"
                )
            time.sleep(self.poll)

    def versions(self) -> dict[str, str]:
        """The object versions that it names, by key; a file that it does not use is not among them."""
        now = self.read()
        named = {key: now.get(f"{field}S3ObjectVersion") for key, field in _FIELDS.items()}
        return {key: version for key, version in named.items() if version}

    def update(self, versions: Mapping[str, str]) -> None:
        """Name these object versions and wait; DeliveryError with MWAA's own words where the update fails.

        Workers finish their running tasks first, for up to 12 hours.
        """
        before = self.read().get("LastUpdate", {}).get("CreatedAt") or "never"
        paths = {f"{_FIELDS[key]}S3Path": key for key in versions}
        named = {f"{_FIELDS[key]}S3ObjectVersion": version for key, version in versions.items()}
        try:
            self.client.update_environment(Name=self.name, WorkerReplacementStrategy="GRACEFUL", **paths, **named)
        except self.client.exceptions.ValidationException as error:
            raise DeliveryError(f"MWAA refuses the update of {self.name}: {error}") from error
        now = self.settled(before)
        last = now.get("LastUpdate", {})
        if now["Status"] == "UPDATE_FAILED" or last.get("Status") == "FAILED":
            told = last.get("Error", {})
            raise DeliveryError(
                f"{self.name} could not be updated: {told.get('ErrorCode', 'no code')}:"
                f" {told.get('ErrorMessage', 'no message')}; its log groups airflow-{self.name}-* say more"
            )

    def rest(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One call of Airflow's REST API, below /api/v2."""
        asked: dict[str, Any] = {"Name": self.name, "Method": method, "Path": path}
        asked |= {"Body": body} if body is not None else {}
        asked |= {"QueryParameters": query} if query else {}
        return self.client.invoke_rest_api(**asked).get("RestApiResponse")

    def all(self, path: str, key: str) -> list[dict[str, Any]]:
        """Every entry of a paged list."""
        entries: list[dict[str, Any]] = []
        while True:
            page = self.rest("GET", path, limit=100, offset=len(entries))
            entries += page[key]
            if not page[key] or len(entries) >= page["total_entries"]:
                return entries
