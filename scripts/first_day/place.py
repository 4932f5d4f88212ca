"""An environment as it is declared, and clients that look at it: of AWS, Databricks and its Airflow."""

from __future__ import annotations

import json
import logging
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from delivery.environment import Environment
from scripts.configuration import ROOT, stack, values
from terraform.root import STATE, VALUES

if TYPE_CHECKING:
    from databricks.sdk import AccountClient, WorkspaceClient

ACCOUNTS = "https://accounts.cloud.databricks.com"
_PATIENCE = 20  # seconds without an answer


class SignInError(Exception):
    """Nobody is signed in to Databricks."""


class Place:
    """One environment; every client is made when it is first needed, and signs in as whoever asks."""

    def __init__(self, environment: str, root: Path = ROOT, accounts: str = ACCOUNTS) -> None:
        self.environment, self.root, self.accounts = environment, root, accounts
        self.home = root / "terraform/environments" / environment
        self.shared, self.state = values(self.home / VALUES), values(self.home / STATE)
        self.region, self.account = str(self.shared["region"]), str(self.shared["account_id"])
        self.name = f"{self.shared['name_prefix']}-{environment}"
        self._clients: dict[str, Any] = {}
        self.databricks_login = ""

    def given(self, team: str, name: str) -> dict[str, Any]:
        """The values of a stack."""
        return stack(self.home, team, name)

    @property
    def databricks_account(self) -> str:
        """The id of the Databricks account."""
        return str(self.given("platform_development", "databricks")["databricks_account_id"])

    @property
    def file(self) -> str:
        """The file of the environment's values, for people."""
        return f"terraform/environments/{self.environment}/{VALUES}"

    @property
    def edit(self) -> str:
        """The command that opens it."""
        return f"${{EDITOR:-vi}} {self.file}"

    @property
    def words(self) -> dict[str, str]:
        """What commands are made of."""
        return {
            "environment": self.environment,
            "name": self.name,
            "prefix": str(self.shared["name_prefix"]),
            "account": self.account,
            "databricks_account": self.databricks_account,
            "edit": self.edit,
        }

    @cached_property
    def _session(self) -> Any:
        import boto3

        return boto3.Session()

    def aws(self, service: str, region: str = "") -> Any:
        """A client of a service of AWS."""
        from botocore.config import Config

        if service not in self._clients:
            patience = Config(connect_timeout=_PATIENCE // 2, read_timeout=_PATIENCE, retries={"total_max_attempts": 2})
            self._clients[service] = self._session.client(service, region or self.region, config=patience)
        return self._clients[service]

    @cached_property
    def published(self) -> dict[str, dict[str, Any]]:
        """What the stacks have published, by team/stack."""
        path = f"/{self.shared['name_prefix']}/{self.environment}/"
        pages = self.aws("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        found = [each for page in pages for each in page["Parameters"]]
        return {each["Name"].removeprefix(path): json.loads(each["Value"]) for each in found}

    @property
    def databricks(self) -> AccountClient:
        """The Databricks account."""
        from databricks.sdk import AccountClient

        login = f"databricks auth login --host {ACCOUNTS} --account-id {self.databricks_account}"
        made = self._databricks(AccountClient, login, host=self.accounts, account_id=self.databricks_account)
        return cast("AccountClient", made)

    @property
    def workspace(self) -> WorkspaceClient:
        """The environment's workspace."""
        from databricks.sdk import WorkspaceClient

        host = self.published["platform_development/databricks"]["host"]
        made = self._databricks(WorkspaceClient, f"databricks auth login --host {host}", host=host)
        return cast("WorkspaceClient", made)

    def _databricks(self, kind: type[Any], login: str, **where: Any) -> Any:
        """A client, made once; `databricks_login` is how one signs in where the last that was asked for goes."""
        from databricks.sdk.config import Config

        self.databricks_login = login
        if kind.__name__ not in self._clients:
            logging.getLogger("databricks.sdk").setLevel(logging.ERROR)  # it warns of hosts that describe nothing
            try:
                config = Config(http_timeout_seconds=_PATIENCE, retry_timeout_seconds=_PATIENCE, **where)
            except (ValueError, OSError) as error:  # with all that it was told in its text
                raise SignInError from error
            self._clients[kind.__name__] = kind(config=config)
        return self._clients[kind.__name__]

    @cached_property
    def airflow(self) -> Environment:
        """The MWAA environment, with its Airflow."""
        return Environment(self.aws("mwaa"), self.name, lambda _: None)
