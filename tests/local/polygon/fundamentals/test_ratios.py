"""Ratios follow from the close, the shares and the statements."""

import datetime as dt

import numpy as np
import pytest

from local.polygon.fundamentals.companies import Companies
from local.polygon.fundamentals.filings import Filings
from local.polygon.fundamentals.ratios import NAMES, ratio_table
from local.polygon.stocks.simulated import SimulatedStocks

LAST = dt.date(2026, 7, 1)


def test_ratios_agree_with_statements_and_bars(stocks: SimulatedStocks, companies: Companies, filings: Filings) -> None:
    """Every ratio of every company, worked out again from the rows of the other endpoints."""
    session = stocks.sessions.last_until(LAST)
    table = ratio_table(stocks.sessions, stocks.listed, stocks.trading, companies, filings, session)
    found = table.write(np.arange(len(table)))
    assert len(found) > 120
    statements = {kind: filings.statements(kind, session) for kind in ("balance", "income", "cash_flow")}
    closes = stocks.day(session, adjusted=False, otc=False)
    close = dict(zip(closes.tickers.tolist(), closes.c.tolist(), strict=True))
    for row in found[::9]:
        newest = {}
        for kind, statement in statements.items():
            frame = "quarterly" if kind == "balance" else "trailing_twelve_months"
            own = np.flatnonzero(statement.columns["cik"] == int(row["cik"]))
            lines = [line for line in statement.write(own) if line["timeframe"] == frame]
            newest[kind] = max(lines, key=lambda line: line["period_end"])
        sheet, income, flow = newest.values()
        details = stocks.details(row["ticker"], LAST)
        assert details is not None
        shares, price = details["share_class_shares_outstanding"], close[row["ticker"]]
        assert row["price"] == price
        assert row["market_cap"] == pytest.approx(price * shares, abs=0.01)
        assert row["earnings_per_share"] == pytest.approx(income["consolidated_net_income_loss"] / shares, abs=0.006)
        operating = flow["net_cash_from_operating_activities"]
        assert row["free_cash_flow"] == operating + flow["purchase_of_property_plant_and_equipment"]
        owed = sheet.get("debt_current", 0) + sheet.get("long_term_debt_and_capital_lease_obligations", 0)
        assert row["enterprise_value"] == pytest.approx(price * shares + owed - sheet["cash_and_equivalents"], abs=0.01)
        current = sheet["total_current_assets"]
        assert row["current"] == round(current / sheet["total_current_liabilities"], 2)
        quick = (current - sheet.get("inventories", 0)) / sheet["total_current_liabilities"]
        assert row["quick"] == round(quick, 2)
        assert ("price_to_earnings" in row) == (income["consolidated_net_income_loss"] > 0)
        assert ("debt_to_equity" in row) == (sheet["total_equity"] > 0)
        assert row["dividend_yield"] == round(-flow.get("dividends", 0) / (price * shares), 4)


def test_average_volume_is_of_the_bars(stocks: SimulatedStocks, companies: Companies, filings: Filings) -> None:
    """What the bars of the last 30 sessions under the same symbol add up to; sessions without a bar count as 0."""
    session = stocks.sessions.last_until(LAST)
    table = ratio_table(stocks.sessions, stocks.listed, stocks.trading, companies, filings, session)
    quiet, renamed = set(), set()
    for row in table.write(np.arange(len(table))):
        ticker = row["ticker"]
        bars = stocks.days(ticker, session - 29, session, adjusted=False)
        since = int(stocks.listed.s_start[stocks.listed.segments_of(ticker)[-1]])
        sessions = min(session - since + 1, 30)
        assert row["average_volume"] == pytest.approx(bars.v.sum() / sessions, abs=0.5001), ticker
        quiet |= {ticker} if len(bars) < sessions else set()
        renamed |= {ticker} if sessions < 30 else set()
    assert quiet
    assert "FMCA" in renamed


def test_columns_are_what_is_written(stocks: SimulatedStocks, companies: Companies, filings: Filings) -> None:
    """Filters see the numbers that the rows show, the average volume included."""
    session = stocks.sessions.last_until(LAST)
    table = ratio_table(stocks.sessions, stocks.listed, stocks.trading, companies, filings, session)
    rows = table.write(np.arange(len(table)))
    for name in NAMES:
        column = table.columns[name].tolist()
        assert [row.get(name) for row in rows] == [None if value != value else value for value in column]
