"""A delivery makes the warehouse of its environment and no other; who administers it is nobody's who loads it."""

from typing import Any

import pytest

from local.policy import decide, statements
from tests.terraform.conftest import KEY, Render
from tests.terraform.test_policies import ACCOUNT, REGION, rendered

IN_REGION = f"{REGION}:{ACCOUNT}"
INSTANCE = f"arn:aws:rds:{IN_REGION}:db:anthill-dev-warehouse"
PASSWORD = f"arn:aws:secretsmanager:{IN_REGION}:secret:rds!db-00000000-0000-4000-8000-000000000000-AbCdEf"


@pytest.fixture(scope="module")
def deployed(render: Render) -> list[Any]:
    """What the platform team's delivery may."""
    found = rendered(render, "cicd")["policies"]
    return [s for key, text in found.items() if key.startswith("platform_development:") for s in statements(text)]


def test_a_delivery_makes_its_warehouse_and_no_other(deployed: list[Any]) -> None:
    """Instance, subnets, parameters and the last snapshot by their names; RDS' own group of options with it."""
    for action in ("rds:CreateDBInstance", "rds:ModifyDBInstance", "rds:DeleteDBInstance", "rds:DescribeDBInstances"):
        assert decide(deployed, action, INSTANCE) == "allow"
        assert decide(deployed, action, INSTANCE.replace("dev", "prod")) == "none"
    for kind, name in (("subgrp", "warehouse"), ("pg", "warehouse-18"), ("og", "")):
        own = f"arn:aws:rds:{IN_REGION}:{kind}:" + (f"anthill-dev-{name}" if name else "default:postgres-18")
        assert decide(deployed, "rds:CreateDBInstance", own) == "allow"
    assert (
        decide(deployed, "rds:CreateDBSnapshot", f"arn:aws:rds:{IN_REGION}:snapshot:anthill-dev-warehouse-last")
        == "allow"
    )
    log = f"arn:aws:logs:{IN_REGION}:log-group:/aws/rds/instance/anthill-dev-warehouse/postgresql"
    assert decide(deployed, "logs:CreateLogGroup", log) == "allow"


def test_nobody_reads_the_administrators_password(deployed: list[Any], render: Render) -> None:
    """A delivery has RDS make it, and reads it no more than Airflow does."""
    airflow = statements(rendered(render, "mwaa")["policy_json"])
    assert decide(deployed, "secretsmanager:CreateSecret", PASSWORD) == "allow"
    for role in (deployed, airflow):
        assert decide(role, "secretsmanager:GetSecretValue", PASSWORD) == "none"
    assert decide(airflow, "kms:Decrypt", KEY, {"kms:ViaService": f"rds.{REGION}.amazonaws.com"}) == "none"
