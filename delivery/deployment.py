"""From artefacts to a healthy environment, and back to the last that worked where it does not become one."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from delivery import health, pools
from delivery.artefacts import CONSTRAINTS, DAGS, VERSIONED, Artefacts
from delivery.bucket import Bucket
from delivery.environment import Environment
from delivery.errors import DeliveryError, StillAtWorkError
from delivery.history import Delivery, History

CONNECTIONS = ("polygon_default", "databricks_default")  # without them no task of any DAG can run


@dataclass
class Deployment:
    """Delivers to one environment; every step looks first, so that a killed delivery is taken up by the next."""

    environment: Environment
    bucket: Bucket
    secrets: Any
    say: Callable[[str], None]
    health_patience: float = 900
    sync: float = 40  # seconds that MWAA takes to copy dags/: until then it parses the former files
    history: History = field(init=False)

    def __post_init__(self) -> None:
        self.history = History(self.bucket)

    def run(self, artefacts: Artefacts, origin: str | None = None) -> Delivery:
        """Deliver; DeliveryError where it did not work, after the last delivery that did was brought back."""
        self.environment.settled()  # an update that a killed delivery or a person has begun
        self.check_secrets()
        previous = self.history.latest()
        known = previous is not None and previous.artefacts == artefacts
        try:
            versions = self.deliver(artefacts, known=known)
        except StillAtWorkError:
            raise
        except DeliveryError as error:
            outcome = self._brought_back(previous, artefacts)
            raise DeliveryError(f"{artefacts.name()} failed:\n{error}\n{outcome}") from error
        if previous and known and previous.origin == (origin or previous.origin):
            self.say(f"{self.environment.name} has {artefacts.name()}, as before")
            return previous
        made = self.history.write(artefacts, versions, origin)
        self.say(f"{self.environment.name} has {artefacts.name()}; recorded as {made.id}")
        return made

    def deliver(self, artefacts: Artefacts, *, known: bool) -> dict[str, str]:
        """Upload what differs, name it, wait, and look whether it works; the version of every key.

        The package goes before the DAG files, which import it, and the constraints before the requirements, which
        name them. Where nothing differs and these artefacts are `known` to work, no DAG need be parsed again first.
        """
        self.bucket.clock, changes = None, []
        versions = {key: self._uploaded(artefacts, key) for key in (CONSTRAINTS,) if key in artefacts.files}
        named = self.environment.versions()
        chosen = {key: self._version(artefacts, key, named.get(key)) for key in VERSIONED}
        if differing := {key: version for key, version in chosen.items() if named.get(key) != version}:
            self.say(f"Updating {self.environment.name} for {', '.join(differing)}: workers end their tasks first")
            self.environment.update(differing)
            changes.append(self.environment.clock)
        files = [key for key in artefacts.files if key.startswith(DAGS) and key != CONSTRAINTS]
        versions |= chosen | {key: self._uploaded(artefacts, key) for key in files}
        for key in self._foreign(artefacts):
            self.say(f"Deleting {key}")
            self.bucket.delete(key)
        # What a killed delivery has uploaded may be as young as what this one has.
        if uploaded := self.bucket.clock or (None if known else self.environment.clock):
            changes.append(uploaded + dt.timedelta(seconds=self.sync))
        health.wait(self.environment, artefacts.dags, max(changes, default=None), self.health_patience)
        pools.apply(self.environment, artefacts.pools)
        if paused := health.paused(self.environment, artefacts.dags):
            self.say(f"Paused in {self.environment.name}, and so not running: {', '.join(paused)}")
        return versions

    def check_secrets(self) -> None:
        """DeliveryError where a connection's secret is missing or has no value; no value is read."""
        if lacking := self.lacking_secrets():
            commands = "\n".join(
                f"  aws secretsmanager put-secret-value --secret-id {secret} --secret-string '<JSON>'"
                for secret in lacking
            )
            names = ", ".join(secret.rpartition("/")[2] for secret in lacking)
            raise DeliveryError(f"Secrets Manager has no value for {names}; put it there:\n{commands}")

    def lacking_secrets(self, others: Iterable[str] = ()) -> list[str]:
        """The secrets of the connections that have no value, or are not there; of `others`, too."""
        options = self.environment.read().get("AirflowConfigurationOptions") or {}
        prefix = json.loads(options.get("secrets.backend_kwargs", "{}")).get("connections_prefix")
        if prefix is None:  # connections come from somewhere else
            return []
        return [
            f"{prefix}/{name}"
            for name in dict.fromkeys((*CONNECTIONS, *others))
            if not self._has_value(f"{prefix}/{name}")
        ]

    def _has_value(self, secret: str) -> bool:
        try:
            stages = self.secrets.describe_secret(SecretId=secret).get("VersionIdsToStages") or {}
        except self.secrets.exceptions.ResourceNotFoundException:
            return False
        return any("AWSCURRENT" in labels for labels in stages.values())

    def _uploaded(self, artefacts: Artefacts, key: str) -> str:
        """The version of a key's newest object, which holds what is wanted: uploaded where it did not."""
        found = self.bucket.checksum(key)
        if found and found[0] == artefacts.files[key]:
            return found[1]
        data = artefacts.read(key)
        self.say(f"Uploading {key} ({len(data):,} bytes)")
        return self.bucket.put(key, data, artefacts.files[key])

    def _version(self, artefacts: Artefacts, key: str, named: str | None) -> str:
        """The version that the environment names where its bytes are the same, else one delivered before or now."""
        for version in (named, artefacts.versions.get(key)):
            found = self.bucket.checksum(key, version) if version else None
            if found and found[0] == artefacts.files[key]:
                return found[1]
        return self._uploaded(artefacts, key)

    def _foreign(self, artefacts: Artefacts) -> Iterator[str]:
        for key in self.bucket.keys(DAGS):
            if key not in artefacts.files and not key.endswith("/"):
                yield key

    def _brought_back(self, previous: Delivery | None, failed: Artefacts) -> str:
        """Bring the last delivery that worked back; a sentence on what became of it."""
        if previous is None:
            return "Nothing worked here before, so there is nothing to roll back to: mend it and deliver again."
        if previous.artefacts.files == failed.files:
            return f"It is what was there before ({previous.id}): the environment itself is ill."
        self.say(f"Rolling back to {previous.id}")
        try:
            self.environment.settled()
            self.deliver(previous.artefacts, known=True)
        except DeliveryError as error:
            return f"Rolling back to {previous.id} failed as well:\n{error}"
        return f"{self.environment.name} is back at {previous.artefacts.name()}, {previous.id}."
