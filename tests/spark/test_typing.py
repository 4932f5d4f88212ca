"""What a column's SQL makes of a text is the same on Apache Spark as on Sail, for every dataset."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from polars.testing import assert_series_equal

from anthill import catalog
from anthill.dataset import Dataset
from anthill.lakehouse import forms, garbage, statements
from tests.spark.twins import Twins

TEXTS = (
    "0", "-0", "1", "-1", "+1", "01", "1.0", "1.50", ".5", "5.", "1e7", "1E7", "1.2e+01", "1e-7", "1e", "-", "e",
    "1.2.3", "12345678901234567890.5", "0.1000000000000000055511151231257827", "9007199254740993",
    "9223372036854775807", "9223372036854775808", "1e19", "1e308", "1e309", "-1e309", "1751376600000", "1751376600",
    "1751376600000000000", "4102444800000", "4102444800001", "253402300800000", "2026-07-01", "2026-02-29",
    "2026-13-01", "0001-01-01", "9999-12-31", "2026-07-01T13:30:00Z", "2026-07-01T13:30:00.123456Z",
    "2026-07-01T13:30:00-04:00", "2026-07-01T24:00:00Z", "2026-07-01T", "true", "false", "", "USD", "C:EURUSD",
    "X:BTCUSD", "O:SPY260821C00500000", "O:S", "O:SPY1260821C00500000", "{", "[]", '["a"]', '{"name":"a"}',
    "\N{LATIN SMALL LETTER E WITH ACUTE}", "null",
)  # fmt: skip
"""What JSON and ISO 8601 write, at the edges of what types hold, and much that they do not."""
DATASETS = [dataset for name in sorted(catalog.asset_classes()) for dataset in catalog.load(name).datasets.values()]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: f"{dataset.asset_class}.{dataset.name}")
def test_every_text_is_typed_the_same(twins: Twins, dataset: Dataset) -> None:
    """In each column whose type it is written as: what it is not, no engine is asked for."""
    one, other = (_typed(lake.spark, dataset) for lake in (twins.sail, twins.spark))
    texts = pl.Series(TEXTS)
    for column in statements.columns("silver", dataset.asset_class, dataset.name):
        if column.name in dataset.columns and not column.type.startswith("array"):
            asked = texts.is_in(_written(twins.sail.spark, column.type))
            limit = garbage.most(column)
            told = [_within(frame.filter(asked)[column.name], limit) for frame in (one, other)]
            assert_series_equal(*told, rel_tol=1e-15, abs_tol=0.0)


def _typed(spark: Any, dataset: Dataset) -> pl.DataFrame:
    """The rows of a dataset whose every field is the same text, in the order of the texts."""
    names = list(dataset.columns)
    columns = ", ".join(f"text AS `{name}`" for name in names)
    lineage = (
        "DATE'2026-07-01' AS market_date, '' AS shard, 1 AS revision, "
        "TIMESTAMP'2026-07-02 00:00:00' AS asof, 'file' AS source_uri"
    )
    spark.createDataFrame(list(enumerate(TEXTS)), "place INT, text STRING").createOrReplaceTempView("texts")
    rows = spark.sql(f"SELECT {columns}, {lineage}, struct(place, text) AS given FROM texts")
    rows.createOrReplaceTempView("bronze")
    (_, select) = statements.read(statements.path("silver", dataset.asset_class, dataset.name), "none")
    frame = pl.from_arrow(spark.sql(f"SELECT *, given.place AS place FROM ({select})").drop("given").toArrow())
    assert isinstance(frame, pl.DataFrame)
    return frame.sort("place")


def _within(values: pl.Series, limit: float | None) -> pl.Series:
    """Values as they are, but for what is garbage whatever it is: a row with such is not loaded."""
    if limit is None:
        return values
    return values.to_frame("value").select(pl.when(pl.col("value").abs() <= limit).then("value"))["value"]


def _written(spark: Any, kind: str) -> list[str]:
    """The texts that are written as values of a type."""
    form = forms.no_form(kind)
    rows = spark.sql(
        f"SELECT text AS given FROM texts WHERE NOT (text {form})" if form else "SELECT text AS given FROM texts"
    )
    return [row["given"] for row in rows.collect()]
