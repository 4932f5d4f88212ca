"""A house walked from nothing to green, as the program says: what it told at each stop."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from io import StringIO

import pytest

from delivery.archive import zipped
from delivery.artefacts import Artefacts, sha256
from scripts.first_day import __main__ as first_day
from tests.delivery import aws
from tests.local.databricks.workspace import Workspace
from tests.scripts import scripted_databricks_account, scripted_github
from tests.scripts.first_day.account import Account
from tests.scripts.first_day.house import DATABRICKS_ACCOUNT, TOKEN, Airflow, House, forget, signed_out, tree

FILES = {
    "dags/constraints.txt": b"massive==2.9.1\n",
    **{f"dags/{name}.py": b"# airflow dag" for name in ("stocks", "forex", "smoke")},
    "plugins.zip": zipped({"anthill/plugin.py": b"plugin"}),
    "requirements.txt": b"massive==2.9.1\n",
    "startup.sh": b"true\n",
}
PACKAGE = Artefacts(
    commit="c" * 40,
    version="0.1.0",
    files={key: sha256(data) for key, data in FILES.items()},
    dags=("forex", "smoke", "stocks"),
    pools={},
    read=FILES.__getitem__,
)


@dataclass
class Look:
    """What the program told: a mark a step, and the last line."""

    code: int
    text: str

    @property
    def marks(self) -> dict[str, str]:
        """✓, ✗ or a dash by step, in order."""
        found = re.findall(r"^ ?\d+ (\S) (\S+)", self.text, re.MULTILINE)
        return {name: mark for mark, name in found}

    @property
    def missing(self) -> list[str]:
        """The steps that are missing something."""
        return [name for name, mark in self.marks.items() if mark == "✗"]

    @property
    def next(self) -> str:
        """The command that is named last."""
        last = self.text.splitlines()[-1]
        return last.removeprefix("next: ") if last.startswith("next: ") else ""

    def told(self, step: str) -> str:
        """The sentence of a step."""
        return re.findall(rf"^ ?\d+ \S {step} +(.*)$", self.text, re.MULTILINE)[0]


class Street:
    """The house and its program."""

    def __init__(self, house: House, accounts: str) -> None:
        self.house, self.accounts = house, accounts
        self.stops: list[tuple[str, Look]] = []

    def look(self) -> Look:
        """Run the program."""
        told = StringIO()
        with redirect_stdout(told):
            code = first_day.main(["--environment", "dev"], self.house.root, self.accounts)
        return Look(code, told.getvalue())

    def walk(self) -> None:
        """Do what is said next until nothing is."""
        while (seen := self.look()).next:
            assert len(self.stops) < 60, f"no end: {seen.text}"
            self.stops.append((seen.missing[0], seen))
            self.house.make(seen.missing[0])
        self.stops.append(("", seen))


@pytest.fixture(scope="package")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """The walk, done; tests that change the house put it back."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    forget()
    folder, patched = tmp_path_factory.mktemp("first-day"), pytest.MonkeyPatch()
    workspace = Workspace(folder)
    account, github = Account(), scripted_github.Repository()
    databricks = scripted_databricks_account.Account(DATABRICKS_ACCOUNT, {TOKEN}, {"an engineer's token"})
    for name in signed_out(dict(os.environ)):
        patched.delenv(name)
    patched.setenv("HOME", str(folder))
    patched.setenv("AWS_EC2_METADATA_DISABLED", "true")
    patched.setenv("GH_TOKEN", scripted_github.TOKEN)
    with ExitStack() as stack:
        stack.callback(patched.undo)
        cloud = stack.enter_context(aws.serving(account))
        airflow = cloud.service.airflow
        cloud.service.airflow = Airflow(airflow.read, airflow.plugins, paused={"stocks", "forex"})
        for name, value in aws.variables(cloud.url).items():
            if "KEY" not in name:
                patched.setenv(name, value)
        patched.setenv("GITHUB_API_URL", stack.enter_context(scripted_github.serving(github)))
        accounts = stack.enter_context(scripted_databricks_account.serving(databricks))
        stack.callback(workspace.stop)
        house = House(
            tree(folder / "checkout"), cloud, account, github, databricks, workspace.start(), PACKAGE, patched.setenv
        )
        walked = Street(house, accounts)
        walked.walk()
        yield walked


@pytest.fixture
def house(street: Street) -> Iterator[House]:
    """The green house, whose values are put back."""
    file = street.house.root / "terraform/environments/dev/environment.tfvars"
    before = file.read_text()
    yield street.house
    file.write_text(before)
