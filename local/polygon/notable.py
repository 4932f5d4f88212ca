"""The few companies with a script: liquid tickers a person can follow through the simulated June of 2026."""

import datetime as dt
from dataclasses import dataclass, field

ANCHOR_DAY = dt.date(2026, 6, 1)
"""The day on which a notable company closes at its `price`, up to rounding."""


@dataclass(frozen=True)
class Notable:
    """A scripted company; `price` and `turnover` (a day) in USD, splits as (from, to), jumps as log returns."""

    symbol: str
    name: str
    price: float
    turnover: float
    volatility: float = 0.013
    kind: str = "CS"
    splits: dict[dt.date, tuple[int, int]] = field(default_factory=dict)
    jumps: dict[dt.date, float] = field(default_factory=dict)
    renamed: tuple[dt.date, str] | None = None


NOTABLES = (
    Notable("ANTH", "Anthill Robotics Inc.", 486.0, 9.5e9, splits={dt.date(2026, 6, 15): (1, 4)}),
    Notable("COLN", "Colony Lithium Corp.", 0.82, 6.0e7, 0.028, splits={dt.date(2026, 6, 22): (10, 1)}),
    Notable("MNDB", "Mandible Therapeutics Inc.", 38.4, 2.6e8, 0.022, jumps={dt.date(2026, 6, 10): 0.46}),
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
    Notable("SPY", "SPDR S&P 500 ETF Trust", 597.0, 3.9e10, 0.004, kind="ETF"),
    Notable("QQQ", "Invesco QQQ Trust", 525.0, 2.3e10, 0.006, kind="ETF"),
)
