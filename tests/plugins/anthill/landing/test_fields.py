"""A field that the source adds is told of once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from anthill.landing import fields
from anthill.ledger.documents import Documents
from anthill.sources.polygon.declaration import PolygonDataset

DAY = dt.date(2026, 7, 2)
BARS = PolygonDataset(
    "bars", ("T",), {"T": "ticker"}, path="/v2/{market_date}", asset_class="stocks", source="polygon", name="bars"
)


def test_the_fields_of_rows_are_those_of_the_first_ones() -> None:
    """What is no object has no fields, and fails nothing."""
    rows = [b'{"T": "A", "c": 1}', b"17", b'{"T": "B", "n": {"x": 1}}', *[b'{"T": "C"}'] * 60, b'{"late": 1}']
    assert fields.of_rows([msgspec.Raw(row) for row in rows]) == {"T", "c", "n"}


def test_a_row_that_cannot_be_read_has_no_fields() -> None:
    """Its neighbours have theirs."""
    rows = [b'{"T": "A"}', b'{"\xff": 1}', b'{"T": "\\ud800"}', b'{"x":' * 9000 + b"1" + b"}" * 9000, b'{"c": 1e400}']
    assert fields.of_rows([msgspec.Raw(row) for row in rows]) == {"T", "c"}


def test_a_new_field_is_news_once(s3: Any, bucket: str) -> None:
    """The first landing of all has none; a field that is away for a day is no news when it comes back."""
    documents = Documents(s3, bucket)
    told = [fields.unseen(documents, BARS, str(DAY), names) for names in ("Tc", "Tc", "T", "Tco", "Tco")]
    assert told == [[], [], [], ["o"], []]


def test_the_fiftieth_row_is_the_last_that_is_looked_at() -> None:
    """Reading all of them would cost more than landing them."""
    rows = [msgspec.Raw(b'{"T": 1}')] * 49 + [msgspec.Raw(b'{"fiftieth": 1}')] + [msgspec.Raw(b'{"late": 1}')]
    assert fields.of_rows(rows) == {"T", "fiftieth"}
    assert fields.of_rows([msgspec.Raw(b"[1]"), msgspec.Raw(b"null"), msgspec.Raw(b'{"a":')]) == set()


def test_the_day_of_a_field_is_its_first_telling(s3: Any, bucket: str) -> None:
    """In the order of names, a document a dataset; a later telling moves nothing."""
    documents = Documents(s3, bucket)
    fields.unseen(documents, BARS, str(DAY), ["b", "a"])
    assert fields.unseen(documents, BARS, str(DAY + dt.timedelta(days=1)), ["c", "a", "B"]) == ["B", "c"]
    kept = documents.read("polygon/stocks/_coverage/fields/bars.json.gz", fields.Seen)[0].fields
    first, later = str(DAY), str(DAY + dt.timedelta(days=1))
    assert list(kept.items()) == [("B", later), ("a", first), ("b", first), ("c", later)]


def test_of_two_first_landings_at_once_the_first_day_stays(s3: Any, bucket: str) -> None:
    """What another task told meanwhile is not told over."""
    documents = Documents(s3, bucket)
    real = documents.read

    def read(key: str, kind: Any) -> Any:
        found = real(key, kind)
        documents.read = real  # type: ignore[method-assign]
        fields.unseen(documents, BARS, str(DAY - dt.timedelta(days=9)), ["a"])
        return found

    documents.read = read  # type: ignore[method-assign]
    assert fields.unseen(documents, BARS, str(DAY), ["a", "b"]) == []
    kept = real("polygon/stocks/_coverage/fields/bars.json.gz", fields.Seen)[0].fields
    assert kept == {"a": str(DAY - dt.timedelta(days=9)), "b": str(DAY)}
