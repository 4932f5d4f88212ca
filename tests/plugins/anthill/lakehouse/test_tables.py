"""Market days in portions, so that memory does not grow with the years asked for."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable
from hypothesis import given
from hypothesis import strategies as st

from anthill.lakehouse import statements, tables
from tests.plugins.anthill.lakehouse.lake import Lake


@given(
    rows=st.dictionaries(st.dates(), st.integers(0, 50), max_size=30),
    more=st.sets(st.dates(), max_size=5),
    room=st.integers(1, 100),
)
def test_portions_keep_every_day_and_the_room(rows: dict[dt.date, int], more: set[dt.date], room: int) -> None:
    """All days in order; none holds too many rows unless it is one day, and none could have taken the next day."""
    days = sorted({*rows, *more})
    found = tables.portions(days, rows, room)
    assert [day for portion in found for day in portion] == days
    sizes = [sum(rows.get(day, 0) for day in portion) for portion in found]
    assert all(portion for portion in found)
    assert all(size <= room or len(portion) == 1 for size, portion in zip(sizes, found, strict=True))
    for size, following in zip(sizes, found[1:], strict=False):
        assert size + rows.get(following[0], 0) > room


def test_neighbouring_market_days_are_one_range() -> None:
    """A weekend parts nothing; what parts days is left out, and other columns are asked for as well."""
    tuesday, friday, monday = dt.date(2024, 1, 2), dt.date(2024, 1, 5), dt.date(2024, 1, 8)
    weekend = "market_date BETWEEN DATE'2024-01-05' AND DATE'2024-01-08'"
    assert tables.on_days("XNYS", [friday, monday]) == weekend
    both = f"(market_date BETWEEN DATE'2024-01-02' AND DATE'2024-01-02' OR {weekend})"
    assert tables.on_days("XNYS", [tuesday, friday, monday]) == both
    named = f"asset_class = 'stocks' AND dataset = 'splits' AND {both}"
    assert tables.on_days("XNYS", [tuesday, friday, monday], asset_class="stocks", dataset="splits") == named


def test_rows_take_the_place_of_those_that_match(lake: Lake) -> None:
    """Others stay; columns go by name, and one that the table lacks is refused by name."""
    lake.spark.sql("CREATE TABLE dev.silver.some (n INT, s STRING NOT NULL) USING delta")
    for where, rows in {"true": "(1, 'a'), (2, 'b')", "n = 2": "(2, 'c'), (2, 'd')"}.items():
        tables.replace(
            lake.spark, "dev.silver.some", where, lake.spark.sql(f"SELECT s, n FROM VALUES {rows} AS t (n, s)")
        )
    assert sorted(lake.table("silver.some").rows()) == [(1, "a"), (2, "c"), (2, "d")]
    with pytest.raises(ValueError, match=r"dev\.silver\.some: has no column x, which its SQL gives"):
        tables.replace(lake.spark, "dev.silver.some", "true", lake.spark.sql("SELECT 'x' AS s, 3 AS n, 1 AS x"))


@pytest.fixture
def declaration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Declares quality.some with these columns, in an include folder of its own."""
    file = tmp_path / "include" / "sql" / "quality" / "some.sql"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(statements, "include_dir", lambda: tmp_path / "include")

    def declare(columns: str) -> None:
        lines = ",\n  ".join(columns.split("; "))
        file.write_text(
            f"-- Some.\nCREATE TABLE IF NOT EXISTS {{quality}}.some (\n  {lines}\n) USING delta\nCOMMENT 'some';\n"
        )

    declare("market_date DATE NOT NULL COMMENT 'day'; ticker STRING COMMENT 'symbol'")
    return declare


def test_a_table_gets_the_columns_that_it_lacks(lake: Lake, declaration: Callable[[str], None]) -> None:
    """Wherever they are declared, with their comments; rows that are there have NULL, and its history stays."""
    day = dt.date(2024, 1, 2)
    tables.make(lake.spark, "dev", "quality", "some")
    tables.replace_values(lake.spark, "dev.quality.some", "true", [(day, "AAA")])
    before = tables.version(lake.spark, "dev.quality.some")
    moves = "ARRAY<STRUCT<ticker: STRING, close: DOUBLE>>"
    declaration(
        "market_date DATE NOT NULL COMMENT 'day'; moves " + moves + " COMMENT 'it\\'s (fraction), in %';"
        " size BIGINT NOT NULL COMMENT 'number'; ticker STRING COMMENT 'symbol'"
    )
    for _ in range(2):
        tables.make(lake.spark, "dev", "quality", "some")
    later = dt.date(2024, 1, 3)
    made = [(later, [("BBB", 1.5)], 7, "BBB")]
    tables.replace_values(lake.spark, "dev.quality.some", "market_date = DATE'2024-01-03'", made)
    assert lake.table("quality.some").sort("market_date").select("market_date", "moves", "size", "ticker").rows() == [
        (day, None, None, "AAA"),
        (later, [{"ticker": "BBB", "close": 1.5}], 7, "BBB"),
    ]
    told = DeltaTable(str(lake.root / "dev" / "quality" / "some"))
    assert {field.name: field.metadata.get("comment") for field in told.schema().fields} == {
        "market_date": "day",
        "ticker": "symbol",
        "moves": "it's (fraction), in %",
        "size": "number",
    }
    assert told.version() == before + 3  # a commit a column, and one of rows
    assert lake.spark.sql(f"SELECT * FROM dev.quality.some VERSION AS OF {before}").collect() == [(day, "AAA")]


def test_a_column_that_is_not_declared_any_more_stays_and_is_null(
    lake: Lake, declaration: Callable[[str], None]
) -> None:
    """One that must not be NULL there is refused, in words that say what to do."""
    tables.make(lake.spark, "dev", "quality", "some")
    declaration("market_date DATE NOT NULL COMMENT 'day'")
    tables.make(lake.spark, "dev", "quality", "some")
    tables.replace_values(lake.spark, "dev.quality.some", "true", [(dt.date(2024, 1, 2),)])
    assert lake.table("quality.some").rows() == [(dt.date(2024, 1, 2), None)]
    declaration("ticker STRING COMMENT 'symbol'")
    tables.make(lake.spark, "dev", "quality", "some")
    with pytest.raises(tables.TableError, match=r"gives no market_date.*ALTER COLUMN market_date DROP NOT NULL"):
        tables.replace_values(lake.spark, "dev.quality.some", "true", [("AAA",)])


def test_a_column_of_another_type_is_refused(lake: Lake, declaration: Callable[[str], None]) -> None:
    """Both types are told, and what to do; the table stays as it is."""
    tables.make(lake.spark, "dev", "quality", "some")
    declaration("market_date DATE NOT NULL COMMENT 'day'; ticker BIGINT COMMENT 'number'")
    message = r"dev\.quality\.some: its column ticker is string, declared is bigint.*Declare it under another name"
    with pytest.raises(tables.TableError, match=message):
        tables.make(lake.spark, "dev", "quality", "some")
    assert lake.table("quality.some").columns == ["market_date", "ticker"]


def test_a_column_that_may_be_null_now_may_be_null_there(lake: Lake, declaration: Callable[[str], None]) -> None:
    """Its rows and versions stay; the other way round nothing is done, since rows there may be NULL."""
    tables.make(lake.spark, "dev", "quality", "some")
    tables.replace_values(lake.spark, "dev.quality.some", "true", [(dt.date(2024, 1, 2), "AAA")])
    declaration("market_date DATE COMMENT 'day'; ticker STRING COMMENT 'symbol'")
    tables.make(lake.spark, "dev", "quality", "some")
    tables.replace_values(lake.spark, "dev.quality.some", "ticker = 'BBB'", [(None, "BBB")])
    assert set(lake.table("quality.some").rows()) == {(dt.date(2024, 1, 2), "AAA"), (None, "BBB")}
    declaration("market_date DATE NOT NULL COMMENT 'day'; ticker STRING NOT NULL COMMENT 'symbol'")
    before = tables.version(lake.spark, "dev.quality.some")
    tables.make(lake.spark, "dev", "quality", "some")
    assert tables.version(lake.spark, "dev.quality.some") == before


@pytest.mark.parametrize("layer", statements.LAYERS)
def test_every_table_is_what_its_file_declares(lake: Lake, layer: str) -> None:
    """Names, types and comments as the engine reads them are those that are read from the file."""
    folder = statements.include_dir() / "sql" / layer
    files = [file for file in folder.rglob("*.sql") if "CREATE TABLE" in file.read_text()]
    for file in files:
        creation = statements.filled(statements.split(statements.code(file))[0], file, "dev")
        lake.spark.sql(creation)
        table, columns = statements.declared(creation)
        there = DeltaTable(str(lake.root / table.replace(".", "/"))).schema()
        types = {field.name: field.dataType.simpleString() for field in lake.spark.table(table).schema}
        assert {column.name: column.type for column in columns} == types, file
        assert [column.required for column in columns] == [not field.nullable for field in there.fields], file
        comments = [re.sub(r"\\(.)", r"\1", column.comment[1:-1]) for column in columns]
        assert comments == [field.metadata.get("comment", "") for field in there.fields], file
    assert len(files) > 3
