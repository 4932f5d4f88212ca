"""What the variables of GitHub's environments are made of: tfvars, the account's principals, what stacks publish."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scripts.configuration import values
from terraform.root import TEAMS, VALUES

ROOT = Path(__file__).parents[1]


class Known:
    """What variables are made of: the environment's values, the account's principals, what stacks have published."""

    def __init__(self, environment: str, client_ids: dict[str, str], published: dict[str, str], root: Path = ROOT):
        self._shared = values(root / "terraform/environments" / environment / VALUES)
        self._client_ids, self._published = client_ids, published
        self.waiting: set[str] = set()

    def __call__(self, place: str, name: str, template: str) -> str | None:
        """A variable's value; None where something is not known yet, which is then in `waiting`."""
        shared, (environment, job) = self._shared, place.split("-", 1)
        does = "plan" if job.endswith("-plan") else "deploy"
        role = job if job == "notification" else f"{does}-{job.removesuffix('-plan')}"
        here = {
            "region": shared["region"],
            "role": f"arn:aws:iam::{shared['account_id']}:role/{TEAMS[0]}/{shared['name_prefix']}-{environment}-{role}",
            "client_ids": self._client_ids.get(place),
            **self._published,
        }
        if not (keys := re.findall(r"{(.+)}", template)):
            return template
        (key,) = keys
        if (value := here.get(key)) is None:
            source = "CLIENT_IDS=<file>" if key == "client_ids" else f"the stack {key.split(':')[0]}, applied"
            self.waiting.add(f"{place}: {name} waits for {source}")
            return None
        return template.replace(f"{{{key}}}", str(value))


def published(environment: str, templates: Iterable[str], root: Path = ROOT) -> dict[str, str]:
    """What the stacks that templates name publish in SSM, as team/stack:path → value; without a session it is told."""
    import boto3
    import botocore.exceptions

    shared = values(root / "terraform/environments" / environment / VALUES)
    prefix = f"/{shared['name_prefix']}/{environment}/"
    stacks = {key.split(":")[0] for key in re.findall(r"{(.+?)}", " ".join(templates)) if ":" in key}
    try:
        client = boto3.client("ssm", region_name=shared["region"])
        found = client.get_parameters(Names=[prefix + stack for stack in sorted(stacks)])["Parameters"]
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        print(f"What the stacks publish is not known: {error}", file=sys.stderr)
        return {}
    held = {each["Name"].removeprefix(prefix): json.loads(each["Value"]) for each in found}
    return {f"{stack}:{path}": value for stack, told in held.items() for path, value in _leaves(told)}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, f"{path}.{name}" if path else name)
    elif not isinstance(value, list):
        yield path, str(value)
