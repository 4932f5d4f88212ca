"""What a service refuses is a sentence with what to do: no traceback, and nothing that signs somebody in."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.service import free_port
from scripts.first_day.__main__ import main
from scripts.first_day.place import Place
from scripts.first_day.refusals import refused
from tests.scripts import scripted_github
from tests.scripts.first_day.conftest import Street
from tests.scripts.first_day.house import DATABRICKS_ACCOUNT, TOKEN, House

AGAIN, AWS = "make first-day ENV=dev", "aws sso login"
ACCOUNT = f"databricks auth login --host https://accounts.cloud.databricks.com --account-id {DATABRICKS_ACCOUNT}"
OTHER, WRONG = "an engineer's token", "a wrong token"
SECRETS = ("testing", TOKEN, scripted_github.TOKEN, OTHER, WRONG)
Change = Callable[[Street, pytest.MonkeyPatch], None]


def _nowhere() -> str:
    return f"http://127.0.0.1:{free_port()}"


REFUSED: dict[str, tuple[str, str, str, Change]] = {  # step, sentence, command, what happens
    "nobody signed in to AWS": (
        "session",
        "there is no session of AWS (NoCredentialsError); the first time: aws configure sso",
        AWS,
        lambda _, patch: patch.delenv("AWS_ACCESS_KEY_ID"),
    ),
    "a profile that nobody wrote": (
        "session",
        "there is no session of AWS (ProfileNotFound); the first time: aws configure sso",
        AWS,
        lambda _, patch: patch.setenv("AWS_PROFILE", "nobody"),
    ),
    "the session is over": (
        "session",
        "AWS does not take this session (ExpiredToken)",
        AWS,
        lambda street, patch: patch.setitem(street.house.account.refused, "sts:GetCallerIdentity", "ExpiredToken"),
    ),
    "the session is of another account": (
        "session",
        "the session is of account 123456789012, dev lies in 210987654321: sign in there, or correct "
        "terraform/environments/dev/environment.tfvars",
        AWS,
        lambda street, _: street.house.edit(("123456789012", "210987654321")),
    ),
    "no network": (
        "session",
        "AWS does not answer (EndpointConnectionError): see network and proxy",
        AGAIN,
        lambda _, patch: patch.setenv("AWS_ENDPOINT_URL", _nowhere()),
    ),
    "no right to look at a key": (
        "states",
        "AWS does not let this session call DescribeKey: sign in as who may read it",
        AWS,
        lambda street, patch: patch.setitem(street.house.account.refused, "kms:DescribeKey", "AccessDeniedException"),
    ),
    "no right to look at a role": (
        "trust",
        "AWS does not let this session call GetRole: sign in as who may read it",
        AWS,
        lambda street, patch: patch.setitem(street.house.account.refused, "iam:GetRole", "AccessDenied"),
    ),
    "too many calls": (
        "tokens",
        "AWS answers GetOutboundWebIdentityFederationInfo with Throttling",
        AGAIN,
        lambda street, patch: patch.setitem(
            street.house.account.refused, "iam:GetOutboundWebIdentityFederationInfo", "Throttling"
        ),
    ),
    "somebody else's bucket": (
        "states",
        "the bucket anthill-dev-terraform-state is another account's, or hidden from this session",
        "terraform -chdir=terraform/bootstrap init && terraform -chdir=terraform/bootstrap apply"
        " -var-file=../environments/dev/environment.tfvars",
        lambda street, patch: patch.setitem(street.house.account.refused, "s3:HEAD", "AccessDenied"),
    ),
    "nobody signed in to Databricks": (
        "databricks",
        "Databricks does not know who asks",
        ACCOUNT,
        lambda _, patch: patch.delenv("DATABRICKS_TOKEN"),
    ),
    "a token that Databricks does not know": (
        "databricks",
        "sign in as an admin; DATABRICKS_TOKEN goes before any sign-in",
        ACCOUNT,
        lambda _, patch: patch.setenv("DATABRICKS_TOKEN", WRONG),
    ),
    "no admin of the account": (
        "databricks",
        "sign in as an admin; DATABRICKS_TOKEN goes before any sign-in",
        ACCOUNT,
        lambda _, patch: patch.setenv("DATABRICKS_TOKEN", OTHER),
    ),
    "another account of Databricks": (
        "databricks",
        "Databricks answers NotFound: see the ids in terraform/environments/dev/environment.tfvars",
        AGAIN,
        lambda street, patch: patch.setattr(street.house.databricks, "id", "another"),
    ),
    "no network to Databricks": (
        "databricks",
        "Databricks does not answer (TimeoutError): see network and proxy",
        AGAIN,
        lambda street, patch: (
            patch.setattr("scripts.first_day.place._PATIENCE", 2),
            patch.setattr(street, "accounts", _nowhere()),
        )[0],
    ),
    "a token that GitHub does not know": (
        "github",
        "401 Bad credentials. The token is not valid: `gh auth login`, or a new one in GH_TOKEN.",
        "gh auth login",
        lambda _, patch: patch.setenv("GH_TOKEN", WRONG),
    ),
    "no network to GitHub": (
        "github",
        "GitHub does not answer (ConnectionError): see network and proxy",
        AGAIN,
        lambda _, patch: patch.setenv("GITHUB_API_URL", _nowhere()),
    ),
    "a web server that starts": (
        "delivery",
        "AWS answers InvokeRestApi with RestApiServerException",
        AGAIN,
        lambda street, patch: patch.setattr(street.house.airflow, "deaf", 1),
    ),
}


@pytest.mark.parametrize("promise", REFUSED)
def test_a_refusal_is_a_sentence(
    street: Street, house: House, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], promise: str
) -> None:
    """At its step, with the command that goes on; nothing else is printed, and no secret is."""
    step, sentence, command, change = REFUSED[promise]
    change(street, monkeypatch)
    seen = street.look()
    assert (seen.code, seen.missing[0]) == (1, step)
    assert seen.told(step).endswith(sentence)
    assert seen.next == command
    told = seen.text + "".join(capfd.readouterr())
    assert "Traceback" not in told
    assert [secret for secret in SECRETS if secret in told] == []


def test_one_who_may_not_read_the_workspace_signs_in_there(
    street: Street, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account knows who asks, the workspace does not: its own host is named."""
    monkeypatch.setenv("DATABRICKS_TOKEN", WRONG)
    monkeypatch.setattr(house.databricks, "admins", {WRONG})
    seen = street.look()
    assert seen.missing[0] == "innovation_development/catalog"
    assert seen.next == f"databricks auth login --host {house.workspace.url}"


def test_the_clis_own_sign_in_is_taken_and_its_end_is_told(
    street: Street, house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`databricks auth login` is enough, for account and workspace; when it is over, it is the next command."""
    given = json.dumps({"access_token": TOKEN, "token_type": "Bearer", "expiry": "2100-01-01T00:00:00Z"})
    file, size = tmp_path / "databricks", 2**20  # by which the SDK knows the CLI
    file.write_text(f"#!/bin/sh\n[ -e {tmp_path}/over ] && exit 1\necho '{given}'\nexit\n" + "#" * size)
    file.chmod(0o755)
    monkeypatch.delenv("DATABRICKS_TOKEN")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert street.look().code == 0
    (tmp_path / "over").touch()
    seen = street.look()
    assert (seen.missing[0], seen.next) == ("databricks", ACCOUNT)


@pytest.mark.parametrize("text", ["x = {", 'environment = "dev"'])
def test_values_that_cannot_be_read_are_named(
    house: House, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    """A slip of the pen, or a line that is gone: the folder is named, and nobody is asked."""
    root = tmp_path / "checkout"
    shutil.copytree(house.root / "terraform/environments", root / "terraform/environments")
    (root / "terraform/environments/dev/environment.tfvars").write_text(text)
    assert main(["--environment", "dev"], root) == 1
    assert capsys.readouterr().err.startswith("terraform/environments/dev cannot be read: ")


@pytest.mark.parametrize(("status", "words"), [(403, "does not let this session read it"), (500, "answers 500")])
def test_what_airflow_itself_refuses_is_airflows(status: int, words: str) -> None:
    """MWAA hands its answer on, with its status."""
    answer = {"Error": {"Code": "RestApiClientException"}, "RestApiStatusCode": status, "RestApiResponse": {}}
    told, command = refused(ClientError(answer, "InvokeRestApi"), Place("dev"))
    assert told.startswith(f"Airflow {words}")
    assert command == AGAIN
