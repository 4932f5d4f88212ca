"""The bundle is deployed and smoked through the CLI, with one engine, and what it says is what people read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from anthill import fingerprint
from scripts import bundle

PLAN = {
    "plan_version": 2,
    "plan": {
        "resources.jobs.gold": {"action": "skip", "changes": {"email_notifications": {"action": "skip"}}},
        "resources.jobs.silver": {
            "action": "update",
            "changes": {
                "max_concurrent_runs": {"action": "update", "old": 1, "new": 1, "remote": 5},
                "x": {"action": "skip"},
            },
        },
        "resources.jobs.smoke": {"action": "create"},
    },
}


MODEL = "staging.gold.volatility"
SUMMARY = {
    "run_as": {"service_principal_name": "b"},
    "resources": {"registered_models": {"volatility": {"id": MODEL}}},
}


@pytest.mark.parametrize(("owner", "updates"), [("b", 0), ("a", 1)])
def test_the_model_is_whose_training_makes_its_versions(command: Any, owner: str, updates: int) -> None:
    """Who deploys it for the first time owns it, and hands it over to whom the jobs run as; once."""
    cli = command("databricks")
    cli.answers(
        ("summary", 0, json.dumps(SUMMARY)), ("models get", 0, json.dumps({"owner": owner})),
        ("models update", 0, "{}"), ("validate|deploy", 0, ""),
    )  # fmt: skip
    assert bundle.main(["deploy", "--environment", "staging"]) == 0
    found = [arguments for arguments, _, _ in cli.called("registered-models", "update")]
    assert [arguments[2:5] for arguments in found] == [[MODEL, "--owner", "b"]] * updates
    assert all(call[0][-2:] == ["--target", "staging"] for call in cli.calls)


def test_deploy_validates_first_and_asks_nobody(command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Validated, deployed, summed up, each for the same target; a deletion is never approved beforehand."""
    cli = command("databricks")
    held = json.dumps({"owner": "b"})
    cli.answers(
        ("summary --output", 0, json.dumps(SUMMARY)), ("models get", 0, held), ("summary", 0, "Name: anthill\n"),
        ("validate|deploy", 0, ""),
    )  # fmt: skip
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    assert bundle.main(["deploy", "--environment", "staging"]) == 0
    assert [call[0][1] for call in cli.calls] == ["validate", "deploy", "summary", "get", "summary"]
    for arguments, _, environment in cli.calls:
        assert arguments[-2:] == ["--target", "staging"]
        assert "--auto-approve" not in arguments
        assert environment["DATABRICKS_BUNDLE_ENGINE"] == "direct"
    assert "deployed to **staging**" in (tmp_path / "summary.md").read_text()


@pytest.mark.parametrize(
    ("do", "pattern"), [("deploy", "validate"), ("deploy", "bundle deploy"), ("smoke", "run smoke")]
)
def test_what_the_cli_refuses_fails(command: Any, capsys: pytest.CaptureFixture[str], do: str, pattern: str) -> None:
    """Exit code 1, the command and its own words; nothing is run after it."""
    cli = command("databricks")
    cli.answers((pattern, 1, "Error: cannot"), ("", 0, ""))
    assert bundle.main([do, "--environment", "dev"]) == 1
    assert "Error: cannot" in capsys.readouterr().err
    assert " ".join(cli.calls[-1][0]).startswith(f"bundle {pattern.removeprefix('bundle ')}")


def test_the_smoke_run_is_told_what_was_deployed(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the digest of this tree, which a wheel of another commit has not."""
    cli = command("databricks")
    cli.answers(("", 0, ""))
    assert bundle.main(["smoke", "--environment", "dev"]) == 0
    ((arguments, _, _),) = cli.calls
    assert arguments[arguments.index("--params") + 1] == f"digest={fingerprint.digest()}"


def test_changes_are_those_that_are_no_skips(command: Any) -> None:
    """Of the plan as the CLI tells it: what would be done to which resource, and to which of its fields."""
    command("databricks").answers(("bundle plan --output json", 0, json.dumps(PLAN)))
    assert bundle.changes("dev") == {
        "resources.jobs.silver": "update: max_concurrent_runs",
        "resources.jobs.smoke": "create",
    }


DEPLOYER, RUNS, LOOKS = (f"00000000-0000-4000-8000-00000000000{number}" for number in "abc")
DEPLOYED = [
    {"level": "IS_OWNER", "service_principal_name": DEPLOYER},
    {"level": "CAN_MANAGE_RUN", "service_principal_name": RUNS},
    {"level": "CAN_VIEW", "service_principal_name": LOOKS},
    {"level": "CAN_MANAGE", "group_name": "data_engineers"},
]


@pytest.mark.parametrize(
    ("remote", "told"),
    [
        (DEPLOYED, {}),
        ([*DEPLOYED, {"level": "CAN_VIEW", "user_name": "a@example.com"}], {"update: a@example.com"}),
        ([DEPLOYED[0], *DEPLOYED[2:]], {f"update: {RUNS}"}),
        ([*DEPLOYED[:2], {"level": "CAN_MANAGE", "service_principal_name": LOOKS}, DEPLOYED[3]], {f"update: {LOOKS}"}),
        ([DEPLOYED[0] | {"service_principal_name": RUNS}, *DEPLOYED[1:]], {f"update: {DEPLOYER}, {RUNS}"}),
    ],
)
def test_who_looks_for_drift_is_none(
    command: Any, monkeypatch: pytest.MonkeyPatch, remote: list[dict[str, str]], told: set[str]
) -> None:
    """The CLI plans the jobs as if whoever asks owned them; only rights that differ from a deployment's are told."""
    planned = [
        {"level": "CAN_MANAGE", "service_principal_name": DEPLOYER},
        DEPLOYED[1],
        {"level": "IS_OWNER", "service_principal_name": LOOKS},
        DEPLOYED[3],
    ]
    entry = {
        "action": "update",
        "new_state": {"value": {"object_id": "/jobs/1", "__embed__": planned}},
        "remote_state": {"object_id": "/jobs/1", "__embed__": remote},
        "changes": {f"[service_principal_name='{LOOKS}'].level": {"action": "update"}},
    }
    plan = {"plan": {"resources.jobs.gold.permissions": entry}}
    command("databricks").answers(("bundle plan", 0, json.dumps(plan)))
    for name, value in {
        "BUNDLE_VAR_deployer": DEPLOYER,
        "BUNDLE_VAR_drift": LOOKS,
        "DATABRICKS_CLIENT_ID": LOOKS,
    }.items():
        monkeypatch.setenv(name, value)
    assert set(bundle.changes("dev").values()) == set(told)


def test_who_may_read_runs_of_an_experiment_is_compared_as_it_is(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a job has an owner among its rights: of an experiment nobody is put back."""
    rights = [{"level": "CAN_MANAGE", "service_principal_name": DEPLOYER}, {"level": "CAN_READ", "group_name": "a"}]
    entry = {
        "action": "update",
        "new_state": {"value": {"object_id": "/experiments/1", "__embed__": rights}},
        "remote_state": {"object_id": "/experiments/1", "__embed__": rights},
        "changes": {},
    }
    plan = {"plan": {"resources.experiments.volatility_training.permissions": entry}}
    command("databricks").answers(("bundle plan", 0, json.dumps(plan)))
    named = {"BUNDLE_VAR_deployer": DEPLOYER, "BUNDLE_VAR_drift": LOOKS, "DATABRICKS_CLIENT_ID": LOOKS}
    for name, value in named.items():
        monkeypatch.setenv(name, value)
    assert bundle.changes("dev") == {}


def test_a_variable_without_a_value_is_named(
    command: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A GitHub variable that nobody set is empty: nothing is deployed into the folder of nobody."""
    cli = command("databricks")
    cli.answers(("", 0, ""))
    monkeypatch.setenv("BUNDLE_VAR_deployer", "")
    assert bundle.main(["deploy", "--environment", "dev"]) == 1
    assert "BUNDLE_VAR_deployer empty" in capsys.readouterr().err
    assert cli.calls == []
