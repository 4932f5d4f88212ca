"""Ratios of listed companies: the latest close beside the last four quarters that were filed."""

import numpy as np

from local.polygon.fundamentals.companies import Companies
from local.polygon.fundamentals.filings import Filings
from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Columns, Row, Table
from local.polygon.stocks.listings import Listings
from local.polygon.stocks.trading import Trading

VOLUME_SESSIONS = 30
FOUR_PLACES = ("dividend_yield", "return_on_assets", "return_on_equity")
"""Ratios that are shown with four decimals; the others have two."""
NAMES = (
    "price", "average_volume", "market_cap", "earnings_per_share", "price_to_earnings", "price_to_book",
    "price_to_sales", "price_to_cash_flow", "price_to_free_cash_flow", *FOUR_PLACES, "debt_to_equity", "current",
    "quick", "cash", "ev_to_sales", "ev_to_ebitda", "enterprise_value", "free_cash_flow",
)  # fmt: skip


def ratio_table(
    sessions: Sessions, listed: Listings, trading: Trading, companies: Companies, filings: Filings, session: int
) -> Table:
    """The ratios of every company that trades on a session and has filed by then, in the order of tickers."""
    who, quarter = filings.latest(session)
    alive = (listed.i_start[who] <= session) & (session < listed.i_end[who])
    who, quarter = who[alive], quarter[alive]
    segments = listed.segments_of_instruments(who, np.full(len(who), session))
    bars = trading.at(segments, np.full(len(who), session))
    order = np.argsort(bars.tickers, kind="stable")
    order = order[(bars.n[order] != 0) & ~bars.otc[order]]
    who, quarter, segments, bars = who[order], quarter[order], segments[order], bars.take(order)
    ready: dict[str, np.ndarray] = {"ticker": bars.tickers, "cik": listed.cik(who)}
    ready |= _ratios(filings, who, quarter, bars.c, companies.shares_on(who, np.full(len(who), session)))

    def volume(rows: np.ndarray) -> Floats:
        return _average_volume(listed, trading, segments[rows], session)

    columns = Columns(ready, lambda name: volume(np.arange(len(segments))))

    def write(rows: np.ndarray) -> list[Row]:
        few = 4 * len(rows) < len(segments) and "average_volume" not in columns
        figures = {name: volume(rows) if few and name == "average_volume" else columns[name][rows] for name in NAMES}
        written: list[Row] = [
            {"cik": f"{cik:010d}", "date": sessions.days[session].isoformat(), "ticker": ticker}
            for cik, ticker in zip(columns["cik"][rows].tolist(), columns["ticker"][rows].tolist(), strict=True)
        ]
        for name, values in figures.items():
            for row, value in zip(written, values.tolist(), strict=True):
                if value == value:  # a ratio that cannot be calculated is left out
                    row[name] = int(value) if value.is_integer() else value
        return [dict(sorted(row.items())) for row in written]

    return Table(columns, write)


def _ratios(filings: Filings, who: Ints, quarter: Ints, price: Floats, shares: Ints) -> dict[str, Floats]:
    """Every ratio but the volume, NaN where the API has none."""
    sheet, income = filings.accounts.balance(who, quarter), filings.trailing("income", who, quarter)
    flow = filings.trailing("cash_flow", who, quarter)
    net, equity = income["consolidated_net_income_loss"], sheet["total_equity"]
    due = sheet["total_current_liabilities"]
    debt = sheet["debt_current"] + sheet["long_term_debt_and_capital_lease_obligations"]
    operating = flow["net_cash_from_operating_activities"]
    free, worth = operating + flow["purchase_of_property_plant_and_equipment"], price * shares
    value = worth + debt - sheet["cash_and_equivalents"]
    ratios = {
        "price": price,
        "market_cap": worth,
        "earnings_per_share": net / shares,
        "price_to_earnings": _over(worth, net),
        "price_to_book": _over(worth, equity),
        "price_to_sales": _over(worth, income["revenue"]),
        "price_to_cash_flow": _over(worth, operating),
        "price_to_free_cash_flow": _over(worth, free),
        "dividend_yield": -flow["dividends"] / worth,
        "return_on_assets": net / sheet["total_assets"],
        "return_on_equity": _over(net, equity),
        "debt_to_equity": _over(debt, equity),
        "current": sheet["total_current_assets"] / due,
        "quick": (sheet["total_current_assets"] - sheet["inventories"]) / due,
        "cash": sheet["cash_and_equivalents"] / due,
        "ev_to_sales": _over(value, income["revenue"]),
        "ev_to_ebitda": _over(value, income["ebitda"]),
        "enterprise_value": value,
        "free_cash_flow": free.astype(float),
    }
    places = {"price": 4} | dict.fromkeys(FOUR_PLACES, 4)
    return {name: np.round(ratio, places.get(name, 2)) for name, ratio in ratios.items()}


def _over(value: np.ndarray, other: np.ndarray) -> Floats:
    """A quotient where the divisor is positive."""
    quotient: Floats = np.divide(value, other, out=np.full(len(other), np.nan), where=other > 0)
    return quotient


def _average_volume(listed: Listings, trading: Trading, segments: Ints, session: int) -> Floats:
    """Shares a session, over the last 30 under the same symbol."""
    back = session - np.arange(VOLUME_SESSIONS)
    pairs = np.repeat(segments, VOLUME_SESSIONS), np.tile(back, len(segments))
    there = listed.s_start[pairs[0]] <= pairs[1]
    volume = np.zeros(len(there))
    volume[there] = trading.at(pairs[0][there], pairs[1][there]).v
    counts = np.minimum(session - listed.s_start[segments] + 1, VOLUME_SESSIONS)
    average: Floats = np.round(volume.reshape(-1, VOLUME_SESSIONS).sum(axis=1) / counts)
    return average
