"""ToteSys read whole and by what changes, beside each other: silver of both is the same, row for row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from anthill.lakehouse import load
from anthill.lakehouse.load import SilverError
from anthill.lakehouse.versions import _Cut, _in_a_row
from anthill.sources.postgres.follower import Follower
from local.totesys.business import Business
from tests import by_name
from tests.plugins.anthill.lakehouse.database import TOTESYS, Reading
from tests.plugins.anthill.lakehouse.lake import Lake

if TYPE_CHECKING:
    from local.totesys.server import Server

_OF_BRONZE = ("revision", "asof", "source_uri", "loaded_at", "sha256", "revisions", "logic")
_LARGE = "(SELECT string_agg(md5(n::text || '{}'), '') FROM generate_series(1, 400) n)"  # 12,800 letters, stored apart


_TWO = ("address", "sales_order")
_SEVEN = (*_TWO, "currency", "design", "payment_type", "purchase_order", "payment")


@pytest.fixture(params=by_name.long_but(_TWO, (_TWO, _SEVEN)), ids=len)
def both(
    request: pytest.FixtureRequest,
    totesys: Server,
    s3: Any,
    bucket: str,
    sail: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[tuple[Reading, Reading]]:
    """Some of the tables read in two ways, in a lake each."""
    some = {name: TOTESYS.datasets[name] for name in request.param}
    declared = msgspec.structs.replace(TOTESYS, datasets=some)
    monkeypatch.setattr("anthill.catalog.load", lambda _: declared)
    totesys.reset()
    totesys.publish()
    readings = []
    for name, kind in (("whole", None), ("changes", Follower)):
        of_its_own = f"{bucket}-{name}"
        s3.create_bucket(Bucket=of_its_own)
        lake = Lake(sail, tmp_path / name, asset_class="totesys")
        readings.append(Reading(totesys, s3, of_its_own, lake, *([kind] if kind else [])))
    yield readings[0], readings[1]
    for reading in readings:
        reading.lake.close()
    with totesys.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")


def _rows(reading: Reading, table: str) -> list[tuple[Any, ...]]:
    """A table's rows without what is bronze's, moments as the number of the cut."""
    numbers = {moment: number for number, moment in enumerate(reading.moments)}
    frame = reading.lake.table(table)
    names = [name for name in frame.columns if name not in _OF_BRONZE]
    rows = (
        tuple(numbers.get(v, v) if isinstance(v, dt.datetime) else v for v in row) for row in frame.select(names).rows()
    )
    return sorted(rows, key=repr)


def _same(whole: Reading, changes: Reading) -> None:
    for name in changes.landed.tables:
        assert _rows(changes, f"silver.totesys_{name}") == _rows(whole, f"silver.totesys_{name}"), name
    assert _rows(changes, "quality.quarantine") == _rows(whole, "quality.quarantine")


def test_both_ways_give_the_same_silver(
    both: tuple[Reading, Reading], totesys: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Careless work, keys that move, tables emptied, large values that are not sent again, rows set aside."""
    whole, changes = both
    business = Business(totesys.connect, seed=11)
    business.open(designs=3, counterparties=3, staff=3)
    business.work(40)
    business.settle()
    odd = business.sell()
    rounds = [
        [],
        [
            f"UPDATE address SET address_line_2 = {_LARGE.format(1)} WHERE address_id IN (1, 2)",
            "UPDATE address SET phone = '+44 1' WHERE address_id = 1",
            f"UPDATE sales_order SET agreed_payment_date = '2022-16-01' WHERE sales_order_id = {odd}",
            "UPDATE design SET file_name = E'a\\tb\\\\N\\n\\\\.\\r\\x01''\\\\U\\u00e9\\\\' WHERE design_id = 1",
        ],
        [
            "UPDATE address SET phone = '+44 2' WHERE address_id = 2",  # a large value that silver alone has
            "TRUNCATE payment",
            "UPDATE purchase_order SET purchase_order_id = purchase_order_id + 100000",
            "UPDATE currency SET currency_code = 'EUR' WHERE currency_id = 3",  # as it was
        ],
        ["UPDATE address SET city = 'Leeds' WHERE address_id = 1"],
    ]
    for number, statements in enumerate(rounds):
        business.work(20)
        business.settle()
        for statement in statements:
            if "purchase_order_id +" in statement:
                totesys.alter("DELETE FROM transaction WHERE purchase_order_id IS NOT NULL")
            totesys.alter(statement)
        if number:
            business.later()  # open while the cut is made
        for reading in both:
            assert reading.cut(day=number // 2)
            if number % 2:  # each load has two cuts
                reading.load()
        if number % 2:
            _same(whole, changes)
    business.close()
    keys = {name: table.commit.key for name, table in changes.landed.tables.items()}
    assert keys["sales_order"].endswith(".changes.gz")
    assert keys.get("payment_type", "as it was.copy.gz").endswith(".copy.gz")
    assert {each["loaded"] for each in changes.load()["datasets"].values()} == {0}
    rules = load.rules
    monkeypatch.setattr(
        load, "rules", lambda dataset: [*rules(dataset), *(["other"] if dataset.name == "address" else [])]
    )
    totesys.alter("UPDATE address SET city = 'Oslo' WHERE address_id = 1")
    totesys.alter(f"UPDATE sales_order SET agreed_payment_date = '2022-11-01' WHERE sales_order_id = {odd}")
    changes.cut(day=1)
    before = _rows(changes, "silver.totesys_address")
    assert [row[2] for row in _rows(changes, "quality.quarantine")] == [dt.date(2026, 6, 1), dt.date(2026, 6, 2)]
    with pytest.raises(SilverError, match=r"address of .*: its SQL or declaration is another than what typed the rows"):
        changes.load()
    assert _rows(changes, "silver.totesys_address") == before
    assert [row[2] for row in _rows(changes, "quality.quarantine")] == [dt.date(2026, 6, 1)]
    totesys.alter("SELECT pg_drop_replication_slot('anthill_totesys')")
    changes.cut(day=1)
    changes.load()
    assert "Oslo" in {row[4] for row in _rows(changes, "silver.totesys_address")}


def test_changes_are_read_on_what_they_follow() -> None:
    """A cut that silver lacks, and that no whole one stands for, is no cut to go on from."""
    cuts = {
        label: _Cut(label=label, tables={}, begun=begun, after=after)
        for label, begun, after in (("1", "", ""), ("2", "1", "1"), ("3", "1", "2"), ("4", "", "3"), ("5", "4", "4"))
    }

    def read(labels: str, known: str) -> str:
        return "".join(label for label, _ in _in_a_row([(each, cuts[each]) for each in labels], known))

    assert read("12345", "") == "12345"
    assert read("345", "2") == "345"
    assert read("345", "1") == "45"
    assert read("3", "1") == ""
    assert read("3", "3") == "3"  # the newest, looked at again
