"""Where silver's data come from, told to a workspace over HTTP and read back by the vendor's client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from airflow.providers.databricks.hooks.databricks import DatabricksHook
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from databricks.sdk import WorkspaceClient
from databricks.sdk.service import catalog as uc

from anthill.approval.lineage import TellLineage
from anthill.governance import external_lineage
from anthill.governance.external_lineage import ExternalLineage
from anthill.sources.polygon.declaration import PolygonDataset
from tests.local.databricks.workspace import ACCOUNT, Workspace

SOURCE, BRONZE, TABLE = "dev__polygon__tiny_quotes", "dev__bronze__tiny_quotes", "dev.silver.tiny_quotes"
DOWN, UP = uc.LineageDirection.DOWNSTREAM, uc.LineageDirection.UPSTREAM


class Counted:
    """The provider's hook, and the calls that change something."""

    def __init__(self) -> None:
        self._hook = DatabricksHook("databricks_default")
        self.written: list[str] = []

    def _do_api_call(self, endpoint_info: tuple[str, str], json: Any = None, wrap_http_errors: bool = True) -> Any:
        if endpoint_info[0] != "GET":
            self.written.append(endpoint_info[0])
        return self._hook._do_api_call(endpoint_info, json, wrap_http_errors)


def dataset(name: str, **more: Any) -> PolygonDataset:
    """A dataset of an asset class that is only here."""
    said = {"description": f"{name} of the tests", "key": ("ticker",), "fields": {"T": "ticker"}, "path": f"/v3/{name}"}
    return PolygonDataset(**said, asset_class="tiny", name=name, source="polygon", **more)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A workspace with one of two tables."""
    workspace = Workspace(tmp_path_factory.mktemp("lineage")).start()
    assert workspace.sql(f"CREATE TABLE {TABLE} (n INT) USING delta")["status"]["state"] == "SUCCEEDED"
    yield workspace
    workspace.stop()


@pytest.fixture
def lake(running: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """That workspace, where nobody has told anything."""
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", running.connection)
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", "lake")
    yield running
    owner = client(running, "terraform").external_metadata  # the metastore's
    for each in list(owner.list_external_metadata()):
        owner.delete_external_metadata(each.name)


def told(lake: Workspace, *names: str) -> tuple[dict[str, int], list[str]]:
    """What telling of these datasets comes to, and the calls that it took."""
    hook = Counted()
    done = ExternalLineage(hook, "dev", lambda _: "lake", map(dataset, names)).apply()
    assert done.refused == []
    return {n: getattr(done, n) for n in ("made", "changed", "removed", "kept", "absent")}, sorted(hook.written)


def client(lake: Workspace, role: str = "pipeline") -> WorkspaceClient:
    """The vendor's own client."""
    return WorkspaceClient(host=lake.url, token=ACCOUNT.role(role).token)


def ends(lake: Workspace, thing: uc.ExternalLineageObject, direction: uc.LineageDirection) -> list[str]:
    """The names of what comes before or behind something."""
    found = client(lake).external_lineage.list_external_lineage_relationships(thing, direction)
    infos = [each.external_metadata_info or each.table_info for each in found]
    return sorted(str(info.name) for info in infos if info)


def outside(name: str) -> uc.ExternalLineageObject:
    """An object outside."""
    return uc.ExternalLineageObject(external_metadata=uc.ExternalLineageExternalMetadata(name))


def test_a_table_is_followed_back_to_its_source(lake: Workspace) -> None:
    """Through bronze's folder; a dataset whose table nothing has made yet has lineage once it is there."""
    counts, calls = told(lake, "quotes", "trades")
    assert (counts, calls) == ({"made": 7, "changed": 0, "removed": 0, "kept": 0, "absent": 1}, ["POST"] * 7)
    silver = uc.ExternalLineageObject(table=uc.ExternalLineageTable(TABLE))
    assert ends(lake, silver, UP) == [BRONZE]
    assert ends(lake, outside(BRONZE), UP) == [SOURCE]
    read = client(lake, "analyst").external_metadata
    bronze, source = read.get_external_metadata(BRONZE), read.get_external_metadata(SOURCE)
    assert (bronze.url, bronze.entity_type) == ("s3://lake/polygon/tiny/quotes/", "Folder in S3")
    assert source.properties
    assert (source.properties["endpoint"], source.description) == ("/v3/quotes", "quotes of the tests")
    assert lake.sql("CREATE TABLE dev.silver.tiny_trades (n INT) USING delta")["status"]["state"] == "SUCCEEDED"
    assert told(lake, "quotes", "trades") == (
        {"made": 1, "changed": 0, "removed": 0, "kept": 7, "absent": 0}, ["POST"],
    )  # fmt: skip
    lake.call("DELETE", "2.1/unity-catalog/tables/dev.silver.tiny_trades")


def test_nothing_is_written_the_second_time(lake: Workspace) -> None:
    """What somebody changed by hand is corrected, in that field; what others told stays."""
    told(lake, "quotes")
    assert told(lake, "quotes") == ({"made": 0, "changed": 0, "removed": 0, "kept": 4, "absent": 0}, [])
    api = client(lake)
    report = uc.ExternalMetadata("dev__report", uc.SystemType.TABLEAU, "Workbook")
    api.external_metadata.create_external_metadata(report)
    api.external_lineage.create_external_lineage_relationship(
        uc.CreateRequestExternalLineage(outside(BRONZE), outside("dev__report"))
    )
    wrong = uc.ExternalMetadata(BRONZE, uc.SystemType.KAFKA, "Topic", url="s3://elsewhere")
    api.external_metadata.update_external_metadata(BRONZE, wrong, "url,system_type")
    assert told(lake, "quotes") == ({"made": 0, "changed": 1, "removed": 0, "kept": 3, "absent": 0}, ["PATCH"])
    again = api.external_metadata.get_external_metadata(BRONZE)
    assert (again.url, again.system_type) == ("s3://lake/polygon/tiny/quotes/", uc.SystemType.OTHER)
    assert "dev__report" in ends(lake, outside(BRONZE), DOWN)


def test_what_is_no_longer_declared_is_taken_back(lake: Workspace) -> None:
    """Its lineage and its objects; another environment's and other people's stay."""
    told(lake, "quotes", "trades")
    prod = ExternalLineage(Counted(), "prod", lambda _: "lake", [dataset("quotes")]).apply()
    assert (prod.made, prod.absent) == (3, 1)  # its table is in a catalog that is not here
    kept = uc.ExternalMetadata("dev__report", uc.SystemType.TABLEAU, "Workbook")
    client(lake).external_metadata.create_external_metadata(kept)
    counts, calls = told(lake, "quotes")
    assert counts == {"made": 0, "changed": 0, "removed": 3, "kept": 4, "absent": 0}
    assert calls == ["DELETE"] * 3
    names = {each.name for each in client(lake).external_metadata.list_external_metadata()}
    assert names == {SOURCE, BRONZE, "prod__polygon__tiny_quotes", "prod__bronze__tiny_quotes", "dev__report"}


def task(lake: Workspace, monkeypatch: pytest.MonkeyPatch, role: str) -> dict[str, int]:
    """The task of governance, by the token of somebody."""
    connection = lake.connection.replace(ACCOUNT.role("pipeline").token, ACCOUNT.role(role).token)
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_DEFAULT", connection)
    return TellLineage(task_id="lineage").execute({})  # type: ignore[arg-type]


def test_the_task_is_skipped_where_nobody_has_let_it(lake: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its message says who has to give what; where it may, every declared dataset is told of."""
    monkeypatch.setattr(external_lineage, "declared", lambda: [dataset("quotes"), dataset("people", personal=True)])
    with pytest.raises(AirflowSkipException, match=r"metastore's admin grants .* CREATE EXTERNAL METADATA once"):
        task(lake, monkeypatch, "analyst")
    assert task(lake, monkeypatch, "pipeline")["made"] == 7
    read = client(lake).external_metadata.get_external_metadata
    assert read(BRONZE).url == "s3://lake/polygon/tiny/quotes/"
    assert read("dev__bronze__tiny_people").url == "s3://anthill-dev-personal/polygon/tiny/people/"


def test_the_task_is_red_where_an_object_is_somebody_elses(lake: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was refused is told by its name, and the rest is done."""
    theirs = uc.ExternalMetadata(BRONZE, uc.SystemType.OTHER, "Theirs")
    client(lake, "terraform").external_metadata.create_external_metadata(theirs)
    monkeypatch.setattr(external_lineage, "declared", lambda: [dataset("quotes"), dataset("trades")])
    with pytest.raises(AirflowFailException, match=BRONZE):
        task(lake, monkeypatch, "pipeline")
    names = {each.name for each in client(lake).external_metadata.list_external_metadata()}
    assert {SOURCE, "dev__bronze__tiny_trades"} <= names


def test_every_declared_dataset_has_lineage() -> None:
    """Each silver table of the declarations, once."""
    tables = [each.table for each in external_lineage.declared()]
    assert {"stocks_grouped_daily", "options_contracts"} <= set(tables)
    assert len(tables) == len(set(tables))
