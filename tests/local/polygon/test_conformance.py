"""Answers are what the official OpenAPI description promises."""

import json
from functools import cache
from typing import Any

import jsonschema
import pytest
from massive.rest.models import (
    FinancialBalanceSheet,
    FinancialCashFlowStatement,
    FinancialIncomeStatement,
    FinancialRatio,
    ShortInterest,
    ShortVolume,
)

from tests.local.polygon.serving import GROUPED, SHARED, Server

DESCRIPTION = SHARED / "polygon" / "rest-openapi.json"
GLOBAL = "/v2/aggs/grouped/locale/global/market"
RANGE = "/v2/aggs/ticker/{stocksTicker}/range/{multiplier}/{timespan}/{from}/{to}"

CALL = "O:ANTH260717C00120000"
OPTIONS = "/v3/reference/options/contracts"

FINANCIALS, FILED = "/stocks/financials/v1", "cik filing_date period_end tickers timeframe"
SNAPSHOT = "/v2/snapshot/locale/us/markets/stocks/tickers"

ANSWERS = {
    f"{GROUPED}/2026-06-15": f"{GROUPED}/{{date}}",
    f"{GROUPED}/2026-06-15?adjusted=false&include_otc=true": f"{GROUPED}/{{date}}",
    f"{GROUPED}/2026-06-19": f"{GROUPED}/{{date}}",
    "/v2/aggs/ticker/ANTH/range/1/day/2026-06-01/2026-06-30?limit=5": RANGE,
    "/v2/aggs/ticker/ANTH/range/5/minute/2026-06-15/2026-06-16": RANGE,
    "/v2/aggs/ticker/ANTH/range/1/week/2026-01-01/2026-06-30?sort=desc": RANGE,
    "/v2/aggs/ticker/NOSUCH/range/1/day/2026-06-01/2026-06-30": RANGE,
    "/v2/aggs/ticker/ANTH/prev": "/v2/aggs/ticker/{stocksTicker}/prev",
    "/v3/reference/tickers?limit=1000": "/v3/reference/tickers",
    "/v3/reference/tickers?active=false&limit=1000&date=2026-06-02": "/v3/reference/tickers",
    "/v3/reference/tickers/ANTH": "/v3/reference/tickers/{ticker}",
    "/v3/reference/splits?limit=1000": "/v3/reference/splits",
    "/v3/reference/dividends?limit=1000": "/v3/reference/dividends",
    "/v3/reference/exchanges": "/v3/reference/exchanges",
    "/v3/reference/tickers/types": "/v3/reference/tickers/types",
    "/v3/reference/conditions?limit=1000": "/v3/reference/conditions",
    "/v3/reference/conditions?asset_class=fx": "/v3/reference/conditions",
    "/v3/trades/BVC?timestamp=2026-06-02&limit=50": "/v3/trades/{stockTicker}",
    "/v3/quotes/BVC?timestamp=2026-06-02&limit=50": "/v3/quotes/{stockTicker}",
    SNAPSHOT: SNAPSHOT,
    f"{SNAPSHOT}?tickers=ANTH,NOSUCH&include_otc=true": SNAPSHOT,
    f"{SNAPSHOT}/ANTH": f"{SNAPSHOT}/{{stocksTicker}}",
    f"{OPTIONS}?underlying_ticker=ANTH&limit=1000": OPTIONS,
    f"{OPTIONS}?underlying_ticker=BRK.B&as_of=2026-06-12&expired=true&expiration_date.gte=2026-06-01": OPTIONS,
    f"{OPTIONS}?underlying_ticker=NOSUCH": OPTIONS,
    f"{OPTIONS}/{CALL}": f"{OPTIONS}/{{options_ticker}}",
    f"/v2/aggs/ticker/{CALL}/range/1/day/2026-06-01/2026-06-30": RANGE.replace("stocksTicker", "optionsTicker"),
    f"/v2/aggs/ticker/{CALL}/range/5/minute/2026-06-30/2026-06-30": RANGE.replace("stocksTicker", "optionsTicker"),
    f"/v2/aggs/ticker/{CALL}/prev": "/v2/aggs/ticker/{optionsTicker}/prev",
    # The chain's are in options/test_endpoints.py: live, too, it departs from the description.
    "/v1/marketstatus/now": "/v1/marketstatus/now",
    "/v1/marketstatus/upcoming": "/v1/marketstatus/upcoming",
    f"{GLOBAL}/fx/2026-06-15": f"{GLOBAL}/fx/{{date}}",
    f"{GLOBAL}/fx/2026-06-20?adjusted=false": f"{GLOBAL}/fx/{{date}}",
    f"{GLOBAL}/crypto/2026-06-20": f"{GLOBAL}/crypto/{{date}}",
    "/v2/aggs/ticker/C:EURUSD/range/1/day/2026-06-01/2026-06-30": RANGE.replace("stocks", "forex"),
    "/v2/aggs/ticker/C:EURUSD/range/1/minute/2026-06-14/2026-06-15": RANGE.replace("stocks", "forex"),
    "/v2/aggs/ticker/X:BTCUSD/range/1/day/2026-06-01/2026-06-30?sort=desc": RANGE.replace("stocks", "crypto"),
    "/v2/aggs/ticker/X:BTCUSD/range/5/minute/2026-06-20/2026-06-20": RANGE.replace("stocks", "crypto"),
    "/v2/aggs/ticker/I:SPX/range/1/day/2026-06-01/2026-06-30": RANGE.replace("stocks", "indices"),
    "/v2/aggs/ticker/I:SPX/range/1/minute/2026-06-15/2026-06-15": RANGE.replace("stocks", "indices"),
    "/v2/aggs/ticker/C:EURUSD/prev": "/v2/aggs/ticker/{forexTicker}/prev",
    "/v2/aggs/ticker/X:BTCUSD/prev": "/v2/aggs/ticker/{cryptoTicker}/prev",
    "/v2/aggs/ticker/I:SPX/prev": "/v2/aggs/ticker/{indicesTicker}/prev",
    "/v3/reference/tickers?market=fx": "/v3/reference/tickers",
    "/v3/reference/tickers?market=crypto&active=false": "/v3/reference/tickers",
    "/v3/reference/tickers?market=indices": "/v3/reference/tickers",
    "/v3/reference/tickers/C:EURUSD": "/v3/reference/tickers/{ticker}",
    "/v3/reference/tickers/X:BTCUSD": "/v3/reference/tickers/{ticker}",
    "/v3/reference/tickers/I:SPX": "/v3/reference/tickers/{ticker}",
    "/v3/snapshot/indices?ticker.any_of=I:SPX,I:NOPE": "/v3/snapshot/indices",
    "/v3/snapshot/indices?limit=250": "/v3/snapshot/indices",
    "/v2/reference/news?limit=100": "/v2/reference/news",
}


@cache
def description() -> dict[str, Any]:
    """The official description, where it is present."""
    if not DESCRIPTION.is_file():
        pytest.skip(f"no OpenAPI description at {DESCRIPTION}")
    return json.loads(DESCRIPTION.read_text())


def schema_of(path: str) -> dict[str, Any]:
    """The JSON schema of a path's success, with `nullable` as JSON schema says it."""
    content = description()["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    return translated(content["schema"]) | {"components": translated(description()["components"])}


def translated(schema: Any) -> Any:
    """An OpenAPI 3.0 schema as JSON schema."""
    if isinstance(schema, list):
        return [translated(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: translated(part) for name, part in schema.items()}
    if found.get("nullable") is True and isinstance(found.get("type"), str):
        found["type"] = [found["type"], "null"]
    return found


def keys_of(schema: dict[str, Any]) -> set[str]:
    """The keys that a schema knows at its top."""
    parts = [schema, *schema.get("allOf", [])]
    return {key for part in parts for key in part.get("properties", {})}


@pytest.mark.parametrize("url", ANSWERS)
def test_answers_validate(small: Server, url: str) -> None:
    """Types, required keys, formats and enumerations are as described."""
    schema = schema_of(ANSWERS[url])
    body = small.page(url)
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(body)


@pytest.mark.parametrize("url", ANSWERS)
def test_envelopes_have_no_foreign_keys(small: Server, url: str) -> None:
    """At the top there is nothing that the description does not know, but for the undocumented `count`."""
    schema, body = schema_of(ANSWERS[url]), small.page(url)
    if isinstance(body, dict):
        assert set(body) - {"count", "request_id", "status"} <= keys_of(schema)


def test_a_wrong_answer_would_be_seen(small: Server) -> None:
    """The check can fail: a price as text and a row without a ticker are refused."""
    schema = schema_of(f"{GROUPED}/{{date}}")
    for change in ({"c": "12.5"}, {"T": None}):
        body = small.page(f"{GROUPED}/2026-06-15")
        body["results"][3] |= change
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft7Validator(schema).validate(body)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (
            "/stocks/v1/splits?limit=5000",
            {
                "adjustment_type": str, "execution_date": str, "historical_adjustment_factor": float, "id": str,
                "split_from": int, "split_to": int, "ticker": str,
            },
        ),
        (
            "/stocks/v1/dividends?limit=5000",
            {
                "cash_amount": float, "currency": str, "declaration_date": str, "distribution_type": str,
                "ex_dividend_date": str, "frequency": int, "id": str, "pay_date": str, "record_date": str,
                "split_adjusted_cash_amount": float, "ticker": str,
            },
        ),
    ],
)  # fmt: skip
def test_corporate_actions_that_the_description_lacks(small: Server, path: str, fields: dict[str, type]) -> None:
    """The two endpoints of February 2026 have the fields of their documentation."""
    rows = small.page(path)["results"]
    assert len(rows) > 100
    for row in rows:
        assert {name: type(value) for name, value in row.items()} == fields


@pytest.mark.parametrize(
    ("path", "model", "texts", "always"),
    [
        ("/stocks/v1/short-interest?settlement_date=2026-06-15", ShortInterest, "settlement_date ticker", "*"),
        ("/stocks/v1/short-volume?date=2026-06-15", ShortVolume, "date ticker", "*"),
        (
            f"{FINANCIALS}/balance-sheets?period_end=2026-03-31",
            FinancialBalanceSheet,
            FILED,
            "total_assets total_equity",
        ),
        (f"{FINANCIALS}/income-statements?period_end=2026-03-31", FinancialIncomeStatement, FILED, "revenue ebitda"),
        (f"{FINANCIALS}/cash-flow-statements?period_end=2026-03-31", FinancialCashFlowStatement, FILED, "net_income"),
        (f"{FINANCIALS}/ratios?price.gt=0", FinancialRatio, "cik date ticker", "price market_cap average_volume"),
    ],
)
def test_fundamentals_that_the_description_lacks(
    small: Server, path: str, model: type, texts: str, always: str
) -> None:
    """Rows have the fields that the official client knows, those of every row always, and numbers but for a few."""
    page = small.page(f"{path}&limit=50000")
    known = set(model.__annotations__)
    counted = "financials" not in path or "ratios" in path
    assert set(page) == {"request_id", "results", "status"} | ({"count"} if counted else set())
    assert len(page["results"]) > 60
    for row in page["results"]:
        assert (known if always == "*" else {*texts.split(), *always.split()}) <= row.keys() <= known
        for name, value in row.items():
            kind = list if name == "tickers" else str if name in texts.split() else (int, float)
            assert isinstance(value, kind), (name, value)
    assert len({name for row in page["results"] for name in row}) > 0.6 * len(known)
