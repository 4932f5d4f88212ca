"""The present values of indices, with errors among the rows."""

from collections.abc import Callable

import pytest

from tests.local.polygon.serving import SMALL, Server

PATH = "/v3/snapshot/indices"


def test_values_and_error_rows(small: Server) -> None:
    """Known tickers have values that agree with their bars; an unknown one has an error row, in the same success."""
    rows = {row["ticker"]: row for row in small.page(f"{PATH}?ticker.any_of=I:SPX,I:NOPE,AAPL,I:VIX")["results"]}
    missing = {"error": "NOT_FOUND", "message": "Ticker not found."}
    assert rows.pop("I:NOPE") == {"ticker": "I:NOPE"} | missing
    assert rows.pop("AAPL") == {"ticker": "AAPL"} | missing
    assert set(rows) == {"I:SPX", "I:VIX"}
    for ticker, row in rows.items():
        before, today = small.page(f"/v2/aggs/ticker/{ticker}/range/1/day/2026-06-30/2026-07-01")["results"]
        session = row["session"]
        assert (row["value"], session["close"], session["previous_close"]) == (today["c"], today["c"], before["c"])
        assert (session["open"], session["high"], session["low"]) == (today["o"], today["h"], today["l"])
        assert session["change"] == pytest.approx(today["c"] - before["c"])
        assert session["change_percent"] == pytest.approx(100 * (today["c"] / before["c"] - 1), abs=1e-3)
        assert (row["market_status"], row["timeframe"], row["type"]) == ("closed", "REAL-TIME", "indices")


def test_every_index_by_pages(small: Server) -> None:
    """Without tickers all of them come, ten a page, in order or in reverse."""
    assert len(small.page(PATH)["results"]) == 10
    tickers = [row["ticker"] for row in small.rows(PATH)]
    assert tickers == sorted(tickers)
    assert len(tickers) == 20
    assert [row["ticker"] for row in small.rows(f"{PATH}?order=desc&limit=3")] == tickers[::-1]
    assert [row["ticker"] for row in small.rows(f"{PATH}?ticker.gte=I:S")] == [
        name for name in tickers if name >= "I:S"
    ]


@pytest.mark.parametrize("query", ["limit=251", "sort=value", "order=up", "ticker.any_of=" + ",".join("I" * 251)])
def test_bad_requests(small: Server, query: str) -> None:
    """A limit, an order or a list beyond what is allowed names its parameter."""
    answer = small.get(f"{PATH}?{query}")
    assert answer.status == 400
    assert query.partition("=")[0] in answer.json()["error"]


def test_plans(serve: Callable[..., Server]) -> None:
    """A delayed plan is told so; an end-of-day plan has no snapshots."""
    server = serve(*SMALL, "--keys", "low:basic,start:starter")
    row = server.get(f"{PATH}?ticker.any_of=I:SPX", key="start").json()["results"][0]
    assert row["timeframe"] == "DELAYED"
    refused = server.get(PATH, key="low")
    assert (refused.status, refused.json()["status"]) == (403, "NOT_AUTHORIZED")
    assert "not entitled" in refused.json()["message"]
