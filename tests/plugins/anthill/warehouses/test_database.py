"""A version in a warehouse: whole or not at all, once, newest last, by one at a time; against a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg2
import pyarrow as pa
import pytest

from anthill.sources.errors import NotEntitledError, NotFoundError, PassingError, SourceError
from anthill.warehouses import database
from anthill.warehouses.database import Database, Loaded
from anthill.warehouses.errors import RefusedError
from anthill.warehouses.versions import Part, Version
from local.totesys.server import WAREHOUSE

if TYPE_CHECKING:
    from local.totesys.server import Server

KEYS = {"dim_design": ("design_id",), "dim_location": ("location_id",)}
HOSTILE = ["", "NULL", "\\N", "\\.", 'a "b", c', "two\nlines\r\n", "tab\t'", "ünï 👜", "back\\"]


def design(*rows: tuple[int, str]) -> pa.Table:
    """Rows of dim_design."""
    names = ("design_id", "design_name", "file_location", "file_name")
    schema = pa.schema([(names[0], pa.int32()), *((name, pa.string()) for name in names[1:])])
    return pa.Table.from_pylist([dict(zip(names, (*row, "/usr", "f"), strict=True)) for row in rows], schema)


def location(*lines: str | None) -> pa.Table:
    """Rows of dim_location, a text that may be NULL in each."""
    text = ("address_line_1", "city", "postal_code", "country", "phone")
    rows = [{"location_id": at, **dict.fromkeys(text, "x"), "address_line_2": line} for at, line in enumerate(lines)]
    columns = [(name, pa.string()) for name in (*text, "address_line_2")]
    return pa.Table.from_pylist(rows, pa.schema([("location_id", pa.int32()), *columns]))


def load(star: Server, number: int, designs: pa.Table, locations: pa.Table | None = None, **more: Any) -> Loaded:
    """Load a version of these tables."""
    tables = {"dim_design": designs, "dim_location": location() if locations is None else locations}
    version = Version(number, "run", {name: Part(name, "", table.num_rows) for name, table in tables.items()})
    connect: Callable[[], Any] = more.get("connect", lambda: star.connect(WAREHOUSE))
    return Database(connect, "totesys", "postgres://local/warehouse").load(version, KEYS, lambda part: tables[part.key])


def held(star: Server, query: str = "SELECT design_id, design_name FROM dim_design ORDER BY 1") -> list[Any]:
    """What the warehouse answers."""
    with star.connect(WAREHOUSE) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_the_warehouse_holds_exactly_the_version(star: Server) -> None:
    """New rows come, other ones change, those that the version has not go; the rest is not written."""
    assert load(star, 1, design((1, "a"), (2, "b"), (3, "c"))).changed == {"dim_design": 3, "dim_location": 0}
    before = held(star, "SELECT xmin FROM dim_design WHERE design_id = 1")
    found = load(star, 2, design((1, "a"), (2, "B"), (4, "d")))
    assert (found.number, found.written, found.changed["dim_design"]) == (2, True, 3)
    assert held(star) == [(1, "a"), (2, "B"), (4, "d")]
    assert held(star, "SELECT xmin FROM dim_design WHERE design_id = 1") == before
    assert held(star, "SELECT target, version, run FROM loads ORDER BY 2") == [("totesys", n, "run") for n in (1, 2)]


def test_every_text_arrives_as_it_is(star: Server) -> None:
    """Empty text is no NULL, and nothing in a text breaks a line."""
    load(star, 1, design(), location(None, *HOSTILE))
    rows = held(star, "SELECT address_line_2 FROM dim_location ORDER BY location_id")
    assert [row[0] for row in rows] == [None, *HOSTILE]


@pytest.mark.parametrize("number", [2, 1])
def test_the_same_version_or_an_older_one_changes_nothing(star: Server, number: int) -> None:
    """Whatever is in it."""
    load(star, 2, design((1, "new")))
    found = load(star, number, design((1, "old"), (2, "old")))
    assert (found.number, found.written, found.changed) == (2, False, {})
    assert held(star) == [(1, "new")]


def test_of_loaders_at_once_one_loads(star: Server) -> None:
    """The others wait for it, and find its version."""
    at_once = threading.Barrier(4)

    def one(_: int) -> Loaded:
        at_once.wait()
        return load(star, 1, design(*((number, "x") for number in range(500))))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(one, range(4)))
    assert sorted(each.written for each in found) == [False, False, False, True]
    assert (len(held(star)), held(star, "SELECT count(*) FROM loads")) == (500, [(1,)])


@pytest.mark.parametrize(
    "after", ["COPY", 'INSERT INTO "dim_location"', 'DELETE FROM "dim_design"', "INSERT INTO loads"]
)
def test_a_loader_that_dies_half_way_leaves_the_version_before(star: Server, after: str) -> None:
    """Its connection is cut at each step; the next loader finds no lock and ends the work."""
    load(star, 1, design((1, "a")))

    class Dying(psycopg2.extensions.cursor):
        def _die(self, statement: Any) -> None:
            text = statement if isinstance(statement, str) else statement.as_string(self)
            if text.startswith(after):
                star.alter(f"SELECT pg_terminate_backend({self.connection.info.backend_pid})")

        def execute(self, statement: Any, values: Any = None) -> None:
            super().execute(statement, values)
            self._die(statement)

        def copy_expert(self, statement: Any, file: Any, size: int = 8192) -> None:
            super().copy_expert(statement, file, size)
            self._die(statement)

    version = design((1, "b"), (2, "c"))
    with pytest.raises(PassingError):
        load(star, 2, version, connect=lambda: star.connect(WAREHOUSE, cursor_factory=Dying))
    assert held(star) == [(1, "a")]
    assert load(star, 2, version).written
    assert held(star) == [(1, "b"), (2, "c")]


def test_a_warehouse_that_lacks_a_column_or_table_takes_nothing(star: Server) -> None:
    """The message names it; the tables before it stay as they were."""
    star.alter("ALTER TABLE dim_location DROP COLUMN address_line_2", WAREHOUSE)
    with pytest.raises(RefusedError, match=r"totesys\.dim_location: .* lacks address_line_2 .*Nothing was loaded"):
        load(star, 1, design((1, "a")))
    star.alter("DROP TABLE dim_location CASCADE", WAREHOUSE)
    with pytest.raises(RefusedError, match="no table dim_location"):
        load(star, 1, design((1, "a")))
    assert held(star) == held(star, "SELECT * FROM loads") == []


def test_a_row_that_the_tables_rules_refuse_is_no_half_load(star: Server) -> None:
    """A NULL where none may be, and a key that is there twice."""
    unnamed = design((1, "a")).set_column(1, "design_name", pa.array([None], pa.string()))
    with pytest.raises(RefusedError, match="23502"):
        load(star, 1, unnamed)
    with pytest.raises(RefusedError, match="21000"):
        load(star, 1, design((1, "a"), (1, "b")))
    assert held(star) == []


def test_a_column_that_gold_has_not_stays_the_warehouses_own(star: Server) -> None:
    """Who works there may add some."""
    star.alter("ALTER TABLE dim_design ADD COLUMN note text DEFAULT 'none'", WAREHOUSE)
    load(star, 1, design((1, "a")))
    star.alter("UPDATE dim_design SET note = 'mine'", WAREHOUSE)
    load(star, 2, design((1, "b")))
    assert held(star, "SELECT design_name, note FROM dim_design") == [("b", "mine")]


def test_a_warehouse_that_is_down_is_told_as_such(star: Server) -> None:
    """No connection is worth another try; a wrong database is not."""
    with pytest.raises(SourceError, match="no connection"):
        load(star, 1, design(), connect=lambda: psycopg2.connect(host="127.0.0.1", port=1, dbname="warehouse"))
    with pytest.raises(SourceError, match="nowhere"):
        load(star, 1, design(), connect=lambda: star.connect("nowhere"))


def test_moments_are_utc_whatever_the_server_is_set_to(star: Server) -> None:
    """A fact's seen_from is the same moment there."""
    star.alter("CREATE TABLE IF NOT EXISTS seen (id int PRIMARY KEY, at timestamptz)", WAREHOUSE)
    star.alter(f"ALTER DATABASE {WAREHOUSE} SET timezone = 'Asia/Tokyo'", WAREHOUSE)
    noon = dt.datetime(2026, 6, 1, 12, 0, 0, 123456, dt.UTC)
    for zone in (None, "UTC"):
        rows = pa.table(
            {"id": pa.array([1], pa.int32()), "at": pa.array([noon.replace(tzinfo=None)], pa.timestamp("us", zone))}
        )
        star.alter("DELETE FROM loads", WAREHOUSE)
        version = Version(1, "run", {"seen": Part("seen", "", 1)})
        database = Database(lambda: star.connect(WAREHOUSE), "totesys", "here")
        database.load(version, {"seen": ("id",)}, lambda _, rows=rows: rows)
        assert held(star, "SELECT at FROM seen") == [(noon,)]
    star.alter(f"ALTER DATABASE {WAREHOUSE} RESET timezone", WAREHOUSE)


def test_a_row_that_is_lost_on_the_way_is_no_load(star: Server) -> None:
    """What arrived is counted by the server."""

    class Losing(psycopg2.extensions.cursor):
        def copy_expert(self, sql: str, file: Any, size: int = 8192) -> None:
            """Without the last line."""
            lines = file.read().splitlines(keepends=True)
            super().copy_expert(sql, io.BytesIO(b"".join(lines[:-1])), size)

    load(star, 1, design((1, "a")))
    losing = partial(star.connect, WAREHOUSE, cursor_factory=Losing)
    with pytest.raises(RefusedError, match=r"totesys\.dim_design: 1 rows arrived of 2.*Nothing was loaded"):
        load(star, 2, design((1, "other"), (2, "b")), connect=losing)
    assert held(star) == [(1, "a")]


def test_what_a_loader_lacks_is_told_for_a_warehouse(star: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rights to write, a table that is not there, and a lock that somebody has; never what a source would want."""
    star.alter("DROP ROLE IF EXISTS reads; CREATE ROLE reads LOGIN", WAREHOUSE)
    with pytest.raises(NotEntitledError, match="GRANT SELECT, INSERT, UPDATE and DELETE on the star's tables"):
        load(star, 1, design((1, "a")), connect=lambda: star.connect(WAREHOUSE, user="reads"))
    monkeypatch.setattr(database, "_WAITED_AT_MOST", "100ms")
    with star.connect(WAREHOUSE) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('totesys', 0))")
        with pytest.raises(PassingError, match=r"55P03.*Another loader"):
            load(star, 1, design((1, "a")))
    star.alter("ALTER TABLE loads RENAME TO other_loads", WAREHOUSE)
    with pytest.raises(NotFoundError, match=r"42P01.*loads has the columns target, version"):
        load(star, 1, design((1, "a")))
