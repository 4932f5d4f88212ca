"""Silver: every row of bronze is in silver, a duplicate or in quarantine, and a day is one revision of bronze."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anthill import catalog
from anthill.calendars import market_days
from anthill.lakehouse import silver, statements, tables
from anthill.lakehouse.commits import CommitError
from anthill.lakehouse.silver import SilverError
from tests.plugins.anthill.lakehouse.lake import Lake, bar

DAY = dt.date(2024, 1, 3)
NEXT = dt.date(2024, 1, 4)

# Each raw row that silver cannot take, with the reason that quarantine must give.
UNFIT: list[tuple[Any, str]] = [
    (bar("A1", 1.0) | {"c": "abc"}, "close: cannot read 'abc' as DOUBLE"),
    (bar("A2", 1.0) | {"c": None}, "close is missing"),
    ({key: value for key, value in bar("A3", 1.0).items() if key != "v"}, "volume is missing"),
    (bar("A4", 1.0) | {"o": {"a": 1}}, "open: cannot read '{\"a\":1}' as DOUBLE"),
    (bar("A5", 1.0) | {"o": True}, "open: cannot read 'true' as DOUBLE"),
    (bar("A6", 1.0) | {"n": 1.5}, "trades: cannot read '1.5' as BIGINT"),
    (bar("A7", 1.0) | {"h": "NaN"}, "high: cannot read 'NaN' as DOUBLE"),
    (bar("A8", 1.0) | {"h": "Infinity"}, "high: cannot read 'Infinity' as DOUBLE"),
    (bar("C1", 1.0) | {"h": "-Infinity"}, "high: cannot read '-Infinity' as DOUBLE"),
    (bar("C2", 1.0) | {"h": "x" * 100}, f"high: cannot read '{'x' * 80}' as DOUBLE"),
    ("y" * 100, f'row is no JSON object: "{"y" * 79}'),
    (bar("A9", 1.0) | {"t": -5}, "window_end: cannot read '-5' as TIMESTAMP"),
    (bar("", 1.0), "ticker is empty"),
    (bar("B1", 1.0) | {"T": ["x"]}, "ticker: cannot read '[\"x\"]' as STRING"),
    (bar("Q\0B", 1.0), "ticker: cannot read 'Q\0B' as STRING"),
    (bar("Q\ufffdB", 1.0), "ticker: cannot read 'Q\ufffdB' as STRING"),
    (bar("B4", 8903334989143.225) | {"o": 1, "h": 1, "l": 1}, "close: 8903334989143.225 is garbage, above 1e+09"),
    (bar("B5", 1.0) | {"vw": 1.1e9}, "vwap: 1100000000.0 is garbage, above 1e+09"),
    (bar("B6", 1.0) | {"l": -9e12}, "low: -9000000000000.0 is garbage, above 1e+09"),
    (bar("B7", 1.0) | {"v": 1e300}, "volume: 1e+300 is garbage, above 1e+13"),
    (bar("B2", 1.0) | {"o": "x", "c": None}, "open: cannot read 'x' as DOUBLE; close is missing"),
    ("text", 'row is no JSON object: "text"'),
    ('{"T":"Q1","o":1,"h":1,"l":1,"c":1,"v":1}', 'row is no JSON object: "{\\"T\\":\\"Q1\\",'),
    (None, "row is no JSON object: null"),
    (5, "row is no JSON object: 5"),
    ([bar("B3", 1.0)], "row is no JSON object: [{"),
]


@pytest.fixture(scope="module")
def shared(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """One lake for tests that put a day in the place of the one before."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    lake.only(datasets=("grouped_daily",))
    return lake


@pytest.fixture
def lake(lake: Lake) -> Lake:
    """A lake of the datasets that prices stand on."""
    lake.only(datasets=("grouped_daily", "splits", "dividends"))
    return lake


def load(lake: Lake, rows: list[Any], day: dt.date = DAY) -> dict[str, Any]:
    """Land bars and load them: the counts of the dataset."""
    lake.put("grouped_daily", day, rows)
    return lake.silver(day)["datasets"]["grouped_daily"]


def test_rows_that_cannot_be_typed_are_set_aside_with_their_reason(lake: Lake) -> None:
    """Good rows of the same page are loaded, bad ones keep their text, the counts add up."""
    good = [bar(f"G{number}", 10.0 + number) for number in range(5)]
    counts = load(lake, [*good, *(row for row, _ in UNFIT)])
    assert (counts["bronze_rows"], counts["silver_rows"], counts["quarantined"]) == (5 + len(UNFIT), 5, len(UNFIT))
    quarantine = lake.table("quality.quarantine").filter(pl.col("dataset") == "grouped_daily").to_dicts()
    assert len(quarantine) == len(UNFIT)
    reasons = [row["reason"] for row in quarantine]
    for _, reason in UNFIT:
        assert any(found.startswith(reason) for found in reasons), f"{reason} is not among {reasons}"
    assert f'row is no JSON object: "{"y" * 79}' in reasons
    assert '"c": "abc"' in next(row["row"] for row in quarantine if "'abc'" in row["reason"])
    key_of = {row["reason"]: row["key"] for row in quarantine}
    assert next(key for reason, key in key_of.items() if "'abc'" in reason) == "A1", "whose row it is"
    assert key_of[f'row is no JSON object: "{"y" * 79}'] is None
    load(lake, good)
    assert lake.table("quality.quarantine").height == 0


def test_values_are_what_the_api_gave(lake: Lake) -> None:
    """Fractions, exponents, absent optional fields and odd symbols come through; a row names its bronze object."""
    odd = ["BRK.B", "aBcD", "X Y", "Ü'\"\\", "{q", "A;--", "ZW+"]
    rows = [bar(ticker, 1.5) for ticker in odd] + [
        {**bar("EXP", 1.5), "v": 7.5e07, "n": 12.0, "unknown": {"deep": [1]}}
    ]
    rows.append(bar("DEAR", 652_000.0))
    rows.append({key: value for key, value in bar("BARE", 2.5, 0.25).items() if key not in ("n", "vw", "t")})
    counts = load(lake, rows)
    table = lake.table("silver.stocks_grouped_daily")
    assert counts["quarantined"] == 1, "a key that looks like JSON is not one"
    assert set(table["ticker"]) == {*odd, "EXP", "DEAR", "BARE"} - {"{q"}
    by_ticker = {row["ticker"]: row for row in table.to_dicts()}
    assert (by_ticker["EXP"]["volume"], by_ticker["EXP"]["trades"]) == (7.5e07, 12)
    assert by_ticker["EXP"]["window_end"] == dt.datetime(2024, 1, 3, 21, tzinfo=dt.UTC)
    assert (by_ticker["BARE"]["volume"], by_ticker["BARE"]["vwap"], by_ticker["BARE"]["trades"]) == (0.25, None, None)
    assert set(table["revision"]) == {1}
    assert table["source_uri"][0].endswith("grouped_daily/date=2024-01-03/r000001.jsonl.gz")


def test_duplicates_are_counted_and_the_kept_row_does_not_depend_on_their_order(lake: Lake) -> None:
    """Of rows with one key the same one stays, however the pages order them."""
    twins = [bar("AAA", 10.0), bar("AAA", 10.0), bar("AAA", 11.0), bar("BBB", 5.0)]
    first = load(lake, twins)
    kept = lake.table("silver.stocks_grouped_daily").sort("ticker")["close"].to_list()
    assert (first["duplicates"], first["conflicts"], first["silver_rows"]) == (2, 2, 2)
    again = load(lake, twins[::-1])
    assert lake.table("silver.stocks_grouped_daily").sort("ticker")["close"].to_list() == kept
    assert (again["loaded"], again["changed_rows"]) == (1, 0)


def test_a_restatement_replaces_its_day_and_says_how_many_rows_changed(lake: Lake) -> None:
    """Changed, new and vanished rows are counted; other days stay; the older revision does not come back."""
    load(lake, [bar("AAA", 1.0)], NEXT)
    load(lake, [bar("AAA", 1.0), bar("BBB", 2.0), bar("CCC", 3.0)])
    old = [commit for (_, day, _), commit in lake.commits.items() if day == DAY]
    counts = load(lake, [bar("AAA", 1.0), bar("BBB", 2.5), bar("DDD", 4.0)])
    assert (counts["changed_rows"], counts["loaded_on"]) == (3, ["2024-01-03"])
    late = lake.silver(DAY, commits=old)["datasets"]["grouped_daily"]
    assert (late["superseded"], late["loaded_on"]) == (["2024-01-03"], [])
    assert lake.silver(DAY)["datasets"]["grouped_daily"]["loaded_on"] == []  # the same again is no other load
    table = lake.table("silver.stocks_grouped_daily")
    assert table.filter(pl.col("market_date") == DAY)["revision"].to_list() == [2, 2, 2]
    assert table.filter(pl.col("market_date") == NEXT).height == 1
    assert lake.silver(DAY)["datasets"]["grouped_daily"]["unchanged"] == 1


@pytest.mark.parametrize("again", [[1.0, 2.5, 4.0], [1.0, 2.5, 9.0]])
def test_a_restatement_that_was_killed_says_how_many_rows_changed(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, again: list[float]
) -> None:
    """Against the day as it was before the load that was cut off, whether the same answer comes again or another."""
    load(lake, [bar("AAA", 1.0), bar("BBB", 2.0), bar("CCC", 3.0)])
    for _ in range(2):
        with monkeypatch.context() as patch:
            patch.setattr("anthill.lakehouse.silver._record", killed)
            with pytest.raises(KeyboardInterrupt):
                load(lake, [bar("AAA", 1.0), bar("BBB", 2.5), bar("CCC", 4.0)])
    counts = load(lake, [bar(ticker, close) for ticker, close in zip(("AAA", "BBB", "CCC"), again, strict=True)])
    assert (counts["changed_rows"], counts["restated"]) == (2, {str(DAY): 2})
    assert lake.silver(DAY)["datasets"]["grouped_daily"]["unchanged"] == 1


def killed(*_: Any) -> None:
    """What ends a process, in the place of what it would have done."""
    raise KeyboardInterrupt


def test_rows_lost_from_silver_are_loaded_again(lake: Lake) -> None:
    """The loads table is not believed when silver does not hold what it says."""
    load(lake, [bar("AAA", 1.0), bar("BBB", 2.0)])
    lake.spark.sql("DELETE FROM dev.silver.stocks_grouped_daily WHERE ticker = 'BBB'")
    assert lake.silver(DAY)["datasets"]["grouped_daily"]["loaded"] == 1
    assert lake.table("silver.stocks_grouped_daily").height == 2


def test_changed_sql_or_declaration_is_loaded_again(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes read in another way are another load; read in the same way they are none."""
    day = dt.date(2024, 3, 1)
    load(lake, [bar("AAA", 1.0), bar("BBB", 2.0)], day)
    again = lambda: lake.silver(day)["datasets"]["grouped_daily"]  # noqa: E731
    assert (again()["loaded"], again()["unchanged"]) == (0, 1)
    code = statements.code
    with monkeypatch.context() as patch:
        patch.setattr(
            statements,
            "code",
            lambda file, *more: code(file, *more).replace("(close AS DOUBLE)", "(close AS DOUBLE) * 2"),
        )
        counts = again()
        assert (counts["loaded"], counts["changed_rows"], counts["restated"]) == (1, 2, {str(day): 2})
        assert (again()["loaded"], again()["unchanged"]) == (0, 1)
    assert again()["loaded"] == 1
    declared = catalog.load("stocks")
    bars = declared.datasets["grouped_daily"]
    fields = {{"o": "h", "h": "o"}.get(name, name): column for name, column in bars.fields.items()}
    for changed in (
        msgspec.structs.replace(bars, fields=fields),
        msgspec.structs.replace(bars, key=("ticker", "close")),
    ):
        known = msgspec.structs.replace(declared, datasets={**declared.datasets, "grouped_daily": changed})
        with monkeypatch.context() as patch:
            patch.setattr(silver.declarations, "load", lambda _, known=known: known)
            assert again()["loaded"] == 1
    row = lake.table("silver.stocks_grouped_daily").filter(market_date=day, ticker="AAA").row(0, named=True)
    assert row["close"] == 1.0


def test_rows_that_were_not_written_are_missed(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silver counts what it wrote: a load that lost a row is an error, and is not noted as done."""
    replace = tables.replace

    def loses_one(spark: Any, table: str, where: str, rows: Any) -> None:
        replace(spark, table, where, rows.limit(1) if table.endswith("grouped_daily") else rows)

    with monkeypatch.context() as patch:
        patch.setattr(tables, "replace", loses_one)
        with pytest.raises(SilverError, match="grouped_daily of 2024-01-03: wrote 2 rows, holds 1"):
            load(lake, [bar("AAA", 1.0), bar("BBB", 2.0)])
    assert lake.table("quality.loads").height == 0
    assert lake.silver(DAY)["datasets"]["grouped_daily"]["loaded"] == 1


def test_a_commit_without_rows_empties_its_day(lake: Lake) -> None:
    """A later revision that holds nothing takes the day's rows away."""
    load(lake, [bar("AAA", 1.0)])
    counts = load(lake, [])
    assert (counts["silver_rows"], counts["changed_rows"]) == (0, 1)
    assert lake.table("silver.stocks_grouped_daily").height == 0
    loads = lake.table("quality.loads").filter(pl.col("dataset") == "grouped_daily")
    assert loads.select("bronze_rows", "silver_rows").rows() == [(0, 0)]


def test_a_tampered_object_is_refused_and_others_are_loaded(lake: Lake) -> None:
    """Other bytes than were committed: the object and both digests are named, and nothing of it is loaded."""
    lake.put_day(DAY, [bar("AAA", 1.0)])
    commit = lake.commits["splits", DAY, ""]
    for dataset in ("splits", "dividends"):
        Path(lake.commits[dataset, DAY, ""]["uri"].removeprefix("file://")).write_bytes(b"other")
    with pytest.raises(
        SilverError, match=rf"r000001.jsonl.gz: expected sha256 {commit['sha256']}, found [0-9a-f]{{64}}"
    ):
        lake.silver(DAY)
    assert lake.table("silver.stocks_grouped_daily").height == 1
    assert set(lake.table("quality.loads")["dataset"]) == {"grouped_daily", "tickers"}
    both = (
        r"^2 market days of datasets are not loaded, the rest is\. "
        r"stocks\.splits of 2024-01-03: .* or land the day again\. \| stocks\.dividends of 2024-01-03: "
    )
    with pytest.raises(SilverError, match=both):
        lake.silver(DAY)


def test_an_object_that_is_gone_is_an_error(lake: Lake) -> None:
    """A commit whose object is not there is no empty day."""
    lake.put_day(DAY, [bar("AAA", 1.0)])
    Path(lake.commits["grouped_daily", DAY, ""]["uri"].removeprefix("file://")).unlink()
    with pytest.raises(SilverError, match="grouped_daily"):
        lake.silver(DAY)
    assert lake.table("silver.stocks_grouped_daily").height == 0


def test_a_wrong_row_count_is_refused(lake: Lake) -> None:
    """An object whose pages do not hold the rows of its commit is not loaded."""
    lake.put_day(DAY, [bar("AAA", 1.0), bar("BBB", 2.0)])
    lake.commits["grouped_daily", DAY, ""]["rows"] = 3
    with pytest.raises(SilverError, match=r"grouped_daily/date=2024-01-03/r000001.jsonl.gz: expected 3 rows, found 2"):
        lake.silver(DAY)
    assert lake.table("silver.stocks_grouped_daily").height == 0


def test_a_load_says_when_it_was_answered_and_which_revisions_it_read(lake: Lake) -> None:
    """The latest answer of all shards counts; a range that holds no commit of a dataset leaves it alone."""
    for shard, asof in (("active", "2024-01-03T23:00:00Z"), ("delisted", "2024-01-03T22:00:00Z")):
        lake.put("tickers", DAY, [{"ticker": "AAA", "active": shard == "active"}], shard=shard, asof=asof)
    done = lake.silver(DAY, NEXT)
    assert (done["asset_class"], done["from"], done["to"]) == ("stocks", str(DAY), str(NEXT))
    assert (done["datasets"]["tickers"]["days"], done["datasets"]["splits"]["days"]) == (1, 0)
    (load,) = lake.table("quality.loads").to_dicts()
    assert load["asof"] == dt.datetime(2024, 1, 3, 23, tzinfo=dt.UTC)
    assert json.loads(load["revisions"]) == {"active": 1, "delisted": 1}
    assert (load["bronze_rows"], load["silver_rows"], load["changed_rows"], load["duplicates"]) == (2, 2, None, 0)


def test_a_dataset_nobody_declared_is_refused(lake: Lake) -> None:
    """Its name, and what is declared, are in the message; nothing is loaded."""
    lake.put("splits", DAY, [])
    odd = {**lake.commits["splits", DAY, ""], "dataset": "spins"}
    with pytest.raises(CommitError, match=r"manifest\.json names spins; declared are grouped_daily, tickers, "):
        lake.silver(DAY, commits=[odd, lake.commits["splits", DAY, ""]])


def test_sql_that_gives_other_columns_is_refused(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns go by position: what the table has and what is given are named."""
    lake.put("splits", DAY, [])
    code = statements.code
    monkeypatch.setattr(
        statements, "code", lambda file, *more: code(file, *more).replace("  split_id,", "  split_id AS other,")
    )
    with pytest.raises(
        SilverError, match=r"its SELECT must give the table's columns and then `given`: .*; it gives other"
    ):
        lake.silver(DAY)


def test_a_day_needs_all_its_shards(lake: Lake) -> None:
    """Reference data without its delisted half is not loaded."""
    lake.put_day(DAY, [bar("AAA", 1.0)])
    del lake.commits["tickers", DAY, "delisted"]
    with pytest.raises(SilverError, match=r"tickers of 2024-01-03: bronze has the shards \['active'\]"):
        lake.silver(DAY)


_VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
_ODD_BAR = st.fixed_dictionaries({"T": st.sampled_from(["A", "B", "C"]), "o": st.just(1), "h": st.just(1)}).flatmap(
    lambda known: st.dictionaries(
        st.sampled_from(["T", "o", "h", "l", "c", "v", "vw", "n", "t", "otc", "é"]), _VALUE
    ).map(lambda other: {**known, "l": 1, "c": 1, "v": 1, **other})
)


@given(days=st.lists(st.lists(st.one_of(_VALUE, _ODD_BAR), max_size=12), min_size=8, max_size=8))
@settings(max_examples=2, suppress_health_check=list(HealthCheck), database=None)
def test_whatever_comes_the_counts_add_up(shared: Lake, days: list[list[Any]]) -> None:
    """Any JSON at all: bronze = silver + duplicates + quarantine each day, as counted and as found in the tables."""
    lake = shared
    given_rows = dict(zip(market_days("XNYS", DAY, dt.date(2024, 2, 1)), days, strict=False))
    for day, rows in given_rows.items():
        lake.put("grouped_daily", day, rows)
    lake.silver(DAY, max(given_rows))
    held = Counter(lake.table("silver.stocks_grouped_daily")["market_date"])
    aside = Counter(lake.table("quality.quarantine")["market_date"])
    for load in lake.table("quality.loads").to_dicts():
        day = load["market_date"]
        assert load["bronze_rows"] == len(given_rows[day])
        assert (held[day], aside[day]) == (load["silver_rows"], load["quarantined"])
        assert load["silver_rows"] + load["duplicates"] + load["quarantined"] == len(given_rows[day])
