"""gold.stocks_filed_statements and what was known on a day, computed again from raw rows: no code of the product's."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import polars as pl

_KEY = ("cik", "filing_date", "period_end", "timeframe")


class Filed(NamedTuple):
    """The rows of the three endpoints that were filed by one market day."""

    income: list[dict[str, Any]]
    balance: list[dict[str, Any]]
    cash_flow: list[dict[str, Any]]


def statements(filed: dict[dt.date, Filed]) -> pl.DataFrame:
    """Ordered by ticker, day, filing, period and timeframe."""
    rows = [row for day, rows in filed.items() for row in _of_day(day, rows)]
    return pl.DataFrame(rows, infer_schema_length=None).sort("ticker", "market_date", *_KEY)


def known_on(statements: pl.DataFrame, ticker: str, timeframe: str, day: dt.date) -> dict[str, Any] | None:
    """The report on the latest period that was filed by a day; of two on one period the one filed later."""
    rows = statements.filter(
        pl.col("ticker") == ticker, pl.col("timeframe") == timeframe, pl.col("market_date") <= day
    ).sort("period_end", "market_date", "filing_date", "cik")
    return rows.row(-1, named=True) if rows.height else None


def _of_day(day: dt.date, filed: Filed) -> list[dict[str, Any]]:
    rows = []
    keys = {tuple(row[name] for name in _KEY) for part in filed for row in part}
    for key in sorted(keys):
        income, balance, flow = ([row for row in part if tuple(row[n] for n in _KEY) == key] for part in filed)
        sheets = [row for row in filed.balance if tuple(row[n] for n in _KEY[:3]) == key[:3]]
        sheet = max(sheets, key=lambda row: row["timeframe"], default={})
        rows += [
            {"ticker": ticker, "market_date": day, **_figures(key, (income or [{}])[0], sheet, (flow or [{}])[0])}
            for ticker in {ticker for row in (*income, *balance, *flow) for ticker in row["tickers"]}
        ]
    return rows


def _figures(
    key: tuple[str, ...], income: dict[str, Any], sheet: dict[str, Any], flow: dict[str, Any]
) -> dict[str, Any]:
    debts = [sheet[name] for name in ("debt_current", _LONG) if name in sheet]
    debt = float(sum(debts)) if debts else None
    revenue, equity = income.get("revenue"), sheet.get("total_equity")
    net, operating = income.get("net_income_loss_attributable_common_shareholders"), income.get("operating_income")
    cash = flow.get("net_cash_from_operating_activities")
    cik, filing_date, period_end, timeframe = key
    any_row = income or flow or sheet
    return {
        "cik": cik,
        "filing_date": dt.date.fromisoformat(filing_date),
        "period_end": dt.date.fromisoformat(period_end),
        "timeframe": timeframe,
        "fiscal_year": any_row["fiscal_year"],
        "fiscal_quarter": any_row["fiscal_quarter"],
        "revenue": revenue,
        "gross_profit": income.get("gross_profit"),
        "operating_income": operating,
        "net_income": net,
        "diluted_eps": income.get("diluted_earnings_per_share"),
        "operating_cash_flow": cash,
        "free_cash_flow": cash + flow.get("purchase_of_property_plant_and_equipment", 0) if cash is not None else None,
        "dividends_paid": -flow["dividends"] if "dividends" in flow else None,
        "cash": sheet.get("cash_and_equivalents"),
        "total_assets": sheet.get("total_assets"),
        "total_debt": debt,
        "total_equity": equity,
        "operating_margin": operating / revenue if revenue else None,
        "net_margin": net / revenue if revenue else None,
        "debt_to_equity": debt / equity if debt is not None and equity and equity > 0 else None,
    }


_LONG = "long_term_debt_and_capital_lease_obligations"
