"""The AWS half of an environment: each stack as soon as what it reads is published.

The provider waits 50 seconds for every lifecycle configuration to settle, whatever the address; the others go on.
"""
# ruff: noqa: S603 - starts commands with arguments of its own

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from terraform.rehearsal.workspace import Workspace
from terraform.root import Root, reads

REGION = "us-east-1"
STACKS = (
    "platform_development/security",
    "platform_development/lake",
    "innovation_development/lake",
    "platform_development/network",
    "platform_development/monitoring",
    "platform_development/mwaa",
    "platform_development/recorder",
    "innovation_development/consumption",
)
AT_ONCE = 4
# What the stacks made of Databricks resources publish: nothing on this machine can apply those.
DATABRICKS: dict[str, dict[str, Any]] = {
    "platform_development/databricks": {
        "databricks_account_id": "00000000-0000-4000-8000-000000000000",
        "workspace_id": "1234567890",
        "host": "anthill-dev.cloud.databricks.com",
        "application_ids": {
            name: f"00000000-0000-4000-8000-00000000000{digit}"
            for name, digit in {"pipeline": "a", "bundle": "b", "drift": "c"}.items()
        },
    },
    "innovation_development/catalog": {"catalog": "dev", "schemas": ["gold", "quality", "silver"]},
    "innovation_development/compute": {
        "warehouse_id": "0123456789abcdef",
        "budget_policy_id": "00000000-0000-4000-8000-00000000000f",
        "policy_ids": {"engineering": "0123456789ABCDEF", "science": "0123456789ABCDEA"},
    },
}


def side_by_side(work: Callable[[str], object], ready: Callable[[str, set[str]], bool] = lambda *_: True) -> None:
    """Do the work for each stack, a few at once, when it is ready given the stacks that are not done.

    The first failure is raised when what was begun has ended; nothing is begun after it.
    """
    left, running, failures = set(STACKS), dict[Future[object], str](), list[BaseException]()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while left and not (failures and not running):
            begun = set(running.values())
            for stack in [s for s in STACKS if s in left - begun and not failures and ready(s, left)]:
                if len(running) < AT_ONCE:
                    running[pool.submit(work, stack)] = stack
            if not running:
                raise RuntimeError(f"nothing is running, and these wait for others: {sorted(left)}")
            for future in wait(running, timeout=1, return_when=FIRST_COMPLETED).done:
                left.discard(running.pop(future))
                failures += [error] if (error := future.exception()) else []
    if failures:
        raise failures[0]


@dataclass
class Rehearsal:
    """One environment on the emulator: apply, plan, destroy, and boto3 clients to look at what came out."""

    environment: str
    workspace: Workspace
    tell: Callable[[str], None] = lambda _: None

    def client(self, service: str, **keys: str) -> Any:
        """A boto3 client of the emulator; MWAA's without the host prefix that only AWS's own names take."""
        config = Config(inject_host_prefix=False, s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        keys = keys or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.workspace.endpoint, region_name=REGION, config=config, **keys)

    def root(self, stack: str) -> Root:
        """A stack in this environment."""
        return self.workspace.root(self.environment, stack)

    def apply_all(self) -> None:
        """The state bucket, what Databricks' stacks would publish, and every stack in the order of what it reads."""
        for stack, values in DATABRICKS.items():
            name = f"/anthill/{self.environment}/{stack}"
            self.client("ssm").put_parameter(Name=name, Value=json.dumps(values), Type="String")
        with ThreadPoolExecutor(1) as pool:
            bootstrap = pool.submit(self.bootstrap)
            while not bootstrap.done() and not self._states_can_be_kept():
                time.sleep(0.5)
            if not (bootstrap.done() and bootstrap.exception()):
                side_by_side(self.apply, lambda stack, _: reads(stack) <= self.published())
            bootstrap.result()

    def bootstrap(self) -> None:
        """The state bucket and its key, as an administrator makes them."""
        with self._timed("bootstrap"):
            self.workspace.bootstrap(self.environment)

    def _states_can_be_kept(self) -> bool:
        name = f"anthill-{self.environment}-terraform-state"
        aliases = {alias["AliasName"] for alias in self.client("kms").list_aliases()["Aliases"]}
        return f"alias/{name}" in aliases and name in {b["Name"] for b in self.client("s3").list_buckets()["Buckets"]}

    def published(self) -> set[str]:
        """The stacks whose parameter is there."""
        path = f"/anthill/{self.environment}/"
        pages = self.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True)
        return {parameter["Name"].removeprefix(path) for page in pages for parameter in page["Parameters"]}

    def apply(self, stack: str) -> None:
        """Initialise and apply one stack."""
        with self._timed(f"apply {stack}"):
            self.workspace.init(self.root(stack))
            self.workspace.terraform(self.root(stack), "apply", "-auto-approve", "-no-color")

    def plan_all(self) -> dict[str, str]:
        """A second plan of every stack: those that would change something, each with its plan."""
        plans: dict[str, str] = {}
        side_by_side(lambda stack: plans.update({stack: self.plan(stack)}))
        return {stack: plan for stack, plan in plans.items() if plan}

    def plan(self, stack: str) -> str:
        """A second plan: an empty string where nothing would change, else the plan."""
        with self._timed(f"plan {stack}"):
            options = ("-detailed-exitcode", "-no-color")
            done = self.workspace.terraform(self.root(stack), "plan", *options, allowed=(0, 2))
        return done.stdout if done.returncode else ""

    def destroy_all(self) -> None:
        """Every stack once nothing that is left reads it; the states stay."""
        side_by_side(self.destroy, lambda stack, left: not any(stack in reads(other) for other in left - {stack}))

    def destroy(self, stack: str, *options: str, allowed: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        """Destroy one stack."""
        with self._timed(f"destroy {stack}"):
            arguments = ("-auto-approve", "-no-color", *options)
            return self.workspace.terraform(self.root(stack), "destroy", *arguments, allowed=allowed)

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self.tell(f"{time.monotonic() - start:7.1f} s  {what}")


@contextmanager
def rehearsal(environment: str = "dev", tell: Callable[[str], None] = lambda _: None) -> Iterator[Rehearsal]:
    """A started emulator and a copied tree; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="anthill-terraform-") as temporary:
        folder, port_file = Path(temporary), Path(temporary) / "port"
        command = [sys.executable, "-m", "terraform.rehearsal.aws", "--port-file", str(port_file)]
        account = re.search(r'^account_id\s*= "(\d+)"', Root(environment, "", "").values.read_text(), re.MULTILINE)
        command += ["--account", account[1] if account else "", "--region", REGION]
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
            for line in workspace.left_out:
                tell(f"left out: {line}")
            yield Rehearsal(environment, workspace, tell)
        finally:
            server.terminate()
            server.wait(10)
