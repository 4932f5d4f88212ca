"""Reports of a few companies: corrections, two in one day, filings on days off, statements that stand alone."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from tests.plugins.anthill.lakehouse.oracle_financials import Filed

_QUARTERS = [dt.date(2023, 6, 30), dt.date(2023, 9, 30), dt.date(2023, 12, 31)]
# Market day -> filings: company, filing date, period. 29 March is Good Friday: the SEC works, the exchange does not.
FILINGS: dict[dt.date, list[tuple[str, str, dt.date]]] = {
    dt.date(2024, 3, 4): [("0000000001", "2024-03-04", _QUARTERS[0]), ("0000000002", "2024-03-04", _QUARTERS[1])],
    dt.date(2024, 3, 12): [("0000000001", "2024-03-12", _QUARTERS[1])],
    dt.date(2024, 3, 13): [("0000000001", "2024-03-13", _QUARTERS[0])],  # corrects an older period
    dt.date(2024, 4, 1): [
        ("0000000001", "2024-03-29", _QUARTERS[2]),
        ("0000000002", "2024-03-30", _QUARTERS[2]),
        ("0000000002", "2024-04-01", _QUARTERS[2]),  # corrects what was filed just before
    ],
    dt.date(2024, 4, 9): [("0000000003", "2024-04-09", _QUARTERS[0]), ("0000000003", "2024-04-09", _QUARTERS[1])],
    dt.date(2024, 4, 10): [("0000000001", "2024-04-10", _QUARTERS[2])],
}
TICKERS = {"0000000001": ["AAA", "AAB"], "0000000002": ["BBB"], "0000000003": ["CCC"]}


def filed(seed: int = 11) -> dict[dt.date, Filed]:
    """What each market day's filings hold."""
    chance = random.Random(seed)
    days: dict[dt.date, Filed] = {}
    for day, filings in FILINGS.items():
        rows = Filed([], [], [])
        for cik, filing_date, period_end in filings:
            for timeframe in ("annual", "quarterly", "trailing_twelve_months"):
                head = _head(cik, filing_date, period_end, timeframe)
                rows.income.append(head | _income(chance))
                if chance.random() < 0.8:
                    rows.cash_flow.append(head | _flow(chance))
                if timeframe != "trailing_twelve_months" and cik != "0000000003":
                    rows.balance.append(head | _sheet(random.Random(f"{cik}{filing_date}{period_end}{timeframe}")))
        days[day] = rows
    return days


def _head(cik: str, filing_date: str, period_end: dt.date, timeframe: str) -> dict[str, Any]:
    known = {"cik": cik, "tickers": TICKERS[cik], "filing_date": filing_date, "period_end": str(period_end)}
    return {**known, "timeframe": timeframe, "fiscal_year": 2023, "fiscal_quarter": (period_end.month - 1) // 3 + 1}


def _income(chance: random.Random) -> dict[str, Any]:
    revenue = float(chance.choice([0, chance.randint(1, 10**9)]))
    cost = round(revenue * 0.6)
    known = {"revenue": revenue, "cost_of_revenue": cost, "gross_profit": revenue - cost}
    net = {"operating_income": revenue * 0.2, "net_income_loss_attributable_common_shareholders": revenue * 0.1 - 50}
    return {**known, **net, "diluted_earnings_per_share": 1.25}


def _flow(chance: random.Random) -> dict[str, Any]:
    operating, bought = chance.randint(-(10**6), 10**6), -chance.randint(1, 10**5)
    known = {"net_cash_from_operating_activities": operating, "net_cash_from_investing_activities": bought}
    paid = {
        "net_cash_from_financing_activities": -7,
        "dividends": -7,
        "change_in_cash_and_equivalents": operating + bought - 7,
    }
    return known | paid | ({"purchase_of_property_plant_and_equipment": bought} if chance.random() < 0.7 else {})


def _sheet(chance: random.Random) -> dict[str, Any]:
    equity, debt = chance.randint(-(10**5), 10**6), chance.randint(1, 10**6)
    known = {
        "total_equity": equity,
        "total_liabilities": debt,
        "total_assets": equity + debt,
        "cash_and_equivalents": 3,
    }
    return {**known, "total_liabilities_and_equity": equity + debt, "debt_current": debt}
