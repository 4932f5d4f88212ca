"""The drift run looks at what Athena sees of gold."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from anthill.approval.drift import ShowDrift
from anthill.dag_builder.cut import cut_dag
from anthill.dag_builder.edition import edition_dag
from tests.plugins.anthill.aws import aws_connection

from .conftest import DATABASE, LAKE, client
from .test_dag import Instance, run


def test_an_entry_that_was_changed_by_hand_is_drift(
    aws: str, connections: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that moved and one that is gone, of all asset classes, and both ways out; as declared there is none."""
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DEFAULT", aws_connection(aws))
    monkeypatch.setenv("AIRFLOW__ANTHILL__BRONZE_BUCKET", LAKE)
    instance = SimpleNamespace(xcom_pull=lambda task_ids: {"since": None})
    context: Any = {"ti": instance, "dag_run": SimpleNamespace(dag_id="governance", run_id="r")}
    for asset_class in ("forex", "stocks"):
        run("register", asset_class=asset_class)
    for made in (cut_dag("totesys", None), edition_dag("enem", None)):
        made.task_dict["consumption.register"].execute({"ti": Instance({})})  # type: ignore[typeddict-item]
    assert ShowDrift(task_id="drift").execute(context)["in_glue"] == 0

    glue = client("glue", aws)
    entry = glue.get_table(DatabaseName=DATABASE, Name="forex_triangles")["Table"]
    keys = ("Name", "Owner", "TableType", "Parameters", "StorageDescriptor", "Description", "PartitionKeys")
    given = {key: entry[key] for key in keys}
    given["StorageDescriptor"] = {**entry["StorageDescriptor"], "Location": "s3://elsewhere/"}
    glue.update_table(DatabaseName=DATABASE, TableInput=given)
    glue.delete_table(DatabaseName=DATABASE, Name="stocks_daily_prices")
    with pytest.raises(AirflowFailException) as error:
        ShowDrift(task_id="drift").execute(context)
    lines = str(error.value).splitlines()
    assert lines[:2] == [
        f"glue {DATABASE}: +stocks_daily_prices",
        f"glue {DATABASE}: ~forex_triangles (StorageDescriptor.Location)",
    ]
    assert "run its market DAG: consumption.register undoes it" in lines[2]
