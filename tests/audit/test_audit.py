"""The saved questions about who read, who changed and what it costs: parsed as their engines do, run on small tables.

The tables have the columns and types that the vendors document; the answers are counted by hand.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

FOLDER = Path(__file__).parents[2] / "include" / "audit"
DIALECTS = {"databricks": "databricks", "cloudtrail": "athena"}
FILES = sorted(FOLDER.rglob("*.sql"))
# Of docs.databricks.com/admin/system-tables and docs.aws.amazon.com/athena, as DuckDB writes types.
TABLES = {
    "system.access.audit": (
        "version VARCHAR, event_time TIMESTAMP, event_date DATE, workspace_id BIGINT, source_ip_address VARCHAR, "
        "user_agent VARCHAR, session_id VARCHAR, user_identity STRUCT(email VARCHAR, subject_name VARCHAR), "
        "service_name VARCHAR, action_name VARCHAR, request_id VARCHAR, request_params MAP(VARCHAR, VARCHAR), "
        "response STRUCT(status_code INTEGER, error_message VARCHAR, result VARCHAR), audit_level VARCHAR, "
        "account_id VARCHAR, event_id VARCHAR"
    ),
    "system.access.table_lineage": (
        "account_id VARCHAR, metastore_id VARCHAR, workspace_id VARCHAR, entity_type VARCHAR, entity_id VARCHAR, "
        "entity_run_id VARCHAR, source_table_full_name VARCHAR, source_table_catalog VARCHAR, "
        "source_table_schema VARCHAR, source_table_name VARCHAR, source_path VARCHAR, source_type VARCHAR, "
        "target_table_full_name VARCHAR, target_table_catalog VARCHAR, target_table_schema VARCHAR, "
        "target_table_name VARCHAR, target_path VARCHAR, target_type VARCHAR, created_by VARCHAR, "
        "event_time TIMESTAMP, event_date DATE"
    ),
    "system.access.column_lineage": (
        "account_id VARCHAR, metastore_id VARCHAR, workspace_id VARCHAR, entity_type VARCHAR, entity_id VARCHAR, "
        "entity_run_id VARCHAR, source_table_full_name VARCHAR, source_column_name VARCHAR, "
        "target_table_full_name VARCHAR, target_column_name VARCHAR, created_by VARCHAR, event_time TIMESTAMP, "
        "event_date DATE"
    ),
    "system.billing.usage": (
        "record_id VARCHAR, account_id VARCHAR, workspace_id VARCHAR, sku_name VARCHAR, cloud VARCHAR, "
        "usage_start_time TIMESTAMP, usage_end_time TIMESTAMP, usage_date DATE, custom_tags MAP(VARCHAR, VARCHAR), "
        "usage_unit VARCHAR, usage_quantity DECIMAL(38, 18), "
        "usage_metadata STRUCT(job_id VARCHAR, job_run_id VARCHAR, job_name VARCHAR, warehouse_id VARCHAR), "
        "record_type VARCHAR, billing_origin_product VARCHAR"
    ),
    "system.billing.list_prices": (
        "price_start_time TIMESTAMP, price_end_time TIMESTAMP, account_id VARCHAR, sku_name VARCHAR, cloud VARCHAR, "
        "currency_code VARCHAR, usage_unit VARCHAR, "
        'pricing STRUCT("default" DECIMAL(38, 18), effective_list STRUCT("default" DECIMAL(38, 18)))'
    ),
    "quality.loads": "asset_class VARCHAR, dataset VARCHAR, loaded_at TIMESTAMP, bronze_rows BIGINT",
    "quality.earlier_loads": "asset_class VARCHAR, dataset VARCHAR, loaded_at TIMESTAMP, bronze_rows BIGINT",
    "cloudtrail": (
        "useridentity STRUCT(type VARCHAR, arn VARCHAR, invokedby VARCHAR, "
        "sessioncontext STRUCT(sessionissuer STRUCT(arn VARCHAR))), eventtime VARCHAR, eventsource VARCHAR, "
        "eventname VARCHAR, sourceipaddress VARCHAR, errorcode VARCHAR, requestparameters VARCHAR, readonly VARCHAR, "
        "eventcategory VARCHAR, day VARCHAR"
    ),
}
DAY = dt.date(2026, 6, 30)
AT = dt.datetime.fromisoformat("2026-06-30T12:00:00")  # DuckDB's TIMESTAMP has no time zone
SPAN = {"first": "2026-06-30", "last": "2026-07-01"}


class Lake:
    """Tables of the documented shape, and the saved questions over them."""

    def __init__(self) -> None:
        self._db = duckdb.connect()
        for name, columns in TABLES.items():
            self._db.execute(f"CREATE TABLE {_flat(name)} ({columns})")

    def put(self, table: str, **values: Any) -> None:
        """A row; what is not named is NULL."""
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        self._db.execute(f"INSERT INTO {_flat(table)} ({names}) VALUES ({marks})", list(values.values()))

    def ask(self, file: str, *given: str, **named: str) -> list[tuple[Any, ...]]:
        """The answer to a saved question."""
        statement = _parsed(FOLDER / file)
        for table in statement.find_all(exp.Table):
            if (name := ".".join(part.name for part in table.parts)) in TABLES:
                table.replace(exp.to_table(_flat(name), alias=table.alias or None))
        text = statement.sql("duckdb")
        return self._db.execute(text, {name: named[name] for name in named} or list(given)).fetchall()


@pytest.fixture
def lake() -> Lake:
    """Empty tables."""
    return Lake()


def _flat(name: str) -> str:
    return name.replace(".", "_")


def _parsed(file: Path) -> exp.Expression:
    (statement,) = sqlglot.parse(file.read_text(), dialect=DIALECTS[file.parent.name])
    assert statement is not None
    return statement


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_understood(file: Path) -> None:
    """One statement, none that the parser only passes on, over tables whose columns are those above."""
    statement = _parsed(file)
    assert not list(statement.find_all(exp.Command))
    defined = {each.alias for each in statement.find_all(exp.CTE)}
    asked = {".".join(part.name for part in table.parts) for table in statement.find_all(exp.Table)}
    assert asked - defined <= set(TABLES)


def test_who_read_counts_readers_by_table_and_way(lake: Lake) -> None:
    """Of the days and tables that are asked about, and no other."""
    rows = [
        ("ann", "prod.gold.stocks_daily_prices", None, DAY),
        ("ann", "prod.gold.stocks_daily_prices", None, DAY),
        ("ann", "prod.gold.stocks_daily_prices", "DASHBOARD_V3", DAY),
        ("bob", "prod.gold.stocks_daily_prices", "JOB", DAY),
        ("bob", "prod.gold.forex_daily_prices", "JOB", DAY),
        ("bob", "prod.gold.stocks_daily_prices", "JOB", DAY - dt.timedelta(1)),
    ]
    for who, table, way, day in rows:
        at = dt.datetime.combine(day, dt.time(9))
        lake.put(
            "system.access.table_lineage",
            created_by=who,
            source_table_full_name=table,
            entity_type=way,
            event_date=day,
            event_time=at,
        )
    found = lake.ask("databricks/who_read.sql", tables="prod.gold.stocks_%", **SPAN)
    assert [row[:4] for row in found] == [
        ("ann", "prod.gold.stocks_daily_prices", "QUERY", 2),
        ("ann", "prod.gold.stocks_daily_prices", "DASHBOARD_V3", 1),
        ("bob", "prod.gold.stocks_daily_prices", "JOB", 1),
    ]


def test_who_took_credentials_tells_given_from_refused(lake: Lake) -> None:
    """Engines outside, who leave no lineage; other calls and tables are not counted."""

    def call(action: str, table: str, status: int, who: str = "ann") -> None:
        lake.put(
            "system.access.audit",
            event_time=AT,
            event_date=DAY,
            source_ip_address="10.0.0.1",
            user_agent="polars",
            user_identity={"email": who, "subject_name": None},
            service_name="unityCatalog",
            action_name=action,
            request_params={"table_full_name": table, "operation": "READ"},
            response={"status_code": status, "error_message": None, "result": None},
        )

    call("generateTemporaryTableCredential", "prod.gold.stocks_daily_prices", 200)
    call("generateTemporaryTableCredential", "prod.gold.stocks_daily_prices", 403)
    call("generateTemporaryTableCredential", "prod.gold.crypto_daily_prices", 200)
    call("getTable", "prod.gold.stocks_daily_prices", 200)
    (found,) = lake.ask("databricks/who_took_credentials.sql", tables="prod.gold.stocks_%", **SPAN)
    assert found == (
        "ann", "prod.gold.stocks_daily_prices", "generateTemporaryTableCredential", "READ", "10.0.0.1", "polars", 1, 1,
        AT,
    )  # fmt: skip


def test_where_columns_went_names_the_table_that_was_written(lake: Lake) -> None:
    """A read that wrote nothing went nowhere."""
    for target in ("prod.sandbox.copy", "prod.sandbox.copy", None):
        lake.put(
            "system.access.column_lineage",
            source_table_full_name="prod.gold.stocks_daily_prices",
            source_column_name="close",
            target_table_full_name=target,
            target_column_name="c" if target else None,
            created_by="ann",
            event_time=AT,
            event_date=DAY,
        )
    found = lake.ask("databricks/where_columns_went.sql", tables="prod.gold.stocks_%", **SPAN)
    assert found == [("prod.gold.stocks_daily_prices", "close", "prod.sandbox.copy", "c", "ann", 2, AT)]


def test_who_changed_what_has_what_was_refused_and_no_looks(lake: Lake) -> None:
    """A grant that was given, one that was refused, a job that was changed; a table that was looked at is left out."""
    calls: list[tuple[str, str, dict[str, str], int]] = [
        ("unityCatalog", "updatePermissions", {"securable_full_name": "prod.gold.t", "changes": "[+SELECT]"}, 200),
        ("unityCatalog", "updatePermissions", {"securable_full_name": "prod.gold.u", "changes": "[+MODIFY]"}, 403),
        ("jobs", "update", {"job_id": "7", "new_settings": "{}"}, 200),
        ("unityCatalog", "getTable", {"full_name_arg": "prod.gold.t"}, 200),
        ("notebook", "createNotebook", {"path": "/x"}, 200),
    ]
    for number, (service, action, params, status) in enumerate(calls):
        lake.put(
            "system.access.audit",
            event_time=AT + dt.timedelta(minutes=number),
            event_date=DAY,
            user_identity={"email": "ann", "subject_name": None},
            service_name=service,
            action_name=action,
            request_params=params,
            response={"status_code": status, "error_message": None if status == 200 else "no", "result": None},
        )
    found = lake.ask("databricks/who_changed_what.sql", **SPAN)
    assert [(row[3], row[4], row[5], row[6], row[7]) for row in found] == [
        ("update", "7", "{}", True, ""),
        ("updatePermissions", "prod.gold.u", "[+MODIFY]", False, "no"),
        ("updatePermissions", "prod.gold.t", "[+SELECT]", True, ""),
    ]


def test_a_days_bill_is_shared_by_rows(lake: Lake) -> None:
    """10 DBU at 0.35 and 2 at the price from noon on, 0.50, are 4.50: shared 3 to 1; another job is not of it."""
    prices = [(AT - dt.timedelta(180), AT, "0.35"), (AT, None, "0.50")]
    for start, end, price in prices:
        lake.put(
            "system.billing.list_prices",
            price_start_time=start,
            price_end_time=end,
            sku_name="JOBS",
            cloud="AWS",
            currency_code="USD",
            usage_unit="DBU",
            pricing={"default": Decimal(price), "effective_list": {"default": Decimal(price)}},
        )
    for job, hour, quantity in (("anthill-silver", 6, 12), ("anthill-gold", 13, 2), ("other", 7, 99)):
        lake.put(
            "system.billing.usage",
            sku_name="JOBS",
            cloud="AWS",
            usage_end_time=AT.replace(hour=hour),
            usage_date=DAY,
            usage_unit="DBU",
            usage_quantity=Decimal(quantity),
            usage_metadata={"job_id": "1", "job_run_id": "2", "job_name": job, "warehouse_id": None},
            record_type="ORIGINAL",
        )
    # What was billed too much comes back as a record below 0.
    lake.put(
        "system.billing.usage",
        sku_name="JOBS",
        cloud="AWS",
        usage_end_time=AT.replace(hour=6),
        usage_date=DAY,
        usage_unit="DBU",
        usage_quantity=Decimal(-2),
        usage_metadata={"job_id": "1", "job_run_id": "2", "job_name": "anthill-silver", "warehouse_id": None},
        record_type="RETRACTION",
    )
    for table, dataset, rows in (
        ("quality.loads", "grouped_daily", 200),
        ("quality.earlier_loads", "grouped_daily", 100),
        ("quality.loads", "splits", 100),
    ):
        lake.put(table, asset_class="stocks", dataset=dataset, loaded_at=AT, bronze_rows=rows)
    found = lake.ask("databricks/dataset_cost.sql", jobs="anthill-%", currency="USD", **SPAN)
    assert [(row[0], row[2], row[3], round(float(row[4]), 6)) for row in found] == [
        (DAY, "grouped_daily", 300, 3.375),
        (DAY, "splits", 100, 1.125),
    ]


def _event(lake: Lake, who: str, name: str, category: str = "Data", **params: str) -> None:
    lake.put(
        "cloudtrail",
        useridentity={
            "type": "AssumedRole",
            "arn": f"{who}/session",
            "invokedby": None,
            "sessioncontext": {"sessionissuer": {"arn": who}},
        },
        eventtime="2026-06-30T12:00:00Z",
        eventsource="s3.amazonaws.com",
        eventname=name,
        sourceipaddress="10.0.0.1",
        errorcode=params.pop("error", None),
        requestparameters=json.dumps(params),
        readonly="true" if name.startswith("Get") else "false",
        eventcategory=category,
        day="2026/06/30",
    )


def test_who_read_bronze_is_counted_by_dataset(lake: Lake) -> None:
    """By role; objects of other buckets are not bronze."""
    key = "polygon/stocks/grouped_daily/date=2026-06-30/r000001.jsonl.gz"
    _event(lake, "role/ann", "GetObject", bucketName="bronze", key=key)
    _event(lake, "role/ann", "GetObject", bucketName="bronze", key=key, error="AccessDenied")
    _event(lake, "role/ann", "GetObject", bucketName="other", key=key)
    _event(lake, "role/bob", "PutObject", bucketName="bronze", key=key)
    found = lake.ask("cloudtrail/who_read_bronze.sql", "bronze", "2026/06/30", "2026/06/30")
    assert found == [("role/ann", "stocks", "grouped_daily", "2026/06/30", 2, 1)]


def test_who_changed_what_in_the_account(lake: Lake) -> None:
    """All of management, and of objects those that no role of the platform wrote."""
    _event(lake, "role/ann", "PutBucketPolicy", "Management", bucketName="bronze")
    _event(lake, "role/prod-mwaa", "PutObject", bucketName="bronze", key="polygon/x")
    _event(lake, "role/ann", "DeleteObject", bucketName="bronze", key="polygon/x", error="AccessDenied")
    _event(lake, "role/ann", "GetObject", bucketName="bronze", key="polygon/x")
    found = lake.ask("cloudtrail/who_changed_what.sql", "2026/06/30", "2026/06/30", "role/prod-%")
    assert [(row[1], row[3], row[4], row[5], row[6]) for row in found] == [
        ("role/ann", "DeleteObject", "bronze", "polygon/x", "AccessDenied"),
        ("role/ann", "PutBucketPolicy", "bronze", "", ""),
    ]
