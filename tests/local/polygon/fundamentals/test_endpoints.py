"""Short sales, statements and ratios over HTTP: filters, pages, plans, and what is known when."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.local.polygon.serving import Server

VOLUME, INTEREST = "/stocks/v1/short-volume", "/stocks/v1/short-interest"
STATEMENTS = [f"/stocks/financials/v1/{kind}-statements" for kind in ("income", "cash-flow")]
SHEETS, RATIOS = "/stocks/financials/v1/balance-sheets", "/stocks/financials/v1/ratios"


@settings(max_examples=8)
@given(limit=st.integers(30, 5000))
@pytest.mark.parametrize(
    "path",
    [
        f"{VOLUME}?date=2026-06-15",
        f"{INTEREST}?settlement_date.gte=2026-05-01",
        f"{SHEETS}?filing_date.gte=2026-05-04&filing_date.lt=2026-05-09",
        f"{STATEMENTS[0]}?period_end=2026-03-31",
        f"{RATIOS}?price.gt=1",
    ],
)
def test_any_limit_gives_every_row_once(small: Server, path: str, limit: int) -> None:
    """Pages of any size together are the whole list, in the same order."""
    whole = small.page(f"{path}&limit=50000")
    assert "next_url" not in whole
    rows = whole["results"]
    assert small.rows(f"{path}&limit={limit}") == rows
    assert len(rows) == len({str(row) for row in rows}) > 60


@pytest.mark.parametrize(
    ("path", "default"), [(VOLUME, 10), (INTEREST, 10), (SHEETS, 100), (STATEMENTS[1], 100), (RATIOS, 100)]
)
def test_page_sizes(small: Server, path: str, default: int) -> None:
    """Without a limit a page has as many rows as documented, and never more than 50,000."""
    assert len(small.page(path)["results"]) == default
    assert small.get(f"{path}?limit=50001").status == 400
    assert "limit" in small.get(f"{path}?limit=0").json()["error"]


def test_filters_of_short_sales(small: Server) -> None:
    """Tickers, days and figures choose their rows, alone and together."""
    day = small.rows(f"{VOLUME}?date=2026-06-15&limit=1000")
    assert {row["date"] for row in day} == {"2026-06-15"}
    assert [row["ticker"] for row in day] == sorted(row["ticker"] for row in day)
    two = small.rows(f"{VOLUME}?ticker.any_of=ANTH,COLN&date.gte=2026-06-10&date.lt=2026-06-12&sort=date.desc,ticker")
    assert [(row["date"], row["ticker"]) for row in two] == [
        ("2026-06-11", "ANTH"), ("2026-06-11", "COLN"), ("2026-06-10", "ANTH"), ("2026-06-10", "COLN"),
    ]  # fmt: skip
    high = small.rows(f"{VOLUME}?date=2026-06-15&short_volume_ratio.gte=50&limit=1000")
    assert high == [row for row in day if row["short_volume_ratio"] >= 50]
    assert 0 < len(high) < len(day)
    largest = small.page(f"{VOLUME}?date=2026-06-15&sort=total_volume.desc&limit=3")["results"]
    assert largest == sorted(day, key=lambda row: -row["total_volume"])[:3]
    assert small.page(f"{VOLUME}?date=2026-06-14")["results"] == []
    assert small.page(f"{VOLUME}?ticker=NOSUCH")["results"] == []
    owed = small.rows(f"{INTEREST}?ticker=AAPL&settlement_date.gt=2026-04-30&limit=50")
    assert [row["settlement_date"] for row in owed] == ["2026-05-15", "2026-05-29", "2026-06-15"]
    eager = small.rows(f"{INTEREST}?settlement_date=2026-06-15&days_to_cover.gt=5&limit=1000")
    assert eager
    assert all(row["days_to_cover"] > 5 for row in eager)


def test_filters_of_statements(small: Server) -> None:
    """Companies, periods, days of filing and timeframes choose their rows."""
    path = f"{STATEMENTS[0]}?tickers=AAPL&limit=1000"
    every = small.rows(path)
    assert {row["tickers"][0] for row in every} == {"AAPL"}
    assert [row["period_end"] for row in every] == sorted(row["period_end"] for row in every)
    for query, keeps in {
        "timeframe=annual": lambda row: row["timeframe"] == "annual",
        "timeframe.any_of=annual,quarterly": lambda row: row["timeframe"] in ("annual", "quarterly"),
        "timeframe.gt=annual": lambda row: row["timeframe"] > "annual",
        "timeframe.gte=b": lambda row: row["timeframe"] >= "b",
        "fiscal_year=2025&fiscal_quarter=4": lambda row: (row["fiscal_year"], row["fiscal_quarter"]) == (2025, 4),
        "period_end.gte=2024-12-31&period_end.lt=2025-12-31": lambda row: (
            "2024-12-31" <= row["period_end"] < "2025-12-31"
        ),
        "filing_date.lte=2020-06-01": lambda row: row["filing_date"] <= "2020-06-01",
        f"cik={every[0]['cik']}": lambda row: True,
        "cik=nobody": lambda row: False,
    }.items():
        assert small.rows(f"{path}&{query}") == [row for row in every if keeps(row)], query
    both = small.rows(f"{SHEETS}?tickers.any_of=AAPL,MSFT&fiscal_year=2025&timeframe=annual")
    assert {row["tickers"][0] for row in both} == {"AAPL", "MSFT"}
    assert small.rows(f"{SHEETS}?tickers.all_of=AAPL,MSFT") == []
    assert small.rows(f"{SHEETS}?tickers.all_of=AAPL") == small.rows(f"{SHEETS}?tickers=AAPL")
    newest = small.page(f"{SHEETS}?sort=filing_date.desc,cik.asc&limit=50")["results"]
    order = [(row["filing_date"], row["cik"]) for row in newest]
    assert order == sorted(sorted(order, key=lambda key: key[1]), key=lambda key: key[0], reverse=True)
    assert small.page(f"{SHEETS}?filing_date=2026-07-01")["results"] == []


def test_filters_of_ratios(small: Server) -> None:
    """A company that has no such ratio is above and below no bound."""
    every = small.rows(f"{RATIOS}?limit=1000")
    for name in ("price_to_earnings", "average_volume", "return_on_equity"):
        middle = sorted(row[name] for row in every if name in row)[len(every) // 3]
        low, high = (small.rows(f"{RATIOS}?limit=1000&{name}.{side}={middle}") for side in ("lt", "gte"))
        assert [row for row in every if name in row and row[name] < middle] == low
        assert len(low) + len(high) == sum(name in row for row in every)
    assert [row["ticker"] for row in small.rows(f"{RATIOS}?ticker=ANTH")] == ["ANTH"]
    assert {row["date"] for row in every} == {"2026-07-01"}


@pytest.mark.parametrize(
    ("path", "word"),
    [
        (f"{VOLUME}?date=June", "date"),
        (f"{VOLUME}?date.gte=2026-02-30", "date.gte"),
        (f"{VOLUME}?short_volume_ratio=high", "short_volume_ratio"),
        (f"{INTEREST}?days_to_cover.lt=x", "days_to_cover.lt"),
        (f"{INTEREST}?sort=colour", "sort"),
        (f"{SHEETS}?fiscal_year=MMXXV", "fiscal_year"),
        (f"{SHEETS}?period_end.any_of=2025-12-31,soon", "period_end.any_of"),
        (f"{STATEMENTS[0]}?sort=revenue.up", "sort"),
        (f"{RATIOS}?price.gt=dear", "price.gt"),
        (f"{RATIOS}?cursor=???", "cursor"),
    ],
)
def test_bad_parameters(small: Server, path: str, word: str) -> None:
    """What cannot be read is a bad request that names the parameter."""
    answer = small.get(path)
    assert (answer.status, answer.json()["status"]) == (400, "ERROR")
    assert word in answer.json()["error"]


@given(
    st.dictionaries(
        st.sampled_from(["ticker", "date", "date.gte", "ticker.any_of", "sort", "limit"]), st.text(max_size=8)
    )
)
@settings(max_examples=40)
def test_any_query_is_answered_or_refused(small: Server, query: dict[str, str]) -> None:
    """Whatever is asked, the answer is a page or a bad request."""
    try:
        asked = urlencode(query)
    except UnicodeEncodeError:
        return  # a lone surrogate cannot be in a URL
    assert small.get(f"{VOLUME}?{asked}").status in (200, 400)


@pytest.mark.parametrize("key", ["low", "start", "dev"])
def test_only_the_advanced_plan_has_statements(moving: Server, key: str) -> None:
    """Statements and ratios are refused to the cheaper plans, short sales are not."""
    for path in (SHEETS, *STATEMENTS, RATIOS):
        answer = moving.get(path, key=key)
        assert (answer.status, answer.json()["status"]) == (403, "NOT_AUTHORIZED")
        assert "not entitled" in answer.json()["message"]
        assert moving.get(path, key="all").status == 200
    assert moving.get(VOLUME, key=key).status == moving.get(INTEREST, key=key).status == 200


def test_two_years_on_the_basic_plan(moving: Server) -> None:
    """Short sales before that are left out in silence."""
    moving.move(today="2026-07-01", time="18:00")
    path = f"{INTEREST}?ticker=AAPL&limit=1000&sort=settlement_date"
    first = {key: moving.get(path, key=key).json()["results"][0]["settlement_date"] for key in ("low", "start")}
    assert first == {"low": "2024-07-15", "start": "2017-12-29"}


def test_known_in_the_evening(moving: Server) -> None:
    """At noon there are no short sales, filings and ratios of today; at six there are."""
    path = {
        f"{VOLUME}?sort=date.desc": "date", f"{SHEETS}?sort=filing_date.desc": "filing_date",
        f"{STATEMENTS[0]}?sort=filing_date.desc": "filing_date", f"{RATIOS}?sort=ticker": "date",
    }  # fmt: skip

    def newest() -> set[str]:
        return {moving.page(f"{url}&limit=1")["results"][0][name] for url, name in path.items()}

    moving.move(today="2026-05-05", time="12:00")
    assert newest() == {"2026-05-04"}
    moving.move(time="18:00")
    assert newest() == {"2026-05-05"}


def test_replayed_bars_tell_nothing_about_companies(
    serve: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The lists are there, and empty."""
    folder = tmp_path_factory.mktemp("history")
    (folder / "stocks_daily.csv").write_text(
        "date,ticker,open,high,low,close,volume\n2014-06-09,AAPL,93,94,92,93,100\n"
    )
    server = serve("--history", str(folder), "--today", "2014-06-10")
    for path in (VOLUME, INTEREST, SHEETS, *STATEMENTS, RATIOS):
        assert server.page(f"{path}?limit=5&date=2014-06-09")["results"] == []
