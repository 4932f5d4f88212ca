"""What is wrong about a table that people drop is told by its key."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from anthill.sources.drop.declaration import DropDataset

STOCK = DropDataset(
    description="d",
    key=("sku",),
    fields={"sku": "sku"},
    headers={"now": ("sku", "count")},
    asset_class="depot",
    name="stock",
    source="drop",
)
DAY = dt.date(2026, 6, 16)


def test_what_fits_has_no_problem() -> None:
    """Its files lie in a folder of its own, and it comes by itself."""
    assert list(STOCK.problems({}, {})) == []
    assert STOCK.endpoint == "input/depot/stock/"
    assert STOCK.origin(DAY, "june.csv", as_file=True) == "input/depot/stock/june.csv"
    assert STOCK.first_call(DAY) == "input/depot/stock/"
    assert dict(STOCK.asked()) == {"dropped": "under `input/depot/stock/`", "form": "CSV, `,`, UTF-8"}
    assert (STOCK.comes_by_itself, STOCK.present_only, dict(STOCK.file_fields)) == (True, True, {"sku": "sku"})


@pytest.mark.parametrize(
    ("change", "key", "said"),
    [
        ({"personal": True}, ".personal", "from which no erasure takes anything"),
        ({"every": dt.timedelta(minutes=5)}, ".every", "a file is taken when it is there"),
        ({"present_only": False}, ".present_only", "nobody can be asked for a file"),
        ({"delimiter": ";;"}, ".delimiter", "one character between two values"),
        ({"encoding": "UTF-16"}, ".encoding", "lines end with one byte"),
        ({"headers": {"now": ("sku", "sku")}}, ".headers.now", "each of its columns once"),
        ({"fields": {"price": "price"}}, ".fields", "price, which no header has"),
    ],
)
def test_a_problem_has_its_key(change: dict[str, Any], key: str, said: str) -> None:
    """And says what may stand there, or why nothing may."""
    ((found, why),) = msgspec.structs.replace(STOCK, **change).problems({}, {})
    assert found == key
    assert said in why
