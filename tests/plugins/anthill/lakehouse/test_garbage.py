"""What no value can be is known of every column of its kind, in all asset classes."""

from __future__ import annotations

import re

import pytest

from anthill import catalog
from anthill.lakehouse import garbage
from anthill.lakehouse.typed_rows import columns_of

DATASETS = [each for name in catalog.asset_classes() for each in catalog.load(name).datasets.values()]
PRICES = re.compile(r"(.*_)?(open|high|low|close|vwap|bid|ask|price|value|strike)|cash_amount")
AMOUNTS = re.compile(r"(.*_)?volume|open_interest|short_interest")
# The dearest share and premium, a bitcoin in rial (of forex: gold), an index after years of inflation.
REAL = {"stocks": 1e6, "options": 1e5, "forex": 1e10, "crypto": 1e10, "indices": 1e9}


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.table)
def test_a_price_and_an_amount_have_a_limit_far_from_what_is_real(dataset: catalog.Dataset) -> None:
    """Every price is limited, a hundred times above real ones and below what a garbled answer had: 8.9e12."""
    columns = [column for column in columns_of(dataset) if column.type in ("double", "bigint")]
    for column in columns:
        limit = garbage.most(column)
        if PRICES.fullmatch(column.name) and column.name != "enterprise_value":
            assert limit, column
            assert 100 * REAL[dataset.asset_class] <= limit < 8.9e12, column
        if AMOUNTS.fullmatch(column.name) and not column.comment.startswith("'Quotes counted"):
            assert limit, column


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.table)
def test_a_symbol_and_a_key_are_text_and_headlines_are_free(dataset: catalog.Dataset) -> None:
    """Control characters make no symbol; a news headline, a name and a description may hold what they like."""
    for column in columns_of(dataset):
        looked_at = bool(garbage.no_symbol(column, in_key=column.name in dataset.key))
        if column.type == "string" and column.name in (*dataset.key, "ticker", "underlying"):
            assert looked_at, column
        if column.name in ("title", "description", "asof") or (column.name == "name" and "name" not in dataset.key):
            assert not looked_at, column
