"""Tables of gold with the declared columns, in which something is planted that a notebook has to find."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from deltalake import write_deltalake

from anthill.calendars import market_days
from anthill.lakehouse import statements
from anthill.models.panel import Floats
from tests.plugins.anthill.models.simulated import features

_KINDS = {"string": pl.String, "date": pl.Date, "double": pl.Float64, "boolean": pl.Boolean, "bigint": pl.Int64}
_KINDS |= {"timestamp": pl.Datetime("us", "UTC")}
EVENTS = (dt.date(2024, 3, 4), dt.date(2024, 5, 6), dt.date(2024, 7, 8))
SERIES = ("SPY", "X:BTCUSD", "C:EURUSD")
CORRELATION = {("SPY", "X:BTCUSD"): 0.6, ("SPY", "C:EURUSD"): -0.3, ("X:BTCUSD", "C:EURUSD"): 0.1}
KNOWN_FROM, HALTED = dt.date(2022, 9, 1), dt.date(2022, 10, 20)
LOST = 40  # of the moves that all three series have: the coin's return is missing in it


@dataclass
class Market:
    """The days of shares, and what the benchmark does on them."""

    days: list[dt.date] = field(default_factory=lambda: market_days("XNYS", dt.date(2024, 1, 2), dt.date(2025, 12, 29)))
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))

    def __post_init__(self) -> None:
        self.moves = self._of_three()

    def _of_three(self) -> Floats:
        """Moves from one day of shares to the next, of the fund, the coin and the pair, that correlate exactly so."""
        wanted = np.eye(3)
        for (first, second), value in CORRELATION.items():
            one, other = SERIES.index(first), SERIES.index(second)
            wanted[one, other] = wanted[other, one] = value
        drawn = self.chance.standard_normal((len(self.days) - 2, 3))
        drawn -= drawn.mean(axis=0)
        apart = np.linalg.qr(drawn)[0]  # columns that do not correlate at all
        moves = apart @ np.linalg.cholesky(wanted).T * np.sqrt(len(drawn)) * [0.01, 0.03, 0.005]
        # What the one missing return leaves out would be seen in every number.
        found: Floats = np.insert(moves, LOST, [0.5, 0.5, -0.5], axis=0)
        return found


def write(lake: Path) -> None:
    """All tables that the notebooks read, below a folder of gold."""
    market = Market()
    _table(lake, "stocks", "corporate_actions", _actions())
    shares = [*_benchmark(market), *_eventful(market)]
    _table(lake, "stocks", "daily_returns", pl.DataFrame(shares, orient="row", schema=_RETURNS))
    for asset_class, ticker, calendar in (("crypto", "X:BTCUSD", "24/7"), ("forex", "C:EURUSD", "forex")):
        _table(lake, asset_class, "daily_returns", _between(market, ticker, calendar))
    _table(lake, "stocks", "volatility_features", _features())


def _features() -> pl.DataFrame:
    """Variances that cluster; one security is not liquid, one is halted for a day, one ends, and old rows are late."""
    clustering = pl.from_arrow(features(12, 330))
    assert isinstance(clustering, pl.DataFrame)
    day = pl.col("market_date").cast(pl.Date)
    held = clustering.with_columns(
        day, security="ticker", is_liquid=pl.col("ticker") != "S0003", is_late=day < pl.lit(KNOWN_FROM)
    ).filter(
        (pl.col("ticker") != "S0005") | (day != pl.lit(HALTED)),
        (pl.col("ticker") != "S0006") | (day < pl.lit(KNOWN_FROM)),
    )
    return held.drop("days_with_variance")


def _table(lake: Path, asset_class: str, name: str, rows: pl.DataFrame) -> None:
    """Every declared column in its order and type, and no other."""
    declared = {each.name: _KINDS[each.type] for each in statements.columns("gold", asset_class, name)}
    assert set(rows.columns) <= set(declared), f"gold.{asset_class}_{name} has no such columns"
    columns = [pl.col(each) if each in rows.columns else pl.lit(None).alias(each) for each in declared]
    given = rows.select(column.cast(kind) for column, kind in zip(columns, declared.values(), strict=True))
    write_deltalake(lake / f"{asset_class}_{name}", given.to_arrow(compat_level=pl.CompatLevel.oldest()))


def _actions() -> pl.DataFrame:
    """Two splits on one day, one on another, a reverse split on the third; and cash, which is no split."""
    first, second, third = EVENTS
    rows = [("a", first, 2.0), ("b", first, 1.5), ("c", second, 20.0), ("d", third, 0.1), ("e", third, 1.0)]
    return pl.DataFrame(
        [(each.upper(), each, day, ratio, 1.0) for each, day, ratio in rows],
        orient="row",
        schema=["ticker", "security", "market_date", "split_ratio", "kept_by_dividend"],
    )


_RETURNS = {"ticker": pl.String, "security": pl.String, "market_date": pl.Date, "total_return": pl.Float64}
_Row = tuple[str, str, dt.date, float | None]
# Of each security the day of its event, the jump on it beyond the market, and the drift on each of ten days before.
_PLANTED = {"a": (0, 0.02, 0.0), "b": (0, 0.04, 0.0), "c": (1, 0.05, 0.0), "d": (2, -0.1, -0.01), "e": (2, 0.5, 0.5)}
ENDS_AFTER = 3  # days that `d` still has


def _benchmark(market: Market) -> list[_Row]:
    moves = [None, *np.expm1(market.moves[:, 0]).tolist()]
    return [("SPY", "fund", day, move) for day, move in zip(market.days, moves, strict=True)]


def _eventful(market: Market) -> list[_Row]:
    """As the market moves, and what is planted; `c` has another ticker from its event on, and `d` ends."""
    rows: list[_Row] = []
    for security, (event, jump, drift) in _PLANTED.items():
        on = market.days.index(EVENTS[event])
        for at, day in enumerate(market.days[1:], 1):
            if security == "d" and at > on + ENDS_AFTER:
                break
            beyond = jump if at == on else drift if on - 10 <= at < on else 0.0
            ticker = "CNEW" if security == "c" and at >= on else security.upper()
            rows.append((ticker, security, day, float(np.expm1(market.moves[at - 1, 0] + beyond))))
    return rows


def _between(market: Market, ticker: str, calendar: str) -> pl.DataFrame:
    """Returns of every day of a calendar whose sum from one day of shares to the next is the market's move."""
    days = market_days(calendar, market.days[0], market.days[-1])
    rows: list[tuple[str, dt.date, float | None]] = [(ticker, market.days[0], None)]
    for number, (before, day) in enumerate(pairwise(market.days)):
        within = [each for each in days if before < each <= day]
        parts = market.chance.standard_normal(len(within)) * 0.02
        parts[-1] += market.moves[number, SERIES.index(ticker)] - parts.sum()
        lost = number == LOST and ticker == "X:BTCUSD"
        returns = [None] * len(parts) if lost else np.expm1(parts).tolist()
        rows += [(ticker, each, part) for each, part in zip(within, returns, strict=True)]
    schema = {"ticker": pl.String, "market_date": pl.Date, "simple_return": pl.Float64}
    return pl.DataFrame(rows, orient="row", schema=schema)
