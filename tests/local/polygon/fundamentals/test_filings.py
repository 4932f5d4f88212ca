"""Who files when, and what the reports hold."""

import datetime as dt
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from local.polygon.fundamentals.companies import Companies, period_end, quarter_of
from local.polygon.fundamentals.filings import Filings
from local.polygon.fundamentals.short_sales import settlements
from local.polygon.markets.clock import Clock
from local.polygon.stocks.simulated import SimulatedStocks

LAST = dt.date(2026, 7, 1)


def rows(filings: Filings, stocks: SimulatedStocks, kind: str, ticker: str) -> list[dict[str, object]]:
    """All statements of one company, in the order of the table."""
    table = filings.statements(kind, stocks.sessions.last_until(LAST))
    rank = table.readers["tickers"]("tickers", ticker)
    return table.write(np.flatnonzero(table.columns["tickers"] == rank))


def test_quarters() -> None:
    """Quarters are counted in calendar order and end with their months."""
    assert [period_end(2025 * 4 + part) for part in range(4)] == [
        dt.date(2025, 3, 31), dt.date(2025, 6, 30), dt.date(2025, 9, 30), dt.date(2025, 12, 31),
    ]  # fmt: skip
    assert all(quarter_of(period_end(number)) == number for number in range(8000, 8120))


def test_every_company_files_four_times_a_year(stocks: SimulatedStocks, filings: Filings) -> None:
    """Each quarter of a listed company has one report, on a session, weeks after the quarter's end."""
    reports, listed = filings.reports, stocks.listed
    pairs = list(zip(reports.who.tolist(), reports.quarter.tolist(), strict=True))
    assert len(pairs) == len(set(pairs)) > 8000
    assert (listed.i_start[reports.who] <= reports.session).all()
    assert (reports.session < listed.i_end[reports.who]).all()
    ends = [period_end(number) for number in reports.quarter.tolist()]
    waits = np.array(
        [(stocks.sessions.days[at] - end).days for at, end in zip(reports.session.tolist(), ends, strict=True)]
    )
    assert 45 <= waits[reports.part == 4].min() < waits[reports.part == 4].max() <= 90
    others, months = waits[reports.part != 4], waits > 60
    assert others.min() >= 25
    assert sorted(set((others[others > 45] // 10).tolist())) == [6, 8, 10]
    late = Counter(reports.quarter[(reports.part != 4) & months].tolist())
    assert {late[quarter] for quarter in range(2010 * 4, 2026 * 4)} == {3}
    assert not set(reports.who[(reports.part != 4) & months].tolist()) & set(listed.scripted)
    anth = (reports.who == 0) & (reports.session <= stocks.sessions.last_until(LAST))
    assert reports.quarter[anth].tolist() == list(range(2009 * 4, 2026 * 4 + 1))


@pytest.mark.parametrize("count", [60, 300])
def test_any_month_has_filings_short_interest_and_news(count: int) -> None:
    """Most reports come in seasons, and some between them: any 20 sessions have one, in a market of any size."""
    stocks = SimulatedStocks(7, Clock(LAST), stocks=count, otc=0)
    companies = Companies(stocks.noise, stocks.sessions, stocks.listed, stocks.prices)
    filed = Filings(stocks.noise, stocks.sessions, stocks.listed, companies).reports.session
    first, last = stocks.sessions.next_from(dt.date(2018, 6, 1)), stocks.sessions.last_until(LAST)
    news = stocks.news.columns["published_utc"]
    opened = np.searchsorted(stocks.sessions.opens, news, side="right") - 1
    for sessions in (filed, settlements(stocks.sessions), opened):
        some = np.unique(sessions[(sessions >= first) & (sessions <= last)])
        assert np.diff(some).max() <= 20
        assert some[0] - first < 20
        assert last - some[-1] < 20
    busy = Counter(stocks.sessions.days[at] for at in filed.tolist())
    assert sum(busy[dt.date(2026, 5, 4) + dt.timedelta(days=more)] for more in range(5)) > count / 15


def test_what_is_filed_later_is_not_known(stocks: SimulatedStocks, filings: Filings) -> None:
    """Seen from an earlier session there are the reports up to then, and the same ones."""
    late, early = stocks.sessions.last_until(LAST), stocks.sessions.last_until(dt.date(2026, 5, 5))
    all_rows, first_rows = (filings.statements("income", at) for at in (late, early))
    known = np.flatnonzero(all_rows.columns["filing_date"] <= 20260505)
    assert len(known) == len(first_rows) < len(all_rows)
    assert all_rows.write(known[::97]) == first_rows.write(np.arange(len(known))[::97])


def test_a_year_is_its_four_quarters(stocks: SimulatedStocks, filings: Filings) -> None:
    """Annual and trailing figures are sums of quarterly ones; earnings a share are divided by average shares."""
    for kind, name in (("income", "revenue"), ("cash_flow", "net_cash_from_operating_activities")):
        found = rows(filings, stocks, kind, "AAPL")
        frames = {frame: [row for row in found if row["timeframe"] == frame] for frame in ("quarterly", "annual")}
        trailing = [row for row in found if row["timeframe"] == "trailing_twelve_months"]
        quarters = frames["quarterly"]
        assert [row["period_end"] for row in trailing] == [row["period_end"] for row in quarters]
        for at in range(4, len(quarters)):
            assert trailing[at][name] == sum(row[name] for row in quarters[at - 3 : at + 1])
        by_end = {row["period_end"]: row for row in trailing}
        assert len(frames["annual"]) in (len(quarters) // 4, len(quarters) // 4 + 1)
        for row in frames["annual"]:
            assert row["fiscal_quarter"] == 4
            assert row == by_end[row["period_end"]] | {"timeframe": "annual"}
            net = row.get("net_income_loss_attributable_common_shareholders", 0)
            if kind == "income":
                assert row["basic_earnings_per_share"] == round(net / row["basic_shares_outstanding"], 2)
    assert {row["timeframe"] for row in rows(filings, stocks, "balance", "AAPL")} == {"quarterly", "annual"}


def test_a_restated_year_is_not_its_four_quarters(stocks: SimulatedStocks, filings: Filings) -> None:
    """OLDCO's annual figures of 2025 are no sum of its quarters but agree with each other; other years are sums."""
    for kind, name in (("income", "revenue"), ("cash_flow", "net_cash_from_operating_activities")):
        found = rows(filings, stocks, kind, "OLDCO")
        sums = {row["period_end"]: row[name] for row in found if row["timeframe"] == "trailing_twelve_months"}
        annual = {row["period_end"]: row for row in found if row["timeframe"] == "annual"}
        different = [end for end, row in annual.items() if row[name] != sums[end]]
        assert [str(end)[:4] for end in different] == ["2025"]
        assert len(annual) > 10
        (row,) = (annual[end] for end in different)
        if kind == "income":
            assert row["revenue"] - row["cost_of_revenue"] == row["gross_profit"]


def test_statements_of_a_report_agree(stocks: SimulatedStocks, filings: Filings) -> None:
    """The three statements of one report name the same company, days and net income; the cash is the same cash."""
    by_kind = {
        kind: [row for row in rows(filings, stocks, kind, "MSFT") if row["timeframe"] == "quarterly"]
        for kind in ("balance", "income", "cash_flow")
    }
    about = ("cik", "filing_date", "fiscal_quarter", "fiscal_year", "period_end", "tickers")
    heads = [[tuple(str(row[name]) for name in about) for row in rows] for rows in by_kind.values()]
    assert heads[0] == heads[1] == heads[2]
    nets = [row["consolidated_net_income_loss"] for row in by_kind["income"]]
    assert nets == [row["net_income"] for row in by_kind["cash_flow"]]
    cash = [row["cash_and_equivalents"] for row in by_kind["balance"]]
    changes = [row["change_in_cash_and_equivalents"] for row in by_kind["cash_flow"]]
    assert [late - early for early, late in pairwise(cash)] == changes[1:]


def test_a_renamed_company_files_under_its_name_of_the_day(stocks: SimulatedStocks, filings: Filings) -> None:
    """FMCA was FRMC before 2026-06-16, with the same number."""
    old, new = (rows(filings, stocks, "balance", ticker) for ticker in ("FRMC", "FMCA"))
    assert len(old) > 60
    assert max(str(row["filing_date"]) for row in old) < "2026-06-16"
    assert all(str(row["filing_date"]) >= "2026-06-16" and row["cik"] == old[0]["cik"] for row in new)
