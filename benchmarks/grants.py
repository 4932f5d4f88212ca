"""Grants: the task over 500 tables and 20 groups in the local workspace; nothing granted yet, then everything.

The first run reads, grants and reads again; the second reads and compares, and makes no call that writes.
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

import yaml
from deltalake import DeltaTable, Schema
from deltalake.schema import Field, PrimitiveType

from anthill.governance import grants
from anthill.governance.operator import ApplyGrants
from anthill.governance.permissions import Permissions
from local.databricks.account import FILE, Account
from local.service import free_port

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Print both runs; exit code 1 where the second takes ten seconds or writes."""
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
    for name, (seconds, reading, writes, counts) in (("first", first), ("again", again)):
        print(f"{name}: {seconds:.1f} s, of which {reading:.1f} s read and compare; {writes} writing calls; {counts}")
    return int(again[0] >= 10 or again[2] > 0)


def declare(folder: Path, names: list[str], groups: list[str]) -> None:
    """The tables, the account with the groups, and what each may do with each."""
    for name in names:
        DeltaTable.create(folder / "lake/gold" / name, Schema([Field("n", PrimitiveType("integer"), nullable=True)]))
    account = yaml.safe_load(FILE.read_text())
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


def measured(port: int) -> tuple[float, float, int, Any]:
    """One run of the task: its seconds, those of reading and comparing, its writing calls and what it returns."""
    fields = {"conn_type": "databricks", "host": "127.0.0.1", "schema": "http", "port": port}
    connection = json.dumps({**fields, "password": Account().role("pipeline").token})
    applied, read = Permissions.apply, Permissions.read
    writes: list[Any] = []
    reading: list[float] = []

    def apply(self: Permissions, *given: Any) -> None:
        writes.append(given)
        applied(self, *given)

    def timed(self: Permissions, *given: Any) -> Any:
        started = time.monotonic()
        found = read(self, *given)
        reading.append(time.monotonic() - started)
        return found

    with (
        patch.dict(os.environ, AIRFLOW_CONN_DATABRICKS_DEFAULT=connection),
        patch.object(Permissions, "apply", apply),
        patch.object(Permissions, "read", timed),
        patch.object(ApplyGrants, "_tell", lambda *_: None),  # ten thousand lines of log
    ):
        started = time.monotonic()
        counts = ApplyGrants(task_id="grants").execute({})
        return time.monotonic() - started, sum(reading), len(writes), counts


if __name__ == "__main__":
    sys.exit(main())
