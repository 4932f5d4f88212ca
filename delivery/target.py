"""Where an environment lies: the names that Terraform gave it, read from its own variables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.errors import DeliveryError

ENVIRONMENTS = Path(__file__).parents[1] / "terraform" / "environments"


@dataclass(frozen=True)
class Target:
    """One environment: its name on MWAA, its region and its AWS account."""

    environment: str
    name: str
    region: str
    account: str

    @classmethod
    def of(cls, environment: str, environments: Path = ENVIRONMENTS) -> Target:
        """The environment of a name such as dev."""
        file = environments / environment / "environment.tfvars"
        if not file.is_file():
            known = sorted(path.parent.name for path in environments.glob("*/environment.tfvars"))
            raise DeliveryError(f"ENV={environment or '(not given)'} is none of {', '.join(known)}")
        said = dict(re.findall(r'^(\w+)\s*=\s*"([^"]*)"', file.read_text(), re.MULTILINE))
        try:
            name = f"{said['name_prefix']}-{said['environment']}"
            return cls(said["environment"], name, said["region"], said["account_id"])
        except KeyError as missing:
            raise DeliveryError(f"{file} does not set {missing}") from None

    def check(self, sts: Any) -> None:
        """DeliveryError where the credentials are of another account."""
        found = sts.get_caller_identity()["Account"]
        if found != self.account:
            raise DeliveryError(
                f"the credentials are of account {found}, {self.environment} lies in {self.account}:"
                f" sign in to that account, or correct terraform/environments/{self.environment}"
            )
