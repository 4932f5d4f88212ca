"""The AWS half of an environment, in the order in which its stacks read each other's parameters.

The provider waits 50 seconds for every lifecycle configuration to settle, whatever the address: hence the levels.
"""
# ruff: noqa: S603 - starts commands with arguments of its own

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from terraform.rehearsal.workspace import Workspace

ACCOUNTS = {"dev": "111111111111", "staging": "222222222222", "prod": "333333333333"}
REGION = "us-east-1"
# Levels: the stacks of one level need only earlier levels, so they go side by side.
LEVELS = (
    ("platform_development/security", "platform_development/lake", "innovation_development/lake"),
    ("platform_development/network", "platform_development/monitoring", "innovation_development/consumption"),
    ("platform_development/mwaa",),
)
STACKS = tuple(stack for level in LEVELS for stack in level)
# What the stacks made of Databricks resources publish: nothing on this machine can apply those.
DATABRICKS = {
    "platform_development/databricks": {
        "databricks_account_id": "00000000-0000-4000-8000-000000000000",
        "workspace_id": "1234567890",
        "host": "anthill-dev.cloud.databricks.com",
    },
    "innovation_development/compute": {
        "application_ids": {"pipeline": "00000000-0000-4000-8000-00000000000a"},
        "warehouse_id": "0123456789abcdef",
    },
}
# Known only once the pipeline has made its tables.
VARIABLES = {"innovation_development/consumption": ['-var=table_paths=["gold/stocks_daily_prices/"]']}


@dataclass
class Rehearsal:
    """One environment on the emulator: apply, plan, destroy, and boto3 clients to look at what came out."""

    environment: str
    workspace: Workspace
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The account id in the environment's tfvars."""
        return ACCOUNTS[self.environment]

    def client(self, service: str, **keys: str) -> Any:
        """A boto3 client of the emulator; MWAA's without the host prefix that only AWS's own names take."""
        config = Config(inject_host_prefix=False, s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        keys = keys or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.workspace.endpoint, region_name=REGION, config=config, **keys)

    def root(self, stack: str) -> str:
        """The folder of a stack's root under terraform/."""
        return f"environments/{self.environment}/{stack}"

    def bootstrap(self) -> None:
        """The state bucket and its key, as an administrator makes them."""
        shared = (self.workspace.folder / f"environments/{self.environment}/environment.auto.tfvars").read_text()
        (self.workspace.folder / "bootstrap/terraform.tfvars").write_text(shared)
        with self._timed("bootstrap"):
            self.workspace.init("bootstrap")
            self.workspace.terraform("bootstrap", "apply", "-auto-approve", "-no-color")
        for stack, published in DATABRICKS.items():
            name = f"/anthill/{self.environment}/{stack}"
            self.client("ssm").put_parameter(Name=name, Value=json.dumps(published), Type="String")

    def apply(self, stack: str) -> None:
        """Initialise and apply one stack."""
        with self._timed(f"apply {stack}"):
            self.workspace.init(self.root(stack))
            self.workspace.terraform(self.root(stack), "apply", "-auto-approve", "-no-color", *VARIABLES.get(stack, []))

    def plan(self, stack: str) -> str:
        """A second plan: an empty string where nothing would change, else the plan."""
        with self._timed(f"plan {stack}"):
            options = ("-detailed-exitcode", "-no-color", *VARIABLES.get(stack, []))
            done = self.workspace.terraform(self.root(stack), "plan", *options, allowed=(0, 2))
        return done.stdout if done.returncode else ""

    def destroy(self, stack: str, *options: str, allowed: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """Destroy one stack."""
        with self._timed(f"destroy {stack}"):
            arguments = ("-auto-approve", "-no-color", *VARIABLES.get(stack, []), *options)
            return self.workspace.terraform(self.root(stack), "destroy", *arguments, allowed=allowed)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self.seconds[what] = time.monotonic() - start


def side_by_side(work: Callable[[str], object], level: tuple[str, ...]) -> None:
    """Do the work for each stack of a level at once; the first failure is raised when all have ended."""
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, level))


@contextmanager
def rehearsal(environment: str = "dev") -> Iterator[Rehearsal]:
    """A started emulator and a copied tree; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="anthill-terraform-") as temporary:
        folder, port_file = Path(temporary), Path(temporary) / "port"
        command = [sys.executable, "-m", "terraform.rehearsal.aws", "--port-file", str(port_file)]
        command += ["--account", ACCOUNTS[environment], "--region", REGION]
        with (folder / "aws.log").open("wb") as log:
            server = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": "."}, cwd=Path(__file__).parents[2]
            )
        try:
            deadline = time.monotonic() + 60
            while not port_file.exists():
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the AWS emulator did not start:\n{(folder / 'aws.log').read_text()}")
                time.sleep(0.1)
            workspace = Workspace.make(folder / "terraform", f"http://127.0.0.1:{port_file.read_text()}")
            yield Rehearsal(environment, workspace)
        finally:
            server.terminate()
            server.wait(10)
