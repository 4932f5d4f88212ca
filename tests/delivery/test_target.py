"""Where an environment lies is what Terraform was told, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from delivery.errors import DeliveryError
from delivery.target import ENVIRONMENTS, Target
from tests.delivery.aws import ACCOUNT, Cloud


@pytest.mark.parametrize("environment", sorted(path.parent.name for path in ENVIRONMENTS.glob("*/environment.tfvars")))
def test_every_environment_is_known(environment: str) -> None:
    """Each has the name that Terraform gives its MWAA environment."""
    found = Target.of(environment)
    assert found.environment == environment
    assert found.name.endswith(f"-{environment}")


def test_an_unknown_environment_names_the_known_ones() -> None:
    """Nothing is asked of AWS."""
    with pytest.raises(DeliveryError, match="ENV=production is none of dev, prod, staging"):
        Target.of("production")


def test_another_account_is_refused(aws: Cloud) -> None:
    """Credentials of prod never deliver to dev."""
    here = Target("dev", "anthill-dev", "us-east-1", ACCOUNT)
    here.check(aws.client("sts"))
    with pytest.raises(DeliveryError, match=f"of account {ACCOUNT}, dev lies in 999999999999"):
        Target("dev", "anthill-dev", "us-east-1", "999999999999").check(aws.client("sts"))


def test_variables_that_say_too_little(tmp_path: Path) -> None:
    """The file and the variable are named."""
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/environment.tfvars").write_text('environment = "dev"\nname_prefix = "anthill"\n')
    with pytest.raises(DeliveryError, match=r"environment\.tfvars does not set 'region'"):
        Target.of("dev", tmp_path)
