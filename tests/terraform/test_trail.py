"""What the trail's rendered policies let somebody do, and which recorded events an alarm looks for."""

import fnmatch
import re
from typing import Any

import pytest

from local.policy import decide, statements
from tests.terraform.conftest import Render

ACCOUNT = "111111111111"
TRAIL = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/anthill-dev"
BUCKET = "arn:aws:s3:::anthill-dev-trail"
FILE = f"{BUCKET}/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/07/02/x.json.gz"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/platform_development/anthill-dev"
VARIABLES = {
    "name": "anthill-dev",
    "account_id": ACCOUNT,
    "region": "us-east-1",
    "watched_buckets": ["anthill-dev-bronze"],
    "bronze_bucket": "anthill-dev-bronze",
    "personal_bucket": "anthill-dev-personal",
    "documents_bucket": "anthill-dev-documents",
    "access_log_bucket": "anthill-dev-terraform-state-logs",
    "connections_prefix": "anthill/dev",
    "reader_role": f"{ROLES}-mwaa",
    "workflow_roles": f"{ROLES}-deploy-*",
    "team_paths": ["/innovation_development/", "/platform_development/"],
    "emails": ["security@example.com"],
}


@pytest.fixture(scope="module")
def trail(render: Render) -> dict[str, Any]:
    """The module's policies and patterns."""
    return render("trail", ["bucket_policy_json", "key_json", "patterns"], **VARIABLES)


def test_the_trail_writes_and_nobody_else(trail: dict[str, Any]) -> None:
    """CloudTrail puts this trail's files; another account's trail does not, and a principal is allowed nothing here."""
    policy, service = statements(trail["bucket_policy_json"]), "cloudtrail.amazonaws.com"
    own, other = {"aws:SourceArn": TRAIL}, {"aws:SourceArn": TRAIL.replace(ACCOUNT, "999999999999")}
    assert decide(policy, "s3:PutObject", FILE, own, service) == "allow"
    assert decide(policy, "s3:GetBucketAcl", BUCKET, own, service) == "allow"
    assert decide(policy, "s3:PutObject", FILE, other, service) == "none"
    assert decide(policy, "s3:PutObject", FILE.replace(ACCOUNT, "999999999999"), own, service) == "none"
    assert decide(policy, "s3:DeleteObject", FILE, own, service) == "none"
    key = statements(trail["key_json"])
    context = own | {"kms:EncryptionContext:aws:cloudtrail:arn": TRAIL}
    assert decide(key, "kms:GenerateDataKey", "*", context, service) == "allow"
    assert decide(key, "kms:GenerateDataKey", "*", context | other, service) == "none"
    assert decide(key, "kms:Decrypt", "*", context, service) == "none"


@pytest.mark.parametrize(
    "team", ["platform_development/anthill-dev-deploy-platform_development", "innovation_development/x"]
)
def test_no_team_changes_what_was_recorded_of_it(trail: dict[str, Any], team: str) -> None:
    """Whatever its own policies say: a team's role deletes no file, shortens no lock and takes no policy away."""
    policy, role = statements(trail["bucket_policy_json"]), f"arn:aws:iam::{ACCOUNT}:role/{team}"
    for action, resource in (
        ("s3:DeleteBucket", BUCKET),
        ("s3:DeleteBucketPolicy", BUCKET),
        ("s3:PutBucketPolicy", BUCKET),
        ("s3:PutLifecycleConfiguration", BUCKET),
        ("s3:PutBucketVersioning", BUCKET),
        ("s3:PutBucketObjectLockConfiguration", BUCKET),
        ("s3:BypassGovernanceRetention", FILE),
        ("s3:DeleteObjectVersion", FILE),
        ("s3:DeleteObject", FILE),
        ("s3:PutObject", FILE),
        ("s3:PutObjectRetention", FILE),
    ):
        assert decide(policy, action, resource, {"aws:PrincipalArn": role}, role) == "deny", action
    administrator = f"arn:aws:iam::{ACCOUNT}:role/Administrator"
    assert decide(policy, "s3:PutBucketPolicy", BUCKET, {"aws:PrincipalArn": administrator}, administrator) == "none"


def matched(pattern: str, event: dict[str, Any]) -> bool:
    """Whether CloudWatch's filter pattern for JSON takes an event: a missing field neither equals nor differs."""

    def field(path: str) -> Any:
        found: Any = event
        for name in path.split("."):
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def compared(path: str, operator: str, value: str) -> bool:
        found = field(path)
        return found is not None and fnmatch.fnmatchcase(str(found), value) == (operator == "=")

    text = pattern.strip().removeprefix("{").removesuffix("}")
    text = re.sub(r"\$\.([\w.]+) NOT EXISTS", r"(field('\1') is None)", text)
    text = re.sub(r'\$\.([\w.]+) (!?=) "([^"]*)"', r"compared('\1', '\2', '\3')", text)
    text = text.replace("&&", " and ").replace("||", " or ")
    return bool(eval(text.strip(), {"field": field, "compared": compared}))


def event(name: str, source: str, role: str | None = None, error: str | None = None, **asked: str) -> dict[str, Any]:
    """A CloudTrail record as far as alarms look at it."""
    identity: dict[str, Any] = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": role}}}
    if role is None:
        identity = {"type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/eve"}
    found = {"eventName": name, "eventSource": f"{source}.amazonaws.com", "eventType": "AwsApiCall"}
    return {**found, "userIdentity": identity, "requestParameters": asked, **({"errorCode": error} if error else {})}


ROOT = {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root"}
SIGN_IN = {"eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com", "eventType": "AwsConsoleSignIn"}
BY_SERVICE = {**event("CreateGrant", "kms"), "userIdentity": {**ROOT, "invokedBy": "AWS Internal"}}
PERSON = f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0"
CONNECTION = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:anthill/dev/connections/polygon_default-AbCdEf"
NAME, OTHER = "anthill/dev/connections/x", "another-team/x"
BRONZE = {"bucketName": "anthill-dev-bronze", "key": "polygon/stocks/x.json.gz"}
FORWARDING = "AWS-StartPortForwardingSessionToRemoteHost"
PEOPLE = {"bucketName": "anthill-dev-personal", "key": "polygon/stocks/x.json.gz"}
DOCUMENT = {"bucketName": "anthill-dev-documents", "key": "polygon/stocks/_coverage/told/2014.json.gz"}


@pytest.mark.parametrize(
    ("record", "alarms"),
    [
        ({**SIGN_IN, "userIdentity": ROOT}, {"root-sign-in"}),
        (BY_SERVICE, set()),
        (event("PutBucketPolicy", "s3", PERSON, bucketName="anthill-dev-gold"), {"policy-changed"}),
        (event("PutKeyPolicy", "kms", None, keyId="x"), {"policy-changed"}),
        (event("DeleteBucketPolicy", "s3", f"{ROLES}-mwaa", bucketName="anthill-dev-gold"), {"policy-changed"}),
        (event("PutBucketPolicy", "s3", f"{ROLES}-deploy-innovation_development"), set()),
        (event("PutBucketPolicy", "s3", PERSON, "AccessDenied"), set()),
        (event("GetSecretValue", "secretsmanager", PERSON, secretId=CONNECTION), {"secret-read"}),
        (event("GetSecretValue", "secretsmanager", None, secretId=NAME), {"secret-read"}),
        (event("BatchGetSecretValue", "secretsmanager", PERSON), {"secret-read"}),
        (event("GetSecretValue", "secretsmanager", f"{ROLES}-mwaa", secretId=CONNECTION), set()),
        (event("GetSecretValue", "secretsmanager", PERSON, "AccessDenied", secretId=CONNECTION), set()),
        (event("GetSecretValue", "secretsmanager", PERSON, secretId=OTHER), set()),
        (event("DescribeSecret", "secretsmanager", PERSON, secretId=CONNECTION), set()),
        (event("DeleteObject", "s3", f"{ROLES}-mwaa", "AccessDenied", **BRONZE), {"delete-denied", "bronze-denied"}),
        (event("DeleteObjects", "s3", PERSON, "AccessDenied", **BRONZE), {"delete-denied", "bronze-denied"}),
        (event("DeleteBucket", "s3", PERSON, "AccessDenied", **BRONZE), {"delete-denied", "bronze-denied"}),
        (event("PutObject", "s3", f"{ROLES}-mwaa", "AccessDenied", **BRONZE), {"bronze-denied"}),
        (event("GetObject", "s3", PERSON, "AccessDenied", **BRONZE), {"bronze-denied"}),
        (event("PutObject", "s3", f"{ROLES}-mwaa", "PreconditionFailed", **BRONZE), set()),
        (event("HeadObject", "s3", f"{ROLES}-mwaa", "NoSuchKey", **BRONZE), set()),
        (event("PutObject", "s3", f"{ROLES}-mwaa", **BRONZE), set()),
        (event("DeleteObject", "s3", PERSON, "AccessDenied", bucketName="anthill-dev-gold"), set()),
        (event("DeleteObject", "s3", PERSON, "AccessDenied", **PEOPLE), {"delete-denied", "personal-denied"}),
        (event("GetObject", "s3", PERSON, "AccessDenied", **PEOPLE), {"personal-denied"}),
        (event("DeleteObject", "s3", f"{ROLES}-erasure", **PEOPLE), set()),
        (event("DeleteObject", "s3", PERSON, "AccessDenied", **DOCUMENT), {"delete-denied", "documents-denied"}),
        (event("PutObject", "s3", f"{ROLES}-mwaa", "AccessDenied", **DOCUMENT), {"documents-denied"}),
        (event("PutObject", "s3", f"{ROLES}-mwaa", "PreconditionFailed", **DOCUMENT), set()),
        (event("PutObject", "s3", f"{ROLES}-mwaa", **DOCUMENT), set()),
        (event("StartSession", "ssm", PERSON, target="i-0"), {"shell-opened"}),
        (event("StartSession", "ssm", PERSON, target="i-0", documentName="AWS-StartSSHSession"), {"shell-opened"}),
        (event("StartSession", "ssm", PERSON, target="i-0", documentName=FORWARDING), set()),
        (event("StartSession", "ssm", PERSON, "AccessDenied", target="i-0"), set()),
        (event("StopLogging", "cloudtrail", PERSON), {"trail-changed"}),
        (event("UpdateTrail", "cloudtrail", PERSON, "AccessDenied"), {"trail-changed"}),
        (event("DescribeTrails", "cloudtrail", PERSON), set()),
    ],
)
def test_an_event_raises_the_alarm_that_it_should(
    trail: dict[str, Any], record: dict[str, Any], alarms: set[str]
) -> None:
    """Each kind of event raises its own alarm and no other; what readers and workflows do raises none."""
    assert {name for name, pattern in trail["patterns"].items() if matched(pattern, record)} == alarms
