"""The metric views: what they name is in gold, and their measures are what they say. No engine here reads one."""

from __future__ import annotations

import datetime as dt
import math
import re
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
import sqlglot
from sqlglot import exp

from anthill.catalog import DeclarationError
from anthill.governance import declared_tables
from anthill.governance.securables import Securable
from anthill.include import include_dir
from anthill.lakehouse import keys
from docs.site import samples

FILES = sorted((include_dir() / "metrics").glob("*.sql"))
STATEMENT = re.compile(
    r"CREATE OR REPLACE VIEW \{catalog\}\.gold\.(\w+)\nWITH METRICS\nLANGUAGE YAML\nAS \$\$\n(.+)\$\$;\n", re.DOTALL
)
# What the vendor's reference of the YAML, version 1.1, has at each place, of what is used here.
KEYS = {"version", "comment", "source", "joins", "dimensions", "measures"}
GOLD = re.compile(r"\{catalog\}\.gold\.(\w+)")


def view(file: Path) -> dict[str, Any]:
    """The YAML of a file, which has one statement and comments before it."""
    text = "".join(line for line in file.read_text().splitlines(keepends=True) if not line.startswith("--"))
    found = STATEMENT.fullmatch(text)
    assert found, f"{file.name} is no metric view"
    assert found[1] == file.stem
    made: dict[str, Any] = msgspec.yaml.decode(found[2])
    return made


def tables(made: dict[str, Any]) -> dict[str, str]:
    """The tables of gold by the names that its expressions have for them."""
    named = {"source": made["source"], **{join["name"]: join["source"] for join in made.get("joins", [])}}
    found = {name: GOLD.fullmatch(source) for name, source in named.items()}
    return {name: match[1] for name, match in found.items() if match}


def sql(made: dict[str, Any], measures: dict[str, str], where: str = "true") -> str:
    """What a query of measures means, by the vendor's words: each join to at most one row, then the expressions."""
    joined = [f"LEFT JOIN {t} AS {name}" for name, t in tables(made).items() if name != "source"]
    using = [f"{join} USING ({', '.join(each['using'])})" for join, each in zip(joined, made["joins"], strict=True)]
    columns = [f"{sqlglot.transpile(text, 'databricks', 'duckdb')[0]} AS {name}" for name, text in measures.items()]
    return f"SELECT {', '.join(columns)} FROM {tables(made)['source']} AS source {' '.join(using)} WHERE {where}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_it_names_is_in_gold(file: Path) -> None:
    """Tables, columns, joins on a whole key; dimensions without an aggregate, measures of nothing but aggregates."""
    made = view(file)
    assert made.keys() <= KEYS
    assert made["version"] == 1.1
    types = {name: samples.read()[table].types for name, table in tables(made).items()}
    assert types.keys() == {"source", *(join["name"] for join in made["joins"])}
    for join in made["joins"]:
        assert join.keys() == {"name", "source", "using"}
        folder, _, name = tables(made)[join["name"]].partition("_")
        declared = keys.of(include_dir() / "sql/gold" / folder / f"{name}.sql")
        assert sorted(join["using"]) in [sorted(key.columns) for key in declared if not key.days]
        assert set(join["using"]) <= types["source"].keys() & types[join["name"]].keys()
    names = [each["name"] for each in (*made["dimensions"], *made["measures"])]
    assert len(set(names)) == len(names)
    for each in (*made["dimensions"], *made["measures"]):
        assert each.keys() == {"name", "expr", "comment"}
        parsed = sqlglot.parse_one(each["expr"], dialect="databricks")
        for column in parsed.find_all(exp.Column):
            assert column.name in types[column.table], f"{each['name']}: {column.sql()}"
            assert bool(column.find_ancestor(exp.AggFunc)) == (each in made["measures"]), each["name"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_its_readers_may_be_declared(file: Path) -> None:
    """As those of a table: a grant on what nothing makes is refused."""
    declared_tables.check([Securable("table", f"dev.gold.{file.stem}", {}, "revoke", "stocks.yaml")])
    with pytest.raises(DeclarationError, match="nothing makes this table"):
        declared_tables.check([Securable("table", f"dev.gold.{file.stem}s", {}, "revoke", "stocks.yaml")])


DAYS = [dt.date(2026, 6, day) for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 15)]
RETURNS = {
    "AAPL": [None, 0.01, -0.02, 0.03, 0.0, 0.015, -0.01, 0.02, -0.03, 0.005, 0.04],
    "F": [None, 0.5, -0.5, 0.1],  # a fund without a price on its last day
}
TRADED = {"AAPL": (200.0, 1000.0), "F": (10.0, 50.0)}


@pytest.fixture(scope="module")
def gold() -> Iterator[duckdb.DuckDBPyConnection]:
    """The two tables with rows written by hand."""
    database = duckdb.connect()
    database.execute(
        "CREATE TABLE stocks_daily_returns (ticker TEXT, market_date DATE, security TEXT, total_return DOUBLE)"
    )
    database.execute(
        "CREATE TABLE stocks_daily_prices (ticker TEXT, market_date DATE, type TEXT, close DOUBLE, volume DOUBLE)"
    )
    for ticker, returns in RETURNS.items():
        for at, (day, given) in enumerate(zip(DAYS, returns, strict=False)):
            database.execute(
                "INSERT INTO stocks_daily_returns VALUES (?, ?, ?, ?)", [ticker, day, f"of {ticker}", given]
            )
            if (ticker, at) != ("F", 3):
                close, volume = TRADED[ticker]
                row = [ticker, day, "share" if ticker == "AAPL" else "fund", close + at, volume]
                database.execute("INSERT INTO stocks_daily_prices VALUES (?, ?, ?, ?, ?)", row)
    yield database
    database.close()


# The same in plain SQL of another form.
SECOND = """
SELECT
  (SELECT count(*) FROM (SELECT security FROM chosen GROUP BY security)),
  (SELECT sum(close * volume) FROM stocks_daily_prices
    WHERE (ticker, market_date) IN (SELECT ticker, market_date FROM chosen)),
  (SELECT quantile_cont(total_return, 0.5) FROM chosen),
  CASE WHEN min(security) = max(security) THEN product(1 + total_return) - 1 END,
  CASE WHEN min(security) = max(security) AND sum(CASE WHEN total_return IS NULL THEN 0 ELSE 1 END) >= 10
    THEN sqrt(252 * (sum(ln(1 + total_return) ** 2) - sum(ln(1 + total_return)) ** 2 / count(total_return))
      / (count(total_return) - 1)) END
FROM chosen
"""


def defined(tickers: list[str], days: int) -> list[float | None]:
    """The same by the definitions, in Python."""
    returns = {ticker: [each for each in RETURNS[ticker][:days] if each is not None] for ticker in tickers}
    every = sorted(each for some in returns.values() for each in some)
    priced = {ticker: len(RETURNS[ticker][:days]) - (ticker == "F" and days > 3) for ticker in tickers}
    turnover = sum((TRADED[t][0] + at) * TRADED[t][1] for t, count in priced.items() for at in range(count))
    one = every if len(tickers) == 1 else None
    logs = [math.log1p(each) for each in returns[tickers[0]]]
    return [
        len(tickers),
        turnover,
        statistics.median(every),
        math.prod(1 + each for each in returns[tickers[0]]) - 1 if one else None,
        statistics.stdev(logs) * math.sqrt(252) if one and len(logs) >= 10 else None,
    ]


def numbers(row: Iterable[float | None]) -> list[float]:
    """NULL as no number, which is compared with nothing but itself."""
    return [math.nan if each is None else float(each) for each in row]


@pytest.mark.parametrize(
    ("tickers", "days"), [(["AAPL"], 11), (["AAPL"], 10), (["F"], 4), (["AAPL", "F"], 11), (["AAPL", "F"], 3)]
)
def test_its_measures_are_what_they_say(gold: duckdb.DuckDBPyConnection, tickers: list[str], days: int) -> None:
    """Thrice: the view's expressions, plain SQL of another form, and the definitions; of one security and of two."""
    (file,) = FILES
    made = view(file)
    measures = {each["name"]: each["expr"] for each in made["measures"]}
    assert list(measures) == ["securities", "turnover", "median_return", "total_return", "volatility_annualised"]
    where = f"source.ticker IN ({', '.join(map(repr, tickers))}) AND source.market_date <= DATE'{DAYS[days - 1]}'"
    first = gold.execute(sql(made, measures, where)).fetchone()
    gold.execute(f"CREATE OR REPLACE TEMP VIEW chosen AS SELECT * FROM stocks_daily_returns AS source WHERE {where}")
    second = gold.execute(SECOND).fetchone()
    wanted = pytest.approx(numbers(defined(tickers, days)), rel=1e-9, abs=1e-12, nan_ok=True)
    assert numbers(first or ()) == wanted
    assert numbers(second or ()) == wanted


def test_its_dimensions_are_columns_or_their_month(gold: duckdb.DuckDBPyConnection) -> None:
    """The kind of a row without a price is unknown; a month is its first day."""
    (file,) = FILES
    made = view(file)
    query = sql(made, {each["name"]: each["expr"] for each in made["dimensions"]}, "source.ticker = 'F'")
    rows = [tuple(str(value) for value in row) for row in gold.execute(query + " ORDER BY 1").fetchall()]
    assert [row[1][:10] for row in rows] == ["2026-06-01"] * 4
    assert [(row[0], *row[2:]) for row in rows] == [
        (str(day), "F", "of F", "fund" if at < 3 else "None") for at, day in enumerate(DAYS[:4])
    ]
