"""A cut is all tables of a database at one moment: landed whole or not at all, and only what changed."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from anthill import catalog
from anthill.bronze.cuts import Cut, Cuts, Table
from anthill.bronze.storage import NoRoomError, Patience, StorageError
from anthill.intervals import Interval, ending
from anthill.landing.commit import Committer
from anthill.landing.land_cut import CutLanded, LaterCutError, land_cut
from anthill.sources.errors import FatalError, NotReadyError, PassingError
from anthill.sources.postgres import snapshot
from anthill.sources.postgres.source import PostgresSource
from local.totesys.business import Business

if TYPE_CHECKING:
    from local.totesys.server import Server

TOTESYS = catalog.load("totesys")
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
QUICK = Patience(tries=3, first=0.01)


@pytest.fixture
def business(totesys: Server) -> Iterator[Business]:
    """The business with sixty events behind it, in tables of its own."""
    totesys.reset()
    business = Business(totesys.connect, seed=7)
    business.open()
    business.work(60)
    business.settle()  # whose open transaction a change of a table would wait for
    yield business
    business.close()


class Look:
    """Looks at the database every three minutes."""

    def __init__(self, totesys: Server, s3: Any, bucket: str) -> None:
        self.totesys, self.s3, self.bucket = totesys, s3, bucket
        self.cuts = Cuts(s3, bucket, TOTESYS, QUICK)
        self.number = 0

    def __call__(self, number: int | None = None, **options: Any) -> CutLanded:
        """The next look, or a numbered one."""
        self.number = self.number + 1 if number is None else number
        interval = ending("PT3M", NOON + self.number * dt.timedelta(minutes=3))
        return self.land(self.source(**options), interval)

    def source(self, **options: Any) -> PostgresSource:
        """The tables as of the moment that it is asked for the first time."""
        tables = list(TOTESYS.datasets.values())
        return PostgresSource(lambda: self.totesys.connect(**options), tables, "totesys_default", "postgres://t")

    def land(self, source: PostgresSource, interval: Interval) -> CutLanded:
        """Land what a source sees as a cut."""
        committer = Committer(self.s3, self.bucket, f"run{self.number}", QUICK)
        return land_cut(source, lambda _: committer, self.cuts, TOTESYS.datasets, interval, f"run{self.number}")

    def keys(self) -> list[str]:
        """All objects."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def rows(self, table: Table) -> bytes:
        """The text of a table's commit."""
        return gzip.decompress(self.s3.get_object(Bucket=self.bucket, Key=table.commit.key)["Body"].read())

    def differences(self, cut: Cut) -> dict[str, int]:
        """How many rows of each table are in the cut or in the database alone, by PostgreSQL's own reading of both."""
        found = {}
        with self.totesys.connect() as connection, connection.cursor() as cursor:
            for name, table in cut.tables.items():
                cursor.execute(f"CREATE TEMP TABLE told (LIKE {name}) ON COMMIT DROP")
                columns = ", ".join(table.columns)
                cursor.copy_expert(f"COPY told ({columns}) FROM STDIN", io.BytesIO(self.rows(table)))
                one, other = f"SELECT {columns} FROM told", f"SELECT {columns} FROM {name}"
                cursor.execute(
                    f"SELECT count(*) FROM (({one} EXCEPT ALL {other}) UNION ALL ({other} EXCEPT ALL {one}))"
                )
                found[name] = cursor.fetchone()[0]
                cursor.execute("DROP TABLE told")
        return {name: number for name, number in found.items() if number}


@pytest.fixture
def look(totesys: Server, s3: Any, bucket: str, business: Business) -> Look:
    """Somebody who looks at the business."""
    return Look(totesys, s3, bucket)


def test_a_cut_is_the_whole_database(look: Look) -> None:
    """Every table is a commit, and the object that is put last names them all."""
    landed = look()
    assert landed.written
    assert landed.cut.tables.keys() == TOTESYS.datasets.keys()
    assert look.differences(landed.cut) == {}
    keys = look.keys()
    assert sum("/at=20260601T120300Z/r000001.copy.gz" in key for key in keys) == 11
    assert [key for key in keys if "_cuts" in key] == ["postgres/totesys/_cuts/20260601T120300Z.json"]
    assert look.cuts.read("20260601T120300Z") == landed.cut


def test_what_has_not_changed_is_not_written(look: Look, business: Business) -> None:
    """Twenty looks write nothing; then one table changes, and the next cut names ten earlier commits."""
    first = look().cut
    before = look.keys()
    assert [look().written for _ in range(20)] == [False] * 20
    assert look.keys() == before
    business.move()
    landed = look()
    assert landed.written
    changed = {name for name, table in landed.cut.tables.items() if table != first.tables[name]}
    assert changed == {"department"}
    assert {each.dataset for each in landed.tables if each.outcome != "unchanged"} == {"department"}
    assert len(look.keys()) == len(before) + 2
    assert look.differences(landed.cut) == {}


def test_careless_work_is_seen(look: Look, business: Business) -> None:
    """Late commits, slow clocks, edits by hand, deletes: whatever was done, the next cut is the database."""
    for number in range(6):
        business.work(30)
        if number == 5:
            business.sell()
        assert look.differences(look().cut) == {}


def test_a_deleted_row_is_gone(look: Look, business: Business) -> None:
    """And a table that has lost its last one is empty, not as it was."""
    look()
    with look.totesys.connect() as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE purchase_order CASCADE")
    cut = look().cut
    assert cut.tables["purchase_order"].commit.rows == 0
    assert look.differences(cut) == {}


def test_tables_agree_while_people_work(look: Look, business: Business) -> None:
    """Each payment of a cut has its transaction in it, whatever is committed between two tables."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            with look.totesys.connect() as connection, connection.cursor() as cursor:
                business.sell(NOON.replace(tzinfo=None), cursor)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        cuts = [look().cut for _ in range(4)]
    finally:
        over.set()
        worker.join()
    assert len({cut.tables["payment"].commit.rows for cut in cuts}) > 1
    for cut in cuts:
        entries = {line.split(b"\t")[0] for line in look.rows(cut.tables["transaction"]).splitlines()}
        paid = {line.split(b"\t")[1] for line in look.rows(cut.tables["payment"]).splitlines()}
        assert paid == entries


HOSTILE = [
    "a\nb",
    "a\rb",
    "a\tb",
    "",
    "\\N",
    "\\",
    "a\\",
    "\x01\x1f\x7f",
    "👜 é",
    '"',
    "''",
    ",",
    "NULL",
    "\\.",
    " ",
    "\u2028",
]


def test_any_value_is_one_line(look: Look) -> None:
    """Whatever is in a text: lines are rows, and the database reads the same from them."""
    with look.totesys.connect() as connection, connection.cursor() as cursor:
        for value in [*HOSTILE, None]:
            cursor.execute(
                "INSERT INTO address (address_line_1, address_line_2, city, postal_code, country, phone, last_updated)"
                " VALUES ('x', %s, 'x', 'x', 'x', 'x', 'infinity')",
                (value,),
            )
    cut = look().cut
    assert len(look.rows(cut.tables["address"]).split(b"\n")) == cut.tables["address"].commit.rows + 1
    assert look.differences(cut) == {}


@pytest.mark.parametrize(
    "statement",
    ["TRUNCATE payment", "ALTER TABLE payment ALTER payment_date TYPE text", "DROP TABLE payment"],
)
def test_a_table_waits_while_it_is_read(look: Look, statement: str) -> None:
    """Whoever would change it under the snapshot waits; whoever writes rows does not."""
    source = look.source()
    source.now()
    with look.totesys.connect(options="-c lock_timeout=200ms") as other, other.cursor() as cursor:
        cursor.execute("UPDATE payment SET paid = NOT paid")
        with pytest.raises(psycopg2.errors.LockNotAvailable):
            cursor.execute(statement)
    source.close()
    with look.totesys.connect(options="-c lock_timeout=20s") as other, other.cursor() as cursor:
        cursor.execute(statement)
        other.rollback()


def test_a_table_that_is_changed_refuses_the_cut(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for without end, and nothing is committed."""
    monkeypatch.setattr(snapshot, "_LOCKED_AT_MOST", "200ms")
    with look.totesys.connect() as other, other.cursor() as cursor:
        cursor.execute("LOCK TABLE payment IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(PassingError, match="55P03"):
            look()
        other.rollback()
    assert look.keys() == []
    assert look().written


def test_columns_are_those_declared(look: Look, caplog: pytest.LogCaptureFixture) -> None:
    """One more is kept and said; one less, or one of another type, refuses the cut before anything is read."""
    first = look().cut
    alter = look.totesys.alter
    alter("ALTER TABLE staff ADD nickname varchar")
    cut = look().cut
    assert cut.tables["staff"].columns == (*first.tables["staff"].columns, "nickname")
    assert "totesys.staff has the new column 'nickname'" in caplog.text
    assert look.differences(cut) == {}
    before = look.keys()
    alter("ALTER TABLE staff ALTER department_id TYPE bigint, DROP email_address")
    with pytest.raises(
        FatalError, match="no column 'email_address' and has 'department_id' as bigint, declared is int"
    ):
        look()
    assert look.keys() == before


def test_a_renamed_column_with_the_same_values_is_a_change(look: Look) -> None:
    """The rows are the same bytes; what they mean is not."""
    look.totesys.alter("ALTER TABLE staff ADD one varchar")
    look()
    look.totesys.alter("ALTER TABLE staff RENAME one TO two")
    landed = look()
    assert landed.written
    assert landed.cut.tables["staff"].columns[-1] == "two"


def test_no_rows_where_there_always_are_some(look: Look) -> None:
    """Refused, with the table's name; nothing is committed."""
    look.totesys.alter("TRUNCATE currency CASCADE")
    with pytest.raises(NotReadyError, match=r"totesys\.currency on 20260601T120300Z: the source has no rows for it"):
        look()
    assert look.keys() == []


def test_a_run_that_is_cleared_finds_its_cut(look: Look, business: Business) -> None:
    """Its own is what it is; none is made before a later one."""
    first = look().cut
    business.sell()
    again = look(1)
    assert (again.cut, again.written) == (first, False)
    business.sell()
    look(5)
    with pytest.raises(LaterCutError, match="read for 20260601T121500Z already: 20260601T120900Z cannot be had"):
        look(3)


@pytest.mark.parametrize("step", range(12))
def test_killed_at_any_step(look: Look, business: Business, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Before a cut's own object is there nothing is named; the next try makes the cut of what is there then."""
    put, puts = look.s3.put_object, iter(range(100))

    def killed(**asked: Any) -> Any:
        if next(puts) == step:
            raise KeyboardInterrupt
        return put(**asked)

    with monkeypatch.context() as patched:
        patched.setattr(look.s3, "put_object", killed)
        with pytest.raises(KeyboardInterrupt):
            look(1)
    assert not any("_cuts" in key for key in look.keys())  # noqa: SIM118 a method of ours
    business.sell()
    landed = look(1)
    assert landed.written
    assert look.differences(landed.cut) == {}


def test_another_run_under_the_same_label_does_not_tear_a_cut(
    look: Look, business: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a later snapshot committed is none of this one: no cut names both, and a retry makes a whole one."""
    early = look.source()
    early.now()
    business.sell()
    put = look.s3.put_object

    def killed(**asked: Any) -> Any:
        if "_cuts" in asked["Key"]:
            raise KeyboardInterrupt
        return put(**asked)

    with monkeypatch.context() as patched:
        patched.setattr(look.s3, "put_object", killed)
        with pytest.raises(KeyboardInterrupt):
            look(1)
    interval = ending("PT3M", NOON + dt.timedelta(minutes=3))
    with pytest.raises(StorageError, match=r"totesys\.\w+ on 20260601T120300Z: another run read it later"):
        look.land(early, interval)
    assert look.cuts.newest(NOON) is None
    assert look.differences(look(1).cut) == {}


def test_a_full_disk_is_told(look: Look, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With the table, and what to do; nothing is committed."""
    monkeypatch.setattr(PostgresSource, "in_memory", 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "absent"))
    with pytest.raises(NoRoomError, match=r"totesys\.\w+ on 20260601T120300Z: the temporary folder"):
        look()
    assert look.keys() == []
