"""The SQL of expectations: one pass over silver whatever is expected, and messages that hold any text."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from anthill import catalog
from anthill.dataset import Dataset
from anthill.expectation import Expectation
from anthill.lakehouse import checks
from anthill.lakehouse.statements import StatementError
from tests.plugins.anthill.lakehouse.lake import Lake, bar

DATASETS = [dataset for name in catalog.asset_classes() for dataset in catalog.load(name).datasets.values()]
DAY = dt.date(2024, 1, 5)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.table)
def test_rows_are_read_once(dataset: Dataset) -> None:
    """However many expectations there are; only takings and queries of the dataset's own read them again."""
    own = [name for name, each in dataset.expectations.items() if each.kind in ("found", "alike")]
    rest = {name: each for name, each in dataset.expectations.items() if name not in own}
    select = checks.select(msgspec.structs.replace(dataset, expectations=rest))
    assert select.count(f"{{silver}}.{dataset.table} ") == 1
    assert len(rest) > 1


def test_what_is_expected_has_a_digest() -> None:
    """Another limit is another judge; the same declaration read again is the same."""
    dataset = catalog.load("stocks").datasets["exchanges"]
    row_count = msgspec.structs.replace(dataset.expectations["row_count"], at_least=0.8)
    other = msgspec.structs.replace(dataset, expectations={**dataset.expectations, "row_count": row_count})
    assert checks.digest(dataset) == checks.digest(catalog.load("stocks").datasets["exchanges"])
    assert checks.digest(dataset) != checks.digest(other)


def test_a_query_must_find_what_is_declared() -> None:
    """A declared finding that its file does not name would pass for ever; a file that is not there is named."""
    found = Expectation(kind="found", says="x")
    dataset = catalog.load("stocks").datasets["splits"]
    with pytest.raises(StatementError, match=r"stocks/splits\.sql: it finds nothing of other, which the declaration"):
        checks.select(msgspec.structs.replace(dataset, expectations={"other": found}))
    with pytest.raises(StatementError, match=r"stocks/exchanges\.sql: no such file"):
        checks.select(msgspec.structs.replace(dataset, name="exchanges", expectations={"other": found}))


def test_a_message_may_hold_any_text(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Quotes, backslashes and signs of the percent, before and after the number."""
    says = r"it's {n} of 'these' \ 5 %"
    whole = catalog.load("stocks")
    odd = Expectation(where="high > 0", says=says)
    bars = msgspec.structs.replace(whole.datasets["grouped_daily"], expectations={"odd": odd})
    monkeypatch.setattr(catalog, "load", lambda _: msgspec.structs.replace(whole, datasets={"grouped_daily": bars}))
    lake.put("grouped_daily", DAY, [bar("AAA", 10.0), bar("BBB", 10.0)])
    lake.silver(DAY)
    lake.quality(DAY)
    said = lake.table("quality.results").filter(expectation="odd").select("observed", "passed", "message").rows()
    assert said == [(2.0, False, says.replace("{n}", "2"))]
