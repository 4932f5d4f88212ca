"""Each of the fifteen answers, from bronze by another engine: what gold says is what its definitions say."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anthill import catalog
from anthill.lakehouse import statements
from tests.docs.questions import QUERIES
from tests.oracle import wealth
from tests.oracle.answers import Answers, Rows
from tests.oracle.bronze import Bronze
from tests.plugins.anthill.lakehouse import oracle_series
from tests.plugins.anthill.lakehouse.bars_gold import FRAMES
from tests.plugins.anthill.lakehouse.lake import Lake
from tests.plugins.anthill.lakehouse.recorded import assert_as_recorded

DAY = dt.date(2026, 7, 2)
SPLIT, RENAMED = "ANTH", "FMCA"  # of local/polygon/stocks/notable.yaml: 4 for one on 2026-06-15; FRMC before 2026-06-16
FIELDS = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume", "vw": "vwap", "n": "trades"}


@pytest.fixture(scope="module")
def lake(small: tuple[Lake, Bronze]) -> Lake:
    """The small market's tables."""
    small[0].spark.sql("USE CATALOG dev")
    return small[0]


@pytest.fixture(scope="module")
def answers(small: tuple[Lake, Bronze]) -> Answers:
    """What bronze says."""
    return Answers(small[1])


def asked(lake: Lake, question: str, **others: str) -> Rows:
    """The rows of a query of the page; `others` are words of it in whose place others stand."""
    query = QUERIES[question]
    for word, other in others.items():
        assert word in query, f"{question} says no {word}"
        query = query.replace(word, other)
    return [tuple(row) for row in lake.spark.sql(query).collect()]


def same(found: Rows, wanted: Rows) -> None:
    """The first columns of each row, numbers to 1e-9, and something to compare."""
    assert wanted
    assert [row[: len(wanted[0])] for row in found] == [
        tuple(pytest.approx(value, rel=1e-9, abs=1e-12) if isinstance(value, float) else value for value in row)
        for row in wanted
    ]


def test_1_a_price_series(lake: Lake, answers: Answers) -> None:
    """Of a share with dividends, and of one that was split."""
    same(asked(lake, "1 0"), answers.series("AAPL", dt.date(2026, 6, 30), DAY))
    split = asked(lake, "1 0", AAPL=SPLIT, **{"2026-06-30": "2026-06-12"})
    same(split, answers.series(SPLIT, dt.date(2026, 6, 12), DAY))
    assert {row[4] for row in split} == {4.0, 1.0}


def test_2_the_largest_moves(lake: Lake, answers: Answers) -> None:
    """By total return, of what was traded for more than a million."""
    same(asked(lake, "2 0"), answers.movers(DAY))
    same(asked(lake, "2 0", **{"2026-07-02": "2026-06-15"}), answers.movers(dt.date(2026, 6, 15)))  # the day of a split


def test_3_the_term_structure(lake: Lake, answers: Answers) -> None:
    """Of every expiry."""
    wanted = answers.term("AAPL", DAY)
    assert len(wanted) > 5
    same(asked(lake, "3 0"), wanted)


def test_4_the_smile(lake: Lake, answers: Answers) -> None:
    """Where both sides reach far enough."""
    same(asked(lake, "4 0"), answers.skew("AAPL", DAY))
    same(asked(lake, "4 1"), answers.smile("AAPL", DAY))


def test_5_the_average_price(lake: Lake, answers: Answers) -> None:
    """Of the day as the source says it, of the session from its minutes."""
    same(asked(lake, "5 0"), answers.vwap(DAY, ("AAPL", "SPY")))


def test_6_cross_rates(lake: Lake, answers: Answers) -> None:
    """Through the dollar, beside the quoted pair where there is one."""
    same(asked(lake, "6 0"), answers.crosses(DAY, "CHF"))
    same(asked(lake, "6 0", CHF="EUR"), answers.crosses(DAY, "EUR"))


def test_7_what_moves_together(lake: Lake, answers: Answers) -> None:
    """The coins, and any two series."""
    same(asked(lake, "7 0"), answers.coins())
    same(asked(lake, "7 1"), answers.alike("AAPL", "SPY"))
    same(asked(lake, "7 3"), answers.below("AAPL"))


def test_7_what_a_year_says_of_each_series(lake: Lake, answers: Answers) -> None:
    """Every figure of stocks and of coins, of which there are enough days for some."""
    for name, benchmark, observed, days in (
        ("stocks", "SPY", oracle_series.of_wealth(answers.prices), answers.sessions),
        ("crypto", "X:BTCUSD", answers.pairs(), answers.bronze.days("crypto", "grouped_daily")),
    ):
        wanted = oracle_series.stats(observed, days, benchmark)
        held = lake.table(f"gold.{name}_series_stats").sort("ticker", "market_date")
        names = ["ticker", "market_date", *oracle_series.FIGURES, "benchmark"]
        assert_frame_equal(held.select(names), wanted.select(names), **FRAMES)
    assert wanted["momentum_21d"].is_not_null().any()
    shown = lake.table("gold.stocks_series_stats").filter(
        pl.col("market_date") == DAY, pl.col("ticker").is_in(["AAPL", "SPY"])
    )
    assert [row[0] for row in asked(lake, "7 2")] == sorted(shown["ticker"])


def test_8_a_company_that_was_renamed(lake: Lake, answers: Answers) -> None:
    """Its tickers, and its prices through the rename."""
    renames = answers.renames()
    assert RENAMED in {row[2] for row in renames}
    same(asked(lake, "8 0"), renames)
    same(asked(lake, "8 1"), answers.renamed())


def test_9_short_interest(lake: Lake, answers: Answers) -> None:
    """The latest count that was public."""
    same(asked(lake, "9 0"), answers.shorts(DAY, ("AAPL", "SPY")))


def test_10_fundamentals(lake: Lake, answers: Answers) -> None:
    """Of each day the report that was filed by then."""
    same(asked(lake, "10 0"), answers.multiples("AAPL"))


def test_11_news(lake: Lake, answers: Answers) -> None:
    """Of tickers that have some; those of the page have none on the day."""
    assert asked(lake, "11 0") == answers.news(DAY, ("AAPL", "SPY"))
    named = answers.bronze.rows("stocks", "news").filter(market_date=DAY)["tickers"].explode().unique().sort().to_list()
    words = ", ".join(f"'{ticker}'" for ticker in named)
    same(asked(lake, "11 0", **{"'AAPL', 'SPY'": words}), answers.news(DAY, tuple(named)))


def test_12_an_index_against_a_fund(lake: Lake, answers: Answers) -> None:
    """Each day that both have."""
    same(asked(lake, "12 0"), answers.against("SPY", "I:SPX"))


def test_13_what_may_be_trusted(lake: Lake, answers: Answers) -> None:
    """The days that are published are those that bronze has whole; of every day of bronze it is told what is wrong."""
    same([row for row in asked(lake, "13 0") if not row[0].startswith(("dim_", "fact_"))], answers.published(_waits()))
    judged = {(row[0], row[1]) for row in asked(lake, "13 1", **{"AND NOT passed": ""})}
    assert judged == answers.days_of("stocks")
    silent = answers.silent()
    same(
        asked(lake, "13 1"), [(day, "minute_bars", "tickers_have_bars", "warn") for day in sorted(silent, reverse=True)]
    )
    assert [row[4].rpartition(": ")[2].split(", ") for row in asked(lake, "13 1")] == [
        silent[day] for day in sorted(silent, reverse=True)
    ]


def test_14_what_a_restatement_changed(lake: Lake, answers: Answers) -> None:
    """Every field of every bar that the source said otherwise when it was asked again, and no other."""
    restated = answers.restated()
    assert restated
    rows = [row for row in asked(lake, "14 0", **{"LIMIT 100": ""}) if row[0] == "grouped_daily"]
    assert {row[2:4] for row in rows} == {("source", "changed")}
    told = {(row[1], row[4], row[5], float(row[6]), float(row[7])) for row in rows}
    assert told == {(day, ticker, FIELDS[field], old, new) for day, ticker, field, old, new in restated}


def test_15_all_of_it(lake: Lake, answers: Answers) -> None:
    """Every row and column of prices and returns, which a file for another tool has."""
    assert wealth.differences(answers.prices, lake.table("gold.stocks_daily_prices")) == {}
    assert wealth.differences(answers.prices, lake.table("gold.stocks_daily_returns")) == {}


def _waits() -> dict[str, set[str]]:
    """The datasets whose days each table of stocks waits for: those that its SQL names, and those of tables in it."""
    found: dict[str, set[str]] = {}
    for name in catalog.load("stocks").gold:  # a table reads those before it
        text = statements.code(statements.path("gold", "stocks", name))
        found[name] = set(re.findall(r"\{silver\}\.stocks_(\w+)", text))
        for before in re.findall(r"\{gold\}\.stocks_(\w+)|\b(?:days|roots)_of_(\w+)", text):
            found[name] |= found.get("".join(before), set())
    return found


def test_what_is_expected_of_the_demos_days_is_on_record(lake: Lake) -> None:
    """Every expectation of every dataset, with its verdict and message."""
    assert_as_recorded(lake.table("quality.results"), "demo", clocked=True)
