"""The policies that the local S3 obeys, as dev's stacks render them: `make policies` writes local/policies.json.

`make terraform-check` compares. Of a role's policy, what concerns S3 is kept.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from terraform.providers import NO_TERRAFORM, TREE, Providers, find
from terraform.root import VALUES

FILE = TREE.parent / "local" / "policies.json"
ENVIRONMENT = "dev"
# The stacks that render what reaches the lake, and the outputs of each that hold it.
STACKS = {
    "platform_development/lake": ("policies",),
    "platform_development/mwaa": ("policy_json", "erasure_policy_json"),
    "platform_development/recorder": ("policy_json",),
    "innovation_development/lake": ("policies",),
    "innovation_development/catalog": ("policies",),
    "innovation_development/consumption": ("pipeline_json",),
}


_ZONES = ("platform_development/lake", "innovation_development/lake", "innovation_development/catalog")


class PolicyError(RuntimeError):
    """A stack could not be planned; the message is what Terraform said."""


def text(providers: Providers, tree: Path) -> str:
    """What the file is to hold, by plans of the stacks in a copy of the tree."""
    with ThreadPoolExecutor() as pool:
        outputs = dict(zip(STACKS, pool.map(lambda stack: _planned(providers, tree, stack), STACKS), strict=True))
    return rendered(outputs)


def rendered(outputs: dict[str, Any]) -> str:
    """The file from the outputs of the stacks: a policy a bucket, one a role, and who the role is that erases."""
    (platform,), (innovation,), (unity,) = (outputs[stack] for stack in _ZONES)
    zones = platform | innovation
    landing, erasure = outputs["platform_development/mwaa"]
    (consumption,) = outputs["innovation_development/consumption"]
    (recorder,) = outputs["platform_development/recorder"]
    roles = {"mwaa": landing, "erasure": erasure, "consumption": consumption, "recorder": recorder["record"]}
    roles |= {f"unity-{access}": policy for access, policy in unity.items()}
    buckets = {_bucket(json.loads(policy)): json.loads(policy) for policy in zones.values()}
    found = {
        "arns": {"erasure": _assumed(json.loads(landing))},
        "buckets": buckets,
        "roles": {name: _of_s3(json.loads(policy)) for name, policy in roles.items()},
    }
    return json.dumps(found, indent=2, sort_keys=True) + "\n"


def lacking(providers: Providers) -> frozenset[str]:
    """The providers that the stacks need and this machine has not."""
    return frozenset().union(*(providers.lacking(TREE / stack) for stack in STACKS))


def wrong(providers: Providers, tree: Path) -> Iterator[str]:
    """What is wrong with the file, for people."""
    try:
        if text(providers, tree) != FILE.read_text():
            yield f"--- policies\n{FILE.name} is not what {ENVIRONMENT}'s stacks render: `make policies` writes it"
    except PolicyError as error:
        yield f"--- policies\n{error}"


def _planned(providers: Providers, tree: Path, stack: str) -> Any:
    """A stack's outputs by the plan of its own test, with the values of the environment."""
    values = f"-var-file=../../environments/{ENVIRONMENT}/{VALUES}"
    command = providers.command("test", "-json", "-verbose", values)
    done = providers.run(tree / stack, command, tree / ".terraform.data" / "policies" / stack)
    said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    plans = [line["test_plan"]["output_changes"] for line in said if line.get("type") == "test_plan"]
    if done.returncode or not plans or any("after" not in plans[0].get(name, {}) for name in STACKS[stack]):
        raise PolicyError(f"{stack} gives no output {', '.join(STACKS[stack])}:\n{done.stdout[-3000:]}{done.stderr}")
    return [plans[0][name]["after"] for name in STACKS[stack]]


def _bucket(policy: dict[str, Any]) -> str:
    """The bucket that a policy of one is about: the first resource that it names."""
    return str(policy["Statement"][0]["Resource"][0]).removeprefix("arn:aws:s3:::")


def _assumed(policy: dict[str, Any]) -> str:
    """The role that erases, which a role may take."""
    (found,) = (each["Resource"] for each in policy["Statement"] if each.get("Sid") == "Erasure")
    return str(found[0])


def _of_s3(policy: dict[str, Any]) -> dict[str, Any]:
    kept = [each for each in policy["Statement"] if any(action.startswith("s3:") for action in each["Action"])]
    return {**policy, "Statement": kept}


def main() -> int:
    """Write the file; 1 where this machine has no Terraform for it."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    from terraform.check import copied

    with tempfile.TemporaryDirectory(prefix="anthill-policies-") as temporary:
        providers = find(Path(temporary))
        if providers is None or lacking(providers):
            print(NO_TERRAFORM if providers is None else f"missing: {', '.join(sorted(lacking(providers)))}")
            return 1
        FILE.write_text(text(providers, copied(Path(temporary))))
    print(f"written: {FILE.relative_to(TREE.parent)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
