"""Whatever Terraform makes of AWS's services is watched by an alarm that names it, or there is a reason why not."""

import re

from delivery.history import PREFIX
from terraform import readme
from terraform.providers import TREE

CODE = [path for path in TREE.rglob("*.tf") if not {"examples", ".terraform"} & set(path.parts)]
# By the beginning of the resources' types: what stands in each of the alarms, and the alarms.
WATCHED = {
    "aws_mwaa_": ("MWAA", {"scheduler-silent", "dag-import-errors", "task-failures", "queue-stuck", "worker-memory"}),
    "aws_s3_": (
        "AWS/S3",
        {"nothing-landed", "bronze-errors", "personal-errors", "documents-errors", "nothing-delivered"},
    ),
    "aws_s3_bucket_policy": (
        "s3.amazonaws.com",
        {"bronze-denied", "personal-denied", "documents-denied", "delete-denied"},
    ),
    "aws_kms_": ("PutKeyPolicy", {"policy-changed"}),
    "aws_secretsmanager_": ("secretsmanager.amazonaws.com", {"secret-read"}),
    "aws_nat_gateway": ("AWS/NATGateway", {"nat-ports"}),
    "aws_flow_log": ("RejectedFlows", {"rejected-flows"}),
    "aws_security_group": ("Security groups", {"rejected-flows"}),
    "aws_vpc_security_group_": ("Security groups", {"rejected-flows"}),
    "aws_sns_": ("AWS/SNS", {"alerts-undelivered"}),
    # By it GitHub's workflows sign in.
    "aws_iam_openid_connect_provider": ("Unit tests", {"nothing-green"}),
    "aws_iam_": ("userIdentity.type", {"root-sign-in"}),
    "aws_cloudtrail": ("cloudtrail", {"trail-silent", "trail-changed"}),
    "aws_autoscaling_group": ("StartSession", {"shell-opened"}),
    "aws_sqs_": ("AWS/SQS", {"drop-unheard", "drop-dead-letters"}),
    # Rule and target: what these could not hand on is a dead letter, and a file that they missed waits for the sweep.
    "aws_cloudwatch_event_": ("EventBridge", {"drop-dead-letters"}),
    "aws_s3_bucket_notification": ("drop_zone", {"drop-unanswered"}),
    "aws_ecs_": ("recorder", {"recorder-silent", "recorder-refused", "recorder-interrupted", "recorder-waiting"}),
    "aws_db_": ("AWS/RDS", {"warehouse-full", "warehouse-crowded"}),
    "aws_athena_": ("AWS/Athena", {"queries-cancelled"}),
}
STILL = "stands still: when it is gone, tasks fail (task-failures), and Drift tells at night"
REASONS = {
    "aws_launch_template": "makes nothing by itself: its group does",
    "aws_ec2_transit_gateway_vpc_attachment": "is a way for people: who is shut out says so",
    "aws_cloudwatch_": "is what watches: whether its messages arrive is alerts-undelivered",
    "aws_ecr_": "keeps images: a release that cannot push fails, a task that cannot pull is silent (recorder-silent)",
    "aws_glue_": "is a list of tables: where one cannot be entered, Airflow's task fails (task-failures)",
    "aws_budgets_": "tells both topics by itself",
    "aws_cloudformation_stack": "makes the access analyser and nothing that runs",
    "aws_default_security_group": "has no rules and no members",
    "aws_vpc": STILL,
    "aws_vpc_endpoint": STILL,
    "aws_subnet": STILL,
    "aws_route": STILL,
    "aws_internet_gateway": STILL,
    "aws_eip": STILL,
    "aws_ssm_parameter": "holds names for plans alone: a plan fails without it",
    "databricks_": "runs what Airflow's tasks wait for (task-failures); its budgets notify by themselves",
    "terraform_data": "is nothing in the cloud",
    "time_": "is nothing in the cloud",
}


def alarms() -> dict[str, str]:
    """The text of each alarm by its name: of a map of alarms, or of a resource of its own."""
    found = {}
    for path in CODE:
        found.update(re.findall(r"^    ([a-z-]+) = \{\n      (text .*?)^    \}", path.read_text(), re.M | re.S))
        own = re.findall(r'^resource "aws_cloudwatch_metric_alarm" .*?^\}', path.read_text(), re.M | re.S)
        found.update({name[1]: text for text in own if (name := re.search(r'alarm_name .*\.name\}-([a-z-]+)"', text))})
    return found


def made() -> set[str]:
    """The types of all resources, of modules and of roots."""
    folders = {path.parent for path in CODE}
    return {block.labels[0] for folder in folders for block in readme.blocks(folder, "resource")}


def closest(kind: str) -> str | None:
    """The longest beginning of a type that has alarms or a reason."""
    known = [beginning for beginning in WATCHED | REASONS if kind.startswith(beginning)]
    return max(known, key=len, default=None)


def test_every_service_has_an_alarm_or_a_reason() -> None:
    """No resource is made that is in neither table, and nothing stands in them that is not made."""
    assert {kind for kind in made() if closest(kind) is None} == set()
    assert {closest(kind) for kind in made()} == WATCHED.keys() | REASONS.keys()
    assert not WATCHED.keys() & REASONS.keys()


def test_an_alarm_looks_at_the_service_that_it_is_for() -> None:
    """Each alarm of the table exists and names the service; no alarm is made for what is not in the table."""
    texts = alarms()
    assert set().union(*(names for _, names in WATCHED.values())) == texts.keys()
    for kind, (word, names) in WATCHED.items():
        assert {name for name in names if word not in texts[name]} == set(), kind


def test_whoever_is_called_finds_a_section() -> None:
    """Each alarm's name is a heading of the runbook."""
    text = (TREE.parent / "docs/runbook.md").read_text()
    assert alarms().keys() <= set(re.findall(r"^### (\S+)$", text, re.MULTILINE))


def test_what_landing_writes_is_recorded_and_watched() -> None:
    """Each bucket that refuses a write by its policy is in the trail, and has alarms for errors and refusals."""
    lake = (TREE / "platform_development/lake/main.tf").read_text()
    guarded = set(re.findall(r"^    (\w+) += \{[^}]*?written += ", lake, re.MULTILINE))
    recorded = re.search(r"watched_buckets += \[(.*)\]", (TREE / "bootstrap/trail.tf").read_text())
    assert recorded is not None
    assert guarded == {"bronze", "documents", "personal"} == set(re.findall(r"\$\{local\.account\}-(\w+)", recorded[1]))
    assert {f"{bucket}-{what}" for bucket in guarded for what in ("errors", "denied")} <= alarms().keys()


def test_the_workflow_that_is_waited_for_is_one() -> None:
    """The alarm's workflow runs for each commit of main, and the workflow Notification hears of it."""
    workflows = TREE.parent / ".github/workflows"
    (name,) = re.findall(r'Workflow = "(.*)"', alarms()["nothing-green"])
    (tests,) = [f for f in workflows.iterdir() if f.read_text().startswith(f"name: {name}\n")]
    assert re.search(r"^  push:\n    branches: \[main\]", tests.read_text(), re.MULTILINE)
    assert f"      - {name}\n" in (workflows / "notification.yml").read_text()


def test_a_record_of_a_delivery_is_what_is_counted() -> None:
    """S3 counts what the delivery writes once it has found that all works, and nothing that it uploads before."""
    assert f'prefix = "{PREFIX}"' in (TREE / "modules/mwaa/deliveries.tf").read_text()
