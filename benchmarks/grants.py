"""Governance: 500 tables and 20 groups in the local workspace planned, applied and planned again.

The first plan has ten thousand rights to give; the second is made of what is there, and leads to no call that writes.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
import yaml
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from deltalake import DeltaTable, Schema
from deltalake.schema import Field, PrimitiveType

from anthill.governance import grants, kinds, markdown
from anthill.governance.kinds.grants import Grants
from anthill.governance.permissions import Permissions
from anthill.governance.plan import Plan
from local.databricks.account import FILE, Account
from local.service import free_port

ROOT = Path(__file__).parents[1]
LONGEST = 15.0  # seconds of a plan


def main() -> int:
    """Print both; exit code 1 where a plan takes fifteen seconds, or the second writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=500)
    parser.add_argument("--principals", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        names = [f"table_{number:03}" for number in range(asked.tables)]
        groups = [f"group_{number:02}" for number in range(asked.principals)]
        declare(folder, names, groups)
        port = free_port()
        workspace = subprocess.Popen(command(folder, port), cwd=ROOT)
        try:
            while not (folder / "port").exists():
                time.sleep(0.05)
            with patch.object(grants, "include_dir", lambda: folder):
                first = measured(port)
                again = measured(port)
        finally:
            workspace.send_signal(signal.SIGTERM)
            workspace.wait()
    print(f"{asked.tables} tables, {asked.principals} groups, {asked.tables * asked.principals:,} rights")
    for name, (planning, applying, writes, plan) in (("first", first), ("again", again)):
        counts = f"{len(plan.added):,} given, {len(plan.removed):,} taken, {len(plan.kept):,} kept"
        print(f"{name}: planned in {planning:.1f} s, applied in {applying:.1f} s, {writes} writing calls; {counts}")
    return int(max(first[0], again[0]) >= LONGEST or again[2] > 0)


def declare(folder: Path, names: list[str], groups: list[str]) -> None:
    """The tables, the account with the groups, and what each may do with each."""
    for name in names:
        DeltaTable.create(folder / "lake/gold" / name, Schema([Field("n", PrimitiveType("integer"), nullable=True)]))
    account = msgspec.yaml.decode(FILE.read_text())
    (folder / "account.yaml").write_text(yaml.safe_dump({**account, "groups": groups}))
    readers = {group: ["SELECT"] for group in groups}
    entries = [{"type": "table", "name": f"{{catalog}}.gold.{name}", "grants": readers} for name in names]
    (folder / "grants").mkdir()
    (folder / "grants/shared.yaml").write_text(yaml.safe_dump({"securables": entries}))


def command(folder: Path, port: int) -> list[str]:
    """The local workspace over these tables."""
    given = {"--port": str(port), "--port-file": str(folder / "port"), "--state": str(folder / "state")}
    given |= {"--account": str(folder / "account.yaml"), "--schema": f"gold={folder}/lake/gold"}
    return [sys.executable, "-m", "local.databricks", *(word for pair in given.items() for word in pair)]


def measured(port: int) -> tuple[float, float, int, Plan]:
    """A plan made and applied: the seconds of each, the writing calls, and the plan."""
    fields = {"conn_type": "databricks", "host": "127.0.0.1", "schema": "http", "port": port}
    connection = json.dumps({**fields, "password": Account().role("pipeline").token})
    applied = Permissions.apply
    writes: list[Any] = []

    def apply(self: Permissions, *given: Any) -> None:
        writes.append(given)
        applied(self, *given)

    with patch.dict(os.environ, AIRFLOW_CONN_DATABRICKS_DEFAULT=connection), patch.object(Permissions, "apply", apply):
        started = time.monotonic()
        governed = [Grants(DatabricksHook("databricks_default"), grants.load(grants.areas(), "dev"))]
        refused = [error for kind in governed for error in kind.refused()]
        plan = kinds.made(governed, "dev")
        shown = len(markdown.of(plan).splitlines())
        planned = time.monotonic()
        refused += kinds.applied(governed, plan)
        if refused or shown > 100:
            raise RuntimeError(f"{len(refused)} changes were refused, and the plan has {shown} lines")
        return planned - started, time.monotonic() - planned, len(writes), plan


if __name__ == "__main__":
    sys.exit(main())
