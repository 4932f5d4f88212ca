"""Bad input is refused at plan time, by a message that says what is allowed."""

from pathlib import Path

import pytest

from terraform.check import copied
from terraform.providers import Providers
from terraform.root import VALUES

NETWORK, LAKE = "platform_development/network", "platform_development/lake"
CASES = {
    "wrong range": (NETWORK, 'cidr = "10.20.0.0"', "must be an IPv4 range from /16 to /22, such as 10.20.0.0/16"),
    "overlap": (
        NETWORK,
        'subnets = { private = ["10.20.0.0/22", "10.20.4.0/22", "10.20.8.0/22"], '
        'databricks = ["10.20.0.0/20", "10.20.48.0/20", "10.20.64.0/20"], '
        'public = ["10.20.112.0/26", "10.20.112.64/26", "10.20.112.128/26"] }',
        "subnets must not overlap",
    ),
    "one zone": (
        NETWORK,
        'zones = ["us-east-1a"], subnets = { private = ["10.20.0.0/22"], databricks = ["10.20.32.0/20"], '
        'public = ["10.20.12.0/26"] }',
        "zones must name 2 to 4 availability zones",
    ),
    "unknown environment": (LAKE, 'environment = "Test!"', "environment must be 2 to 16 lower-case letters and digits"),
    "unknown class": (
        "platform_development/mwaa",
        'environment_class = "mw1.huge"',
        "environment_class must be mw1.micro, mw1.small, mw1.medium, mw1.large, mw1.xlarge or mw1.2xlarge",
    ),
    "name too long for S3": (
        LAKE,
        'name_prefix = "market-data-platform-of-our-company"',
        "must be 3 to 24 lower-case letters, digits and hyphens",
    ),
    "prod without protection": (
        LAKE,
        'environment = "prod"\ndeletion_protection = false',
        "deletion_protection must be true in prod",
    ),
}


def within(stack: str, values: str) -> str:
    """The environment's values with these of the stack instead."""
    team, name = stack.split("/")
    return f"stacks = {{ {team} = {{ {name} = merge(var.stacks.{team}.{name}, {{ {values} }}) }} }}"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree."""
    return copied(tmp_path_factory.mktemp("tree"))


@pytest.mark.parametrize("case", CASES)
def test_bad_values_are_refused_by_a_message_that_says_what_is_allowed(
    tree: Path, providers: Providers, case: str
) -> None:
    """Each value, put into dev's own root, ends the plan with its message."""
    stack, values, message = CASES[case]
    root = tree / stack
    given = f"-var-file=../../environments/dev/{VALUES}"
    test = f"""
    run "it" {{
      command = plan
      variables {{
        {values if stack == LAKE else within(stack, values)}
      }}
    }}
    """
    mocks = (root / "tests/root.tftest.hcl").read_text().split('run "plans_with')[0]
    (root / "bad").mkdir(exist_ok=True)
    (root / "bad/it.tftest.hcl").write_text(mocks + test)
    done = providers.run(root, providers.command("test", "-test-directory=bad", given))
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode != 0
    assert message in said, said
