"""An analyst follows a number of gold from a cell of the coverage page to the bytes that the source gave."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from anthill.include import include_dir
from local import lake
from local.airflow_api import AirflowApi
from local.stack import Stack

from .conftest import SHOTS, backfill
from .test_coverage_page import context, errors, opened, walk

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

__all__ = ["context", "errors"]

ROW, DAY, TABLE = "forex.grouped_daily", "2026-06-05", "gold.forex_daily_prices"


@pytest.fixture(scope="module")
def ticker(stack: Stack, api: AirflowApi) -> str:
    """A pair that gold has on the day, which a backfill has brought there."""
    backfill(api, asset_class="forex", market_date_from=DAY, market_date_to=DAY)
    rows = stack.warehouse().records(f"SELECT min(ticker) AS ticker FROM {TABLE} WHERE market_date = '{DAY}'")
    return str(rows[0]["ticker"])


def test_a_number_is_followed_to_its_bytes(
    ticker: str, stack: Stack, context: BrowserContext, errors: list[str]
) -> None:
    """From the cell by its link; SQL and object are those that are there, read by hand."""
    page, frame = opened(context, stack)
    assert walk(page, frame, ROW, DAY) == f"{ROW}, {DAY}: landed"
    page.keyboard.press("Enter")
    behind = frame.get_by_role("link", name="Where its numbers go, and come from")
    behind.wait_for()
    with context.expect_page() as new:
        behind.click()
    trace = new.value
    trace.wait_for_selector("body[data-ready=yes]")
    assert trace.locator("#day").input_value() == DAY
    assert TABLE in trace.locator("#table option").all_text_contents()
    trace.locator("#table").select_option(TABLE)
    trace.locator("#ticker").fill(ticker)
    trace.get_by_role("button", name="Trace").click()
    found = trace.locator("#found")
    found.get_by_role("heading", name=f"{TABLE} {ticker} {DAY}").wait_for()
    trace.screenshot(path=SHOTS / "trace.png", full_page=True)
    text = found.inner_text()
    assert "Every digest is that of the bytes in bronze, and all fits together." in text
    assert "include/sql/gold/forex/daily_prices.sql" in text
    assert (include_dir() / "sql/gold/forex/daily_prices.sql").is_file()
    key = re.search(rf"s3://{lake.BRONZE}/(polygon/forex/grouped_daily/date={DAY}/r000001\.jsonl\.gz)", text)
    assert key is not None
    body = stack.s3().get_object(Bucket=lake.BRONZE, Key=key[1])["Body"].read()
    assert f"{hashlib.sha256(body).hexdigest()}, read and the same" in text
    assert f"GET /v2/aggs/grouped/locale/global/market/fx/{DAY}" in text
    assert "market_backfill · chunk.land" in text
    assert found.get_by_role("link", name="Databricks").count() > 0
    assert re.search(r"\d+ passed, 0 broken", text)
    assert errors == []


def test_what_is_not_there_is_said(ticker: str, stack: Stack, context: BrowserContext, errors: list[str]) -> None:
    """A ticker that gold does not have is a sentence, and no empty page."""
    page = context.new_page()
    page.goto(f"{stack.addresses.airflow}/anthill/coverage")
    page.goto(f"{stack.addresses.airflow}/anthill/trace?asset_class=forex&dataset=grouped_daily&day={DAY}")
    page.wait_for_selector("body[data-ready=yes]")
    page.locator("#table").select_option(TABLE)
    page.locator("#ticker").fill("C:NOTHING")
    page.get_by_role("button", name="Trace").click()
    page.locator("#problem").get_by_text("C:NOTHING").wait_for()
    assert errors == []
