"""The catalogue tells all that is declared of each table; what is not declared of a gold table fails here."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from anthill import catalog, renamed
from anthill.governance import declared_tables
from anthill.lakehouse import statements
from anthill.lakehouse.keys import Key
from docs.site import catalogue, samples
from docs.site.gold import Gold, unit_of
from docs.site.joins import joins
from docs.site.tables import Column, Join, Table

ROOT = Path(__file__).parents[2]
SQL = ROOT / "include/sql"
MAKES = re.compile(r"^CREATE (?:TABLE IF NOT EXISTS|OR REPLACE VIEW) \{gold\}\.(\w+)", re.MULTILINE)


def made_by_sql() -> dict[str, Path]:
    """Every table and view of gold with the file that makes it, wherever that lies below include/sql/gold.

    What only datasets feed that are off is not there.
    """
    made = {name: file for file in sorted((SQL / "gold").rglob("*.sql")) for name in MAKES.findall(file.read_text())}
    off = [each for name in catalog.asset_classes() for each in catalog.load(name).off.values()]
    for name in {f"{each.asset_class}_{table}" for each in off for table in each.gold}:
        del made[name]
    return made


GOLD = made_by_sql()
SAMPLES = samples.read()
COUNTED = ("DOUBLE", "BIGINT", "INT", "DECIMAL", "TIMESTAMP")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Every page of the catalogue."""
    return catalogue.pages()


@pytest.fixture(scope="module")
def gold() -> Gold:
    """The tables of gold."""
    return Gold({})


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    section = page.split(f"\n{heading}\n")[1].lstrip().split("\n\n")[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in section.splitlines()[2:]]


@pytest.mark.parametrize("name", catalog.asset_classes())
def test_every_dataset_is_told(pages: dict[str, str], name: str) -> None:
    """Its endpoint, key, every column with its comment, every expectation, and its readers."""
    page = pages[f"{name}/index.md"]
    silver = page.split("\n## Silver\n")[1]
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", silver, re.MULTILINE | re.DOTALL))
    declared = catalog.load(name)
    assert set(sections) == set(declared.datasets)
    for dataset in declared.datasets.values():
        told = sections[dataset.name]
        if dataset.published:
            edition = dataset.editions[dataset.published[0]]
            asked = f"`{edition.member}` of `{edition.file}`"
        else:
            asked = f"`{dataset.endpoint}`" if declared.has_versions else f"`GET {dataset.path}`"
        assert asked in told
        sql = statements.code(SQL / "silver" / name / f"{dataset.name}.sql")
        rows = re.findall(r"^\| `(\w+)` \| `[^`]+` \| (.+?) \|", told, re.MULTILINE)
        assert [row for row, _ in rows] == re.findall(r"^  (\w+) [A-Z].*COMMENT '", sql, re.MULTILINE)
        assert all(len(comment) >= 3 for _, comment in rows)
        source = dict(re.findall(r"^\| `(\w+)` \| .+ \| `([^`|]+)` \|$", told, re.MULTILINE))
        assert set(source) >= set(dataset.columns)
        for expectation, each in dataset.expectations.items():
            assert f"| `{expectation}` | {each.severity} |" in told


def test_the_index_has_every_gold_table_before_anything_else(pages: dict[str, str]) -> None:
    """Each that is declared, with its key, its page and the first words of what it is."""
    index = pages["index.md"]
    linked = dict(re.findall(r"^\| \[(\w+)\]\(([\w/]+\.md)\)", index.split("\n## What is loaded\n")[0], re.MULTILINE))
    declared = {f"{name}_{gold}" for name in catalog.asset_classes() for gold in catalog.load(name).gold}
    star, of_jobs = {"dim_date", "dim_instrument", "fact_daily_price"}, {"anomaly_opinions", "volatility_forecasts"}
    assert set(linked) == declared | star | of_jobs == set(GOLD)
    assert set(linked.values()) <= set(pages)
    assert index.index("## Gold") < index.index("## The star schema") < index.index("## What is loaded")


def test_no_table_of_gold_is_without_its_page(pages: dict[str, str], gold: Gold) -> None:
    """Each that a SQL file makes, wherever it lies, and each that may be granted; old names and metric views aside."""
    granted = {name.removeprefix("gold.") for name in declared_tables.names() if name.startswith("gold.")}
    others = set(renamed.load().tables) | {file.stem for file in (ROOT / "include/metrics").glob("*.sql")}
    assert set(GOLD) == granted - others
    for name in GOLD:
        assert pages[gold.page(f"gold.{name}")].split("\n# ")[1].startswith(f"{name}\n")
        assert gold.page(f"gold.{name}") in pages["index.md"]


def test_what_a_job_fills_says_what_it_is_made_from(gold: Gold) -> None:
    """Of each asset class that has features, or anomalies; its SQL alone does not read all of it."""
    having = {part: {f"gold.{name}_{part}" for name in catalog.asset_classes() if part in catalog.load(name).gold}
              for part in ("volatility_features", "anomalies")}  # fmt: skip
    assert set(gold.reads["gold.volatility_forecasts"]) == having["volatility_features"]
    assert having["anomalies"] <= set(gold.reads["gold.anomaly_opinions"])


@pytest.mark.parametrize("name", GOLD)
def test_a_gold_table_declares_what_its_rows_are_one_for(name: str) -> None:
    """`-- Key:` in its SQL names columns that it has; a table has one, or says that it is one row."""
    table = Table.read(GOLD[name])
    assert table.keys, f"{GOLD[name]}: a line `-- Key: ticker, market_date` says what a row is one for"
    for key in table.keys:
        assert set(key.names) <= table.names, f"{GOLD[name]}: its key names columns that it has not"
        assert key.names or len(table.keys) == 1


@pytest.mark.parametrize("name", GOLD)
def test_no_part_of_a_key_is_null(name: str) -> None:
    """A table is declared so, a view is looked at by `make test-oracle`: NULL is equal to nothing in a join."""
    table = Table.read(GOLD[name])
    keys = {column for key in table.keys for column in key.names}
    assert [each.name for each in table.columns if each.name in keys and not table.never_null(each)] == []


@pytest.mark.parametrize("name", GOLD)
def test_every_number_and_moment_of_gold_has_a_unit(name: str) -> None:
    """In its comment, in words that the catalogue knows."""
    table, types = Table.read(GOLD[name]), SAMPLES.get(name, samples.Sample({}, {})).types
    bare = [
        column.name for column in table.columns
        if (kind := column.type or types.get(column.name, "").upper()).startswith(COUNTED) and not unit_of(column, kind)
        and column.name not in renamed.load().columns.get(name, {})
        and not (column.null and column.comment.startswith("NULL"))  # a column that is there for its likes alone
    ]  # fmt: skip
    assert bare == [], f"{GOLD[name]}: the comment of a column says its unit (docs/site/tables.py lists them)"


@pytest.mark.parametrize("name", GOLD)
def test_what_null_means_is_said_of_every_column_that_may_be_null(name: str) -> None:
    """In its comment, or for the rest of the table by `-- NULL:` in its SQL."""
    table = Table.read(GOLD[name])
    silent = [column.name for column in table.columns if not table.never_null(column) and not column.null]
    assert not silent or table.null, f"{GOLD[name]}: a line `-- NULL: …` says when {', '.join(silent)} may be NULL"


@pytest.mark.parametrize("name", GOLD)
def test_a_gold_table_is_told_with_a_row(pages: dict[str, str], gold: Gold, name: str) -> None:
    """Each column in the declared order with type and comment, and its value in a row of the small market."""
    table, sample = Table.read(GOLD[name]), SAMPLES.get(name, samples.Sample({}, {}))
    told = rows(pages[gold.page(f"gold.{name}")], "## Columns")
    assert [row[0] for row in told] == [f"`{column.name}`" for column in table.columns]
    declared = {
        each.name: each.type for each in statements.declared(statements.split(statements.code(GOLD[name]))[0])[1]
    }
    keys = {column for key in table.keys for column in key.names}
    never = re.findall(r"^  (\w+) .* NOT NULL COMMENT", statements.code(GOLD[name]), re.MULTILINE)
    for row, column in zip(told, table.columns, strict=True):
        kind, what, value = (row[at].replace("\\|", "|").replace("&lt;", "<") for at in (1, 3, 5))
        assert kind.strip("`").lower().replace(" ", "") == declared.get(column.name, sample.types.get(column.name, ""))
        assert what == column.comment
        assert (row[4] == "never") == (column.name in (never if declared else keys))
        assert value.strip("`") == sample.row.get(column.name, "")


def test_most_of_gold_has_a_sample() -> None:
    """`make samples` writes it; that it is the market's own is checked with the market, by `make test-oracle`."""
    columns = {(name, column.name) for name, file in GOLD.items() for column in Table.read(file).columns}
    sampled = {(name, column) for name, sample in samples.read().items() for column in sample.row}
    assert len(columns & sampled) > len(columns) / 2, "make samples"


def test_keys_are_read_as_they_are_written() -> None:
    """Columns, days up to the last one or without it, one row, and a column that has another name elsewhere."""
    assert Key.parse("ticker, market_date") == Key(("ticker", "market_date"))
    assert Key.parse("ticker, valid_from to valid_to") == Key(("ticker",), ("valid_from", "valid_to"))
    assert Key.parse("ticker, since before until") == Key(("ticker",), ("since", "until"), ends_before=True)
    assert Key.parse("none, one row") == Key(())
    assert Key.parse("date (elsewhere market_date)").elsewhere == (("date", "market_date"),)
    with pytest.raises(ValueError, match="'one row' is no column"):
        Key.parse("one row")


@pytest.mark.parametrize(
    ("comment", "unit", "null"),
    [
        ("Last price, USD a share as traded", "USD a share", ""),
        ("close / close before - 1, fraction (0.01 is 1 %); NULL when none before", "fraction", "when none before"),
        ("volatility * sqrt(365), fraction a year: traded on every day", "fraction a year", ""),
        ("Shares traded, fractional shares included", "shares", ""),
        ("Number of transactions", "number", ""),
        ("NULL when it is no anomaly; else deviations", "", "when it is no anomaly"),
        ("NULL: an index has none", "", "an index has none"),
        ("What there is", "", ""),
    ],
)  # fmt: skip
def test_units_and_null_are_read_from_comments(comment: str, unit: str, null: str) -> None:
    """The last unit that it names before it speaks of NULL, and what follows that word."""
    column = Column("x", "DOUBLE", comment)
    assert (column.unit, column.null) == (unit, null)


def made(name: str, columns: str, *keys: str, joined: str = "") -> Table:
    """A table of these columns."""
    parsed = tuple(Column(each, "STRING", "x") for each in columns.split())
    given = (Join.parse(joined),) if joined else ()
    return Table(name, "", parsed, (), is_view=False, keys=tuple(map(Key.parse, keys)), joins=given, null="")


def test_tables_meet_where_one_has_the_whole_key_of_the_other() -> None:
    """By equal names, by days, by a name of its own for a column, and as it is declared; not by a part of a key."""
    prices = made("prices", "ticker market_date close", "ticker, market_date")
    names = made("names", "ticker valid_from valid_to name", "ticker, valid_from to valid_to")
    factors = made("factors", "ticker since until factor", "ticker, since before until")
    dates = made("dates", "date year", "date (elsewhere market_date)")
    reach = made("reach", "adjusted_from", "none, one row")
    smiles = made("smiles", "underlying strike market_date", "underlying, strike, market_date",
                  joined="prices by underlying = ticker, market_date")  # fmt: skip
    tables = [prices, names, factors, dates, reach, smiles]
    assert joins(prices, tables) == [
        ("names", "ON prices.ticker = names.ticker AND prices.market_date BETWEEN names.valid_from AND names.valid_to"),
        ("factors", "ON prices.ticker = factors.ticker AND prices.market_date >= factors.since "
                    "AND prices.market_date < factors.until"),
        ("dates", "ON prices.market_date = dates.date"),
    ]  # fmt: skip
    assert joins(smiles, tables) == [
        ("prices", "ON smiles.underlying = prices.ticker AND smiles.market_date = prices.market_date"),
        ("dates", "ON smiles.market_date = dates.date"),
    ]
    assert joins(made("copy", "ticker market_date", "ticker, market_date"), [prices]) == [
        ("prices", "USING (ticker, market_date)")
    ]
    assert joins(names, tables) == []  # it has no day of its own


@pytest.mark.parametrize("name", GOLD)
def test_declared_joins_are_of_whole_keys(name: str) -> None:
    """Columns that both tables have, of which the other one's make a key of it."""
    table = Table.read(GOLD[name])
    for join in table.joins:
        other = Table.read(GOLD[join.table])
        assert {own for own, _ in join.columns} <= table.names
        assert any({theirs for _, theirs in join.columns} == set(key.names) for key in other.keys)


def test_lineage_is_that_of_the_sql(pages: dict[str, str], gold: Gold) -> None:
    """Each table that SQL reads leads to it in the picture, threads by their roots, days and the star's parts too."""
    for name, file in GOLD.items():
        text = statements.code(file).replace("{asset_class}_", "stocks_")
        read = {f"{layer}.{table}" for layer, table in re.findall(r"\{(?:any_)?(silver|gold)\}\.([a-z_]+)", text)}
        assert read - {f"gold.{name}"} <= set(gold.reads[f"gold.{name}"]), name
    assert "gold.stocks_successions" in gold.reads["gold.stocks_instruments"]
    assert "gold.stocks_corporate_actions" in gold.reads["gold.stocks_adjustment_reach"]
    assert {
        f"gold.{name}_daily_prices" for name in catalog.asset_classes() if "daily_prices" in catalog.load(name).gold
    } < set(gold.reads["gold.fact_daily_price"])
    drawn = re.findall(r'<a href="([^"]+)" class="(\w+)">.*?<text[^>]*>([^<]+)<', pages["stocks/daily_returns.md"])
    assert ("daily_returns.html", "here", "gold.stocks_daily_returns") in drawn
    assert ("index.html#grouped_daily", "silver", "silver.stocks_grouped_daily") in drawn
    assert ("market_summary.html", "gold", "gold.stocks_market_summary") in drawn  # which reads it


def test_readers_are_those_who_may_select(pages: dict[str, str]) -> None:
    """As the grants say, for each table."""
    whole = "\n".join(pages.values())
    everybody = msgspec.yaml.decode((ROOT / "include/grants/shared.yaml").read_text())["tables"]
    stocks = catalog.load("stocks")
    names = {"silver": [*stocks.datasets], "gold": [*stocks.gold, "session_stats"]}  # the last is an old name
    for layer, table in ((layer, f"stocks_{name}") for layer, found in names.items() for name in found):
        who = sorted(p for p, privileges in everybody[layer].items() if "SELECT" in privileges)
        if table in renamed.load().tables:
            assert re.search(rf"^\| `{layer}.{table}` \|.*\| {', '.join(who)} \|$", whole, re.MULTILINE)
            continue
        assert f"| table | `{layer}.{table}` |" in whole
        section = whole.split(f"| table | `{layer}.{table}` |")[1].split("\n#")[0]
        assert f"| readers | {', '.join(who)} |" in section


def test_a_view_says_how_it_is_read(pages: dict[str, str]) -> None:
    """It has no files; a table, which has some, says nothing of the kind."""
    assert 'anthill.read("gold.stocks_daily_prices")' in pages["stocks/daily_prices.md"]
    assert "anthill.read" not in pages["stocks/daily_returns.md"]


def test_a_table_names_the_questions_that_it_answers(pages: dict[str, str]) -> None:
    """By a link to their place, which the build checks."""
    assert "(../../how-to/query-gold.md#3-the-term-structure-of-volatility)" in pages["options/implied_volatility.md"]


def test_a_views_columns_are_read_as_a_tables_are() -> None:
    """With what it reads."""
    view = Table.read(SQL / "gold/stocks/daily_prices.sql")
    assert "adj_close" in {column.name for column in view.columns}
    assert "gold.stocks_traded_prices" in view.reads
