"""Instruments with a place of their own: companies with a script for June 2026, and the best-known stocks and funds."""

import datetime as dt
from dataclasses import dataclass, field

ANCHOR_DAY = dt.date(2026, 6, 1)
"""The day on which a notable instrument closes at its `price`, up to rounding."""


@dataclass(frozen=True)
class Notable:
    """One instrument; `price` and `turnover` (a day) in USD, splits as (from, to), jumps as log returns."""

    symbol: str
    name: str
    price: float
    turnover: float
    volatility: float = 0.013
    kind: str = "CS"
    splits: dict[dt.date, tuple[int, int]] = field(default_factory=dict)
    jumps: dict[dt.date, float] = field(default_factory=dict)
    renamed: tuple[dt.date, str] | None = None
    adjusted_until: dt.date | None = None  # the last expiry of contracts that live on through its consolidation
    follows: str = ""  # the index, as much moved as the market, that a fund goes with


NOTABLES = (
    Notable("ANTH", "Anthill Robotics Inc.", 486.0, 9.5e9, splits={dt.date(2026, 6, 15): (1, 4)}),
    Notable("COLN", "Colony Lithium Corp.", 0.82, 6.0e7, 0.028, splits={dt.date(2026, 6, 22): (10, 1)}),
    Notable(
        "MNDB",
        "Mandible Therapeutics Inc.",
        38.4,
        2.6e8,
        0.022,
        jumps={dt.date(2026, 6, 10): 0.46},
        splits={dt.date(2026, 4, 15): (10, 1)},
        adjusted_until=dt.date(2026, 5, 15),
    ),
    Notable("QUEN", "Queen Street Bancorp", 61.0, 4.1e8, 0.012, jumps={dt.date(2026, 6, 18): -0.38}),
    Notable("FRGE", "Forage Foods Co.", 22.7, 1.2e8, 0.014, jumps={dt.date(2026, 6, 25): 0.21}),
    Notable("FMCA", "Formica Software Ltd.", 118.0, 7.0e8, 0.017, renamed=(dt.date(2026, 6, 16), "FRMC")),
    Notable(
        "AAPL", "Apple Inc.", 214.0, 1.1e10, 0.012, splits={dt.date(2014, 6, 9): (1, 7), dt.date(2020, 8, 31): (1, 4)}
    ),
    Notable("MSFT", "Microsoft Corporation", 468.0, 9.1e9, 0.011),
    Notable("NVDA", "NVIDIA Corporation", 137.0, 2.4e10, 0.019, splits={dt.date(2024, 6, 10): (1, 10)}),
    Notable("AMZN", "Amazon.com, Inc.", 206.0, 8.2e9, 0.013, splits={dt.date(2022, 6, 6): (1, 20)}),
    Notable("BRK.B", "Berkshire Hathaway Inc. Class B", 503.0, 2.1e9, 0.008),
    Notable("SPY", "SPDR S&P 500 ETF Trust", 597.0, 3.9e10, 0.004, kind="ETF", follows="SPX"),
    Notable("QQQ", "Invesco QQQ Trust", 525.0, 2.3e10, 0.006, kind="ETF"),
    Notable("AMD", "Advanced Micro Devices, Inc.", 118.0, 5.6e9, 0.019),
    Notable("AVGO", "Broadcom Inc.", 246.0, 5.2e9, 0.016),
    Notable("BA", "The Boeing Company", 208.0, 1.6e9, 0.014),
    Notable("BAC", "Bank of America Corporation", 44.5, 1.7e9, 0.011),
    Notable("C", "Citigroup Inc.", 76.0, 1.1e9, 0.012),
    Notable("CAT", "Caterpillar Inc.", 352.0, 1.0e9, 0.012),
    Notable("COST", "Costco Wholesale Corporation", 1030.0, 1.9e9, 0.01),
    Notable("CRM", "Salesforce, Inc.", 268.0, 1.7e9, 0.014),
    Notable("CSCO", "Cisco Systems, Inc.", 64.5, 1.2e9, 0.01),
    Notable("CVX", "Chevron Corporation", 139.0, 1.1e9, 0.011),
    Notable("DIA", "SPDR Dow Jones Industrial Average ETF Trust", 423.0, 1.3e9, 0.005, kind="ETF"),
    Notable("DIS", "The Walt Disney Company", 112.0, 1.0e9, 0.012),
    Notable("EEM", "iShares MSCI Emerging Markets ETF", 46.0, 1.2e9, 0.007, kind="ETF"),
    Notable("F", "Ford Motor Company", 10.3, 7.0e8, 0.014),
    Notable("GE", "GE Aerospace", 245.0, 1.3e9, 0.013),
    Notable("GLD", "SPDR Gold Shares", 305.0, 3.1e9, 0.007, kind="ETF"),
    Notable("GM", "General Motors Company", 49.5, 5.5e8, 0.013),
    Notable("GOOG", "Alphabet Inc. Class C", 173.0, 3.5e9, 0.013),
    Notable("GOOGL", "Alphabet Inc. Class A", 172.0, 5.8e9, 0.013),
    Notable("GS", "The Goldman Sachs Group, Inc.", 602.0, 1.2e9, 0.012),
    Notable("HD", "The Home Depot, Inc.", 369.0, 1.3e9, 0.01),
    Notable("HYG", "iShares iBoxx $ High Yield Corporate Bond ETF", 79.5, 3.2e9, 0.003, kind="ETF"),
    Notable("IBM", "International Business Machines Corporation", 262.0, 1.0e9, 0.011),
    Notable("INTC", "Intel Corporation", 20.2, 1.5e9, 0.019),
    Notable("IWM", "iShares Russell 2000 ETF", 206.0, 6.4e9, 0.008, kind="ETF"),
    Notable("JNJ", "Johnson & Johnson", 154.0, 1.2e9, 0.008),
    Notable("JPM", "JPMorgan Chase & Co.", 264.0, 2.4e9, 0.011),
    Notable("KO", "The Coca-Cola Company", 71.5, 1.2e9, 0.007),
    Notable("MA", "Mastercard Incorporated", 583.0, 1.5e9, 0.009),
    Notable("META", "Meta Platforms, Inc.", 647.0, 9.8e9, 0.015),
    Notable("MU", "Micron Technology, Inc.", 96.0, 2.2e9, 0.019),
    Notable("NFLX", "Netflix, Inc.", 1208.0, 4.6e9, 0.015),
    Notable("NKE", "NIKE, Inc.", 61.5, 7.5e8, 0.013),
    Notable("ORCL", "Oracle Corporation", 165.0, 1.9e9, 0.015),
    Notable("PFE", "Pfizer Inc.", 23.4, 9.0e8, 0.01),
    Notable("QCOM", "QUALCOMM Incorporated", 146.0, 1.2e9, 0.014),
    Notable("SLV", "iShares Silver Trust", 30.1, 6.0e8, 0.011, kind="ETF"),
    Notable("TLT", "iShares 20+ Year Treasury Bond ETF", 86.0, 3.0e9, 0.006, kind="ETF"),
    Notable("TSLA", "Tesla, Inc.", 345.0, 3.3e10, 0.024),
    Notable("V", "Visa Inc.", 364.0, 2.2e9, 0.009),
    Notable("WFC", "Wells Fargo & Company", 75.0, 1.1e9, 0.012),
    Notable("WMT", "Walmart Inc.", 98.0, 1.5e9, 0.009),
    Notable("XOM", "Exxon Mobil Corporation", 103.0, 1.5e9, 0.01),
)
