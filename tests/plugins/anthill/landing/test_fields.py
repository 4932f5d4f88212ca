"""A field that the source adds is told of once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from anthill.coverage.documents import Documents
from anthill.dataset import Dataset
from anthill.landing import fields

DAY = dt.date(2026, 7, 2)
BARS = Dataset("bars", "/v2/{market_date}", ("T",), {"T": "ticker"}, asset_class="stocks", name="bars")


def test_the_fields_of_rows_are_those_of_the_first_ones() -> None:
    """What is no object has no fields, and fails nothing."""
    rows = [b'{"T": "A", "c": 1}', b"17", b'{"T": "B", "n": {"x": 1}}', *[b'{"T": "C"}'] * 60, b'{"late": 1}']
    assert fields.of_rows([msgspec.Raw(row) for row in rows]) == {"T", "c", "n"}


def test_a_new_field_is_news_once(s3: Any, bucket: str) -> None:
    """The first landing of all has none; a field that is away for a day is no news when it comes back."""
    documents = Documents(s3, bucket)
    told = [fields.unseen(documents, BARS, DAY, names) for names in ("Tc", "Tc", "T", "Tco", "Tco")]
    assert told == [[], [], [], ["o"], []]
