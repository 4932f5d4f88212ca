"""Grants applied to the Databricks workspace through the provider's own hook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
import yaml
from airflow.providers.databricks.hooks import databricks
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from airflow.sdk.exceptions import AirflowFailException

from anthill.governance import grants, permissions
from anthill.governance.kinds import NotAppliedError
from anthill.governance.operator import ApplyGrants
from anthill.governance.permissions import GrantsNotReadError, Permissions
from anthill.governance.securables import Change, Securable
from local.databricks.account import FILE
from tests.local.databricks.workspace import Workspace

TABLE = "dev.gold.stocks_daily_prices"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with a table."""
    running = Workspace(tmp_path_factory.mktemp("workspace")).start()
    statement = f"CREATE TABLE {TABLE} (ticker STRING COMMENT 'symbol') USING delta"
    assert running.sql(statement)["status"]["state"] == "SUCCEEDED"
    yield running
    running.stop()


@pytest.fixture
def declared(tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of declarations that the operator reads, over a workspace without grants."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", workspace.connection)
    monkeypatch.setattr(grants, "include_dir", lambda: tmp_path)
    for kind, name in (("schema", "dev.gold"), ("table", TABLE)):
        path = f"2.1/unity-catalog/permissions/{kind}/{name}"
        held = workspace.call("GET", path).get("privilege_assignments", [])
        changes = [{"principal": g["principal"], "remove": g["privileges"]} for g in held]
        workspace.call("PATCH", path, changes=changes)
    folder = tmp_path / "grants"
    folder.mkdir()
    _declare(folder, "shared", ("schema", "{catalog}.gold", {"analysts": ["USE_SCHEMA"]}))
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
    assert _held(workspace, "schema", "dev.gold") == {"analysts": ["USE_SCHEMA"]}
    assert _apply() == {"granted": 0, "revoked": 0, "unchanged": 4}


def test_drift_is_mended(declared: Path, workspace: Workspace) -> None:
    """A grant made by hand on a table is revoked, a lost one is given again; on the schema others are kept."""
    _apply()
    changes = [
        {"principal": "data_scientists", "add": ["SELECT"]},
        {"principal": "analysts", "add": ["MODIFY"], "remove": ["SELECT"]},
    ]
    workspace.call("PATCH", f"2.1/unity-catalog/permissions/table/{TABLE}", changes=changes)
    kept = [{"principal": "data_scientists", "add": ["EXECUTE"]}]
    workspace.call("PATCH", "2.1/unity-catalog/permissions/schema/dev.gold", changes=kept)
    assert _apply() == {"granted": 1, "revoked": 2, "unchanged": 3}
    assert _held(workspace) == {"analysts": ["SELECT"], "data_engineers": ["MODIFY", "SELECT"]}
    assert _held(workspace, "schema", "dev.gold") == {"analysts": ["USE_SCHEMA"], "data_scientists": ["EXECUTE"]}


def test_plan_is_logged(declared: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log names each securable, principal and privilege that changes."""
    operator = ApplyGrants(task_id="grants", asset_class="stocks")
    lines: list[str] = []
    monkeypatch.setattr(type(operator.log), "info", lambda _, text, *values: lines.append(text % values), raising=False)
    operator.execute({})
    assert {f"table {TABLE}: data_engineers +{each}" for each in ("MODIFY", "SELECT")} < set(lines)


def test_what_waits_for_a_person_is_logged_and_counted(
    declared: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where somebody has to agree and nobody has, nothing changes; each line says what to run."""
    monkeypatch.setenv("AIRFLOW__ANTHILL__APPROVAL", "True")
    operator = ApplyGrants(task_id="grants", asset_class="stocks")
    monkeypatch.setattr(operator, "approved", lambda context: None)
    lines: list[str] = []
    told = lambda _, text, *values: lines.append(text % values)  # noqa: E731
    monkeypatch.setattr(type(operator.log), "warning", told, raising=False)
    assert operator.execute({}) == {"granted": 0, "revoked": 0, "unchanged": 0, "waiting": 4}
    assert _held(workspace) == {}
    waits = [line for line in lines if "waits" in line]
    assert f"table {TABLE}: analysts +SELECT waits for an approval: run the DAG governance" in waits
    assert len(waits) == 4


def test_a_table_that_does_not_exist_is_named_and_the_others_have_their_readers(
    declared: Path, workspace: Workspace
) -> None:
    """One message with the table, the file and the next step, at the first try."""
    entry = ("table", "{catalog}.gold.absent", {"analysts": ["SELECT"]})
    _declare(declared, "options", entry)
    with pytest.raises(AirflowFailException) as error:
        _apply(None)
    assert str(error.value) == (
        f"table dev.gold.absent: it does not exist, and {declared}/options.yaml gives it readers: correct its name "
        "there, or run what makes it"
    )
    assert _held(workspace) == {"analysts": ["SELECT"], "data_engineers": ["MODIFY", "SELECT"]}


def test_a_group_that_does_not_exist_is_named_and_takes_nobodys_rights(declared: Path, workspace: Workspace) -> None:
    """Once, with the file and the next step; whoever stands beside it has what is declared."""
    _declare(declared, "shared")
    readers = {"anylysts": ["SELECT"], "data_engineers": ["SELECT"]}
    table = ("table", "{catalog}.gold.stocks_daily_prices", readers)
    _declare(declared, "stocks", ("schema", "{catalog}.gold", {"anylysts": ["USE_SCHEMA"]}), table)
    with pytest.raises(AirflowFailException) as error:
        _apply()
    first, *more = str(error.value).splitlines()
    assert more == []
    assert first.startswith(
        f"schema dev.gold and 1 more: the account does not know the principal anylysts, which {declared}/"
    )
    assert "Create the group (user_group_ids of the stack databricks)" in first
    assert _held(workspace) == {"data_engineers": ["SELECT"]}


def _answering(fault: Exception | None = None, page: Sequence[object] = ()) -> type:
    """A hook whose writing calls fail, or whose answers are these; what it was asked to change is kept."""

    class Hook:
        changes: ClassVar[list[Any]] = []

        def __init__(self, *_: object, **__: object) -> None:
            """As the provider's."""

        def _do_api_call(self, endpoint: tuple[str, str], json: Any) -> object:
            if endpoint[0] == "PATCH":
                self.changes.append(json["changes"])
                return {}
            if fault:
                raise fault
            return {"privilege_assignments": page[-1:]} if self.changes else {"privilege_assignments": page}

    return Hook


def test_a_right_that_the_job_lacks_is_named(declared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What may not be changed, whose right it is and where it comes from."""
    said = 'Response: {"error_code": "PERMISSION_DENIED", "message": "User is not an owner"}, Status Code: 403'
    monkeypatch.setattr(databricks, "DatabricksHook", _answering(RuntimeError(said)))
    with pytest.raises(AirflowFailException) as error:
        _apply()
    assert str(error.value).startswith("schema dev.gold: the principal of databricks_default may not see or change its")
    assert "apply the stack catalog" in str(error.value)
    assert "User is not an owner" in str(error.value)


def test_a_principal_that_was_deleted_loses_what_it_held(declared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes with a number alone; the change names that number, and the log says whom it was about."""
    _declare(declared, "shared")
    _declare(declared, "stocks", ("table", "{catalog}.gold.stocks_daily_prices", {"analysts": ["SELECT"]}))
    gone = [{"principal": "", "principal_id": 77, "privileges": ["SELECT"]}, {"principal_id": 78, "privileges": []}]
    hook = _answering(page=[*gone, {"principal": "analysts", "privileges": ["SELECT"]}])
    monkeypatch.setattr(databricks, "DatabricksHook", hook)
    assert _apply() == {"granted": 0, "revoked": 1, "unchanged": 1}
    assert hook.changes == [[{"principal_id": 77, "add": [], "remove": ["SELECT"]}]]


def test_a_name_that_the_account_writes_otherwise_is_told(declared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Capitals that Unity Catalog does not keep would be granted again and again."""
    _declare(declared, "shared")
    _declare(declared, "stocks", ("table", "{catalog}.gold.stocks_daily_prices", {"Analysts": ["SELECT"]}))
    held = {"analysts": frozenset({"SELECT"})}
    monkeypatch.setattr(permissions.Permissions, "apply", lambda *_: None)
    monkeypatch.setattr(permissions.Permissions, "current", lambda *_: held)
    with pytest.raises(NotAppliedError, match="Unity Catalog writes Analysts as analysts: write it so"):
        _apply()


def test_a_user_may_be_written_in_capitals(declared: Path, workspace: Workspace) -> None:
    """The address comes back in lower case, which is the same user: the second time nothing is to be done."""
    _declare(declared, "shared")
    readers = {"Data_Engineer@Example.com": ["SELECT"]}
    _declare(declared, "stocks", ("table", "{catalog}.gold.stocks_daily_prices", readers))
    assert _apply()["granted"] == 1
    assert _held(workspace) == {"data_engineer@example.com": ["SELECT"]}
    assert _apply() == {"granted": 0, "revoked": 0, "unchanged": 1}


def test_grants_that_do_not_stay_are_an_error(declared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes that are accepted and yet not there afterwards end the task with what is missing."""
    monkeypatch.setattr(permissions.Permissions, "apply", lambda *_: None)
    with pytest.raises(NotAppliedError, match=r"schema dev.gold is not as .*shared\.yaml:\d+ has it .*\+USE_SCHEMA"):
        _apply()


def test_every_page_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More principals than a page holds are all seen."""
    everyone = [f"group {i:02}" for i in range(45)]
    account = tmp_path / "account.yaml"
    account.write_text(yaml.safe_dump({**msgspec.yaml.decode(FILE.read_text()), "groups": everyone}))
    running = Workspace(tmp_path, ["--account", str(account)]).start()
    try:
        monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", running.connection)
        gold = Securable("schema", "dev.gold", {}, "keep", "shared.yaml")
        through = Permissions(DatabricksHook("databricks_default"))
        before = through.current(gold)
        through.apply(gold, [Change(who, ("USE_SCHEMA",), ()) for who in everyone])
        assert through.current(gold) == before | {who: frozenset({"USE_SCHEMA"}) for who in everyone}
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
