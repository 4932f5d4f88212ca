"""What the rendered policies let somebody do, and above all what they do not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.policy import decide, matches, statements
from terraform import policies
from terraform.check import copied
from terraform.providers import Providers
from tests.terraform.conftest import KEY, Render, parsed, planned

ACCOUNT, REGION = "111111111111", "us-east-1"
IAM = f"arn:aws:iam::{ACCOUNT}"
STATES = "arn:aws:s3:::anthill-dev-terraform-state"
LAKE_KEY = KEY[:-1] + "1"


PLACE = {"account_id": ACCOUNT, "region": REGION}
# The modules whose policies are decided here: the outputs that hold them, and variables as an environment gives them.
MODULES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "cicd": (
        [
            "policies",
            "boundaries",
            "plan_policies",
            "preview_boundary_json",
            "notification_json",
            "guard_json",
            "people_policies",
        ],
        {
            **PLACE,
            "name_prefix": "anthill",
            "environment": "dev",
            "repository": "anthill/anthill",
            "state_bucket": "anthill-dev-terraform-state",
            "state_kms_key_arn": KEY,
        },
    ),
    "mwaa": (
        ["policy_json"],
        {
            **PLACE,
            "name": "anthill-dev",
            "environment_class": "mw1.small",
            "workers": {"min": 1, "max": 2},
            "subnet_ids": ["subnet-1", "subnet-2"],
            "security_group_ids": ["sg-1"],
            "kms_key_arn": KEY,
            "access_log_bucket": "anthill-dev-access-logs",
            "secrets_prefix": "anthill/dev",
            "bronze": {
                "bucket": "anthill-dev-bronze",
                "prefixes": ["drop/", "files/", "polygon/", "polygon_stream/", "postgres/"],
                "kms_key_arn": LAKE_KEY,
            },
            "personal_bucket": "anthill-dev-personal",
            "documents_bucket": "anthill-dev-documents",
            "recorder_cluster": "anthill-dev-recorder",
            "drop": {"bucket": "anthill-dev-drop", "queue_arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:anthill-dev-drop"},
            "databricks": {
                "host": "anthill-dev.cloud.databricks.com",
                "client_id": "00000000-0000-4000-8000-00000000000a",
            },
        },
    ),
    "consumption": (
        ["analyst_json", "pipeline_json"],
        {
            **PLACE,
            "name": "anthill-dev",
            "zone": {"bucket": "anthill-dev-gold", "kms_key_arn": KEY},
            "topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:anthill-dev-notices",
            "access_log_bucket": "anthill-dev-innovation-logs",
        },
    ),
    "drop-zone": (
        ["policy_json", "queue_policies", "people_policies"],
        {
            **PLACE,
            "name": "anthill-dev",
            "kms_key_arn": LAKE_KEY,
            "access_log_bucket": "anthill-dev-access-logs",
            "people": {
                "depots": {
                    "principals": [f"{IAM}:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_depots_*"],
                    "folders": ["depot/stock/"],
                }
            },
        },
    ),
    "recorder": (
        ["policy_json"],
        {
            **PLACE,
            "name": "anthill-dev",
            "classes": {"stocks": {}},
            "vpc_id": "vpc-0123456789abcdef0",
            "subnet_ids": ["subnet-1"],
            "kms_key_arn": KEY,
            "bronze": {"bucket": "anthill-dev-bronze", "kms_key_arn": LAKE_KEY},
            "documents_bucket": "anthill-dev-documents",
            "connection_arn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:anthill/dev/connections/polygon",
            "topic_arns": {
                topic: f"arn:aws:sns:{REGION}:{ACCOUNT}:anthill-dev-{topic}" for topic in ("alerts", "notices")
            },
        },
    ),
    "data-lake": (
        ["policies", "key_policy_json"],
        {
            **PLACE,
            "name": "anthill-dev",
            "zones": {
                "bronze": {"data_class": "licensed", "written": "once"},
                "personal": {
                    "data_class": "personal",
                    "written": "once",
                    "erased_by": f"{IAM}:role/platform_development/anthill-dev-erasure",
                },
                "documents": {"data_class": "operational", "written": "read"},
                **{zone: {"data_class": "operational"} for zone in ("silver", "gold", "artifacts")},
            },
        },
    ),
}

# The way to a private Airflow, where there is one.
ACCESS: dict[str, Any] = {
    "name": "anthill-dev",
    "region": REGION,
    "kind": "ssm",
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": ["subnet-1"],
    "route_table_ids": ["rtb-1"],
    "web_server_security_group_id": "sg-1",
    "endpoints_security_group_id": "sg-2",
    "nat": True,
}


def rendered(render: Render, module: str) -> dict[str, Any]:
    """The outputs of one of these modules."""
    wanted, variables = MODULES[module]
    return render(module, wanted, **variables)


@pytest.fixture(scope="module")
def teams(render: Render) -> dict[str, list[Any]]:
    """The statements of each team's deployment role."""
    found = rendered(render, "cicd")
    teams: dict[str, list[Any]] = {"boundary": statements(found["boundaries"]["innovation_development"])}
    for key, policy in found["policies"].items():
        teams.setdefault(key.split(":")[0], []).extend(statements(policy))
    return teams


@pytest.fixture(scope="module")
def mwaa(render: Render) -> list[Any]:
    """The statements of the MWAA execution role: the writer of bronze."""
    return statements(rendered(render, "mwaa")["policy_json"])


@pytest.fixture(scope="module")
def zones(render: Render) -> dict[str, list[Any]]:
    """The statements of each zone's bucket policy."""
    return {zone: statements(text) for zone, text in rendered(render, "data-lake")["policies"].items()}


@pytest.fixture(scope="module")
def dropped(render: Render) -> list[Any]:
    """The statements of the policy of the bucket into which people drop files."""
    return statements(rendered(render, "drop-zone")["policy_json"])


@pytest.mark.parametrize("module", MODULES)
def test_what_is_parsed_is_what_terraform_plans(
    root_of: Callable[..., Path], providers: Providers, module: str
) -> None:
    """Without Terraform the same policies are decided: tfparse renders each statement as a plan does."""
    pytest.importorskip("tfparse")
    wanted, variables = MODULES[module]
    root = root_of(module, wanted, **variables)

    def documents(outputs: dict[str, Any]) -> dict[str, list[Any]]:
        texts = {f"{o}.{k}": t for o, v in outputs.items() for k, t in (v if isinstance(v, dict) else {"": v}).items()}
        return {name: statements(text) for name, text in texts.items()}

    assert documents(parsed(root)) == documents(planned(root, providers))


def test_the_local_s3_obeys_what_is_rendered(zones: dict[str, list[Any]], dropped: list[Any], mwaa: list[Any]) -> None:
    """The file that it reads has the policies of the buckets and of the writer's role; `make policies` writes it."""
    kept = json.loads(policies.FILE.read_text())
    buckets = {name: each["Statement"] for name, each in kept["buckets"].items()}
    assert buckets == {f"anthill-dev-{zone}": said for zone, said in (zones | {"drop": dropped}).items()}
    of_s3 = [each for each in mwaa if any(action.startswith("s3:") for action in each["Action"])]
    assert kept["roles"]["mwaa"]["Statement"] == of_s3


def test_a_policy_that_is_not_what_the_stacks_render_is_told(tmp_path: Path, providers: Providers) -> None:
    """A change of a module is a difference, with the command that writes the file; the rest is as it lies here."""
    tree = copied(tmp_path)
    module = tree / "modules" / "data-lake" / "main.tf"
    module.write_text(module.read_text().replace("CreateOrReplaceRead", "CreateOrReplace"))
    assert policies.text(providers, tree) == policies.FILE.read_text().replace("CreateOrReplaceRead", "CreateOrReplace")
    module.write_text("nonsense")
    (told,) = policies.wrong(Providers("", tool=Path("false")), tree)
    assert "gives no output policies" in told


INNOVATION_MAY_NOT = [
    ("ec2:CreateVpc", "*"),
    ("ec2:AuthorizeSecurityGroupIngress", f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-1"),
    ("ec2:DescribeVpcs", "*"),
    ("iam:CreateUser", f"{IAM}:user/eve"),
    ("iam:CreatePolicyVersion", f"{IAM}:policy/platform_development/anthill-dev-innovation-boundary"),
    ("iam:PutRolePolicy", f"{IAM}:role/platform_development/anthill-dev-deploy-innovation_development"),
    ("iam:AttachRolePolicy", f"{IAM}:role/innovation_development/anthill-dev-unity-tables"),
    ("iam:DeleteRolePermissionsBoundary", f"{IAM}:role/innovation_development/anthill-dev-unity-tables"),
    ("iam:CreateOpenIDConnectProvider", f"{IAM}:oidc-provider/token.actions.githubusercontent.com"),
    ("sts:AssumeRole", f"{IAM}:role/platform_development/anthill-dev-mwaa"),
    ("airflow:GetEnvironment", f"arn:aws:airflow:{REGION}:{ACCOUNT}:environment/anthill-dev"),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:anthill/dev/connections/x"),
    ("logs:GetLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:airflow-anthill-dev-Task"),
    ("logs:DeleteLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:airflow-anthill-dev-Task"),
    ("logs:DeleteMetricFilter", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/anthill-dev/vpc-flow"),
    ("logs:PutMetricFilter", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/cloudtrail/anthill-dev"),
    ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:anthill-dev-scheduler-silent"),
    ("cloudwatch:PutMetricAlarm", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:anthill-dev-secret-read"),
    ("sns:Publish", f"arn:aws:sns:{REGION}:{ACCOUNT}:anthill-dev-alerts"),
    ("ssm:PutParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/anthill/dev/platform_development/network"),
    ("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/anthill/prod/platform_development/network"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::anthill-dev-bronze"),
    ("s3:GetObject", "arn:aws:s3:::anthill-dev-bronze/polygon/stocks/x"),
    ("s3:GetObject", f"{STATES}/platform_development/dev/network.tfstate"),
    ("s3:PutObject", f"{STATES}/platform_development/dev/network.tfstate"),
    ("s3:GetObject", f"{STATES}/innovation_development/prod/lake.tfstate"),
    ("s3:DeleteObject", f"{STATES}/innovation_development/dev/lake.tfstate"),
]
PLATFORM_MAY_NOT = [
    ("s3:GetObject", f"{STATES}/innovation_development/dev/lake.tfstate"),
    ("s3:PutObject", f"{STATES}/innovation_development/dev/lake.tfstate"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::anthill-dev-gold"),
    ("s3:GetObject", "arn:aws:s3:::anthill-dev-gold/gold/x"),
    ("s3:GetObject", "arn:aws:s3:::anthill-dev-bronze/polygon/stocks/x"),
    ("s3:DeleteObject", "arn:aws:s3:::anthill-dev-bronze/polygon/stocks/x"),
    ("iam:PutRolePolicy", f"{IAM}:role/innovation_development/anthill-dev-unity-tables"),
    ("iam:CreateUser", f"{IAM}:user/eve"),
    ("ssm:PutParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/anthill/dev/innovation_development/lake"),
    ("athena:DeleteWorkGroup", f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/anthill-dev-analysts"),
    (
        "secretsmanager:GetSecretValue",
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:anthill/dev/connections/polygon_default-AbCdEf",
    ),
]
# Every condition that a statement could ask for, met in the caller's favour.
FAVOUR = {
    "s3:prefix": "platform_development/dev/x",
    "kms:ViaService": f"s3.{REGION}.amazonaws.com",
    "aws:RequestedRegion": REGION,
    "iam:PassedToService": "glue.amazonaws.com",
}


@pytest.mark.parametrize(("action", "resource"), INNOVATION_MAY_NOT)
def test_innovation_stays_out_of_network_security_and_foreign_states(
    teams: dict[str, list[Any]], action: str, resource: str
) -> None:
    """The innovation team's role is not allowed what belongs to the platform team, whatever the conditions."""
    assert decide(teams["innovation_development"], action, resource, FAVOUR) == "none"


@pytest.mark.parametrize(("action", "resource"), PLATFORM_MAY_NOT)
def test_platform_stays_out_of_innovations_part(teams: dict[str, list[Any]], action: str, resource: str) -> None:
    """The platform team's role is not allowed what belongs to the innovation team, nor to read data or keys."""
    assert decide(teams["platform_development"], action, resource, FAVOUR) == "none"


@pytest.mark.parametrize("team", ["platform_development", "innovation_development"])
def test_a_plan_reads_and_keeps_itself_and_no_more(render: Render, team: str) -> None:
    """The role that makes plans reads the team's states and objects, writes its plans, and changes nothing."""
    found = rendered(render, "cicd")["plan_policies"]
    reading = [s for key, policy in found.items() if key.startswith(team) for s in statements(policy)]
    state, plans = f"{STATES}/{team}/dev/lake.tfstate", f"{STATES}/{team}/dev/plans/0123/review.json"
    assert decide(reading, "s3:GetObject", state) == "allow"
    assert decide(reading, "s3:PutObject", plans, FAVOUR) == "allow"
    for action in ("s3:PutObject", "s3:DeleteObject"):
        assert decide(reading, action, state, FAVOUR) == "none"
        assert decide(reading, action, state + ".tflock", FAVOUR) == "none"
    for action, resource in PLATFORM_MAY_NOT if team == "platform_development" else INNOVATION_MAY_NOT:
        assert decide(reading, action, resource, FAVOUR) == "none"
    changing = ("Create", "Put", "Delete", "Update", "Pass", "Modify", "Attach", "Tag", "Publish", "Start", "Invoke")
    for statement in reading:
        for action in statement["Action"]:
            assert not action.split(":")[1].startswith(changing) or action == "s3:PutObject", action


def test_a_pull_request_sees_dev_and_keeps_nothing(render: Render) -> None:
    """Its plan cannot be applied: its role reads what both teams' plans read but a kept plan, and writes nowhere."""
    found = rendered(render, "cicd")
    boundary, guard = statements(found["preview_boundary_json"]), statements(found["guard_json"])
    own = [s for key, text in found["plan_policies"].items() if not key.endswith(":plans") for s in statements(text)]

    def may(action: str, resource: str) -> bool:
        kinds = [decide(each, action, resource, FAVOUR) for each in (own, boundary)]
        return kinds == ["allow", "allow"] and decide(guard, action, resource, FAVOUR) != "deny"

    for team in ("platform_development", "innovation_development"):
        state, plans = f"{STATES}/{team}/dev/lake.tfstate", f"{STATES}/{team}/dev/plans/0123/review.json"
        assert may("s3:GetObject", state)
        assert not may("s3:GetObject", plans)
        for action in ("s3:PutObject", "s3:DeleteObject"):
            for resource in (state, state + ".tflock", plans):
                assert not may(action, resource)
        assert not may("s3:GetObject", state.replace("/dev/", "/prod/"))
    assert may("ec2:DescribeVpcs", "*")
    assert may("airflow:GetEnvironment", f"arn:aws:airflow:{REGION}:{ACCOUNT}:environment/anthill-dev")
    # What one team may not and the other may is read by a pull request of both; what neither may, by none.
    for action, resource in set(PLATFORM_MAY_NOT) & set(INNOVATION_MAY_NOT):
        assert not may(action, resource)
    for statement in boundary:
        if statement["Effect"] == "Allow":
            named = {action.split(":")[1] for action in statement["Action"]}
            assert all(name.startswith(("Decrypt", "Describe", "Get", "List", "View")) for name in named)


def test_who_publishes_results_does_nothing_else(render: Render) -> None:
    """Its own topic, its key through SNS, one namespace of metrics; no deployment role changes what it may."""
    found = rendered(render, "cicd")
    own, guard = statements(found["notification_json"]), statements(found["guard_json"])
    topic, through = (
        f"arn:aws:sns:{REGION}:{ACCOUNT}:anthill-dev-workflows",
        {"kms:ViaService": f"sns.{REGION}.amazonaws.com"},
    )
    assert decide(own, "sns:Publish", topic) == "allow"
    for action in ("kms:GenerateDataKey", "kms:Decrypt"):
        assert decide(own, action, KEY, through) == "allow"
        assert decide(own, action, KEY, FAVOUR) == "none"
    for other in ("anthill-dev-alerts", "anthill-dev-notices", "anthill-prod-workflows"):
        assert decide(own, "sns:Publish", topic.replace("anthill-dev-workflows", other), through) == "none"
    assert {action for statement in own for action in statement["Action"]} == {
        "sns:Publish",
        "kms:Decrypt",
        "kms:GenerateDataKey*",
        "cloudwatch:PutMetricData",
    }
    for namespace, decision in (("anthill-dev/workflows", "allow"), ("anthill-dev/trail", "none"), ("AWS/S3", "none")):
        assert decide(own, "cloudwatch:PutMetricData", "*", {"cloudwatch:namespace": namespace}) == decision
    role = f"{IAM}:role/platform_development/anthill-dev-notification"
    for action in ("iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy"):
        assert decide(guard, action, role) == "deny"


def test_no_innovation_statement_names_a_foreign_service_or_resource(teams: dict[str, list[Any]]) -> None:
    """By the text of the policies: services, IAM paths, states and parameters are the team's own."""
    for statement in teams["innovation_development"]:
        for action in statement["Action"]:
            service, _, call = action.partition(":")
            assert service in {"s3", "kms", "ssm", "iam", "glue", "athena", "logs", "cloudwatch"}
            assert call != "*"
            if service == "iam":
                assert all(r.startswith(f"{IAM}:role/innovation_development/") for r in statement["Resource"])
        for resource in statement["Resource"]:
            assert not matches(resource, f"{STATES}/platform_development/dev/network.tfstate") or resource == "*"
            if resource == "*":
                assert not any(a.startswith(("s3:", "iam:")) for a in statement["Action"])


def test_each_team_can_do_its_work(teams: dict[str, list[Any]]) -> None:
    """The refusals above are not for lack of permissions: each team reaches its own states and resources."""
    for team in ("platform_development", "innovation_development"):
        own = f"{STATES}/{team}/dev/lake.tfstate"
        assert decide(teams[team], "s3:PutObject", own) == "allow"
        assert decide(teams[team], "s3:DeleteObject", own + ".tflock") == "allow"
        listing = {"s3:prefix": f"{team}/dev/lake.tfstate"}
        assert decide(teams[team], "s3:ListBucket", STATES, listing) == "allow"
        published = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/anthill/dev/platform_development/network"
        assert decide(teams[team], "ssm:GetParameter", published) == "allow"
    assert decide(teams["platform_development"], "ec2:CreateVpc", "*", {"aws:RequestedRegion": REGION}) == "allow"
    assert decide(teams["innovation_development"], "s3:PutBucketPolicy", "arn:aws:s3:::anthill-dev-gold") == "allow"


# What AWS asks of the caller beside the obvious: refused in the cloud alone, for no emulator asks.
PLATFORM_MUST = [
    ("sns:GetSubscriptionAttributes", "*"),
    ("sns:Unsubscribe", "*"),
    ("route53:AssociateVPCWithHostedZone", "*"),
    ("ec2:CreateNetworkInterface", f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/*"),
    *((f"kms:{call}", KEY) for call in ("ListGrants", "CreateGrant", "RevokeGrant", "Encrypt", "ReEncryptTo")),
    *(
        (f"logs:{call}MetricFilter{s}", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/anthill-dev/vpc-flow")
        for call, s in (("Put", ""), ("Delete", ""), ("Describe", "s"))
    ),
    ("s3:PutMetricsConfiguration", "arn:aws:s3:::anthill-dev-documents"),
    ("s3:GetEncryptionConfiguration", "arn:aws:s3:::anthill-dev-mwaa"),
    ("ec2:CreateVpcEndpoint", f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-endpoint/*"),
    ("iam:PassRole", f"{IAM}:role/platform_development/anthill-dev-mwaa"),
    ("iam:CreateServiceLinkedRole", f"{IAM}:role/aws-service-role/airflow.amazonaws.com/AWSServiceRoleForAmazonMWAA"),
]


@pytest.mark.parametrize(("action", "resource"), PLATFORM_MUST)
def test_the_platform_may_what_only_the_cloud_asks_for(teams: dict[str, list[Any]], action: str, resource: str) -> None:
    """Subscriptions, names of endpoints, MWAA's interfaces and grants; another region or team's key is refused."""
    own = FAVOUR | {"aws:ResourceTag/team": "platform_development", "iam:AWSServiceName": "airflow.amazonaws.com"}
    own["iam:PassedToService"] = "airflow.amazonaws.com"
    assert decide(teams["platform_development"], action, resource, own) == "allow"
    if action.startswith("ec2:"):
        assert decide(teams["platform_development"], action, resource, own | {"aws:RequestedRegion": "x"}) == "none"
    if action.startswith("kms:"):
        assert decide(teams["platform_development"], action, resource, FAVOUR) == "none"


INNOVATION_MUST = [
    ("cloudwatch:PutMetricAlarm", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:anthill-dev-queries-cancelled"),
    ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:anthill-dev-queries-cancelled"),
    ("cloudwatch:DescribeAlarms", "*"),
]


@pytest.mark.parametrize(("action", "resource"), INNOVATION_MUST)
def test_innovation_watches_what_it_makes(teams: dict[str, list[Any]], action: str, resource: str) -> None:
    """The alarms of the stack `consumption`."""
    assert decide(teams["innovation_development"], action, resource, FAVOUR) == "allow"


def test_innovation_makes_roles_only_within_its_boundary(teams: dict[str, list[Any]]) -> None:
    """A role without the boundary cannot be made, and the boundary holds no network, security or state action."""
    role = f"{IAM}:role/innovation_development/anthill-dev-unity-tables"
    boundary = {"iam:PermissionsBoundary": f"{IAM}:policy/platform_development/anthill-dev-innovation-boundary"}
    assert decide(teams["innovation_development"], "iam:CreateRole", role) == "none"
    assert (
        decide(teams["innovation_development"], "iam:CreateRole", role, {"iam:PermissionsBoundary": f"{IAM}:policy/x"})
        == "none"
    )
    assert decide(teams["innovation_development"], "iam:CreateRole", role, boundary) == "allow"
    for action, resource in (*INNOVATION_MAY_NOT, ("s3:PutObject", "arn:aws:s3:::anthill-dev-bronze/polygon/x")):
        if (action, resource) != ("s3:GetObject", "arn:aws:s3:::anthill-dev-bronze/polygon/stocks/x"):
            assert decide(teams["boundary"], action, resource, FAVOUR) == "none"


def test_a_key_of_the_platform_cannot_be_taken_over_by_a_tag(teams: dict[str, list[Any]]) -> None:
    """A team tags a key when it makes it; a key that has a team is out of the other's reach."""
    wish = {"aws:RequestTag/team": "innovation_development"}
    platforms = wish | {"aws:ResourceTag/team": "platform_development"}
    assert decide(teams["innovation_development"], "kms:CreateKey", "*", wish) == "allow"
    assert decide(teams["innovation_development"], "kms:TagResource", KEY, wish) == "allow"
    assert decide(teams["innovation_development"], "kms:TagResource", KEY, platforms) == "none"
    assert decide(teams["innovation_development"], "kms:PutKeyPolicy", KEY, platforms) == "none"


def test_the_writer_lands_and_does_no_more(mwaa: list[Any]) -> None:
    """The execution role may put, get and list in its folders; not delete, nor reach silver and gold."""
    revision = "arn:aws:s3:::anthill-dev-bronze/polygon/stocks/grouped_daily/date=2014-06-06/r000001.jsonl.gz"
    assert decide(mwaa, "s3:PutObject", revision) == "allow"
    assert decide(mwaa, "s3:GetObject", revision) == "allow"
    document = "arn:aws:s3:::anthill-dev-documents/polygon/stocks/_coverage/told/2026.json.gz"
    assert decide(mwaa, "s3:PutObject", document) == "allow"
    assert decide(mwaa, "s3:GetObject", document) == "allow"
    for bucket in ("anthill-dev-bronze", "anthill-dev-documents"):
        assert decide(mwaa, "s3:ListBucket", f"arn:aws:s3:::{bucket}") == "allow"
    for action in (
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:PutObjectRetention",
        "s3:BypassGovernanceRetention",
    ):
        assert decide(mwaa, action, revision) == "none"
        assert decide(mwaa, action, document) == "none"
    for resource in (
        "anthill-dev-silver/silver/x",
        "anthill-dev-gold/gold/x",
        "anthill-dev-bronze/other/x",
        "anthill-dev-documents/other/x",
        "anthill-dev-terraform-state/x",
    ):
        assert decide(mwaa, "s3:PutObject", f"arn:aws:s3:::{resource}") == "none"
        assert decide(mwaa, "s3:GetObject", f"arn:aws:s3:::{resource}") == "none"


def test_the_writer_reads_its_secrets_and_signs_in_to_databricks_alone(mwaa: list[Any]) -> None:
    """Secrets under the prefix, tokens for Databricks that live for five minutes at most; nothing else of either."""
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:anthill/dev/connections/polygon_default-AbCdEf"
    assert decide(mwaa, "secretsmanager:GetSecretValue", secret) == "allow"
    assert decide(mwaa, "secretsmanager:GetSecretValue", secret.replace("/dev/", "/prod/")) == "none"
    token = {"sts:IdentityTokenAudience": "databricks", "sts:DurationSeconds": "300"}
    assert decide(mwaa, "sts:GetWebIdentityToken", "*", token) == "allow"
    assert decide(mwaa, "sts:GetWebIdentityToken", "*", token | {"sts:IdentityTokenAudience": "example.com"}) == "none"
    assert decide(mwaa, "sts:GetWebIdentityToken", "*", token | {"sts:DurationSeconds": "3600"}) == "none"
    assert decide(mwaa, "sts:GetWebIdentityToken", "*", {"sts:DurationSeconds": "300"}) == "none"


@pytest.mark.parametrize(
    ("action", "context", "expected"),
    [
        ("s3:PutObject", {"s3:if-none-match": "*", "s3:ObjectCreationOperation": "true"}, "none"),
        ("s3:PutObject", {"s3:ObjectCreationOperation": "true"}, "deny"),
        ("s3:PutObject", {"s3:ObjectCreationOperation": "false"}, "none"),
        ("s3:GetObject", {}, "none"),
        ("s3:DeleteObject", {}, "deny"),
        ("s3:DeleteObjectVersion", {}, "deny"),
        ("s3:GetObject", {"aws:SecureTransport": "false"}, "deny"),
    ],
)
def test_bronze_refuses_replacement_deletion_and_plain_http(
    zones: dict[str, list[Any]], action: str, context: dict[str, str], expected: str
) -> None:
    """Whoever asks: PUTs must be conditional, parts of an upload need not, nothing is deleted or goes without TLS."""
    context = {"aws:SecureTransport": "true", **context}
    if action == "s3:GetObject" and context["aws:SecureTransport"] == "true":
        expected = "none"
    revision = "arn:aws:s3:::anthill-dev-bronze/polygon/stocks/x"
    assert decide(zones["bronze"], action, revision, context, principal=f"{IAM}:role/anybody") == expected


@pytest.mark.parametrize(
    ("action", "headers", "expected"),
    [
        ("s3:PutObject", {"s3:if-none-match": "*"}, "none"),
        ("s3:PutObject", {"s3:if-match": '"etag"'}, "none"),
        ("s3:PutObject", {}, "deny"),
        ("s3:DeleteObject", {}, "deny"),
        ("s3:DeleteObjectVersion", {}, "deny"),
        ("s3:GetObject", {}, "none"),
    ],
)
def test_a_document_is_created_or_replaced_by_who_has_read_it(
    zones: dict[str, list[Any]], action: str, headers: dict[str, str], expected: str
) -> None:
    """Where documents lie a PUT carries one header or the other; bronze refuses even who has read what is there."""
    context = {"aws:SecureTransport": "true", "s3:ObjectCreationOperation": "true", **headers}
    key = "polygon/stocks/_coverage/told/2026.json.gz"
    asks = {"principal": f"{IAM}:role/anybody"}
    assert decide(zones["documents"], action, f"arn:aws:s3:::anthill-dev-documents/{key}", context, **asks) == expected
    if "s3:if-match" in headers:
        assert decide(zones["bronze"], action, f"arn:aws:s3:::anthill-dev-bronze/{key}", context, **asks) == "deny"


PEOPLE = ("Admin", "Op", "User", "Viewer")


@pytest.mark.parametrize("role", PEOPLE)
def test_a_person_opens_airflow_in_one_role(render: Render, role: str) -> None:
    """Each of Airflow's roles has a policy that signs in as it, in this environment, and does nothing else in AWS."""
    policy = statements(rendered(render, "cicd")["people_policies"][role])
    where = f"arn:aws:airflow:{REGION}:{ACCOUNT}:role"
    taken = {
        r
        for r in (*PEOPLE, "Public")
        if decide(policy, "airflow:CreateWebLoginToken", f"{where}/anthill-dev/{r}") == "allow"
    }
    assert taken == {role}
    assert decide(policy, "airflow:CreateWebLoginToken", f"{where}/anthill-prod/{role}") == "none"
    assert (
        decide(policy, "airflow:GetEnvironment", f"arn:aws:airflow:{REGION}:{ACCOUNT}:environment/anthill-dev")
        == "allow"
    )
    # Through the host of this environment, by port forwarding, and no way else.
    machine, document = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0", f"arn:aws:ssm:{REGION}::document/AWS-Start"
    asked = {"ssm:resourceTag/Name": "anthill-dev-access", "ssm:SessionDocumentAccessCheck": "true"}
    assert decide(policy, "ssm:StartSession", machine, asked) == "allow"
    for other in ({"ssm:resourceTag/Name": "anthill-prod-access"}, {"ssm:SessionDocumentAccessCheck": "false"}):
        assert decide(policy, "ssm:StartSession", machine, asked | other) == "none"
    assert decide(policy, "ssm:StartSession", machine, {"ssm:SessionDocumentAccessCheck": "true"}) == "none"
    assert decide(policy, "ssm:StartSession", f"{document}PortForwardingSessionToRemoteHost") == "allow"
    for other in (f"{document}PortForwardingSession", f"{document}SSHSession", f"{document}InteractiveCommand"):
        assert decide(policy, "ssm:StartSession", other) == "none"
    shell = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/SSM-SessionManagerRunShell"
    assert decide(policy, "ssm:StartSession", shell) == "none"
    own = f"arn:aws:ssm:{REGION}:{ACCOUNT}:session/${{aws:userid}}-*"
    ending = [s["Resource"] for s in policy if "ssm:TerminateSession" in s["Action"]]
    assert ending == [[own]]
    for action in ("ssm:SendCommand", "ec2-instance-connect:SendSSHPublicKey", "ec2:StartInstances"):
        assert decide(policy, action, machine, asked) == "none"
    for action in ("airflow:UpdateEnvironment", "airflow:InvokeRestApi", "airflow:CreateCliToken", "s3:GetObject"):
        assert decide(policy, action, "*") == "none"


def test_the_host_holds_sessions_and_does_nothing_else(render: Render) -> None:
    """What Session Manager's agent asks for; neither commands, parameters, objects nor secrets."""
    own = statements(render("access", ["policy_json"], **ACCESS)["policy_json"])
    channels = {f"ssmmessages:{verb}{kind}Channel" for verb in ("Create", "Open") for kind in ("Control", "Data")}
    assert {action for s in own for action in s["Action"]} == {"ssm:UpdateInstanceInformation", *channels}


def test_no_workflow_changes_how_people_sign_in(render: Render) -> None:
    """The deployment roles may read these policies; an explicit deny keeps them from any other version."""
    found = rendered(render, "cicd")
    guard = statements(found["guard_json"])
    for role in PEOPLE:
        policy = f"{IAM}:policy/platform_development/anthill-dev-airflow-{role.lower()}"
        for action in ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicy"):
            assert decide(guard, action, policy) == "deny"
        platform = [
            s for key, text in found["policies"].items() if key.startswith("platform") for s in statements(text)
        ]
        assert decide(platform, "iam:GetPolicyVersion", policy) == "allow"


def test_an_analyst_asks_gold_and_no_more(render: Render, teams: dict[str, list[Any]]) -> None:
    """Queries in the workgroup with the limit, results beside it; all within the boundary that is around the role."""
    own, gold = statements(rendered(render, "consumption")["analyst_json"]), "arn:aws:s3:::anthill-dev-gold/gold/x"
    workgroup, results = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/", "arn:aws:s3:::anthill-dev-athena/results/x"
    glue = f"arn:aws:glue:{REGION}:{ACCOUNT}:"
    for action, resource in (
        ("athena:StartQueryExecution", f"{workgroup}anthill-dev-analysts"),
        ("athena:GetQueryResults", f"{workgroup}anthill-dev-analysts"),
        ("glue:GetTable", f"{glue}table/anthill_dev_gold/stocks_daily_prices"),
        ("glue:GetPartition", f"{glue}table/anthill_dev_gold/stocks_daily_prices"),
        ("s3:GetObject", gold),
        ("s3:PutObject", results),
        ("s3:GetObject", results),
        ("s3:GetBucketLocation", "arn:aws:s3:::anthill-dev-athena"),
        ("kms:Decrypt", KEY),
        ("kms:GenerateDataKey", KEY),
    ):
        assert decide(own, action, resource, FAVOUR) == "allow", action
        assert decide(teams["boundary"], action, resource, FAVOUR) == "allow", action
    for action, resource in (
        ("athena:StartQueryExecution", f"{workgroup}primary"),
        ("athena:UpdateWorkGroup", f"{workgroup}anthill-dev-analysts"),
        ("s3:PutObject", gold),
        ("s3:DeleteObject", results),
        ("s3:GetObject", "arn:aws:s3:::anthill-dev-bronze/polygon/x"),
        ("s3:GetObject", "arn:aws:s3:::anthill-dev-silver/silver/x"),
        ("glue:UpdateTable", f"{glue}table/anthill_dev_gold/x"),
    ):
        assert decide(own, action, resource, FAVOUR) == "none", action


def test_the_pipeline_keeps_gold_readable_and_no_more(render: Render, teams: dict[str, list[Any]]) -> None:
    """Entries of the one database, queries in its own workgroup, results in one folder of gold; within the boundary."""
    own, gold = statements(rendered(render, "consumption")["pipeline_json"]), "arn:aws:s3:::anthill-dev-gold/"
    workgroup, glue = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/", f"arn:aws:glue:{REGION}:{ACCOUNT}:table/"
    for action, resource in (
        ("athena:StartQueryExecution", f"{workgroup}anthill-dev-pipeline"),
        ("athena:StopQueryExecution", f"{workgroup}anthill-dev-pipeline"),
        ("athena:GetQueryExecution", f"{workgroup}anthill-dev-pipeline"),
        ("glue:GetTables", f"{glue}anthill_dev_gold/forex_daily_prices"),
        ("glue:CreateTable", f"{glue}anthill_dev_gold/forex_daily_prices"),
        ("glue:UpdateTable", f"{glue}anthill_dev_gold/forex_daily_prices"),
        ("glue:DeleteTable", f"{glue}anthill_dev_gold/forex_daily_prices"),
        ("s3:GetObject", f"{gold}__unitystorage/x"),
        ("s3:PutObject", f"{gold}consumption/forex_pairs/2026-06-01/_SUCCESS"),
        ("s3:DeleteObject", f"{gold}consumption/forex_pairs/2026-06-01/_SUCCESS"),
        ("s3:PutObject", f"{gold}warehouse/totesys/_versions/000000001.json"),
        ("s3:ListBucket", gold.rstrip("/")),
        ("s3:PutObject", "arn:aws:s3:::anthill-dev-athena/pipeline/x"),
        ("kms:GenerateDataKey", KEY),
    ):
        assert decide(own, action, resource, FAVOUR) == "allow", action
        assert decide(teams["boundary"], action, resource, FAVOUR) == "allow", action
    for action, resource in (
        ("athena:StartQueryExecution", f"{workgroup}anthill-dev-analysts"),
        ("athena:UpdateWorkGroup", f"{workgroup}anthill-dev-pipeline"),
        ("glue:UpdateTable", f"{glue}somebody_elses/x"),
        ("s3:PutObject", f"{gold}gold/forex_daily_prices/x"),
        ("s3:DeleteObject", f"{gold}warehouse/totesys/_versions/000000001.json"),
        ("s3:DeleteObject", f"{gold}gold/forex_daily_prices/x"),
        ("s3:GetObject", "arn:aws:s3:::anthill-dev-silver/silver/x"),
        ("s3:GetObject", "arn:aws:s3:::anthill-dev-bronze/polygon/x"),
        ("s3:DeleteObject", "arn:aws:s3:::anthill-dev-athena/pipeline/x"),
    ):
        assert decide(own, action, resource, FAVOUR) == "none", action
