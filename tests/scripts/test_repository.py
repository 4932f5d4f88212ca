"""What GitHub holds beside the files is what .github/repository.yaml declares: compared, written once, read back."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
import yaml
from moto import mock_aws

from scripts import repository
from tests.scripts.scripted_github import TOKEN, Repository, serving

ROOT = Path(__file__).parents[2]
TEAMS = ("platform_development", "innovation_development")
PUBLISHED = {
    "platform_development/databricks": {
        "host": "dbc-example.cloud.databricks.com",
        "workspace_id": 1,
        "application_ids": {"bundle": "b-id", "pipeline": "p-id", "drift": "d-id"},
    },
    "platform_development/monitoring": {"workflow_topic_arn": "arn:aws:sns:us-east-1:1:workflows"},
    "innovation_development/compute": {"warehouse_id": "w", "budget_policy_id": "bp-id"},
}


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """A repository with nothing set, behind GitHub's API, and an AWS account in which nothing is published."""
    held = Repository()
    monkeypatch.setenv("GH_TOKEN", TOKEN)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with serving(held) as address, mock_aws():
        monkeypatch.setenv("GITHUB_API_URL", address)
        yield held


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The declared settings and environments, to be changed."""
    (tmp_path / ".github").mkdir()
    shutil.copy(ROOT / ".github/repository.yaml", tmp_path / ".github")
    shutil.copytree(ROOT / "terraform/environments", tmp_path / "terraform/environments")
    return tmp_path


def publish(environment: str) -> None:
    """What the stacks of an environment publish when they have been applied."""
    client = boto3.client("ssm", region_name="us-east-1")
    for stack, told in PUBLISHED.items():
        client.put_parameter(Name=f"/anthill/{environment}/{stack}", Value=json.dumps(told), Type="String")


def ids(tmp_path: Path, environment: str) -> Path:
    """terraform/account's output."""
    names = [f"{environment}-{team}{plan}" for team in TEAMS for plan in ("", "-plan")]
    (tmp_path / "ids.json").write_text(json.dumps({name: f"id of {name}" for name in names}))
    return tmp_path / "ids.json"


def make(environment: str, *options: object, root: Path = ROOT) -> int:
    """Run it as `make github` does."""
    return repository.main(["--environment", environment, *map(str, options)], root)


def edit(root: Path, change: Any) -> None:
    """Change what is declared."""
    file = root / ".github/repository.yaml"
    declared = msgspec.yaml.decode(file.read_text())
    change(declared)
    file.write_text(yaml.safe_dump(declared))


def test_looking_writes_nothing(github: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """Without APPLY every difference is a line, and no call writes."""
    assert make("dev") == 0
    told = capsys.readouterr().out
    assert github.written == []
    assert "+ dev-platform_development: approved by: platform-development" in told
    assert "+ ruleset 'trunk'" in told
    assert re.search(r"^\d+ differ: the same command with APPLY=1 writes them\.$", told, re.MULTILINE)


def test_written_once(github: Repository, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From nothing to what is declared; the second run reads, and writes nothing."""
    publish("prod")
    assert make("prod", "--apply", "--client-ids", ids(tmp_path, "prod")) == 0
    assert "written, and read back" in capsys.readouterr().out
    github.written.clear()
    assert make("prod", "--apply", "--client-ids", ids(tmp_path, "prod")) == 0
    assert "Nothing differs." in capsys.readouterr().out
    assert github.written == []


def test_what_stands_in_prod(github: Repository, tmp_path: Path) -> None:
    """Prod changes from releases alone and by another's approval, drift looks from main, variables are a job's own."""
    publish("prod")
    make("prod", "--apply", "--client-ids", ids(tmp_path, "prod"))
    for team in TEAMS:
        changes, looks = github.environments[f"prod-{team}"], github.environments[f"prod-{team}-plan"]
        assert (changes["reviewers"], changes["self_review"]) == ([team.replace("_", "-")], True)
        assert looks["reviewers"] == []
        assert list(changes["policies"].values()) == [{"name": "v*", "type": "tag"}]
        assert {(each["name"], each["type"]) for each in looks["policies"].values()} == {
            ("main", "branch"),
            ("v*", "tag"),
        }
        account = "arn:aws:iam::333333333333:role/platform_development"
        assert changes["variables"]["AWS_ROLE_ARN"] == f"{account}/anthill-prod-deploy-{team}"
        assert looks["variables"]["AWS_ROLE_ARN"] == f"{account}/anthill-prod-plan-{team}"
        assert looks["variables"]["TERRAFORM_CLIENT_ID"] == f"id of prod-{team}-plan"
        assert changes["variables"]["DATABRICKS_HOST"] == "https://dbc-example.cloud.databricks.com"
    bundle = github.environments["prod-innovation_development"]["variables"]
    drift = github.environments["prod-innovation_development-plan"]["variables"]
    assert (bundle["DATABRICKS_CLIENT_ID"], drift["DATABRICKS_CLIENT_ID"]) == ("b-id", "d-id")
    assert (drift["BUNDLE_APPLICATION_ID"], bundle["PIPELINE_APPLICATION_ID"]) == ("b-id", "p-id")
    assert bundle["BUDGET_POLICY_ID"] == "bp-id"


def test_a_pull_request_looks_at_dev_alone(github: Repository) -> None:
    """Its job is in no environment, so the repository itself says as what it signs in: dev's reading role, no other."""
    make("prod", "--apply")
    assert github.variables == {}
    make("dev", "--apply")
    role = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-plan-pull-request"
    assert github.variables == {"PREVIEW_ROLE_ARN": role, "PREVIEW_REGION": "us-east-1"}
    github.variables["PREVIEW_ROLE_ARN"] = role.replace("plan-pull-request", "deploy-platform_development")
    make("dev", "--apply")
    assert github.variables["PREVIEW_ROLE_ARN"] == role


def test_results_are_published_from_main_by_a_role_of_their_own(github: Repository, tmp_path: Path) -> None:
    """A place that asks nobody, and holds nothing that a change or a look of a cloud is made with."""
    publish("staging")
    make("staging", "--apply", "--client-ids", ids(tmp_path, "staging"))
    place = github.environments["staging-notification"]
    assert (place["reviewers"], list(place["policies"].values())) == ([], [{"name": "main", "type": "branch"}])
    assert place["variables"] == {
        "AWS_REGION": "us-east-1",
        "AWS_ROLE_ARN": "arn:aws:iam::222222222222:role/platform_development/anthill-staging-notification",
        "NOTIFICATION_TOPIC_ARN": "arn:aws:sns:us-east-1:1:workflows",
    }


def test_releases_are_the_platform_teams(github: Repository) -> None:
    """A tag v* is made by one team, and moved or removed by nobody; main takes reviewed pull requests alone."""
    make("dev", "--apply")
    rules = {each["name"]: each for each in github.rulesets.values()}
    tags = [each for each in rules.values() if each["target"] == "tag"]
    assert {ref for each in tags for ref in each["conditions"]["ref_name"]["include"]} == {"refs/tags/v*"}
    around = {rule["type"]: each["bypass_actors"] for each in tags for rule in each["rules"]}
    assert around == {
        "creation": [{"actor_id": 11, "actor_type": "Team", "bypass_mode": "always"}],
        "update": [],
        "deletion": [],
    }
    trunk = rules["trunk"]
    assert (trunk["conditions"]["ref_name"]["include"], trunk["bypass_actors"]) == (["~DEFAULT_BRANCH"], [])
    reviews = next(rule["parameters"] for rule in trunk["rules"] if rule["type"] == "pull_request")
    assert reviews["require_code_owner_review"] is True
    assert reviews["required_approving_review_count"] == 1
    assert all(each["enforcement"] == "active" for each in rules.values())


def _no_approver(held: Repository) -> None:
    held.environments["dev-platform_development"]["reviewers"] = []


def _self_review(held: Repository) -> None:
    held.environments["dev-platform_development"]["self_review"] = False


def _any_branch(held: Repository) -> None:
    held.environments["dev-innovation_development"]["policies"][99] = {"name": "feature/*", "type": "branch"}


def _no_limit(held: Repository) -> None:
    held.environments["dev-innovation_development"]["policy"] = None


def _other_role(held: Repository) -> None:
    held.environments["dev-innovation_development"]["variables"]["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/mine"


def _disabled(held: Repository) -> None:
    next(each for each in held.rulesets.values() if each["name"] == "trunk")["enforcement"] = "disabled"


def _rule_gone(held: Repository) -> None:
    next(each for each in held.rulesets.values() if each["name"] == "trunk")["rules"].pop(0)


def _check_gone(held: Repository) -> None:
    trunk = next(each for each in held.rulesets.values() if each["name"] == "trunk")
    next(r for r in trunk["rules"] if r["type"] == "required_status_checks")["parameters"][
        "required_status_checks"
    ].pop()


def _admins_around(held: Repository) -> None:
    actor = {"actor_id": 12, "actor_type": "Team", "bypass_mode": "always"}
    next(each for each in held.rulesets.values() if each["name"] == "trunk")["bypass_actors"] = [actor]


def _reads_only(held: Repository) -> None:
    held.writers.discard("innovation-development")


def _subject(held: Repository) -> None:
    held.subject = {"use_default": False, "include_claim_keys": ["repo", "context"]}


@pytest.mark.parametrize(
    "by_hand",
    [
        _no_approver,
        _self_review,
        _any_branch,
        _no_limit,
        _other_role,
        _disabled,
        _rule_gone,
        _check_gone,
        _admins_around,
        _reads_only,
        _subject,
    ],
)
def test_what_was_changed_by_hand_is_told_and_put_back(
    github: Repository, by_hand: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """One thing that a person loosened is one line, and one call mends it."""
    make("dev", "--apply")
    by_hand(github)
    github.written.clear()
    capsys.readouterr()
    assert make("dev") == 0
    assert "1 differ" in capsys.readouterr().out
    assert make("dev", "--apply") == 0
    assert len(github.written) == 1
    assert make("dev") == 0
    assert "Nothing differs." in capsys.readouterr().out


def test_what_is_not_known_yet_waits(github: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    """Before the stacks are applied their variables are named with what they wait for; the others are written."""
    assert make("dev", "--apply") == 0
    told = capsys.readouterr().out
    assert "dev-platform_development: TERRAFORM_CLIENT_ID waits for CLIENT_IDS=<file>" in told
    assert "DATABRICKS_HOST waits for the stack platform_development/databricks, applied" in told
    held = {"AWS_REGION", "AWS_ROLE_ARN", "APPROVERS"}
    assert set(github.environments["dev-platform_development"]["variables"]) == held


@pytest.mark.parametrize(("plan", "lacks"), [("free", "no ruleset"), ("team", "no approval of environments")])
def test_a_plan_that_lacks_something_is_said_first(
    github: Repository, plan: str, lacks: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A private repository of such a plan would be refused halfway: nothing is written."""
    github.visibility, github.plan = "private", plan
    assert make("dev", "--apply") == 1
    told = capsys.readouterr().err
    assert "Nothing was written." in told
    assert lacks in told
    assert github.written == []


def test_a_private_repository_of_an_enterprise(github: Repository) -> None:
    """With all that GitHub sells a private repository is set up like a public one."""
    github.visibility, github.plan = "private", "enterprise"
    assert make("dev", "--apply") == 0


def test_dev_may_ask_nobody(github: Repository, root: Path) -> None:
    """Where dev no longer asks, nobody approves, and nothing says that somebody would: no plan of it may destroy."""
    assert make("dev", "--apply", root=root) == 0
    edit(root, lambda given: given["cloud"].update(dev={"approval": False}))
    assert make("dev", "--apply", root=root) == 0
    asking = github.environments["dev-platform_development"]
    assert asking["reviewers"] == []
    assert "APPROVERS" not in asking["variables"]
    assert make("staging", "--apply", root=root) == 0
    assert github.environments["staging-platform_development"]["variables"]["APPROVERS"] == "platform-development"


def test_only_dev_may_ask_nobody(github: Repository, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Approval that is off in another environment, or by default, is refused by name."""
    for name in ("prod", "default"):
        edit(root, lambda given, name=name: given["cloud"].setdefault(name, {}).update(approval=False))
        assert make("dev", "--apply", root=root) == 1
        assert ".approval is off, which dev's alone may be" in capsys.readouterr().err
    assert github.written == []


def test_a_younger_repository_has_ids_in_its_tokens(
    github: Repository, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the clouds trust is what GitHub's tokens say: with the ids since July 2026, and with the right ones."""
    github.created_at = "2026-08-01T10:00:00Z"
    assert make("dev", "--apply", root=root) == 1
    assert "its tokens say anthill@5/anthill@7" in capsys.readouterr().err
    file = root / "terraform/environments/dev/environment.tfvars"
    for named, code in (("anthill@5/anthill@8", 1), ("anthill@5/anthill@7", 0)):
        file.write_text(re.sub(r'"anthill\S*/anthill\S*"', f'"{named}"', file.read_text()))
        assert make("dev", "--apply", root=root) == code


def test_who_cannot_is_told_what_to_do(
    github: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person's repository, a team that is not there, a token that is none: each a sentence, nothing written."""
    github.organisation = False
    assert make("dev", "--apply") == 1
    assert "approvers are teams: move the repository" in capsys.readouterr().err
    github.organisation = True
    number = github.teams.pop("innovation-development")
    assert make("dev", "--apply") == 1
    assert "anthill has no team innovation-development" in capsys.readouterr().err
    github.teams["innovation-development"] = number
    monkeypatch.setenv("GH_TOKEN", "another")
    assert make("dev", "--apply") == 1
    assert "401 Bad credentials. The token is not valid" in capsys.readouterr().err
    monkeypatch.delenv("GH_TOKEN")
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    assert make("dev", "--apply") == 1
    assert "There is no token: `gh auth login`" in capsys.readouterr().err
    assert github.written == []


def test_what_main_waits_for_runs_on_every_change() -> None:
    """Each required check is a job of a workflow that a pull request starts, by the name that GitHub gives it."""
    names = set()
    for file in (ROOT / ".github/workflows").glob("*.yml"):
        document = msgspec.yaml.decode(file.read_text())
        if "pull_request" not in document[True]:
            continue
        for job, given in document["jobs"].items():
            (axis,) = [v for k, v in given.get("strategy", {}).get("matrix", {}).items() if k != "include"] or [None]
            names |= {f"{job} ({value})" for value in axis} if axis else {job}
    given = msgspec.yaml.decode((ROOT / ".github/repository.yaml").read_text())
    rules = next(each["rules"] for each in given["rulesets"] if each["name"] == "trunk")
    (checks,) = [rule["parameters"]["required_status_checks"] for rule in rules if "check" in rule["type"]]
    assert {each["context"] for each in checks} <= names


def test_every_variable_of_a_cloud_job_is_declared() -> None:
    """What a workflow reads as a variable in a cloud's environment is one that this file sets."""
    given = msgspec.yaml.decode((ROOT / ".github/repository.yaml").read_text())["variables"]
    known = {name for name in given if name.isupper()} | {
        name for each in given.values() if isinstance(each, dict) for name in each
    }
    read = set()
    for file in (ROOT / ".github/workflows").glob("*.yml"):
        for job in msgspec.yaml.decode(file.read_text())["jobs"].values():
            if re.search(r"_development(-plan)?$", str(job.get("environment", ""))):
                read |= set(re.findall(r"vars\.(\w+)", json.dumps(job)))
    assert read == known | {"APPROVERS"}


def test_code_owners_are_the_teams_that_may_write() -> None:
    """CODEOWNERS names no team without the right to write: GitHub would leave the line out."""
    given = msgspec.yaml.decode((ROOT / ".github/repository.yaml").read_text())
    lines = [line for line in (ROOT / ".github/CODEOWNERS").read_text().splitlines() if line[:1] == "/"]
    owners = {owner for line in lines for owner in line.split()[1:]}
    assert owners == {f"@anthill/{slug}" for slug in given["teams"].values()}
    paths = [line.split()[0] for line in lines]
    assert {"/terraform/", "/include/grants/"} <= set(paths)
    assert all((ROOT / path.strip("/")).exists() for path in paths)


def test_contributing_says_what_is_declared() -> None:
    """The ten lines on trunk, tags, hotfixes and approvals agree with the file that GitHub is made from."""
    given = msgspec.yaml.decode((ROOT / ".github/repository.yaml").read_text())
    lines = dict(re.findall(r"^  (\d+)\. (.+)$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE))
    assert len(lines) == 10
    rules = {
        each["name"]: {rule["type"]: rule.get("parameters", {}) for rule in each["rules"]} for each in given["rulesets"]
    }
    trunk, bypass = (
        rules["trunk"],
        {name: each.get("bypass", []) for name, each in zip(rules, given["rulesets"], strict=True)},
    )
    assert ("linear" in lines["1"]) == ("required_linear_history" in trunk)
    review = trunk["pull_request"]
    assert f"needs {review['required_approving_review_count']} approval" in lines["2"]
    for word, parameter in (
        ("code owner", "require_code_owner_review"),
        ("not of who pushed last", "require_last_push_approval"),
        ("every conversation", "required_review_thread_resolution"),
    ):
        assert (word in lines["2"]) == review[parameter]
    checks = [each["context"].split()[0] for each in trunk["required_status_checks"]["required_status_checks"]]
    told = re.search(r"the checks (.+), on the newest main", lines["3"])
    assert told
    assert sorted(set(checks)) == sorted(re.split(r", | and ", told[1]))
    assert ("newest main" in lines["3"]) == trunk["required_status_checks"]["strict_required_status_checks_policy"]
    assert ({"deletion", "non_fast_forward"} <= trunk.keys() and not bypass["trunk"]) == (
        "administrators" in lines["4"]
    )
    assert "main" in given["cloud"]["default"]["changes"]
    assert given["cloud"]["default"]["approval"]
    assert set(re.findall(r"`(\w+_development)`", lines["5"])) == set(given["teams"])
    makers = {team for name, each in rules.items() if "creation" in each for team in bypass[name]}
    assert set(re.findall(r"`(\w+_development)`", lines["6"])) == makers
    assert any({"update", "deletion"} <= each.keys() and not bypass[name] for name, each in rules.items())
    assert given["cloud"]["prod"]["changes"] == ["tags/v*"]
    approving = {given["environments"][name]["approval"] for name in ("pypi", "package-index")}
    assert set(re.findall(r"`(\w+_development)`", lines["9"])) == approving
