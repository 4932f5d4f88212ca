"""The two tasks from gold in a workspace, over S3, into PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from anthill import catalog
from anthill.warehouses.operator import KeepVersion, LoadVersion
from local.totesys.server import WAREHOUSE
from tests.local.databricks.workspace import Workspace
from tests.plugins.anthill.aws import aws_connection

if TYPE_CHECKING:
    from local.totesys.server import Server

STAR = catalog.load("totesys").warehouse
HIDDEN = "a-word-for-nobody"
DAY = "DATE'2026-06-01' AS"
ROWS = {
    "dim_date": f"{DAY} date_id, 2026 AS year, 6 AS month, 1 AS day, 1 AS day_of_week, 'Monday' AS day_name, "
    "'June' AS month_name, 2 AS quarter",
    "dim_staff": "1 AS staff_id, 'Ada' AS first_name, 'O\\'Neill' AS last_name, 'Sales' AS department_name, "
    "CAST(NULL AS STRING) AS location, 'ada@terrifictotes.example' AS email_address",
    "dim_location": "1 AS location_id, '1 Hill Road' AS address_line_1, '' AS address_line_2, "
    "CAST(NULL AS STRING) AS district, 'Leeds' AS city, '1' AS postal_code, 'UK' AS country, '+44' AS phone",
    "dim_design": "1 AS design_id, 'Bee' AS design_name, '/usr' AS file_location, 'b.json' AS file_name",
    "dim_currency": "1 AS currency_id, 'GBP' AS currency_code, 'Pound Sterling' AS currency_name",
    "dim_counterparty": "1 AS counterparty_id, 'Totes' AS counterparty_legal_name, "
    "'1' AS counterparty_legal_address_line_1, CAST(NULL AS STRING) AS counterparty_legal_address_line_2, "
    "CAST(NULL AS STRING) AS counterparty_legal_district, 'Leeds' AS counterparty_legal_city, "
    "'1' AS counterparty_legal_postal_code, 'UK' AS counterparty_legal_country, "
    "'+44' AS counterparty_legal_phone_number",
    "fact_sales_order": f"1 AS sales_record_id, 7 AS sales_order_id, {DAY} created_date, "
    f"'09:30:00.125' AS created_time, {DAY} last_updated_date, '09:30:00.125' AS last_updated_time, "
    "1 AS sales_staff_id, 1 AS counterparty_id, 1500 AS units_sold, CAST('2.50' AS DECIMAL(10, 2)) AS unit_price, "
    f"1 AS currency_id, 1 AS design_id, {DAY} agreed_payment_date, {DAY} agreed_delivery_date, "
    "1 AS agreed_delivery_location_id, TIMESTAMP'2026-06-01 09:33:00.5' AS seen_from, "
    "CAST(NULL AS TIMESTAMP) AS seen_until",
}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One whose gold has a star of one order."""
    running = Workspace(tmp_path_factory.mktemp("star")).start()
    for name in STAR:
        made = running.sql(f"CREATE TABLE dev.gold.totesys_{name} USING delta AS SELECT {ROWS[name]}")
        assert made["status"]["state"] == "SUCCEEDED", made
    yield running
    running.stop()


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch, workspace: Workspace, star: Server, s3_url: str, bucket: str) -> Server:
    """Airflow's three connections, and a bucket of gold."""
    fields = {**json.loads(workspace.connection), "extra": {"http_path": "/sql/1.0/warehouses/local"}}
    monkeypatch.setenv("AIRFLOW_CONN_DATABRICKS_READER", json.dumps(fields))
    monkeypatch.setenv("AIRFLOW_CONN_AWS_CONSUMPTION", aws_connection(s3_url))
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE_DEFAULT", json.dumps(star.airflow(WAREHOUSE)))
    monkeypatch.setenv("AIRFLOW__ANTHILL__GOLD_BUCKET", bucket)
    return star


def run(task: Any) -> dict[str, Any]:
    """What a task returns."""
    known = {"dag_id": "totesys_warehouse", "run_id": "r", "task_id": task.task_id, "id": "1", "map_index": -1}
    found: dict[str, Any] = task.execute({"ti": SimpleNamespace(**known)})
    return found


def keep() -> dict[str, Any]:
    """Run the first task."""
    return run(KeepVersion(task_id="keep", asset_class="totesys"))


def load() -> dict[str, Any]:
    """Run the second one."""
    return run(LoadVersion(task_id="load", asset_class="totesys"))


def answered(server: Server, query: str) -> list[Any]:
    """What the warehouse answers."""
    with server.connect(WAREHOUSE) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_golds_star_is_in_the_warehouse_under_plain_names(connected: Server, bucket: str) -> None:
    """Every table with its row; a second run of both tasks writes nothing."""
    with pytest.raises(AirflowException, match="no version of totesys"):
        load()
    first = keep()
    assert (first["version"], first["new"], list(first["rows"])) == (1, True, list(STAR))
    assert first["uri"] == f"s3://{bucket}/warehouse/totesys/_versions/000000001.json"
    loaded = load()
    assert (loaded["version"], loaded["written"], loaded["changed"]) == (1, True, dict.fromkeys(STAR, 1))
    (fact,) = answered(
        connected,
        "SELECT sales_order_id, created_time::text, unit_price::text, seen_from AT TIME ZONE 'UTC' = "
        "'2026-06-01 09:33:00.5', seen_until, day_name, last_name, location, address_line_2, currency_name FROM "
        "fact_sales_order JOIN dim_date ON date_id = created_date JOIN dim_staff ON staff_id = sales_staff_id JOIN "
        "dim_location ON location_id = agreed_delivery_location_id JOIN dim_currency USING (currency_id)",
    )
    assert fact == (7, "09:30:00.125", "2.50", True, None, "Monday", "O'Neill", None, "", "Pound Sterling")
    assert (keep()["version"], keep()["new"]) == (1, False)
    assert (load()["written"], load()["changed"]) == (False, {})


def test_what_gold_changes_is_the_next_version(connected: Server, workspace: Workspace) -> None:
    """Only that is written."""
    keep()
    load()
    for name, was in (("Bee", "Wasp"), ("Wasp", "Bee")):
        workspace.sql(f"UPDATE dev.gold.totesys_dim_design SET design_name = '{was}' WHERE design_name = '{name}'")
        keep()
        assert load()["changed"] == {**dict.fromkeys(STAR, 0), "dim_design": 1}
        assert answered(connected, "SELECT design_name FROM dim_design") == [(was,)]


def test_a_fault_of_the_warehouse_is_no_secret_and_says_whether_to_try_again(
    connected: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Down is tried again; a column that it lacks is not."""
    keep()
    down = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "me", "password": HIDDEN}
    with monkeypatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_WAREHOUSE_DEFAULT", json.dumps(down))
        with pytest.raises(AirflowException, match=r"no connection.*postgres://127\.0\.0\.1:1/") as failed:
            load()
        assert not isinstance(failed.value, AirflowFailException)
        assert HIDDEN not in str(failed.value)
    connected.alter("ALTER TABLE dim_staff DROP COLUMN location", WAREHOUSE)
    with pytest.raises(AirflowFailException, match=r"totesys\.dim_staff: .* lacks location"):
        load()
    assert answered(connected, "SELECT * FROM dim_date") == []
