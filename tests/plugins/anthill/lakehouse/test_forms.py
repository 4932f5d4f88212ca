"""How a value is written decides whether it is one, whatever an engine would read into it."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from anthill.lakehouse import forms
from tests.plugins.anthill.lakehouse.lake import Lake

# JSON's own numbers and words, and ISO 8601; then what Spark's casts take besides, by its reference.
VALUES = {
    "double": ["0", "-1", "1.5", "1e-7", "1.2E+10", "12345678901234567890.5"],
    "bigint": ["12", "12.0", "1.2e+01"],
    "decimal(10,2)": ["0.00", "-1.50", "+3", "12345678.90"],
    "date": ["2026-07-01", "1970-01-01"],
    "timestamp": ["2026-07-01T13:30:00Z", "2026-07-01T13:30:00.123456-04:00", "1751376600000", "1.7513766E12"],
    "boolean": ["true", "false"],
    "string": ["", "any", "1.5d"],
}
NONE = {
    "double": ["1.5d", "1.5f", "1.5D", "0x1p3", " 1.5", "NaN", "Infinity", "1,5"],
    "int": ["3d", "0x10", "1_000", "3L"],
    "decimal(10,2)": ["1e7", "1.5d", " 1.50", "NaN", "1,50"],
    "date": [" 2026-07-01", "2026-7-1", "today", "epoch", "2026-07-01T00:00:00Z", "20260701", "2026"],
    "timestamp": ["now", "today", " 2026-07-01T00:00:00Z", "2026-07-01 13:30:00", "epoch"],
    "boolean": ["on", "off", "t", "yes", "1", "True", " true"],
}


@pytest.fixture
def spark(lake: Lake) -> SparkSession:
    """A Spark session."""
    return lake.spark


@pytest.mark.parametrize(("kind", "wrong"), [*((kind, False) for kind in VALUES), *((kind, True) for kind in NONE)])
def test_a_form_parts_values_from_what_is_none(spark: SparkSession, kind: str, wrong: bool) -> None:
    """Any text is a STRING; NULL is no fault of form."""
    texts = (NONE if wrong else VALUES)[kind]
    spark.createDataFrame([(text,) for text in [*texts, None]], "given STRING").createOrReplaceTempView("texts")
    condition = f"given {form}" if (form := forms.no_form(kind)) else "false"
    told = spark.sql(
        f"SELECT given, coalesce({condition}, false) AS wrong FROM texts WHERE given IS NOT NULL"
    ).collect()
    assert {row["given"]: row["wrong"] for row in told} == dict.fromkeys(texts, wrong)
