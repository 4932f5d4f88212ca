"""Changes of a database's tables by its log: bronze has what PostgreSQL did, whatever happens between."""

from __future__ import annotations

import datetime as dt
import threading
import tracemalloc
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from anthill.intervals import ending
from anthill.landing.commit import Committer
from anthill.landing.land_cut import land_cut
from anthill.sources.errors import PassingError
from anthill.sources.postgres import follower, slot
from anthill.sources.postgres.source import PostgresSource
from local.totesys.business import Business
from tests.plugins.anthill.landing.reader import NOON, QUICK, TABLES, TOTESYS, Reader

if TYPE_CHECKING:
    from local.totesys.server import Server


@pytest.fixture
def business(totesys: Server) -> Iterator[Business]:
    """The business with sixty events behind it, in tables of its own, of which the log tells."""
    totesys.reset()
    totesys.publish()
    business = Business(totesys.connect, seed=7)
    business.open()
    business.work(60)
    business.settle()
    yield business
    business.close()
    with totesys.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")


@pytest.fixture
def reader(totesys: Server, s3: Any, bucket: str, business: Business) -> Reader:
    """Somebody who follows the business from its first cut on."""
    reader = Reader(totesys, s3, bucket)
    reader.take(reader.look().cut)
    return reader


def test_the_first_cut_is_whole_and_the_others_are_what_changed(reader: Reader, business: Business) -> None:
    """Careless work for six cuts; after each the copy is the database, and nothing is read whole again."""
    first = reader.cuts.newest(NOON)
    assert first is not None
    assert (reader.forms(first), first.begun, first.why) == ({"copy"}, "", "")
    assert reader.differences() == {}
    for _ in range(6):
        business.work(30)
        business.edit()
        business.cancel()
        landed = reader.look()
        assert landed.written
        reader.take(landed.cut)
        assert reader.forms(landed.cut) == {"changes"}
        assert landed.cut.begun == first.label
        assert reader.differences() == {}
        assert landed.cut.position is not None
        assert reader.slot() == landed.cut.position.lsn


def test_what_nobody_changed_is_not_written(reader: Reader) -> None:
    """Looks write nothing and leave the slot where it is."""
    before, confirmed = reader.keys(), reader.slot()
    assert [reader.look().written for _ in range(5)] == [False] * 5
    assert (reader.keys(), reader.slot()) == (before, confirmed)


def test_what_others_write_does_not_fill_the_disk(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Log about tables that nobody follows is let go of by a cut of its own, which nobody has to load."""
    monkeypatch.setattr(follower, "_FAR", 1 << 20)
    first = reader.cuts.newest(NOON)
    reader.server.alter("CREATE TABLE other AS SELECT repeat('x', 1000) FROM generate_series(1, 3000)")
    before, confirmed = reader.keys(), reader.slot()
    landed = reader.look()
    assert (landed.written, landed.cut.tables) == (False, first and first.tables)
    assert set(reader.keys()) - set(before) == {f"postgres/totesys/_cuts/{landed.cut.label}.json"}
    assert slot.number(reader.slot()) > slot.number(confirmed) + (1 << 20)
    reader.server.alter("UPDATE staff SET last_name = 'Ng'")
    reader.take(reader.look().cut)
    assert reader.differences() == {}


@pytest.mark.parametrize(
    "step", [pytest.param(n, marks=[] if n in (0, 11, 12, 13) else pytest.mark.long) for n in range(14)]
)
def test_killed_at_any_step(reader: Reader, business: Business, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """At each object that is put, and around the slot's advance: the next try has all, and nothing twice."""
    for table in ("currency", "payment_type", "design", "department", "staff", "address", "counterparty"):
        reader.server.alter(f"UPDATE {table} SET last_updated = now()")
    business.sell()
    business.buy()
    put, puts, advance = reader.s3.put_object, iter(range(100)), slot.Slot.advance

    def killed(**asked: Any) -> Any:
        if next(puts) == step:
            raise KeyboardInterrupt
        return put(**asked)

    def not_advanced(*asked: Any) -> None:
        if step == 13:
            advance(*asked)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reader.s3, "put_object", killed)
        patched.setattr(slot.Slot, "advance", not_advanced)
        with pytest.raises(KeyboardInterrupt):
            reader.look(2)
    business.sell()
    reader.number = 1
    first, second = reader.look(), reader.look()
    for landed in (first, second):
        reader.take(landed.cut)
        assert landed.cut.begun == "20260601T120300Z"
    assert reader.differences() == {}
    assert second.written == (step >= 12)  # then the first is the cut of whoever was killed
    of_orders = [landed.cut.tables["sales_order"] for landed in (first, second)]
    commits = {table.commit.key: table for table in of_orders}
    sold = [line[2] for table in commits.values() for line in reader.lines(table) if line[0] == "i"]
    assert len(sold) == len(set(sold)) == 2
    assert second.cut.position
    assert reader.slot() == second.cut.position.lsn


def test_a_transaction_that_is_open_comes_with_the_cut_after_its_end(reader: Reader) -> None:
    """None of its rows before, all of them after, though others were committed later and read earlier."""
    with reader.server.connect() as late, late.cursor() as cursor:
        cursor.execute("INSERT INTO payment_type (payment_type_name, last_updated) VALUES ('LATE', now())")
        reader.server.alter("INSERT INTO payment_type (payment_type_name, last_updated) VALUES ('EARLY', now())")
        reader.take(reader.look().cut)
        assert reader.differences() == {}
        late.commit()
    reader.take(reader.look().cut)
    assert "LATE" in {row["payment_type_name"] for row in reader.copy["payment_type"].values()}
    assert reader.differences() == {}


HOSTILE = "a\tb\n\r\\\\.\x01\x08\x0b\x0c\x7f''\\U\\N👜\u2028\\"
LARGE = "(SELECT string_agg(md5(n::text || '{}'), '') FROM generate_series(1, 400) n)"


@pytest.mark.parametrize("identity", ["DEFAULT", "FULL"])
def test_values_come_as_they_are(reader: Reader, identity: str) -> None:
    """Any text, NULL, moments without end, and large values that an update does not send again."""
    alter = reader.server.alter
    alter(f"ALTER TABLE address REPLICA IDENTITY {identity}")
    reader.take(reader.look().cut)  # another identity: whole
    with reader.server.connect() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE address SET district = %s, last_updated = 'infinity', address_line_2 = NULL", (HOSTILE,))
    alter(f"UPDATE address SET city = {LARGE.format(1)} WHERE address_id < 4")
    alter("UPDATE address SET phone = '+1' WHERE address_id < 3")
    cut = reader.look().cut
    reader.take(cut)
    assert reader.differences() == {}
    alter("UPDATE address SET phone = '+2' WHERE address_id < 3")
    cut = reader.look().cut
    sent = {line[6] for line in reader.lines(cut.tables["address"])}
    assert (sent == {"\\U"}) == (identity == "DEFAULT")
    reader.take(cut)
    assert reader.differences() == {}
    landed = reader.look()
    assert not landed.written
    alter("TRUNCATE payment, transaction, sales_order, purchase_order; UPDATE counterparty SET legal_address_id = 4")
    alter("UPDATE address SET address_id = 7000 WHERE address_id = 1")  # its large value goes on under another key
    cut = reader.look().cut
    assert ("stored apart" in cut.why) == (identity == "DEFAULT")
    reader.take(cut)
    assert reader.differences() == {}


@pytest.fixture
def free(reader: Reader) -> Reader:
    """Tables that nothing hangs on."""
    reader.server.alter("TRUNCATE payment, transaction, sales_order")
    return reader


def test_a_table_that_is_emptied_is_empty(free: Reader, business: Business) -> None:
    """What came before goes, within the same transaction too, and what comes after stays."""
    business.sell()
    free.server.alter(
        "INSERT INTO payment_type (payment_type_name, last_updated) VALUES ('GONE', now()); "
        "TRUNCATE payment_type CASCADE; "
        "INSERT INTO payment_type (payment_type_name, last_updated) VALUES ('THERE', now())"
    )
    free.take(free.look().cut)
    assert free.differences() == {}
    assert {row["payment_type_name"] for row in free.copy["payment_type"].values()} == {"THERE"}
    assert not free.copy["payment"]


def test_a_slot_begins_when_those_before_it_have_ended(
    totesys: Server, s3: Any, bucket: str, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction that stays open is named as the cause, and nobody is locked out for long."""
    monkeypatch.setattr(slot, "_OPEN_AT_MOST", "300ms")
    business.later()
    reader = Reader(totesys, s3, bucket)
    with pytest.raises(PassingError, match="a transaction that was open before the slot"):
        reader.look()
    assert reader.keys() == []
    assert reader.slot() is None
    business.settle()
    reader.take(reader.look().cut)
    assert reader.differences() == {}


def test_work_goes_on_while_a_slot_begins(totesys: Server, s3: Any, bucket: str, business: Business) -> None:
    """What is committed around its beginning is in the whole tables or in the changes, and in one of them."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            with totesys.connect() as connection, connection.cursor() as cursor:
                business.sell(NOON.replace(tzinfo=None), cursor)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        reader = Reader(totesys, s3, bucket)
        reader.take(reader.look().cut)
        sold = set(reader.copy["sales_order"])
    finally:
        over.set()
        worker.join()
    cut = reader.look().cut
    came = {line[2] for line in reader.lines(cut.tables["sales_order"])}
    assert came
    assert not came & sold
    reader.take(cut)
    assert reader.differences() == {}


def test_much_log_is_warned_of(
    reader: Reader, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look says how much the database keeps, once it is much."""
    reader.look()
    assert "keeps" not in caplog.text
    monkeypatch.setattr(slot, "_MUCH", 1 << 10)
    reader.server.alter("UPDATE staff SET last_name = 'Ng'")
    reader.look()
    assert "MiB of its log for the slot anthill_totesys" in caplog.text


def test_a_large_transaction_takes_little_memory(reader: Reader) -> None:
    """Twenty megabytes of changes pass through; the rows are on the disk and never all here."""
    reader.server.alter(
        "INSERT INTO design (design_name, file_location, file_name, last_updated) "
        "SELECT repeat('x', 900), '/', n::text, now() FROM generate_series(1, 20000) n"
    )
    source = reader.source()
    before = reader.cuts.newest(NOON)
    assert before is not None
    tracemalloc.start()
    try:
        position = source.follow(before.position)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        source.close()
    assert position != before.position
    assert most < 12 << 20  # of 20, and all that the process has to load for it


def test_from_whole_tables_to_changes_and_back(reader: Reader, business: Business) -> None:
    """Another mode goes on where the one before has ended; what has not changed is not written again."""
    committer = Committer(reader.s3, reader.bucket, "run", QUICK)
    business.move()
    whole = PostgresSource(reader.server.connect, TABLES, "totesys_default", "postgres://t")
    interval = ending("PT3M", NOON + dt.timedelta(minutes=6))
    cut = land_cut(whole, lambda _: committer, reader.cuts, TOTESYS.datasets, interval, "run").cut
    assert (cut.position, cut.first, reader.forms(cut)) == (None, cut.label, {"copy"})
    assert [name for name, each in cut.tables.items() if cut.label in each.commit.key] == ["department"]
    reader.number = 2
    business.move()
    again = reader.look().cut
    assert (again.why, again.first, reader.forms(again)) == ("", again.label, {"copy"})
    reader.take(again)
    business.move()
    reader.take(reader.look().cut)
    assert reader.differences() == {}


def test_who_loads_late_gets_all_that_it_needs(reader: Reader, business: Business) -> None:
    """The list of cuts goes back to the one with whole tables, though that was weeks ago."""
    business.move()
    cut = reader.look(20 * 24 * 20).cut
    assert [uri[-21:-5] for uri in reader.cuts.until(cut.label)] == ["20260601T120300Z", cut.label]
