"""Statements agree with themselves, with one another, and from quarter to quarter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.polygon.fundamentals.accounts import Accounts
from local.polygon.fundamentals.companies import Companies
from local.polygon.stocks.simulated import SimulatedStocks

QUARTERS = st.integers(2009 * 4, 2026 * 4 + 1)


@pytest.fixture(scope="session")
def accounts(companies: Companies) -> Accounts:
    """The books of the small market."""
    return Accounts(companies)


@pytest.fixture(scope="session")
def who(stocks: SimulatedStocks) -> np.ndarray:
    """Every instrument there ever was."""
    return np.arange(len(stocks.listed.i_place))


@settings(max_examples=20)
@given(QUARTERS)
def test_a_balance_sheet_balances(accounts: Accounts, who: np.ndarray, quarter: int) -> None:
    """Assets are liabilities and equity, every total is the sum of its parts, and nobody owes a negative amount."""
    sheet = accounts.balance(who, np.full(len(who), quarter))
    held = (
        "property_plant_equipment_net", "goodwill", "intangible_assets_net", "other_assets", "total_current_assets",
    )  # fmt: skip
    owed = ("long_term_debt_and_capital_lease_obligations", "other_noncurrent_liabilities", "total_current_liabilities")
    own = (
        "common_stock", "treasury_stock", "retained_earnings_deficit", "accumulated_other_comprehensive_income",
        "other_equity",
    )  # fmt: skip
    current = (
        "cash_and_equivalents", "short_term_investments", "receivables", "inventories", "other_current_assets",
    )  # fmt: skip
    due = (
        "accounts_payable", "accrued_and_other_current_liabilities", "deferred_revenue_current", "debt_current",
    )  # fmt: skip
    sums = {
        "total_assets": held, "total_liabilities": owed, "total_equity": own, "total_current_assets": current,
        "total_current_liabilities": due, "total_liabilities_and_equity": ("total_liabilities", "total_equity"),
    }  # fmt: skip
    for total, parts in sums.items():
        assert (sheet[total] == sum(sheet[part] for part in parts)).all(), total
    assert (sheet["total_assets"] == sheet["total_liabilities_and_equity"]).all()
    assert all((sheet[name] >= 0).all() for name in (*current, *due, *held, *owed))
    assert (sheet["treasury_stock"] <= 0).all()


@settings(max_examples=20)
@given(QUARTERS)
def test_cash_flows_lead_from_one_balance_sheet_to_the_next(accounts: Accounts, who: np.ndarray, quarter: int) -> None:
    """Cash, retained earnings, plant and debt of two quarters differ by what flowed between them."""
    at = np.full(len(who), quarter)
    before, after, flow = accounts.balance(who, at - 1), accounts.balance(who, at), accounts.cash_flow(who, at)
    net = accounts.income(who, at)["consolidated_net_income_loss"]

    def rise(name: str) -> np.ndarray:
        return after[name] - before[name]

    assert (flow["net_income"] == net).all()
    assert (rise("cash_and_equivalents") == flow["change_in_cash_and_equivalents"]).all()
    three = ("operating", "investing", "financing")
    parts = [flow[f"net_cash_from_{kind}_activities"] for kind in three]
    assert (sum(parts) == flow["change_in_cash_and_equivalents"]).all()
    assert (rise("retained_earnings_deficit") == net + flow["dividends"]).all()
    worn, bought = flow["depreciation_depletion_and_amortization"], -flow["purchase_of_property_plant_and_equipment"]
    assert (rise("property_plant_equipment_net") == bought - worn).all()
    assert (bought > 0).all()
    long = "long_term_debt_and_capital_lease_obligations"
    assert (rise(long) == flow["long_term_debt_issuances_repayments"]).all()


@settings(max_examples=20)
@given(QUARTERS)
def test_an_income_statement_adds_up(accounts: Accounts, who: np.ndarray, quarter: int) -> None:
    """From revenue to net income each line follows from those above, and expenses are expenses."""
    income = accounts.income(who, np.full(len(who), quarter))
    lines = {
        "gross_profit": ("revenue", "-cost_of_revenue"),
        "operating_income": ("gross_profit", "-total_operating_expenses"),
        "total_operating_expenses": (
            "research_development", "selling_general_administrative", "other_operating_expenses",
        ),
        "total_other_income_expense": ("interest_income", "-interest_expense", "other_income_expense"),
        "income_before_income_taxes": ("operating_income", "total_other_income_expense"),
        "consolidated_net_income_loss": ("income_before_income_taxes", "-income_taxes"),
        "ebitda": ("operating_income", "depreciation_depletion_amortization"),
    }  # fmt: skip
    for line, parts in lines.items():
        total = sum(-income[part[1:]] if part[0] == "-" else income[part] for part in parts)
        assert (income[line] == total).all(), line
    positive = ("revenue", "cost_of_revenue", "selling_general_administrative", "income_taxes", "interest_expense")
    assert all((income[name] >= 0).all() for name in positive)
    assert (income["income_taxes"][income["income_before_income_taxes"] <= 0] == 0).all()


def test_companies_are_plausible(accounts: Accounts, who: np.ndarray) -> None:
    """Most earn money and some lose it; a few owe more than they have; two in five have no inventories."""
    at = np.full(len(who), 2026 * 4)
    income, sheet = accounts.income(who, at), accounts.balance(who, at)
    assert 0.05 < (income["consolidated_net_income_loss"] < 0).mean() < 0.3
    assert 0.01 < (sheet["total_equity"] < 0).mean() < 0.2
    assert 0.3 < (sheet["inventories"] == 0).mean() < 0.7
    margin = income["consolidated_net_income_loss"] / income["revenue"]
    assert 0.03 < np.median(margin) < 0.12
