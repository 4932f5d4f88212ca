"""Filters, orders and pages of the listing endpoints."""

import contextlib
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.polygon.answers.envelopes import ApiError
from local.polygon.answers.paging import decode_cursor, encode_cursor
from tests.local.polygon.serving import Server

TICKERS = "/v3/reference/tickers?date=2026-06-02&"
SPLITS = "/stocks/v1/splits?execution_date.gte=2010-01-01&"
DIVIDENDS = "/stocks/v1/dividends?ex_dividend_date.gte=2026-03-01&ex_dividend_date.lt=2026-07-01&"


@settings(max_examples=12)
@given(limit=st.integers(40, 1000))
@pytest.mark.parametrize("path", [TICKERS, SPLITS, DIVIDENDS])
def test_any_limit_gives_every_row_once(small: Server, path: str, limit: int) -> None:
    """Pages of any size together are the whole list, in the same order."""
    whole = small.rows(path + "limit=1000")
    assert small.rows(f"{path}limit={limit}") == whole
    assert len(whole) == len({str(row) for row in whole}) > 40


@pytest.mark.parametrize("path", [TICKERS, SPLITS])
def test_a_last_page_that_is_full_has_no_next_url(small: Server, path: str) -> None:
    """Exactly as many rows as asked for end the list; one less in the limit does not."""
    count = len(small.rows(path))
    assert "next_url" not in small.page(f"{path}limit={count}")
    assert "next_url" in small.page(f"{path}limit={count - 1}")


def test_next_url_is_whole_and_carries_no_key(small: Server) -> None:
    """The next page is on the host that was called, and the key that came in the query is not in it."""
    answer = small.get(f"{TICKERS}limit=5&apiKey=test-key", key=None)
    following = answer.json()["next_url"]
    assert f"{urlsplit(following).scheme}://{urlsplit(following).netloc}" == small.base
    assert "test-key" not in following
    assert "test-key" not in str(decode_cursor(following.split("cursor=")[1]))
    assert small.get(following, key=None).status == 400
    port = urlsplit(small.base).port
    assert small.page(f"http://localhost:{port}{TICKERS}limit=5")["next_url"].startswith(f"http://localhost:{port}/")


def test_page_sizes(small: Server) -> None:
    """Without a limit a page has 100 rows, old endpoints 10."""
    sizes = {
        path: len(small.page(path)["results"])
        for path in ("/v3/reference/tickers", "/stocks/v1/splits", "/v2/reference/news")
    }
    assert sizes == {"/v3/reference/tickers": 100, "/stocks/v1/splits": 100, "/v2/reference/news": 10}
    assert (
        len(small.page("/v3/reference/splits")["results"])
        == len(small.page("/v3/reference/dividends")["results"])
        == 10
    )


@pytest.mark.parametrize(
    ("operator", "keeps"),
    [("gt", "x > 'M'"), ("gte", "x >= 'M'"), ("lt", "x < 'M'"), ("lte", "x <= 'M'")],
)
def test_ranges_of_tickers(small: Server, operator: str, keeps: str) -> None:
    """Range filters on the ticker keep what they say, and all of it."""
    every = [row["ticker"] for row in small.rows(TICKERS + "limit=1000")]
    kept = [row["ticker"] for row in small.rows(f"{TICKERS}ticker.{operator}=M&limit=1000")]
    assert kept == [x for x in every if eval(keeps, {"x": x})]
    assert 0 < len(kept) < len(every)


def test_filters_of_tickers(small: Server) -> None:
    """Market, type, exact ticker, search and active each choose their rows."""
    markets = {market: small.rows(f"{TICKERS}market={market}&limit=1000") for market in ("stocks", "otc", "fx")}
    assert [len(rows) for rows in markets.values()] == [400, 40, 60]
    assert {row["type"] for row in small.rows(TICKERS + "type=ETF")} == {"ETF"}
    assert [row["ticker"] for row in small.rows(TICKERS + "ticker=ANTH")] == ["ANTH"]
    assert [row["ticker"] for row in small.rows(TICKERS + "search=anthill")] == ["ANTH"]
    gone = small.rows(TICKERS + "active=false&limit=1000")
    assert len(gone) > 50
    assert {row["active"] for row in gone} == {False}


def test_filters_of_corporate_actions(small: Server) -> None:
    """Dates, any_of and adjustment types choose their rows, in the new endpoints and their deprecated twins."""
    day = "execution_date=2026-06-15"
    assert [row["ticker"] for row in small.rows(f"/stocks/v1/splits?{day}")] == ["ANTH"]
    assert [row["ticker"] for row in small.rows(f"/v3/reference/splits?{day}")] == ["ANTH"]
    both = small.rows("/stocks/v1/splits?ticker.any_of=ANTH,COLN&sort=ticker.asc")
    assert [(row["ticker"], row["split_from"], row["split_to"]) for row in both] == [("ANTH", 1, 4), ("COLN", 10, 1)]
    reverse = small.rows("/stocks/v1/splits?adjustment_type=reverse_split&limit=5000")
    old_reverse = small.rows("/v3/reference/splits?reverse_split=true&limit=1000")
    assert {row["id"] for row in reverse} == {row["id"] for row in old_reverse}
    dividends = small.rows(DIVIDENDS + "frequency=4&limit=5000")
    assert {row["frequency"] for row in dividends} == {4}
    assert all("2026-03-01" <= row["ex_dividend_date"] < "2026-07-01" for row in dividends)


def test_orders(small: Server) -> None:
    """Rows come in the order that is asked for, by several columns too."""
    rows = small.rows("/stocks/v1/splits?limit=5000&sort=adjustment_type.asc,execution_date.desc")
    assert rows == sorted(
        sorted(rows, key=lambda r: r["execution_date"], reverse=True), key=lambda r: r["adjustment_type"]
    )
    names = [row["name"] for row in small.rows(TICKERS + "sort=name&order=desc&limit=1000")]
    assert names == sorted(names, reverse=True)
    cash = [
        row["cash_amount"]
        for row in small.page("/v3/reference/dividends?sort=cash_amount&order=asc&limit=1000")["results"]
    ]
    assert cash == sorted(cash)


@pytest.mark.parametrize(
    "path",
    [
        TICKERS + "limit=0",
        TICKERS + "limit=1001",
        TICKERS + "limit=x",
        TICKERS + "sort=colour",
        TICKERS + "active=maybe",
        "/v3/reference/tickers?date=2026-13-01",
        "/v3/reference/tickers?cursor=!!!",
        "/stocks/v1/splits?limit=5001",
        "/stocks/v1/splits?execution_date=June",
        "/stocks/v1/dividends?frequency=often",
        "/v2/reference/news?published_utc.gte=yesterday",
    ],
)
def test_bad_parameters(small: Server, path: str) -> None:
    """What cannot be read is a bad request that names the parameter."""
    answer = small.get(path)
    assert answer.status == 400
    body = answer.json()
    assert body["status"] == "ERROR"
    assert any(
        name in body["error"] for name in ("limit", "sort", "active", "date", "cursor", "frequency", "published_utc")
    )


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(min_size=1, max_size=20), min_size=1, max_size=5))
def test_cursors_carry_any_query(query: dict[str, str]) -> None:
    """A query survives its cursor."""
    try:
        urlencode(query)
    except UnicodeEncodeError:
        return  # a lone surrogate cannot be in a URL
    assert decode_cursor(encode_cursor(query)) == query


@given(st.text(max_size=30))
def test_any_cursor_is_read_or_refused(cursor: str) -> None:
    """Garbage in a cursor is a bad request, never another error."""
    with contextlib.suppress(ApiError):
        assert all(isinstance(value, str) for value in decode_cursor(cursor).values())
