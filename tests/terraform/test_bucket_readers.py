"""Who reads the data buckets by IAM as Terraform renders it, and as include/buckets.yaml declares it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anthill.governance.iam import declared, reach, statement
from anthill.governance.iam.account import Account, Principal
from anthill.governance.iam.reach import Reach
from local.policy import decide, statements
from tests.terraform.conftest import Render
from tests.terraform.test_policies import IAM, MODULES, rendered

NAMES, PLATFORM, INNOVATION = "anthill-dev", "platform_development", "innovation_development"
# As the stack catalog gives them to modules/unity-catalog, which tfparse does not evaluate: its provider is asked.
UNITY = {
    "unity-bronze": [
        "bronze/drop/*",
        "bronze/files/*",
        "bronze/polygon/*",
        "bronze/polygon_stream/*",
        "bronze/postgres/*",
    ],
    "unity-personal": [
        "personal/drop/*",
        "personal/files/*",
        "personal/polygon/*",
        "personal/polygon_stream/*",
        "personal/postgres/*",
    ],
    "unity-tables": ["silver/*", "gold/*"],
}


@pytest.fixture(scope="module")
def account(render: Render) -> Account:
    """The roles of every stack that is near the data, within their boundaries, and the zones' own policies."""
    cicd, consumption = rendered(render, "cicd"), rendered(render, "consumption")
    boundaries, guard = cicd["boundaries"], cicd["guard_json"]
    drop = rendered(render, "drop-zone")
    mwaa = render("mwaa", ["policy_json", "erasure_policy_json"], **MODULES["mwaa"][1])

    def role(team: str, name: str, *documents: str, bounded: bool = True) -> Principal:
        said = [each for text in documents for each in statement.of(f"a policy of {name}", text)]
        boundary = list(statement.of("boundary", boundaries[team])) if bounded else None
        return Principal(f"{IAM}:role/{team}/{NAMES}-{name}", said, boundary)

    def reads(places: list[str]) -> str:
        resources = [f"arn:aws:s3:::{NAMES}-{place}" for place in places]
        return json.dumps({"Statement": {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": resources}})

    roles = [
        role(PLATFORM, "mwaa", mwaa["policy_json"]),
        role(PLATFORM, "erasure", mwaa["erasure_policy_json"]),
        role(PLATFORM, "drop-depots", drop["people_policies"]["depots"]),
        role(INNOVATION, "consumption", consumption["pipeline_json"]),
        role(INNOVATION, "analyst", consumption["analyst_json"]),
        *(role(INNOVATION, name, reads(places)) for name, places in UNITY.items()),
    ]
    for kind, key in (("deploy", "policies"), ("plan", "plan_policies")):
        for team in (PLATFORM, INNOVATION):
            own = [text for name, text in cicd[key].items() if name.startswith(team)]
            assert own
            roles.append(role(PLATFORM, f"{kind}-{team}", guard, *own, bounded=False))
    zones = rendered(render, "data-lake")["policies"]
    policies = {zone: text for zone, text in zones.items() if zone != "artifacts"} | {"drop": drop["policy_json"]}
    buckets = {f"{NAMES}-{zone}": list(statement.of(zone, text)) for zone, text in policies.items()}
    return Account(roles, buckets)


def test_what_is_declared_is_what_terraform_gives(account: Account) -> None:
    """Nobody reads who is not declared, and whoever is declared reads all of that."""
    found, known = reach.of(account), declared.load(NAMES)
    assert set(known.buckets) == set(account.buckets)
    assert known.undeclared(found) == []
    told = {
        (reader.who, bucket, keys)
        for reader in known.readers
        for bucket in reader.reads
        for keys in reader.reads[bucket]
    }
    # Who drops files is declared for all owners, and rendered for the one of this test.
    owners, drop = f"role/{PLATFORM}/{NAMES}-drop-", f"{NAMES}-drop"
    own = {(f"{owners}depots", drop, f"{folder}/depot/stock/*") for folder in ("input", "output")}
    given = {(each.who, each.bucket, each.keys) for each in found}
    assert {each for each in given if each[0].startswith(owners)} == own
    assert given - own == {each for each in told if not each[0].startswith(owners)}


def test_a_statement_more_is_drift(account: Account) -> None:
    """A reader whom somebody let in by hand, and a reader of gold in another bucket."""
    own = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    guest = Principal(f"{IAM}:role/guest", list(statement.of("by hand", {"Statement": own})))
    more = Account([*account.principals, guest], account.buckets)
    undeclared = declared.load(NAMES).undeclared(reach.of(more))
    assert undeclared == [Reach("role/guest", bucket, "*", "by hand") for bucket in account.buckets]


@pytest.mark.parametrize("on", [True, False])
def test_who_reads_policies_reads_no_more_than_those(render: Render, on: bool) -> None:
    """The execution role reads them where the environment says so: of the buckets that are named, and the account's."""
    buckets = [f"{NAMES}-bronze", f"{NAMES}-gold"]
    (text,) = render("mwaa", ["policy_json"], **MODULES["mwaa"][1], iam_read_buckets=buckets if on else []).values()
    role = statements(text)
    may: dict[str, Any] = {
        "s3:GetBucketPolicy": "arn:aws:s3:::anthill-dev-gold",
        "iam:GetAccountAuthorizationDetails": "*",
    }
    for action, resource in may.items():
        assert decide(role, action, resource) == ("allow" if on else "none")
    for action, resource in (
        ("s3:GetBucketPolicy", "arn:aws:s3:::anthill-dev-silver"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::anthill-dev-gold"),
        ("s3:GetObject", "arn:aws:s3:::anthill-dev-gold/gold/x"),
        ("iam:PutRolePolicy", f"{IAM}:role/x"),
        ("iam:ListRoles", "*"),
    ):
        assert decide(role, action, resource) == "none"
