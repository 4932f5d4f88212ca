"""Where changes are lost or cannot be followed: it is told, and nothing is taken for the whole that is not."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from anthill.sources.errors import FatalError, NotEntitledError, NotFoundError, SourceError
from local.totesys.business import Business
from tests.plugins.anthill.landing.reader import SLOT, Reader

if TYPE_CHECKING:
    pass


from tests.plugins.anthill.landing.test_changes import business, reader

__all__ = ["business", "reader"]


def test_a_column_that_comes_goes_or_is_called_otherwise(reader: Reader, caplog: pytest.LogCaptureFixture) -> None:
    """Tables are read whole again: no change says what a new column has in rows that were there."""
    for statement in (
        "ALTER TABLE staff ADD nickname varchar DEFAULT 'none'",
        "ALTER TABLE staff RENAME nickname TO name",
        "ALTER TABLE staff DROP name",
    ):
        reader.server.alter(f"{statement}; UPDATE staff SET last_name = last_name || 'x'")
        cut = reader.look().cut
        assert cut.why == "staff changed, or what is published of it"
        assert cut.begun == ""
        reader.take(cut)
        assert reader.differences() == {}
        reader.server.alter("UPDATE staff SET last_name = 'Ng' WHERE staff_id = 1")
        reader.take(reader.look().cut)
        assert reader.differences() == {}
    assert caplog.text.count("CHANGES ARE LOST: staff changed") == 3
    reader.server.alter("ALTER TABLE staff DROP email_address")
    with pytest.raises(FatalError, match="no column 'email_address'"):
        reader.look()


def _dropped(reader: Reader) -> None:
    reader.server.alter(f"SELECT pg_drop_replication_slot('{SLOT}')")


def _made_anew(reader: Reader) -> None:
    _dropped(reader)
    reader.server.alter(f"SELECT pg_create_logical_replication_slot('{SLOT}', 'pgoutput')")


def _read_by_another(reader: Reader) -> None:
    reader.server.alter(
        f"SELECT pg_logical_slot_get_binary_changes('{SLOT}', NULL, NULL, 'proto_version', '1', "
        f"'publication_names', '{SLOT}')"
    )


def _invalidated(reader: Reader) -> None:
    connection = reader.server.connect()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
        cursor.execute("SELECT pg_reload_conf()")
        for _ in range(3):
            cursor.execute("UPDATE staff SET last_updated = now()")
            cursor.execute("SELECT pg_switch_wal()")
        cursor.execute("CHECKPOINT")
        cursor.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()


def _published_anew(reader: Reader) -> None:
    reader.server.alter(f"ALTER PUBLICATION {SLOT} DROP TABLE staff; UPDATE staff SET last_name = 'unseen'")
    reader.server.alter(f"ALTER PUBLICATION {SLOT} ADD TABLE staff")


@pytest.mark.parametrize(
    ("lose", "said"),
    [
        (_dropped, "the database has no slot 'anthill_totesys' any more"),
        (_made_anew, "somebody else has read the slot 'anthill_totesys', or made it anew"),
        (_read_by_another, "somebody else has read the slot 'anthill_totesys', or made it anew"),
        (_invalidated, "the database has let go of the log that the slot 'anthill_totesys' needs"),
        (_published_anew, "staff changed, or what is published of it"),
    ],
)
def test_a_slot_that_is_lost_is_told_and_begun_again(
    reader: Reader, business: Business, caplog: pytest.LogCaptureFixture, lose: Any, said: str
) -> None:
    """What was changed meanwhile is read with the whole tables; then changes go on."""
    business.work(10)
    business.settle()
    reader.server.alter("UPDATE staff SET last_name = 'lost'")
    lose(reader)
    landed = reader.look()
    assert landed.cut.why.startswith(said)
    assert (landed.cut.begun, landed.written) == ("", True)
    assert [record.levelno for record in caplog.records if said in record.message] == [logging.ERROR]
    reader.take(landed.cut)
    assert reader.differences() == {}
    business.work(10)
    business.settle()
    cut = reader.look().cut
    assert (cut.why, cut.begun, reader.forms(cut)) == ("", landed.cut.label, {"changes"})
    reader.take(cut)
    assert reader.differences() == {}


@pytest.mark.parametrize(
    ("statement", "error", "said"),
    [
        (f"DROP PUBLICATION {SLOT}", NotFoundError, "CREATE PUBLICATION .anthill_totesys. FOR TABLE .public"),
        (f"ALTER PUBLICATION {SLOT} DROP TABLE staff", FatalError, "totesys.staff: it is not in the publication"),
        (f"ALTER PUBLICATION {SLOT} SET (publish = 'insert')", FatalError, "leaves out a kind of change"),
        ("ALTER TABLE staff REPLICA IDENTITY NOTHING", FatalError, "do not name staff_id of a row"),
    ],
)
def test_what_cannot_be_followed_is_refused(
    reader: Reader, statement: str, error: type[SourceError], said: str
) -> None:
    """Before anything is read, with what its owner has to do; the cut before stays."""
    before = reader.keys()
    reader.server.alter(statement)
    with pytest.raises(error, match=said):
        reader.look()
    assert reader.keys() == before


def test_who_may_not_replicate_is_told(reader: Reader) -> None:
    """The role, and what it lacks."""
    reader.server.alter("GRANT SELECT ON ALL TABLES IN SCHEMA public TO visitor")
    with pytest.raises(NotEntitledError, match="REPLICATION"):
        reader.look(user="visitor")
    _dropped(reader)
    with pytest.raises(NotEntitledError, match="REPLICATION"):
        reader.look(user="visitor")
