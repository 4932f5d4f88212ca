"""The numbers of the report are those of gold: read from its Delta files with polars, computed by definition."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from anthill.dashboards import dashboard
from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace as Client
from local.report import page
from tests.local.databricks.workspace import TOKEN, Workspace
from tests.local.report_market import DAYS, LAST, STOCKS, counted, fill

DATES = [dt.date.fromisoformat(LAST) - dt.timedelta(days=each) for each in range(DAYS)]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tables of gold and the report over them."""
    folder = tmp_path_factory.mktemp("report")
    running = Workspace(folder).start()
    warehouse = Warehouse(Client(running.url, TOKEN), "dev", "local")
    fill(warehouse)
    asked = dict.fromkeys(("stocks", "crypto", "options"), DATES)
    page.write(warehouse, asked, counted(), folder / "report.html")
    running.stop()
    return folder


@pytest.fixture(scope="module")
def text(lake: Path) -> str:
    """The page."""
    return (lake / "report.html").read_text()


@pytest.fixture(scope="module")
def widgets(text: str) -> dict[str, dict[str, Any]]:
    """What the page has of each widget, by dashboard and name; words in the places of their numbers."""
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]
    return {f"{board['name']}/{each['name']}": each for board in data for each in board["widgets"]}


def shown(widget: dict[str, Any]) -> pl.DataFrame:
    """The rows of a widget."""
    columns = {
        name: kept if isinstance(kept, list) else [None if at is None else kept["words"][at] for at in kept["places"]]
        for name, kept in widget["columns"].items()
    }
    return pl.DataFrame(columns, infer_schema_length=None)


def gold(lake: Path, table: str) -> pl.DataFrame:
    """A table, from its files."""
    return pl.read_delta(str(lake / "lake" / "gold" / table))


def same(found: pl.DataFrame, wanted: pl.DataFrame) -> None:
    """The same rows, numbers to seven digits; in the order of their first columns."""
    wanted = wanted.with_columns(pl.col(pl.Date).cast(pl.String))
    assert found.height == wanted.height > 0
    for one, other in zip(
        found.select(wanted.columns).sort(wanted.columns[:2]).rows(),
        wanted.sort(wanted.columns[:2]).rows(),
        strict=True,
    ):
        for left, right in zip(one, other, strict=True):
            number = isinstance(right, float) and left is not None
            assert math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-12) if number else left == right, (one, other)


def test_a_series_is_gold_s(lake: Path, widgets: dict[str, dict[str, Any]]) -> None:
    """The price in its three ways, and how far it is below its highest, of the fifty that can be chosen."""
    prices = gold(lake, "stocks_daily_prices").sort("market_date")
    newest = prices.filter(pl.col("market_date") == pl.col("market_date").max())
    most = newest.sort(pl.col("close") * pl.col("volume"), descending=True)["ticker"][:50].to_list()
    prices = prices.filter(pl.col("ticker").is_in(most))
    found = shown(widgets["security/price"]).filter(pl.col("ticker").str.starts_with("T"))
    same(found, prices.select("ticker", "market_date", "close", "adj_close", "total_return_close"))
    total = pl.col("total_return_close")
    falls = prices.with_columns((total / total.cum_max().over("ticker") - 1).alias("drawdown"))
    found = shown(widgets["security/drawdown"]).filter(pl.col("ticker").str.starts_with("T"))
    same(found, falls.select("ticker", "market_date", "drawdown"))
    returns = gold(lake, "stocks_daily_returns").filter(pl.col("ticker").is_in(most))
    found = shown(widgets["security/returns"]).filter(pl.col("ticker").str.starts_with("T"))
    same(found, returns.select("ticker", "market_date", "simple_return"))


def test_a_forecast_is_gold_s(lake: Path, widgets: dict[str, dict[str, Any]]) -> None:
    """Each day's own volatility on its day, each forecast with its band on the day that it is about."""
    held, said = gold(lake, "stocks_volatility_features"), gold(lake, "volatility_forecasts")
    newest = gold(lake, "stocks_daily_prices").filter(pl.col("market_date") == dt.date.fromisoformat(LAST))
    most = newest.sort(pl.col("close") * pl.col("volume"), descending=True)["ticker"][:50].to_list()
    found = shown(widgets["security/day_volatility"])
    own = held.filter(pl.col("ticker").is_in(most)).select(
        "ticker", "market_date", volatility=pl.col("variance_1d").sqrt()
    )
    same(found.filter(pl.col("forecast").is_null()), own)
    known = said.filter(pl.col("variance").is_not_null() & pl.col("ticker").is_in(most))
    wanted = known.select(
        "ticker", "forecast_date", forecast=pl.col("variance").sqrt(), low=pl.col("variance_low").sqrt(),
        high=pl.col("variance_high").sqrt(),
    )  # fmt: skip
    same(found.filter(pl.col("forecast").is_not_null()), wanted.rename({"forecast_date": "market_date"}))
    assert found["market_date"].max() == "2026-06-26"
    rows = {row["ticker"]: row for row in shown(widgets["security/next_day"]).to_dicts()}
    assert set(rows) == set(most)
    assert {row["forecast_date"] for row in rows.values()} == {"2026-06-26"}
    assert (rows["T52"]["forecast"], rows["T52"]["reason"]) == (None, "too short a history")
    assert math.isclose(rows["T53"]["forecast_annualised"], math.sqrt(252 * 0.000253), rel_tol=1e-6)
    assert (rows["T53"]["model_version"], rows["T53"]["reason"]) == ("7", None)


def test_a_market_is_gold_s(lake: Path, widgets: dict[str, dict[str, Any]]) -> None:
    """The newest day in words and numbers, and each day's breadth and turnover."""
    days = gold(lake, "stocks_market_summary")
    same(shown(widgets["market_today/breadth"]), days.select("market_date", "advancers", "decliners"))
    same(shown(widgets["market_today/turnover"]), days.select("market_date", "turnover"))
    (newest,) = days.filter(pl.col("market_date") == pl.col("market_date").max()).to_dicts()
    for name, column in (("turnover", "turnover"), ("median_return", "median_return"), ("traded", "tickers")):
        (value,) = shown(widgets[f"market_today/stocks_{name}"])[column].to_list()
        assert math.isclose(value, newest[column], rel_tol=1e-6)
    (gainer,) = shown(widgets["market_today/gainers"]).to_dicts()
    assert gainer == {"ticker": "T07", "simple_return": 0.19, "close": 41.0}
    assert sorted(shown(widgets["market_today/markets"])["asset_class"].to_list()) == ["crypto", "stocks"]


def test_anomalies_of_the_market_are_gold_s_newest(lake: Path, widgets: dict[str, dict[str, Any]]) -> None:
    """A hundred of the whole market, those that were known last first, and which the source has corrected."""
    kept = gold(lake, "stocks_anomalies").with_columns(pl.col("corrected_at").dt.strftime("%Y-%m-%d %H:%M"))
    found = shown(widgets["market_today/anomalies"])
    assert found.height == 100 < kept.height
    assert found["known_on"].to_list() == sorted(found["known_on"].to_list(), reverse=True)
    assert found["known_on"].max() == str(kept["known_on"].max())
    newest = kept.sort("known_on", "ticker", descending=[True, False]).head(100)
    columns = ["market_date", "ticker", "reason", "size", "known_on"]
    same(found.select(columns), newest.select(columns))
    assert found.sort("market_date")["corrected_at"].to_list() == newest.sort("market_date")["corrected_at"].to_list()
    assert 0 < found["corrected_at"].null_count() < 100
    told = {row["market_date"]: row for row in gold(lake, "anomaly_opinions").to_dicts()}
    for row in found.to_dicts():
        opinion = told.get(dt.date.fromisoformat(row["market_date"]))
        words = opinion and (opinion["features"] or opinion["reason"])
        assert (row["opinion"], row["less_isolated"]) == (words, opinion and opinion["less_isolated"])
    assert found.filter(ticker="T53")["opinion"].to_list() == ["no forest: 12 of the 66 market days"]
    of_one = shown(widgets["security/anomalies"]).filter(pl.col("ticker") == "T43")["market_date"].to_list()
    assert of_one == sorted(of_one, reverse=True)
    assert len(of_one) > 5


def test_options_are_gold_s(lake: Path, widgets: dict[str, dict[str, Any]]) -> None:
    """The five nearest of six expiries of the smile; the term structure whole."""
    smile = gold(lake, "options_smile").filter(pl.col("moneyness") <= 1.3)
    near = smile.filter(pl.col("expiry").rank("dense") <= 5)
    assert near["expiry"].n_unique() == 5 < smile["expiry"].n_unique()
    same(shown(widgets["options/smile"]).select("expiry", "moneyness", "implied_volatility"),
         near.select("expiry", "moneyness", "implied_volatility"))  # fmt: skip
    wanted = gold(lake, "options_implied_volatility").select("days_to_expiry", "atm_volatility", "put_volatility")
    same(shown(widgets["options/term_structure"]), wanted)


def test_the_most_traded_can_be_chosen(text: str) -> None:
    """Fifty of a group, the most traded first; it says how many it leaves out."""
    select = re.search(r'<select id="security-choice">(.*?)</select>(.*?)</figure>', text, re.DOTALL)
    assert select
    stocks = re.search(r'<optgroup label="stocks">(.*?)</optgroup>', select[1])
    assert stocks
    names = re.findall("<option>(.*?)</option>", stocks[1])
    assert (len(names), len(set(names))) == (50, 50)
    assert f"{STOCKS - 50} of stocks are left out" in select[2]
    assert re.findall('label="(.*?)"', select[1]) == ["stocks", "crypto"]


def test_what_is_not_here_has_its_reason(widgets: dict[str, dict[str, Any]]) -> None:
    """A market that was not loaded, a bill that a machine has not; and each widget is in the page."""
    assert widgets["forex_and_crypto/dollar"]["missing"].startswith("There is no gold.forex_market_summary here")
    for name, table, source in (("sales/by_staff", "fact_sales_order", "totesys"), ("scores/mean", "scores", "enem")):
        asked = f"{source} was not loaded (make demo ASSETS={source})."
        assert widgets[name]["missing"].startswith(f"There is no gold.{source}_")
        assert f"gold.{source}_{table}" in widgets[name]["missing"]
        assert widgets[name]["missing"].endswith(asked)
    assert "Databricks alone" in widgets["data_health/cost"]["missing"]
    declared = {f"{board.name}/{each.name}" for board in dashboard.every() for each in board.widgets}
    assert set(widgets) == {name for name in declared if not name.endswith("/choose")}


def test_a_widget_knows_how_many_days_gold_has(widgets: dict[str, dict[str, Any]]) -> None:
    """By asset class, what gold has published, however many a run asked for."""
    assert widgets["security/next_day"]["here"] == {"crypto": 3, "stocks": DAYS}
    assert (widgets["security/next_day"]["days"], widgets["forex_and_crypto/correlations"]["group"]) == (121, "crypto")
    assert widgets["security/price"]["here"] == {}


def test_what_the_days_cannot_show_is_told(text: str) -> None:
    """By table and reason, once, of the asset class that lacks it."""
    rows = re.findall("<tr><td>(crypto_[^<]*)</td><td>([^<]*)</td><td>([^<]*)</td></tr>", text)
    assert rows == [
        ("crypto_correlations", "all", "no rows in a"),
        ("crypto_daily_returns", "simple_return", "none"),
        ("crypto_daily_returns", "volatility_20d, zscore", "few"),
    ]


def test_it_is_one_small_file(text: str) -> None:
    """It asks no other host, ends no script with what is in a row, and is far below 3 MB."""
    assert not re.findall(r"(?:src|href)=[\"'](?!#)", text)
    assert "<b>Quarter</b>" not in text
    assert text.count("</script>") == 2
    assert len(text.encode()) < 3_000_000
