"""A slot that nobody reads fills a disk: it is told before it does, of a real server."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from anthill.doctor import slots as doctor
from anthill.doctor.checks import Check
from anthill.doctor.operator import Examine
from anthill.sources.postgres import slot

if TYPE_CHECKING:
    from local.totesys.server import Server

OWN, OLD = "anthill_totesys", "anthill_of_long_ago"


@pytest.fixture
def slots(totesys: Server) -> Iterator[Callable[[str], None]]:
    """Makes slots, and drops them."""
    made: list[str] = []

    def make(name: str) -> None:
        made.append(name)
        ask(totesys, f"SELECT pg_create_logical_replication_slot('{name}', 'pgoutput')")

    yield make
    for name in made:
        ask(totesys, f"SELECT pg_drop_replication_slot('{name}')")


def ask(server: Server, query: str) -> list[tuple[Any, ...]]:
    """What the server answers, each statement a transaction of its own."""
    connection = server.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(query)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    connection.close()
    return found


def look(server: Server, own: str = OWN, others: tuple[str, ...] = ()) -> dict[str, Check]:
    """The checks, by name."""
    return {check.name: check for check in doctor.slots("totesys", own, others, server.connect)}


def test_a_slot_that_is_read(totesys: Server, slots: Callable[[str], None]) -> None:
    """Is well, with what is kept for it; without one there is nothing to tell."""
    assert look(totesys) == {}
    slots(OWN)
    check = look(totesys)[f"slot {OWN}"]
    assert (check.ok, check.dag) == (True, "totesys")
    assert check.said.startswith(
        "the database keeps 0 MiB of its log for it; last read 0 minutes ago; it is lost after"
    )


def test_who_reads_a_slot_is_seen(totesys: Server, slots: Callable[[str], None], monkeypatch: Any) -> None:
    """One that nobody has read for long is not well; a look at it, which finds nothing, is enough."""
    slots(OWN)
    ask(totesys, "SELECT pg_sleep(1.1)")
    monkeypatch.setattr(doctor, "_LONG", dt.timedelta(seconds=1))
    check = look(totesys)[f"slot {OWN}"]
    assert not check.ok
    assert "Turn the DAG totesys on" in check.do
    assert check.do.endswith("SELECT pg_drop_replication_slot('anthill_totesys')")
    arguments = f"'{OWN}', NULL, NULL, 'proto_version', '1', 'publication_names', 'x'"
    assert ask(totesys, f"SELECT * FROM pg_logical_slot_peek_binary_changes({arguments})") == []
    assert look(totesys)[f"slot {OWN}"].ok


def test_much_of_the_log(totesys: Server, slots: Callable[[str], None], monkeypatch: Any) -> None:
    """Is not well, however lately it was read."""
    slots(OWN)
    ask(totesys, "SELECT pg_logical_emit_message(true, 'x', repeat('x', 3000000))")
    monkeypatch.setattr(slot, "_MUCH", 2 << 20)
    check = look(totesys)[f"slot {OWN}"]
    assert (check.ok, "keeps 2 MiB" in check.said or "keeps 3 MiB" in check.said) == (False, True)


def test_a_slot_that_is_lost(totesys: Server, slots: Callable[[str], None]) -> None:
    """Is told with what becomes of it."""
    slots(OWN)
    before = ask(totesys, "SHOW max_slot_wal_keep_size")[0][0]
    try:
        settle(totesys, "1MB")
        for _ in range(4):
            ask(totesys, "SELECT pg_logical_emit_message(false, 'x', 'x'), pg_switch_wal()")
        checkpoint(totesys)
        check = look(totesys)[f"slot {OWN}"]
    finally:
        settle(totesys, before)
    assert not check.ok
    assert check.said.startswith("it is lost")
    assert "makes it anew and reads all tables whole" in check.do


def test_a_slot_that_nobody_knows(totesys: Server, slots: Callable[[str], None]) -> None:
    """As after a change to whole tables, or of a name: it is to be dropped. That of another asset class is not told."""
    slots(OLD)
    check = look(totesys, own="")[f"slot {OLD}"]
    assert (check.ok, check.dag) == (False, "")
    assert check.said.startswith("nobody reads it")
    assert check.do == f"Drop it in the database: SELECT pg_drop_replication_slot('{OLD}')"
    assert look(totesys, own="", others=(OLD,)) == {}


def test_somebody_elses_slot(totesys: Server) -> None:
    """Is none of ours."""
    ask(totesys, "SELECT pg_create_logical_replication_slot('backup', 'pgoutput')")
    try:
        assert look(totesys) == {}
    finally:
        ask(totesys, "SELECT pg_drop_replication_slot('backup')")


def test_a_database_that_does_not_answer() -> None:
    """Is told, without a secret."""

    def connect() -> Any:
        return psycopg2.connect("host=127.0.0.1 port=9 password=hush connect_timeout=2")

    (check,) = doctor.slots("totesys", OWN, (), connect)
    assert (check.ok, check.do) == (False, "Correct the connection totesys_default")
    assert "hush" not in check.said


def test_the_task_looks(totesys: Server, slots: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """At each database that has a connection: ToteSys is read whole, so a slot of its name is forgotten."""
    monkeypatch.delenv("AIRFLOW_CONN_TOTESYS_DEFAULT", raising=False)
    task = Examine(task_id="examine")
    assert task._slots() == []
    monkeypatch.setenv("AIRFLOW_CONN_TOTESYS_DEFAULT", json.dumps(totesys.airflow()))
    assert task._slots() == []
    slots(OWN)
    (check,) = task._slots()
    assert (check.name, check.ok) == (f"slot {OWN}", False)


def settle(server: Server, size: str) -> None:
    """How much of the log slots may keep."""
    connection = server.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SYSTEM SET max_slot_wal_keep_size = '{size}'")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute("SELECT pg_sleep(0.2)")
    connection.close()


def checkpoint(server: Server) -> None:
    """Let go of what nobody may keep."""
    connection = server.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    connection.close()
