"""A recorder puts segments and holds its lease; Airflow shows, starts and stops it; a delivery moves it to an image."""

from typing import Any

import pytest

from local.policy import decide, statements
from tests.terraform.conftest import KEY, Render
from tests.terraform.test_policies import ACCOUNT, IAM, LAKE_KEY, REGION, rendered

BRONZE, DOCUMENTS = "arn:aws:s3:::anthill-dev-bronze", "arn:aws:s3:::anthill-dev-documents"
SEGMENT = f"{BRONZE}/polygon_stream/stocks/minute_stream/date=2026-11-27/T134500Z-0123abcd/r000001.jsonl.gz"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:anthill/dev/connections"
IN_REGION = f"{REGION}:{ACCOUNT}"
SERVICE = f"arn:aws:ecs:{IN_REGION}:service/anthill-dev-recorder/stocks"
IMAGES = f"arn:aws:ecr:{IN_REGION}:repository/anthill-dev-recorder"


def via(service: str) -> dict[str, str]:
    """A call that a service of AWS's makes."""
    return {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}


@pytest.fixture(scope="module")
def roles(render: Render) -> dict[str, list[Any]]:
    """The statements of each of the module's roles."""
    return {part: statements(text) for part, text in rendered(render, "recorder")["policy_json"].items()}


MAY = [
    ("record", "s3:PutObject", SEGMENT, {}),
    ("record", "s3:GetObject", SEGMENT, {}),
    ("record", "s3:PutObject", f"{DOCUMENTS}/polygon_stream/stocks/_lease.json", {}),
    ("record", "s3:GetObject", f"{DOCUMENTS}/polygon_stream/stocks/_lease.json", {}),
    ("record", "s3:ListBucket", BRONZE, {}),
    ("record", "s3:ListBucket", DOCUMENTS, {}),  # else a lease that is not there is "denied"
    ("record", "kms:GenerateDataKey", LAKE_KEY, via("s3")),
    ("start", "secretsmanager:GetSecretValue", f"{SECRET}/polygon", {}),
    ("start", "kms:Decrypt", KEY, via("secretsmanager")),
    ("start", "ecr:BatchGetImage", IMAGES, {}),
    ("start", "logs:PutLogEvents", f"arn:aws:logs:{IN_REGION}:log-group:/anthill-dev/recorder:log-stream:stocks/x", {}),
]
MAY_NOT = [
    ("record", "s3:PutObject", f"{BRONZE}/polygon/stocks/splits/x", {}),
    ("record", "s3:PutObject", f"{DOCUMENTS}/polygon_stream/stocks/other.json", {}),
    ("record", "s3:DeleteObject", SEGMENT, {}),
    ("record", "s3:GetObject", "arn:aws:s3:::anthill-dev-personal/polygon_stream/x", {}),
    ("record", "secretsmanager:GetSecretValue", f"{SECRET}/polygon", {}),
    ("record", "kms:Decrypt", KEY, via("secretsmanager")),
    ("record", "kms:Decrypt", LAKE_KEY, {}),
    ("start", "secretsmanager:GetSecretValue", f"{SECRET}/databricks_default-A", {}),
    ("start", "s3:GetObject", SEGMENT, {}),
    ("start", "ecr:PutImage", IMAGES, {}),
    ("start", "ecr:BatchGetImage", IMAGES.replace("dev", "prod"), {}),
]


@pytest.mark.parametrize(("role", "action", "resource", "conditions"), MAY)
def test_a_recorder_can_record(
    roles: dict[str, list[Any]], role: str, action: str, resource: str, conditions: dict[str, str]
) -> None:
    """Segments, its lease and what starts its task."""
    assert decide(roles[role], action, resource, conditions) == "allow"


@pytest.mark.parametrize(("role", "action", "resource", "conditions"), MAY_NOT)
def test_a_recorder_can_do_nothing_else(
    roles: dict[str, list[Any]], role: str, action: str, resource: str, conditions: dict[str, str]
) -> None:
    """No other source's objects, no deletion, no other secret; the process itself reads no secret at all."""
    assert decide(roles[role], action, resource, conditions) == "none"


def test_airflow_shows_starts_and_stops_recorders_alone(render: Render) -> None:
    """The services of this cluster, and no definition of what they run."""
    own = statements(rendered(render, "mwaa")["policy_json"])
    for action in ("ecs:DescribeServices", "ecs:UpdateService"):
        assert decide(own, action, SERVICE) == "allow"
        assert decide(own, action, SERVICE.replace("anthill-dev-recorder", "other")) == "none"
    assert decide(own, "ecs:DescribeTaskDefinition", "*") == "allow"
    for action in ("ecs:RegisterTaskDefinition", "ecs:RunTask", "ecs:ExecuteCommand", "ecs:DeleteService"):
        assert decide(own, action, SERVICE) == "none"


def test_a_delivery_moves_recorders_to_an_image(render: Render) -> None:
    """It pushes, looks at the scan, registers and updates; a task is given the recorder's roles and no other."""
    found = rendered(render, "cicd")["policies"]
    own = [s for key, text in found.items() if key.startswith("platform_development:") for s in statements(text)]
    for action in ("ecr:PutImage", "ecr:DescribeImageScanFindings", "ecr:BatchGetImage"):
        assert decide(own, action, IMAGES) == "allow"
        assert decide(own, action, IMAGES.replace("dev", "prod")) == "none"
    assert decide(own, "ecr:BatchDeleteImage", IMAGES) == "none"
    assert decide(own, "ecs:UpdateService", SERVICE) == "allow"
    definition = f"arn:aws:ecs:{IN_REGION}:task-definition/anthill-dev-recorder-stocks:1"
    assert decide(own, "ecs:RegisterTaskDefinition", definition) == "allow"
    tasks = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    path = f"{IAM}:role/platform_development"
    for role, given in (("recorder-record", "allow"), ("recorder-start", "allow"), ("mwaa", "none")):
        assert decide(own, "iam:PassRole", f"{path}/anthill-dev-{role}", tasks) == given
