"""What was delivered to an environment and worked: a record each, in the environment's own bucket."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass

from delivery.artefacts import Artefacts, sha256
from delivery.bucket import Bucket
from delivery.checkout import Checkout
from delivery.errors import DeliveryError

PREFIX = "deliveries/"


@dataclass(frozen=True)
class Delivery:
    """One delivery that worked; `origin` is the delivery that it brought back, or its own id."""

    id: str
    origin: str
    artefacts: Artefacts


class History:
    """The deliveries of one bucket, oldest first; their ids sort by time."""

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket

    def ids(self) -> list[str]:
        """Every delivery."""
        return sorted(key.removeprefix(PREFIX).removesuffix(".json") for key in self.bucket.keys(PREFIX))

    def read(self, name: str) -> Delivery:
        """One delivery by its id."""
        document = json.loads(self.bucket.read(f"{PREFIX}{name}.json"))
        versions = document["versions"]
        found = Artefacts.of(document, lambda key: self.bucket.read(key, versions[key]))
        return Delivery(name, document["origin"], found)

    def latest(self) -> Delivery | None:
        """What should be at the environment; None before the first delivery."""
        ids = self.ids()
        return self.read(ids[-1]) if ids else None

    def write(self, artefacts: Artefacts, versions: Mapping[str, str], origin: str | None = None) -> Delivery:
        """Record what has just been found to work."""
        moment = (self.bucket.clock or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
        name = f"{moment:%Y%m%dT%H%M%SZ}-{artefacts.commit[:12]}"
        if (ids := self.ids()) and name <= ids[-1]:  # two within a second stay in their order
            name = f"{ids[-1]}.{artefacts.commit[:12]}"
        document = {**artefacts.document(), "origin": origin or name, "versions": dict(sorted(versions.items()))}
        data = (json.dumps(document, indent=2) + "\n").encode()
        self.bucket.put(f"{PREFIX}{name}.json", data, sha256(data))
        return Delivery(name, origin or name, artefacts)

    def before(self, current: Delivery) -> Delivery:
        """The delivery before the one that is at the environment, whoever brought that back."""
        earlier = [name for name in self.ids() if name < current.origin]
        if not earlier:
            raise DeliveryError(f"nothing was delivered before {current.origin}: there is nothing to roll back to")
        found = self.read(earlier[-1])
        return self.read(found.origin)

    def find(self, wanted: str, checkout: Checkout) -> Delivery:
        """The last delivery of an id, a commit, or a tag of the checkout."""
        commit = checkout.commit_of(wanted) or wanted
        for name in reversed(self.ids()):
            if name == wanted:
                return self.read(name)
            if len(commit) >= 7 and (found := self.read(name)).artefacts.commit.startswith(commit):
                return found
        known = "\n".join(f"  {name}" for name in self.ids()[-10:]) or "  none"
        raise DeliveryError(f"TO={wanted} was never delivered here. The last deliveries:\n{known}")
