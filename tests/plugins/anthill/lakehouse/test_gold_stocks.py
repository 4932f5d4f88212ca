"""Gold of stocks by hand: a week whose prices, corporate actions, movers and instruments are told without an oracle."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl
import pytest

from anthill.calendars import market_days
from anthill.lakehouse import statements
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake, bar

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, MONDAY = WEEK = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 1, 8))
FOREVER = dt.date(9999, 12, 31)
Row = dict[str, Any]

# Closes by day; None is a day without a trade.
CLOSES: dict[str, tuple[float | None, ...]] = {
    "ODD": (10.0, 10.0, 10.0, 10.0, 10.0),  # its splits and most of its dividends are none
    "SPL": (100.0, 50.0, 45.0, 45.0, 45.0),  # goes ex on the session after its split
    "NOB": (100.0, None, 47.0, 47.0, 47.0),  # the same, without a trade on the day of the split
    "ONE": (100.0, 80.0, 15.0, 15.0, 15.0),  # splits and goes ex on one day
    "ALL": (10.0, 0.1, 0.1, 0.1, 0.1),  # pays out all that it is worth
    "NEW": (None, None, None, 20.0, 20.0),  # goes ex on its first day
}
# Ticker, Friday's and Monday's close, Monday's volume.
MOVES: list[tuple[str, float, float, float]] = [
    ("U1", 0.5, 1.0, 1e6),  # a dollar, and a million of them: both just enough
    ("U2", 10.0, 16.0, 1e6),
    ("U3", 10.0, 15.0, 1e6),  # three alike: by the alphabet
    ("U4", 10.0, 15.0, 1e6),
    ("U5", 20.0, 30.0, 1e6),
    ("U6", 10.0, 14.0, 1e6),  # the sixth
    ("CENT", 0.45, 0.99, 1e9),
    ("THIN", 10.0, 90.0, 11111.1),
    ("STAY", 10.0, 10.0, 1e6),
    ("D1", 10.0, 5.0, 1e6),
    ("D2", 10.0, 6.0, 1e6),
    ("WT", 2.0, 9.0, 1e6),  # no share and no fund
    ("NOTE", 20.0, 2.0, 1e6),
    ("ADR", 10.0, 7.0, 1e6),
    ("GOLD", 10.0, 8.0, 1e6),
]
CODES = {"WT": "WARRANT", "NOTE": "ETN", "ADR": "ADRC", "GOLD": "ETV", "U3": "OS", "U4": "ETF", "STAY": "NEVER"}


def split(ticker: str, day: dt.date, old: float, new: float, executed: dt.date | None = None) -> Row:
    """A split as the API gives it."""
    return {
        "id": f"s{ticker}{day}", "ticker": ticker, "execution_date": str(executed or day),
        "split_from": old, "split_to": new,
    }  # fmt: skip


def dividend(ticker: str, day: dt.date, cash: float, currency: str | None = "USD", ex: dt.date | None = None) -> Row:
    """A dividend as the API gives it."""
    known = {"ticker": ticker, "ex_dividend_date": str(ex or day), "cash_amount": cash, "currency": currency}
    return known | {"id": f"d{ticker}{day}{cash}{currency}"}


SPLITS: dict[dt.date, list[Row]] = {
    WEDNESDAY: [
        split("SPL", WEDNESDAY, 1, 2),
        split("NOB", WEDNESDAY, 1, 2),
        split("ODD", WEDNESDAY, 1, 0),
    ],
    THURSDAY: [split("ONE", THURSDAY, 1, 4), split("ODD", THURSDAY, 0, 1)],
    FRIDAY: [split("ODD", FRIDAY, 1, 3, executed=MONDAY)],
}
DIVIDENDS: dict[dt.date, list[Row]] = {
    WEDNESDAY: [dividend("ODD", WEDNESDAY, 0.0), dividend("ALL", WEDNESDAY, 10.0)],
    THURSDAY: [
        dividend("SPL", THURSDAY, 5.0),
        dividend("NOB", THURSDAY, 5.0),
        dividend("ONE", THURSDAY, 5.0),
        dividend("ODD", THURSDAY, 1.0, "CAD"),
    ],
    FRIDAY: [
        dividend("ODD", FRIDAY, 1.0, None),
        dividend("ODD", FRIDAY, 0.5),
        dividend("NEW", FRIDAY, 1.0),
    ],
    MONDAY: [dividend("ODD", MONDAY, 2.0, ex=FRIDAY)],
}
# What the reference data lists beside them, by day: each row with what it says of its ticker.
LISTED: dict[str, tuple[Row | None, ...]] = {
    "LEFT": ({"cik": "1"}, {"cik": "1"}, None, None, None),
    "LOST": ({}, {}, None, None, None),
    "BACK": ({"name": "First", "currency_name": "usd"}, None, {"name": "Second"}, {}, {"name": "Last", "type": "ETF"}),
    "LATE": ({}, {}, {}, None, None),
    "FIGI": tuple([{"cik": "7", "composite_figi": "F7"}] * 5),
}
DELISTED: dict[dt.date, list[Row]] = {
    THURSDAY: [
        {"ticker": "LEFT", "cik": "1", "delisted_utc": "2024-01-05T00:00:00Z"},
        {"ticker": "FIGI", "composite_figi": "F1", "delisted_utc": "2010-01-04T00:00:00Z"},
        {"ticker": "LOST"},
    ],
    FRIDAY: [
        {"ticker": "LEFT", "cik": "1", "delisted_utc": "2024-01-08T05:00:00Z"},
        {"ticker": "LATE", "delisted_utc": "2024-01-03T00:00:00Z"},
    ],
}


def put(lake: Lake, at: int, day: dt.date) -> None:
    """Land a day of the week."""
    bars = [bar(ticker, close) for ticker, closes in CLOSES.items() if (close := closes[at]) is not None]
    bars += [bar(ticker, monday if day == MONDAY else friday, volume) for ticker, friday, monday, volume in MOVES]
    lake.put_day(day, bars, SPLITS.get(day, []), DIVIDENDS.get(day, []))
    listed = [{"ticker": row["T"], "type": CODES.get(row["T"], "CS")} for row in bars]
    listed += [{"ticker": ticker, **row} for ticker, days in LISTED.items() if (row := days[at]) is not None]
    lake.put("tickers", day, [row | {"active": True} for row in listed], shard="active")
    lake.put("tickers", day, [row | {"active": False} for row in DELISTED.get(day, [])], shard="delisted")


@pytest.fixture(scope="module")
def week(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Gold of the week; what quality finds critical is let through, so that gold has to look after itself."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    lake.only("market_summary", "instruments")
    for at, day in enumerate(WEEK):
        put(lake, at, day)
    lake.silver(TUESDAY, MONDAY)
    with pytest.raises(QualityError):
        lake.quality(TUESDAY, MONDAY)
    lake.spark.sql("DELETE FROM dev.quality.results WHERE NOT passed")
    lake.gold(TUESDAY, THURSDAY)
    lake.gold(FRIDAY, MONDAY)
    return lake


def test_what_is_no_split_or_dividend_of_the_day_is_left_out(week: Lake) -> None:
    """Of nothing, in other currencies, or of another day; one without a currency is in dollars, two of a day add up."""
    prices = week.table("gold.stocks_traded_prices")
    found = {row[:2]: row[2:] for row in prices.select("ticker", "market_date", "split_ratio", "cash_dividend").rows()}
    expected: dict[tuple[str, dt.date], tuple[float | None, float | None]] = {
        ("SPL", WEDNESDAY): (2.0, None),
        ("SPL", THURSDAY): (None, 5.0),
        ("NOB", THURSDAY): (None, 5.0),
        ("ONE", THURSDAY): (4.0, 5.0),
        ("ALL", WEDNESDAY): (None, 10.0),
        ("NEW", FRIDAY): (None, 1.0),
        ("ODD", FRIDAY): (None, 1.5),
    }
    assert {where: values for where, values in found.items() if values != (None, None)} == expected
    assert (
        len(found)
        == prices.height
        == sum(close is not None for closes in CLOSES.values() for close in closes) + len(MOVES) * 5
    )


def test_an_ex_date_counts_shares_as_on_that_day(week: Lake) -> None:
    """The close before it is brought to the shares of the ex-date by the splits between the two, and by no other."""
    actions = week.table("gold.stocks_corporate_actions")
    columns = ("ticker", "market_date", "split_ratio", "cash_dividend", "kept_by_dividend")
    assert sorted(actions.select(columns).rows()) == [
        ("ALL", WEDNESDAY, 1.0, 10.0, 1.0),  # nothing of a price would be left
        ("NEW", FRIDAY, 1.0, 1.0, 1.0),  # no close to compare it with
        ("NOB", WEDNESDAY, 2.0, None, 1.0),
        ("NOB", THURSDAY, 1.0, 5.0, pytest.approx(0.9)),  # 5 of 100 / 2
        ("ODD", FRIDAY, 1.0, 1.5, pytest.approx(0.85)),
        ("ONE", THURSDAY, 4.0, 5.0, pytest.approx(0.75)),  # 5 of 80 / 4
        ("SPL", WEDNESDAY, 2.0, None, 1.0),
        ("SPL", THURSDAY, 1.0, 5.0, pytest.approx(0.9)),  # 5 of 50: that close knows of the split
    ]
    announced = week.table("gold.stocks_announced_actions").filter(ticker="NEW")
    assert announced.select("ratio", "said", "cash_dividend").rows() == [(1.0, None, 1.0)]  # a dividend alone
    prices = week.table("gold.stocks_daily_prices").filter(ticker="SPL").sort("market_date")
    assert prices["adj_close"].to_list() == [50.0, 50.0, 45.0, 45.0, 45.0]
    assert prices["adj_volume"].to_list() == [2000.0, 1000.0, 1000.0, 1000.0, 1000.0]
    assert prices["total_return_close"].to_list() == pytest.approx([45.0] * 5)


def test_movers_are_shares_and_funds_that_cost_a_dollar_and_move_a_million(week: Lake) -> None:
    """At most five a side, the largest move first, those alike by name; what stands still is on neither."""
    monday = week.table("gold.stocks_market_summary").filter(market_date=MONDAY).row(0, named=True)
    assert [mover["ticker"] for mover in monday["top_gainers"]] == ["U1", "U2", "U3", "U4", "U5"]
    assert [mover["ticker"] for mover in monday["top_losers"]] == ["D1", "D2", "ADR", "GOLD"]
    assert monday["top_gainers"][0] == {"ticker": "U1", "simple_return": 1.0, "close": 1.0}
    assert (monday["advancers"], monday["decliners"], monday["unchanged"], monday["tickers"]) == (9, 5, 7, 21)
    tuesday = week.table("gold.stocks_market_summary").filter(market_date=TUESDAY).row(0, named=True)
    assert (tuesday["top_gainers"], tuesday["top_losers"], tuesday["average_return"]) == ([], [], None)


def test_an_instrument_lasts_until_it_is_delisted_or_not_seen_again(week: Lake) -> None:
    """What was delisted ends the day before, what was not told of ends when it was last seen."""
    known = week.table("gold.stocks_instruments").filter(pl.col("ticker").is_in(list(LISTED))).sort("ticker")
    columns = ("ticker", "identity", "valid_from", "valid_to", "last_seen", "delisted_on")
    assert known.select(columns).rows() == [
        ("BACK", "BACK", TUESDAY, FOREVER, MONDAY, None),
        ("FIGI", "F7", TUESDAY, FOREVER, MONDAY, None),  # another security of that name was delisted
        ("LATE", "LATE", TUESDAY, THURSDAY, THURSDAY, WEDNESDAY),  # seen after it was delisted
        ("LEFT", "1", TUESDAY, dt.date(2024, 1, 7), WEDNESDAY, MONDAY),
        ("LOST", "LOST", TUESDAY, WEDNESDAY, WEDNESDAY, None),
    ]
    back = known.row(0, named=True)
    assert (back["name"], back["type"], back["type_code"]) == ("Last", "fund", "ETF")
    assert known["instrument_key"].n_unique() == known.height


def test_a_type_is_a_word(week: Lake) -> None:
    """Of a code that has none, of none, and of what the reference data does not know: other."""
    known = week.table("gold.stocks_instruments")
    found = dict(known.filter(pl.col("ticker").is_in([*CODES, "U1", "LOST"])).select("ticker", "type").rows())
    words = {"WT": "warrant", "NOTE": "note", "ADR": "depositary_receipt", "GOLD": "fund", "U4": "fund"}
    words |= {"U1": "share", "U3": "share", "STAY": "other", "LOST": "other"}
    assert found == words
    prices = week.table("gold.stocks_daily_prices").filter(market_date=MONDAY)
    assert dict(prices.filter(pl.col("ticker").is_in(list(words))).select("ticker", "type").rows()) == {
        ticker: word for ticker, word in words.items() if ticker != "LOST"
    }


# The codes of the filter `type` of /v3/reference/tickers, and those of its list of types beside them.
WORDS = {
    "CS": "share", "OS": "share", "NYRS": "share", "ADRC": "depositary_receipt", "GDR": "depositary_receipt",
    "PFD": "preferred", "ADRP": "preferred", "ETF": "fund", "ETS": "fund", "ETV": "fund", "FUND": "fund", "ETN": "note",
    "WARRANT": "warrant", "ADRW": "warrant", "RIGHT": "right", "ADRR": "right", "UNIT": "unit", "BOND": "bond",
    "AGEN": "bond", "EQLK": "bond", "SP": "structured_product", "BASKET": "basket", "LT": "liquidating_trust",
    "INDEX": "index", "IX": "index", "OTHER": "other", "NEVER": None,
}  # fmt: skip


def test_every_code_of_the_source_has_its_word(week: Lake) -> None:
    """Its list of types by what it says they are; another code has none."""
    worded = statements.code(statements.path("gold", "type_words"))
    coded = ", ".join(f"('{code}')" for code in WORDS)
    sql = f"WITH coded AS (SELECT * FROM VALUES {coded} AS codes (type_code)),\n{worded}\nSELECT * FROM worded"
    assert {row["type_code"]: row["word"] for row in week.spark.sql(sql).collect()} == WORDS


def test_published_says_what_gold_has(week: Lake) -> None:
    """A row a table and day, with its rows as they are in the table."""
    published = week.table("quality.published")
    assert published.select("asset_class", "gold_table", "market_date").is_unique().all()
    rows = published.filter(gold_table="traded_prices").sort("market_date")
    assert rows["market_date"].to_list() == WEEK
    held = week.table("gold.stocks_traded_prices").group_by("market_date").len().sort("market_date")
    assert rows["row_count"].to_list() == held["len"].to_list()
    returns = published.filter(gold_table="daily_returns")
    assert returns["market_date"].n_unique() == len(WEEK)
    assert set(published["gold_table"]) >= {"instruments", "corporate_actions", "market_summary"}
    whole = published.filter(gold_table="instruments").sort("market_date")["row_count"].to_list()
    assert whole[-1] == week.table("gold.stocks_instruments").height, "on the latest day that was computed"
    assert None in whole
    assert 0 not in whole, "a day has no rows of its own there"
    assert "news" not in set(published["gold_table"]), "nothing of it was loaded"


def test_changed_sql_is_computed_again(week: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of the days asked for, the days that depend on them, what stands on the table, and nothing else."""
    code = statements.code

    def changed(file: Any) -> str:
        text = code(file)
        return (
            text.replace("WITH traded AS", "WITH  traded AS")
            if str(file).endswith("stocks/daily_returns.sql")
            else text
        )

    days = lambda counts: {name: table["days"] for name, table in counts["tables"].items() if table["days"]}  # noqa: E731
    assert days(week.gold(THURSDAY, FRIDAY)) == {}
    with monkeypatch.context() as patch:
        patch.setattr(statements, "code", changed)
        assert days(week.gold(THURSDAY, FRIDAY)) == {"daily_returns": 3, "market_summary": 3}  # Monday looks back
        assert days(week.gold(THURSDAY, MONDAY)) == {}
    assert days(week.gold(TUESDAY, MONDAY)) == {"daily_returns": 3, "market_summary": 3}  # changed back


def test_what_was_loaded_again_is_computed_again(week: Lake) -> None:
    """Reference data that comes anew moves the instruments of its day, and no price."""
    week.put("tickers", MONDAY, [{"ticker": "SOLE", "active": True}], shard="active")
    week.silver(MONDAY)
    with pytest.raises(QualityError):
        week.quality(MONDAY)
    week.spark.sql("DELETE FROM dev.quality.results WHERE NOT passed")
    tables = week.gold(TUESDAY, MONDAY)["tables"]
    assert {name for name, table in tables.items() if table["days"]} == {"listings", "successions", "instruments"}
    assert tables["instruments"]["days"] == 1
    assert "SOLE" in set(week.table("gold.stocks_instruments")["ticker"])


def test_volume_is_compared_with_the_days_before_at_one_share_count(lake: Lake) -> None:
    """With those of the 20 market days before on which it traded: not its own, not older ones, and not below ten."""
    days = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 2, 29))[:23]
    lake.only("daily_prices")
    for at, day in enumerate(days):
        volume = 7e9 if at == 1 else 100.0 if at < 22 else 600.0  # the second day is one too old for the last
        bars = [bar("ALL", 10.0, volume), bar("SPLIT", *((10.0, 100.0) if at < 21 else (5.0, 400.0)))]
        if at == 22 or 3 <= at < 12:
            bars.append(bar("NINE", 10.0))
        if at == 22 or 2 <= at < 12:
            bars.append(bar("TEN", 10.0, 3000.0 if at == 22 else 1000.0))
        if at in {5, 22} or 10 <= at < 20:
            bars.append(bar("HALTED", 10.0, 0.0 if at == 5 else 500.0))
        lake.put_day(day, bars, [split("SPLIT", day, 1, 2)] if at == 21 else [])
    lake.run(days[0], days[-1])
    prices = lake.table("gold.stocks_daily_prices").filter(market_date=days[22])
    found = dict(prices.select("ticker", "relative_volume_20d").rows())
    expected = {"ALL": 6.0, "SPLIT": 400 / ((19 * 200 + 400) / 20), "NINE": None, "TEN": 3.0, "HALTED": 1.0}
    assert found == {ticker: value and pytest.approx(value) for ticker, value in expected.items()}
    before = lake.table("gold.stocks_daily_prices").filter(ticker="ALL").sort("market_date")
    assert before["relative_volume_20d"].to_list()[9:11] == [None, pytest.approx(100 / ((7e9 + 900) / 10))]
    assert before["adj_vwap"].to_list() == [10.0] * 23
    halved = lake.table("gold.stocks_daily_prices").filter(ticker="SPLIT").sort("market_date")
    assert halved["adj_vwap"].to_list() == [5.0] * 23
