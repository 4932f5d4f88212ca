"""SQL files: each declared table has one, it has the statements it must have, and every column says what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from anthill import catalog
from anthill.consumption import query
from anthill.dataset import Dataset
from anthill.include import include_dir
from anthill.lakehouse import statements
from anthill.lakehouse.statements import StatementError

WORDS = {
    "days": "market_date IN (DATE'2024-01-02')",
    "asset_class": "stocks",
    "union": "SELECT 1",
    "security": "ticker",
    "adjusted": "adj_",
    "benchmark": "'SPY'",
    "pegs": "('X:USDTUSD', 0.99, 1.01)",
} | dict.fromkeys(("first", "last", "next", "reach", "quarter_reach", "far_reach", "year_reach"), "DATE'2024-01-02'")
SQL = include_dir() / "sql"
DECLARED = [catalog.load(name) for name in catalog.asset_classes()]
# Those of empty lists, too: somebody may turn them on.
OFF = [dataset for declared in DECLARED for dataset in declared.off.values()]
DATASETS = [*(each for declared in DECLARED for each in declared.with_streams().datasets.values()), *OFF]
GOLD = [(declared.asset_class, name) for declared in DECLARED for name in declared.gold]
GOLD += [(dataset.asset_class, name) for dataset in OFF for name in dataset.gold]
STAR = {("gold", "star", name) for name in ("dim_date", "dim_instrument", "fact_daily_price")}
ONE_ONLY = {"split_ratio"}  # a reason of one asset class has a file, so that all are found in one place
PIECES = sorted((SQL / "gold/anomalies").glob("*.sql"))
TABLES = sorted(file for file in (include_dir() / "sql").rglob("*.sql") if "\nCREATE " in f"\n{file.read_text()}")


Pieces = Callable[[dict[str, str]], Path]


@pytest.fixture
def pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pieces:
    """Write SQL files of gold by name and be given the path of the last, in an include/ of its own."""
    monkeypatch.setattr(statements, "include_dir", lambda: tmp_path)

    def write(texts: dict[str, str]) -> Path:
        for name, text in texts.items():
            file = tmp_path / "sql" / "gold" / f"{name}.sql"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return file

    return write


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.table)
def test_each_dataset_has_its_silver(dataset: Dataset) -> None:
    """Silver is a table with every declared column and a SELECT from bronze."""
    create, select = statements.read(statements.path("silver", dataset.asset_class, dataset.name), "dev")
    assert create.startswith(f"CREATE TABLE IF NOT EXISTS dev.silver.{dataset.table} (")
    assert set(dataset.columns) <= set(_columns(create))
    assert re.search(r"given\s+FROM bronze(\n\))?$", select)


@pytest.mark.parametrize(("asset_class", "name"), GOLD, ids=[f"{a}_{n}" for a, n in GOLD])
def test_each_gold_table_has_its_sql(asset_class: str, name: str) -> None:
    """Gold is a view, or a table and exactly one statement that gives its rows."""
    create, *others = statements.read(statements.path("gold", asset_class, name), "dev", **WORDS)
    if create.startswith("CREATE OR REPLACE VIEW"):
        assert create.startswith(f"CREATE OR REPLACE VIEW dev.gold.{asset_class}_{name} (")
        assert others == []
    else:
        assert create.startswith(f"CREATE TABLE IF NOT EXISTS dev.gold.{asset_class}_{name} (")
        (fill,) = [text for text in others if not text.startswith("CREATE OR REPLACE TEMPORARY VIEW")]
        assert fill.startswith(("SELECT", "WITH", f"INSERT OVERWRITE dev.gold.{asset_class}_{name}\n"))


@pytest.mark.parametrize("file", TABLES, ids=lambda file: "-".join(file.parts[-3:]))
def test_every_column_is_explained(file: Path) -> None:
    """Every column of every table and view, and the table itself, has a comment."""
    for create in statements.read(file, "dev", **WORDS):
        if create.startswith(("CREATE TABLE", "CREATE OR REPLACE VIEW")):
            body = create[create.index("(\n") + 2 : create.index("\n)")]
            for line in body.splitlines():
                assert re.fullmatch(r"  \w+ (.+ )?COMMENT '[^']{3,}',?", line), f"{file}: {line}"
            assert re.search(r"\nCOMMENT '[^']{10,}'(\nAS |$)", create), f"{file}: the table has no comment"


def test_nothing_lies_there_undeclared() -> None:
    """No SQL file belongs to a dataset or gold table that is not declared."""
    known = {("silver", d.asset_class, d.name) for d in DATASETS}
    finding = [d for d in DATASETS if any(each.kind == "found" for each in d.expectations.values())]
    known |= {("quality", d.asset_class, d.name) for d in finding}
    known |= {("reconciliation", d.asset_class, d.name) for d in DATASETS if d.reconciles}
    known |= {("provisional", each.asset_class, name) for each in DECLARED for name in each.streams}
    known |= {("consumption", each.asset_class, name) for each in DECLARED for name in query.names(each.asset_class)}
    known |= STAR | {("gold", asset_class, name) for asset_class, name in GOLD}
    found = {(f.parts[-3], f.parts[-2], f.stem) for f in (include_dir() / "sql").glob("*/*/*.sql") if f not in PIECES}
    assert found == known


def test_a_missing_file_and_an_unknown_word_are_named(tmp_path: Path) -> None:
    """The message says which file, which word, and what is allowed."""
    with pytest.raises(StatementError, match=r"none\.sql: no such file"):
        statements.read(tmp_path / "none.sql", "dev")
    (tmp_path / "odd.sql").write_text("SELECT {what} FROM {silver}.x;\n")
    with pytest.raises(StatementError, match=r"odd.sql: unknown placeholder 'what'; allowed are {catalog}, {silver}"):
        statements.read(tmp_path / "odd.sql", "dev")


def test_what_is_included_stands_in_its_place(tmp_path: Path) -> None:
    """Its comments are gone, its words are filled in; a file that is not there is named, with the one that wants it."""
    (tmp_path / "some.sql").write_text("WITH closes AS (SELECT 1),\n{include gold/returns.sql}\nSELECT 1;\n")
    (statement,) = statements.read(tmp_path / "some.sql", "dev", **WORDS)
    assert statement.startswith("WITH closes AS (SELECT 1),\nprices AS (")
    assert f"WHERE {WORDS['days']}" in statement
    assert "--" not in statement
    (tmp_path / "odd.sql").write_text("{include gold/nowhere.sql}\n")
    with pytest.raises(StatementError, match=r"odd\.sql: includes gold/nowhere\.sql, but there is no .*nowhere\.sql"):
        statements.read(tmp_path / "odd.sql", "dev")


def test_what_asset_classes_share_is_included_by_several() -> None:
    """A piece of SQL has a file of its own when more than one table or piece stands on it."""
    whole = "\n".join(file.read_text() for file in (include_dir() / "sql").rglob("*.sql"))
    pieces = [file for layer in ("silver", "gold") for file in SQL.joinpath(layer).glob("*.sql") if file not in TABLES]
    pieces += [file for file in PIECES if file.stem not in ONE_ONLY]
    shared = [str(file.relative_to(SQL)) for file in pieces]
    assert {"gold/movers.sql", "gold/returns.sql", "silver/from_bronze.sql"} <= set(shared)
    assert [name for name in shared if whole.count(f"{{include {name}}}") < 2] == []


def test_a_shared_piece_is_about_who_includes_it(pieces: Pieces) -> None:
    """{asset_class} in it is the folder of the table, through however many pieces; a table itself has it as it is."""
    pieces(
        {"one": "SELECT 1 FROM {silver}.{asset_class}_x,\n{include gold/two.sql}", "two": "{silver}.{asset_class}_y"}
    )
    file = pieces({"coins/some": "-- {asset_class}\n{include gold/one.sql}\nWHERE '{asset_class}' = 'a';"})
    assert statements.code(file) == ("SELECT 1 FROM {silver}.coins_x,\n{silver}.coins_y\nWHERE '{asset_class}' = 'a';")


@pytest.mark.parametrize(
    ("texts", "chain"),
    [
        ({"one": "{include gold/one.sql}"}, "one.sql includes one.sql"),
        (
            {"one": "{include gold/two.sql}", "two": "{include gold/three.sql}", "three": "{include gold/one.sql}"},
            "one.sql includes two.sql includes three.sql includes one.sql",
        ),
        (
            {"one": "{include gold/two.sql}", "two": "SELECT 1,\n{include gold/two.sql}"},
            "two.sql includes two.sql",
        ),
        ({"one": "{include gold/coins/some.sql}"}, "some.sql includes one.sql includes some.sql"),
    ],
    ids=["itself", "by others", "beneath", "the table"],
)
def test_an_include_that_comes_back_is_an_error(pieces: Pieces, texts: dict[str, str], chain: str) -> None:
    """With the table that asks for it, and the files in which it goes round."""
    pieces(texts)
    file = pieces({"coins/some": "{include gold/one.sql}"})
    with pytest.raises(StatementError, match=rf"coins/some\.sql: an include comes back to itself: {chain}$"):
        statements.code(file)


def test_a_piece_may_stand_twice_in_a_table(pieces: Pieces) -> None:
    """Side by side is no cycle."""
    pieces({"one": "SELECT 1"})
    assert (
        statements.code(pieces({"coins/some": "{include gold/one.sql}\n{include gold/one.sql}"}))
        == "SELECT 1\nSELECT 1"
    )


def test_split_at_semicolons_that_end_a_line() -> None:
    """Semicolons inside a line stay."""
    assert statements.split("SELECT ';' AS x;\n\nSELECT 2\n") == ["SELECT ';' AS x", "SELECT 2"]


def test_comment_lines_are_no_code(tmp_path: Path) -> None:
    """What a comment names is neither read nor filled in."""
    (tmp_path / "some.sql").write_text("-- {what} of {silver}.stocks_splits;\nSELECT 1;\n")
    assert statements.read(tmp_path / "some.sql", "dev") == ["SELECT 1"]


def _columns(create: str) -> list[str]:
    return re.findall(r"^  (\w+) ", create, flags=re.MULTILINE)
