"""Each query of a widget runs over the tables as they are declared, and gives the columns that its head names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from anthill import catalog
from anthill.dashboards import dashboard, genie
from anthill.dashboards.widget import Widget
from anthill.governance import entries
from anthill.include import include_dir, tables_of_jobs
from anthill.lakehouse import statements
from docs.site import samples
from tests.audit.test_audit import TABLES
from tests.plugins.anthill.lakehouse.lake import sail

NAMES = {"first_name", "last_name"}  # of people, wherever they stand beside what is masked
WIDGETS = {f"{each.file.parent.name}/{each.name}": each for board in dashboard.every() for each in board.widgets}
SAMPLES = samples.read()
MASKED = {
    each.name.partition(".")[2]: {*each.access.masks, *NAMES} for each in entries.load("dev") if each.access.masks
}
# As Spark writes the types that tests/audit has from the vendor's documentation.
BILLING = {
    "system.billing.usage": {
        "usage_date": "date", "usage_quantity": "decimal(38,18)", "sku_name": "string", "cloud": "string",
        "usage_unit": "string", "usage_end_time": "timestamp", "usage_metadata": "struct<job_name:string>",
    },
    "system.billing.list_prices": {
        "sku_name": "string", "cloud": "string", "usage_unit": "string", "currency_code": "string",
        "price_start_time": "timestamp", "price_end_time": "timestamp",
        "pricing": "struct<effective_list:struct<default:decimal(38,18)>>",
    },
}  # fmt: skip


def declared(table: str) -> dict[str, str]:
    """The columns of a table with their types, as the SQL, the samples of views, or the vendor says."""
    layer, name = table.split(".", 1)
    if layer == "quality":
        return {column.name: column.type for column in statements.columns("quality", name)}
    if layer == "gold" and name not in SAMPLES:  # over all asset classes, or without a row in the small market
        whole = statements.path("gold", name).exists()
        names = (name,) if whole else name.split("_", 1)
        return {column.name: column.type for column in statements.columns("gold", *names)}
    return SAMPLES[name].types if layer == "gold" else BILLING[table]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Sail with an empty table for each that a widget reads; `system` is a name that it keeps to itself."""
    from pyspark.sql import SparkSession

    with sail() as remote:
        session = SparkSession.builder.remote(remote).create()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        for schema in ("dev.gold", "dev.quality", "dev.billing"):
            session.sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        session.sql("USE CATALOG dev")
        for table in sorted({table for each in WIDGETS.values() for table in each.tables}):
            columns = ", ".join(f"CAST(NULL AS {kind}) AS `{name}`" for name, kind in declared(table).items())
            session.sql(f"CREATE VIEW {table.removeprefix('system.')} AS SELECT {columns} WHERE false")
        yield session
        session.stop()


def test_what_is_billed_has_the_documented_columns() -> None:
    """The columns here are some of those that the vendor documents."""
    for table, columns in BILLING.items():
        assert set(columns) <= set(re.findall(r"(\w+) [A-Z]", re.sub(r"\(.*?\)", "", TABLES[table])))


@pytest.mark.parametrize("name", WIDGETS)
def test_a_query_gives_what_its_head_names(spark: Any, name: str) -> None:
    """These columns and no others; a number where there is a unit, and words, days or moments where there is none."""
    widget: Widget = WIDGETS[name]
    answer: pa.Table = spark.sql(widget.ordered(widget.sql).replace("system.", "")).toArrow()
    assert sorted(answer.column_names) == sorted(widget.columns)
    for field in widget.fields:
        kind = answer.schema.field(field.name).type
        number = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)
        assert number == bool(field.unit), f"{field.name} is {kind}, its unit {field.unit!r}"


@pytest.mark.parametrize("name", WIDGETS)
def test_what_is_masked_is_not_asked_for(name: str) -> None:
    """A machine at home knows no readers, and its report is a file that goes anywhere."""
    for table in WIDGETS[name].tables:
        for column in MASKED.get(table, ()):
            assert not re.search(rf"\b{column}\b", WIDGETS[name].sql), f"{table}.{column}"


def test_there_are_masks_to_look_for() -> None:
    """Else the test above would prove nothing."""
    assert MASKED["gold.totesys_dim_staff"] >= {"email_address"}


@pytest.mark.parametrize("name", WIDGETS)
def test_a_branch_can_be_left_out(name: str) -> None:
    """Where a widget asks several tables alike, each part is whole: the report leaves out what is not there."""
    widget = WIDGETS[name]
    parts = widget.sql.split("\nUNION ALL\n")
    assert len(parts) == 1 or all(part.startswith("SELECT") for part in parts)
    assert len(parts) == 1 or "ORDER BY market_date DESC" not in parts[-1].splitlines()[-1]


@pytest.mark.parametrize("space", genie.every().values(), ids=lambda space: space.title)
def test_a_genie_space_reads_tables_of_gold(space: genie.Genie) -> None:
    """All of them are there, and analysts may read them."""
    beside = {f"{name}_{table}" for name in catalog.asset_classes() for table in catalog.load(name).gold}
    assert set(space.tables) <= {f"gold.{name}" for name in (*SAMPLES, *tables_of_jobs(), *beside)}


def test_no_dashboard_reads_what_its_readers_may_not() -> None:
    """Rows as the source gave them, and bills, are for engineers alone: their dashboard has no other readers."""
    for board in dashboard.every():
        private = [table for table in board.tables if table.startswith("system.") or table == "quality.quarantine"]
        assert not (private and board.about.readers), board.name


def test_the_folder_lies_beside_the_declarations() -> None:
    """Where the wheel and the package for MWAA have it, too."""
    assert dashboard.folder() == include_dir() / "dashboards"
