"""Where a person's own tables lie: what a statement names in silver, quality and gold is in the sandbox."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from anthill.lakehouse import sandbox

SPARK = cast("Any", SimpleNamespace(createDataFrame=None))


@pytest.mark.parametrize(
    ("given", "placed"),
    [
        ("SELECT * FROM dev.gold.stocks_news", "SELECT * FROM dev.sandbox.anna_gold_stocks_news"),
        ("dev.silver.a JOIN dev.Quality.loads", "dev.sandbox.anna_silver_a JOIN dev.sandbox.anna_quality_loads"),
        ("schema dev.silver: nothing", "schema dev.sandbox.anna_silver: nothing"),
        ("prod.gold.stocks_news, dev.golden.a, xdev.gold.a", "prod.gold.stocks_news, dev.golden.a, xdev.gold.a"),
    ],
)
def test_every_table_has_the_prefix(given: str, placed: str) -> None:
    """Of this catalog and these schemas; a prefix in capitals is one in small letters, as Unity Catalog has it."""
    session = cast("Any", sandbox.session(SPARK, "dev", "Anna"))
    assert session.named(given) == placed


def test_without_a_prefix_it_is_spark_itself() -> None:
    """The environment's jobs write silver, quality and gold."""
    assert sandbox.session(SPARK, "dev", "") is SPARK
