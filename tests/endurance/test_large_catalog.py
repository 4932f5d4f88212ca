"""500 securables, 20 principals and 50 policies are planned in under 15 s, and again without a writing call."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.databricks.hooks.databricks import DatabricksHook

from anthill.access import Access, Rows
from anthill.governance import kinds
from anthill.governance.entries import Entry
from anthill.governance.kinds.grants import Grants
from anthill.governance.kinds.policies import Policies
from anthill.governance.kinds.tags import Tags
from anthill.governance.securables import Securable
from anthill.yaml_file import YamlFile
from tests.local.databricks.workspace import Workspace

TABLES, PRINCIPALS, POLICIES, LIMIT = 500, 20, 50, 15.0
PEOPLE = "  {name}: {{user_name: {name}@example.com, token: local-{name}-token}}\n"


class Reading:
    """The provider's hook, which may not write any more once it is told so."""

    def __init__(self) -> None:
        self._hook, self.only = DatabricksHook("databricks_default"), False

    def _do_api_call(self, endpoint_info: tuple[str, str], json: Any = None, wrap_http_errors: bool = True) -> Any:
        assert endpoint_info[0] == "GET" or not self.only, endpoint_info
        return self._hook._do_api_call(endpoint_info, json, wrap_http_errors)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Workspace]:
    """As many tables, copies of one, and as many principals."""
    from local.databricks.account import FILE

    file = tmp_path / "account.yaml"
    people = "".join(PEOPLE.format(name=f"person_{number}") for number in range(PRINCIPALS))
    file.write_text(FILE.read_text().replace("principals:\n", f"principals:\n{people}"))
    running = Workspace(tmp_path, ["--account", str(file)]).start()
    made = running.sql("CREATE TABLE dev.gold.t000 USING delta AS SELECT 'A' AS ticker, true AS live")
    assert made["status"]["state"] == "SUCCEEDED"
    for number in range(1, TABLES):
        shutil.copytree(tmp_path / "lake/gold/t000", tmp_path / f"lake/gold/t{number:03}")
    yield running
    running.stop()


def test_a_large_catalog_is_planned_in_seconds(
    lake: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A plan that has everything to do, and after it one that has nothing."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", lake.connection)
    (tmp_path / "tiny.yaml").write_text("gold: []\n")
    file = YamlFile(tmp_path / "tiny.yaml")
    readers = {f"person_{number}@example.com": frozenset({"SELECT"}) for number in range(PRINCIPALS)}
    names = [f"dev.gold.t{number:03}" for number in range(TABLES)]
    rows = Rows(all_for=("analysts",), others="NOT live", of=("live",))
    entries = [
        Entry(name, Access(rows=rows if place < POLICIES else None), {"layer": "gold"}, file, "tiny.yaml", ("gold",))
        for place, name in enumerate(names)
    ]
    hook = Reading()
    securables = [Securable("table", name, readers, "revoke", "tiny.yaml") for name in names]

    def planned() -> tuple[list[kinds.Kind], kinds.Plan, float]:
        found = [Grants(hook, securables), Tags(hook, entries), Policies(hook, "dev", entries)]
        assert [error for kind in found for error in kind.refused()] == []
        begun = time.process_time() + _spent(lake)
        made = kinds.made(found, "dev")
        return found, made, time.process_time() + _spent(lake) - begun

    found, first, seconds = planned()
    assert len(first.added) == TABLES * PRINCIPALS + TABLES + POLICIES
    assert seconds < LIMIT
    assert kinds.applied(found, first) == []
    hook.only = True
    _, second, seconds = planned()
    assert (second.added, second.removed, len(second.kept)) == ((), (), len(first.added))
    assert seconds < LIMIT
    print(f"{seconds:.1f} s")


def _spent(workspace: Workspace) -> float:
    """Seconds of processor time of the workspace: other processes of the machine are not in it."""
    import psutil

    assert workspace.process is not None
    times = psutil.Process(workspace.process.pid).cpu_times()
    return float(times.user + times.system)
