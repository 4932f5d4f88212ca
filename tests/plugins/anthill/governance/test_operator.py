"""Grants applied to the Databricks workspace through the provider's own hook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from airflow.providers.databricks.hooks.databricks import DatabricksHook

from anthill.governance import grants, permissions
from anthill.governance.grants import Change, Securable
from anthill.governance.operator import ApplyGrants
from anthill.governance.permissions import GrantsNotAppliedError, GrantsNotReadError, Permissions
from tests.local.databricks.workspace import Workspace

TABLE = "dev.gold.stocks_daily_prices"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace that knows three groups, with a table."""
    options = [f"--principal={name}" for name in ("analysts", "data_engineers", "interns")]
    running = Workspace(tmp_path_factory.mktemp("workspace"), options).start()
    statement = f"CREATE TABLE {TABLE} (ticker STRING COMMENT 'symbol') USING delta"
    assert running.sql(statement)["status"]["state"] == "SUCCEEDED"
    yield running
    running.stop()


@pytest.fixture
def declared(tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of declarations that the operator reads, over a workspace without grants."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    monkeypatch.setattr(grants, "include_dir", lambda: tmp_path)
    for kind, name in (("catalog", "dev"), ("schema", "dev.gold"), ("table", TABLE)):
        path = f"2.1/unity-catalog/permissions/{kind}/{name}"
        held = workspace.call("GET", path).get("privilege_assignments", [])
        changes = [{"principal": g["principal"], "remove": g["privileges"]} for g in held]
        workspace.call("PATCH", path, changes=changes)
    folder = tmp_path / "grants"
    folder.mkdir()
    _declare(folder, "shared", ("catalog", "{catalog}", {"analysts": ["USE_CATALOG"]}))
    readers = {"analysts": ["SELECT"], "data_engineers": ["SELECT", "MODIFY"]}
    _declare(folder, "stocks", ("table", "{catalog}.gold.stocks_daily_prices", readers))
    return folder


def _declare(folder: Path, area: str, *entries: tuple[str, str, dict[str, list[str]]]) -> None:
    securables = [{"type": kind, "name": name, "grants": given} for kind, name, given in entries]
    (folder / f"{area}.yaml").write_text(yaml.safe_dump({"securables": securables}))


def _apply(asset_class: str | None = "stocks") -> dict[str, int]:
    return ApplyGrants(task_id="grants", asset_class=asset_class).execute({})


def _held(workspace: Workspace, kind: str = "table", name: str = TABLE) -> dict[str, list[str]]:
    answer = workspace.call("GET", f"2.1/unity-catalog/permissions/{kind}/{name}")
    return {item["principal"]: item["privileges"] for item in answer.get("privilege_assignments", [])}


def test_declared_grants_are_applied_once(
    declared: Path, workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    """The first time grants what is declared, and the second has nothing to do and says so."""
    assert _apply() == {"granted": 4, "revoked": 0, "unchanged": 0}
    assert _held(workspace) == {"analysts": ["SELECT"], "data_engineers": ["MODIFY", "SELECT"]}
    assert _held(workspace, "catalog", "dev") == {"analysts": ["USE_CATALOG"]}
    assert _apply() == {"granted": 0, "revoked": 0, "unchanged": 4}


def test_drift_is_mended(declared: Path, workspace: Workspace) -> None:
    """A grant made by hand on a table is revoked, a lost one is given again; on the catalog others are kept."""
    _apply()
    changes = [
        {"principal": "interns", "add": ["SELECT"]},
        {"principal": "analysts", "add": ["MODIFY"], "remove": ["SELECT"]},
    ]
    workspace.call("PATCH", f"2.1/unity-catalog/permissions/table/{TABLE}", changes=changes)
    kept = [{"principal": "interns", "add": ["BROWSE"]}]
    workspace.call("PATCH", "2.1/unity-catalog/permissions/catalog/dev", changes=kept)
    assert _apply() == {"granted": 1, "revoked": 2, "unchanged": 3}
    assert _held(workspace) == {"analysts": ["SELECT"], "data_engineers": ["MODIFY", "SELECT"]}
    assert _held(workspace, "catalog", "dev") == {"analysts": ["USE_CATALOG"], "interns": ["BROWSE"]}


def test_plan_is_logged(declared: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log names each securable, principal and privilege that changes."""
    operator = ApplyGrants(task_id="grants", asset_class="stocks")
    lines: list[str] = []
    monkeypatch.setattr(type(operator.log), "info", lambda _, text, *values: lines.append(text % values), raising=False)
    operator.execute({})
    assert f"table {TABLE}: data_engineers +MODIFY +SELECT" in lines


def test_missing_table_changes_nothing(declared: Path, workspace: Workspace) -> None:
    """A table that does not exist ends the task, named with its file, before anything was granted."""
    entry = ("table", "{catalog}.gold.absent", {"analysts": ["SELECT"]})
    _declare(declared, "options", entry)
    with pytest.raises(Exception, match=r"Table 'dev\.gold\.absent' does not exist") as error:
        _apply(None)
    assert "options.yaml" in "".join(error.value.__notes__)
    assert _held(workspace, "catalog", "dev") == {}


def test_unknown_principal_is_told(declared: Path) -> None:
    """A group that the account does not know is named by the error."""
    _declare(declared, "stocks", ("table", "{catalog}.gold.stocks_daily_prices", {"anylysts": ["SELECT"]}))
    with pytest.raises(Exception, match="Could not find principal with name anylysts"):
        _apply()


def test_grants_that_do_not_stay_are_an_error(declared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes that are accepted and yet not there afterwards end the task with what is missing."""
    monkeypatch.setattr(permissions.Permissions, "apply", lambda *_: None)
    with pytest.raises(GrantsNotAppliedError, match=r"catalog dev is not as .*shared\.yaml declares.*\+USE_CATALOG"):
        _apply()


def test_every_page_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More principals than a page holds are all seen."""
    running = Workspace(tmp_path).start()
    try:
        monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", running.connection)
        catalog = Securable("catalog", "dev", {}, "keep", "catalog.yaml")
        everyone = [f"group {i:02}" for i in range(45)]
        through = Permissions(DatabricksHook("databricks_default"))
        through.apply(catalog, [Change(who, ("USE_CATALOG",), ()) for who in everyone])
        assert through.current(catalog) == {who: frozenset({"USE_CATALOG"}) for who in everyone}
    finally:
        running.stop()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "",
        {"privilege_assignments": {}},
        {"privilege_assignments": [None]},
        {"privilege_assignments": [{}]},
        {"privilege_assignments": [{"principal": "analysts", "privileges": "SELECT"}]},
        {"next_page_token": 7},
    ],
)
def test_an_answer_that_lists_no_grants_is_an_error_in_words(answer: object) -> None:
    """Odd JSON with a success is not taken for a securable without grants: the securable and what is odd are named."""

    class Odd:
        def _do_api_call(self, *_: object) -> object:
            return answer

    securable = Securable("table", TABLE, {}, "revoke", "stocks.yaml")
    with pytest.raises(GrantsNotReadError, match=rf"table {TABLE}: .* no list of grants"):
        Permissions(Odd()).current(securable)
