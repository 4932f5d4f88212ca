"""Grants as a kind of the plan, against the local workspace: what is shown, what is refused, what is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.providers.databricks.hooks.databricks import DatabricksHook

from anthill.catalog import DeclarationError
from anthill.governance import declared_tables, grants, kinds
from anthill.governance.kinds.grants import Grants
from anthill.governance.plan import Item, Plan
from local.databricks.account import Account
from tests.local.databricks.workspace import Workspace

TABLE, VIEW = "dev.gold.stocks_daily_prices", "dev.gold.stocks_prices_view"
AT = "2.1/unity-catalog/permissions"
PIPELINE = Account().role("pipeline").name


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with a table."""
    running = Workspace(tmp_path_factory.mktemp("workspace")).start()
    assert running.sql(f"CREATE TABLE {TABLE} (ticker STRING) USING delta")["status"]["state"] == "SUCCEEDED"
    yield running
    running.stop()


@pytest.fixture
def hook(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> DatabricksHook:
    """The provider's hook; nobody holds anything on the table."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    for kind, name in (("schema", "dev.gold"), ("table", TABLE)):
        held = workspace.call("GET", f"{AT}/{kind}/{name}").get("privilege_assignments", [])
        changes = [{"principal": each["principal"], "remove": each["privileges"]} for each in held]
        workspace.call("PATCH", f"{AT}/{kind}/{name}", changes=changes)
    return DatabricksHook("databricks_default")


def grants_of(hook: Any, folder: Path, readers: dict[str, list[str]], *more: dict[str, Any]) -> Grants:
    """The kind over one table with these readers, and what else is declared."""
    entry = {"type": "table", "name": "{catalog}.gold.stocks_daily_prices", "grants": readers}
    (folder / "shared.yaml").write_text(yaml.safe_dump({"securables": [entry, *more]}))
    return Grants(hook, grants.load(["shared"], "dev", folder))


def made(kind: Grants) -> Plan:
    """Its plan."""
    return kinds.made([kind], "dev")


def short(items: tuple[Item, ...]) -> set[tuple[str, str, str]]:
    """Items in few words."""
    return {(each.on, each.who, each.what) for each in items}


def test_a_plan_is_made_applied_and_read_back(hook: DatabricksHook, workspace: Workspace, tmp_path: Path) -> None:
    """Given and taken in one call; afterwards the plan has nothing to do."""
    changes = [{"principal": "data_scientists", "add": ["SELECT"]}, {"principal": "analysts", "add": ["MODIFY"]}]
    workspace.call("PATCH", f"{AT}/table/{TABLE}", changes=changes)
    kind = grants_of(hook, tmp_path, {"analysts": ["SELECT"]})
    plan = made(kind)
    on = f"table {TABLE}"
    assert short(plan.added) == {(on, "analysts", "SELECT")}
    assert short(plan.removed) == {(on, "analysts", "MODIFY"), (on, "data_scientists", "SELECT")}
    assert plan.added[0].at == f"{tmp_path}/shared.yaml:3"
    assert kinds.applied([kind], plan) == []
    held = workspace.call("GET", f"{AT}/table/{TABLE}")["privilege_assignments"]
    assert held == [{"principal": "analysts", "privileges": ["SELECT"]}]
    again = made(kind)
    assert (again.added, again.removed, short(again.kept)) == ((), (), {(on, "analysts", "SELECT")})


def test_what_is_inherited_owned_or_kept_is_shown(hook: DatabricksHook, workspace: Workspace, tmp_path: Path) -> None:
    """A hand-made SELECT on the schema is a SELECT on every table, and an owner holds all; nothing of it is removed."""
    workspace.call("PATCH", f"{AT}/schema/dev.gold", changes=[{"principal": "analysts", "add": ["SELECT"]}])
    plan = made(grants_of(hook, tmp_path, {"data_engineers": ["SELECT"]}))
    on = "schema dev.gold"
    assert {(on, "analysts", "SELECT"), (on, PIPELINE, "OWNERSHIP")} <= short(plan.unmanaged)
    drift = Account().role("drift").name
    (manages,) = [each for each in plan.unmanaged if (each.who, each.what) == (drift, "MANAGE")]
    assert manages.why == "inherited from catalog dev"
    assert plan.removed == ()
    schema = {"type": "schema", "name": "{catalog}.gold", "grants": {"data_engineers": ["USE_SCHEMA"]}}
    declared = made(grants_of(hook, tmp_path, {"data_engineers": ["SELECT"]}, schema))
    assert [each for each in declared.unmanaged if each.who == "analysts" and each.what == "SELECT"] == [
        Item(kind="grant", on=on, who="analysts", what="SELECT")
    ]


def test_what_does_not_exist_is_no_change(hook: DatabricksHook, tmp_path: Path) -> None:
    """It is declared, and given once it is there."""
    absent = {"type": "table", "name": "{catalog}.gold.absent", "grants": {"analysts": ["SELECT"]}}
    plan = made(grants_of(hook, tmp_path, {"analysts": ["SELECT"]}, absent))
    assert short(plan.absent) == {("table dev.gold.absent", "analysts", "SELECT")}
    assert short(plan.added) == {(f"table {TABLE}", "analysts", "SELECT")}


def test_a_principal_that_does_not_exist_is_told_with_its_line(hook: DatabricksHook, tmp_path: Path) -> None:
    """Group, user and service principal; a group with other capitals is another group, a user is the same."""
    nobody = "00000000-0000-4000-8000-0000000000ff"
    readers = {
        "Analysts": ["SELECT"],
        "Data_Engineer@example.com": ["SELECT"],
        "account users": ["SELECT"],
        'in"terns': ["SELECT"],
        "nobody@example.com": ["SELECT"],
        nobody: ["SELECT"],
        PIPELINE: ["SELECT"],
    }
    refused = grants_of(hook, tmp_path, readers).refused()
    assert [each.what for each in refused] == [
        f"principal {nobody}", "principal Analysts", 'principal in"terns', "principal nobody@example.com",
    ]  # fmt: skip
    lines = (tmp_path / "shared.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "nobody@example.com" in text)
    assert f"the workspace does not know it, and {tmp_path}/shared.yaml:{line} gives it something" in refused[3].why


def test_a_table_that_nothing_makes_is_told_with_its_line(tmp_path: Path) -> None:
    """Whatever came to be under that name would have readers at once; volumes and schemas are no tables."""
    entries = [
        {"type": "table", "name": "{catalog}.gold.stocks_daily_price", "grants": {"analysts": ["SELECT"]}},
        {"type": "table", "name": "{catalog}.quality.loads", "grants": {"analysts": ["SELECT"]}},
        {"type": "schema", "name": "{catalog}.elsewhere", "grants": {"analysts": ["USE_SCHEMA"]}},
    ]
    (tmp_path / "shared.yaml").write_text(yaml.safe_dump({"securables": entries}))
    with pytest.raises(DeclarationError) as error:
        declared_tables.check(grants.load(["shared"], "dev", tmp_path))
    told = f"{tmp_path}/shared.yaml:5: dev.gold.stocks_daily_price: nothing makes this table; did you mean "
    assert str(error.value) == f"{told}'gold.stocks_daily_prices'?"


def test_every_table_that_has_readers_is_made_by_something() -> None:
    """As committed; and each table of an asset class is among those that are known."""
    declared_tables.check(grants.load(grants.areas(), "dev"))
    assert {"silver.stocks_tickers", "gold.dim_date", "quality.quarantine"} <= declared_tables.names()


class Answers:
    """A workspace's answers as text, by path; what it is asked to change is kept."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers, self.changes = answers, list[Any]()

    def _do_api_call(self, endpoint: tuple[str, str], json_: Any = None, wrap_http_errors: bool = True) -> Any:
        method, path = endpoint
        if method == "PATCH":
            self.changes.append((path, json_["changes"]))
            return {}
        return json.loads(next((text for part, text in self.answers.items() if part in path), "{}"))


def test_who_was_deleted_loses_what_it_held_where_others_are_kept(tmp_path: Path) -> None:
    """Nobody declares a number: on a schema, too, it is taken away, and by that number."""
    page = (
        '{"privilege_assignments": [{"principal": "", "principal_id": 77, "privileges": ["SELECT"]},'
        ' {"principal": "hand@x.com", "privileges": ["SELECT"]}]}'
    )
    hook = Answers({"catalog/permissions/schema": page, "tables": '{"tables": []}'})
    schema = {"type": "schema", "name": "{catalog}.gold", "grants": {"analysts": ["USE_SCHEMA"]}}
    (tmp_path / "shared.yaml").write_text(yaml.safe_dump({"securables": [schema]}))
    kind = Grants(hook, grants.load(["shared"], "dev", tmp_path))
    plan = made(kind)
    assert short(plan.removed) == {("schema dev.gold", "deleted principal 77", "SELECT")}
    assert kinds.applied([kind], plan) == []
    ((path, changes),) = hook.changes
    assert path.endswith("permissions/schema/dev.gold")
    assert changes == [
        {"principal": "analysts", "add": ["USE_SCHEMA"], "remove": []},
        {"principal_id": 77, "add": [], "remove": ["SELECT"]},
    ]
