"""The books of listed companies: balance sheet, income and cash flow of any quarter, each found without its past.

What a company has grows smoothly and is drawn by (company, quarter); what flows is the difference of two quarters. So
the statements agree to the dollar: assets are liabilities and equity, cash moves by the cash flow, and retained
earnings by the income that is not paid out.
"""

import numpy as np

from local.polygon.fundamentals.companies import Companies
from local.polygon.markets.noise import Floats, Ints

TAX = 0.21
_BASE = 2007 * 4  # the quarter from which on retained earnings are counted
_UNIT = 1000  # statements are in whole thousands of USD
_CURRENT_ASSETS = (
    "cash_and_equivalents", "short_term_investments", "receivables", "inventories", "other_current_assets",
)  # fmt: skip
_CURRENT_LIABILITIES = (
    "accounts_payable", "accrued_and_other_current_liabilities", "deferred_revenue_current", "debt_current",
)  # fmt: skip

Figures = dict[str, Ints]


class Accounts:
    """Statements in USD for arrays of instruments (`who`) and the quarter's number beside each."""

    def __init__(self, companies: Companies) -> None:
        self._companies = companies

    def balance(self, who: Ints, quarter: Ints) -> Figures:
        """The balance sheet at the end of a quarter; items that a company does not have are 0."""
        held, owed = self._held(who, quarter), self._owed(who, quarter)
        assets, liabilities = _total(held, *held), _total(owed, *owed)
        retained, other = self._retained(who, quarter), self._constant(who, -0.05)
        paid_in = assets - liabilities - retained - other
        common = np.maximum(paid_in, self._constant(who, 0.5))
        rest = {
            "total_current_assets": _total(held, *_CURRENT_ASSETS),
            "total_assets": assets,
            "total_current_liabilities": _total(owed, *_CURRENT_LIABILITIES),
            "total_liabilities": liabilities,
            "common_stock": common,
            "treasury_stock": paid_in - common,
            "retained_earnings_deficit": retained,
            "accumulated_other_comprehensive_income": other,
            "other_equity": np.zeros_like(other),
            "total_equity_attributable_to_parent": assets - liabilities,
            "total_equity": assets - liabilities,
            "total_liabilities_and_equity": assets,
        }
        return held | owed | rest

    def income(self, who: Ints, quarter: Ints) -> Figures:
        """The income statement of a quarter."""
        net = self._retained(who, quarter) - self._retained(who, quarter - 1) + self._dividends(who, quarter)
        taxes = np.where(net > 0, _thousands(net * (TAX / (1 - TAX))), 0)
        earned = _thousands(self._held(who, quarter - 1)["cash_and_equivalents"] * 0.006)
        paid = _thousands(self._debt(who, quarter - 1) * 0.0125)
        other = _thousands(self._companies.size(who, quarter) * 0.002 * self._draw("other income", who, quarter))
        operating = net + taxes - (earned - paid + other)
        revenue, gross = self._sales(who, quarter)
        research = self._trait("research", who)
        researched = np.where(research < 0.5, _thousands((gross - operating) * research), 0)
        return {
            "revenue": revenue,
            "cost_of_revenue": revenue - gross,
            "gross_profit": gross,
            "research_development": researched,
            "selling_general_administrative": gross - operating - researched,
            "other_operating_expenses": np.zeros_like(net),
            "total_operating_expenses": gross - operating,
            "operating_income": operating,
            "interest_income": earned,
            "interest_expense": paid,
            "other_income_expense": other,
            "total_other_income_expense": earned - paid + other,
            "income_before_income_taxes": net + taxes,
            "income_taxes": taxes,
            "consolidated_net_income_loss": net,
            "net_income_loss_attributable_common_shareholders": net,
            "depreciation_depletion_amortization": self._depreciation(who, quarter),
            "ebitda": operating + self._depreciation(who, quarter),
        }

    def cash_flow(self, who: Ints, quarter: Ints) -> Figures:
        """The cash flow of a quarter: how one balance sheet becomes the next."""
        before, after = self.balance(who, quarter - 1), self.balance(who, quarter)
        rise = {name: after[name] - before[name] for name in after}
        dividends, worn = self._dividends(who, quarter), self._depreciation(who, quarter)
        net = rise["retained_earnings_deficit"] + dividends
        working = _total(rise, *_CURRENT_LIABILITIES[:3]) - _total(rise, *_CURRENT_ASSETS[2:])
        operating = net + worn + working + rise["other_noncurrent_liabilities"]
        bought = rise["property_plant_equipment_net"] + worn
        placed = _total(rise, "short_term_investments", "goodwill", "intangible_assets_net", "other_assets")
        issued = rise["common_stock"] + rise["treasury_stock"]
        long, short = rise["long_term_debt_and_capital_lease_obligations"], rise["debt_current"]
        financing = long + short + issued - dividends
        return {
            "net_income": net,
            "depreciation_depletion_and_amortization": worn,
            "change_in_other_operating_assets_and_liabilities_net": working,
            "other_operating_activities": rise["other_noncurrent_liabilities"],
            "cash_from_operating_activities_continuing_operations": operating,
            "net_cash_from_operating_activities": operating,
            "purchase_of_property_plant_and_equipment": -bought,
            "other_investing_activities": -placed,
            "net_cash_from_investing_activities_continuing_operations": -bought - placed,
            "net_cash_from_investing_activities": -bought - placed,
            "long_term_debt_issuances_repayments": long,
            "short_term_debt_issuances_repayments": short,
            "dividends": -dividends,
            "other_financing_activities": issued,
            "net_cash_from_financing_activities_continuing_operations": financing,
            "net_cash_from_financing_activities": financing,
            "change_in_cash_and_equivalents": operating - bought - placed + financing,
        }

    def _held(self, who: Ints, quarter: Ints) -> Figures:
        return {
            "cash_and_equivalents": self._item("cash", 0.4 + 1.6 * self._trait("cash", who), who, quarter, 0.1),
            "short_term_investments": self._item("investments", self._some("investments", 0.5, who), who, quarter),
            "receivables": self._item("receivables", 0.55, who, quarter),
            "inventories": self._item("inventories", self._some("inventories", 0.35, who), who, quarter),
            "other_current_assets": self._item("other current", 0.2, who, quarter),
            "property_plant_equipment_net": self._plant(who, quarter),
            "goodwill": self._constant(who, self._some("goodwill", 1.2, who)),
            "intangible_assets_net": self._constant(who, self._some("goodwill", 0.4, who)),
            "other_assets": self._item("other assets", 1.2, who, quarter),
        }

    def _owed(self, who: Ints, quarter: Ints) -> Figures:
        debt = self._debt(who, quarter)
        due = _thousands(debt * 0.1)
        return {
            "accounts_payable": self._item("payables", 0.4, who, quarter),
            "accrued_and_other_current_liabilities": self._item("accrued", 0.3, who, quarter),
            "deferred_revenue_current": self._item("deferred", self._some("deferred", 0.15, who), who, quarter),
            "debt_current": due,
            "long_term_debt_and_capital_lease_obligations": debt - due,
            "other_noncurrent_liabilities": self._item("other liabilities", 0.5, who, quarter, 0.01),
        }

    def _sales(self, who: Ints, quarter: Ints) -> tuple[Ints, Ints]:
        """Revenue with its seasons, and what is left after the cost of what was sold."""
        season = 1 + 0.06 * self._trait("season", who) * np.array([-1.0, 0.2, -0.4, 1.2])[quarter % 4]
        size = self._companies.size(who, quarter) * season
        revenue = _thousands(size * (1 + 0.02 * self._draw("revenue", who, quarter)))
        margin = self._companies.margin[who] / (1 - TAX) + 0.32 + 0.2 * self._trait("gross margin", who)
        return revenue, _thousands(revenue * margin * (1 + 0.01 * self._draw("cost", who, quarter)))

    def _debt(self, who: Ints, quarter: Ints) -> Ints:
        return self._item("debt", 4.5 * self._trait("debt", who), who, quarter, 0.02)

    def _plant(self, who: Ints, quarter: Ints) -> Ints:
        return _thousands(self._companies.size(who, quarter) * (0.5 + 3 * self._trait("plant", who)))

    def _depreciation(self, who: Ints, quarter: Ints) -> Ints:
        """More than plant can shrink in a quarter, so that some is always bought."""
        return _thousands(self._plant(who, quarter - 1) * 0.035)

    def _dividends(self, who: Ints, quarter: Ints) -> Ints:
        rate = self._companies.margin[who] * self._companies.payout[who]
        return _thousands(self._companies.size(who, quarter) * rate)

    def _retained(self, who: Ints, quarter: Ints) -> Ints:
        """All income kept since the beginning: a geometric sum, and what fortune has done to it."""
        company, size = self._companies, self._companies.size(who, quarter)
        summed = (size - company.size(who, np.full_like(quarter, _BASE))) / -np.expm1(-company.growth[who])
        usual = company.margin[who] * (1 - company.payout[who]) * summed
        fortune = 0.012 * size * self._draw("fortune", who, quarter)
        return _thousands(usual + fortune + company.first_size[who] * (6 * self._trait("retained", who) - 2))

    def _item(self, name: str, share: Floats | float, who: Ints, quarter: Ints, spread: float = 0.04) -> Ints:
        """An item that is some share of the company's size."""
        return _thousands(self._companies.size(who, quarter) * share * (1 + spread * self._draw(name, who, quarter)))

    def _constant(self, who: Ints, share: Floats | float) -> Ints:
        return _thousands(self._companies.first_size[who] * share)

    def _some(self, name: str, share: float, who: Ints) -> Floats:
        """A share that half of the companies have, the others none."""
        return np.where(self._trait(name, who) < 0.5, share, 0.0)

    def _trait(self, name: str, who: Ints) -> Floats:
        return self._companies.trait(name)[who]

    def _draw(self, name: str, who: Ints, quarter: Ints) -> Floats:
        return self._companies.draw(name, who, quarter)


def _total(figures: Figures, *names: str) -> Ints:
    """The sum of some figures."""
    total: Ints = np.sum([figures[name] for name in names], axis=0)
    return total


def _thousands(value: np.ndarray) -> Ints:
    whole: Ints = np.round(value / _UNIT).astype(np.int64) * _UNIT
    return whole
