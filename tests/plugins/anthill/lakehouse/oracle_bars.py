"""Gold of forex, crypto and indices computed again from raw rows, with polars and plain loops of its own."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from tests.plugins.anthill.lakehouse import oracle
from tests.plugins.anthill.lakehouse.simulated_bars import BarMarket, Row

MAJORS = ("AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "NZD", "USD")
FOREVER = dt.date(9999, 12, 31)
DAYS_A_YEAR = {"crypto": 365, "forex": 313, "indices": 252}  # market days, by their calendars


def prices(market: BarMarket) -> pl.DataFrame:
    """Ticker, day, open to close, and for pairs volume, of gold.<asset class>_daily_prices, by ticker and day."""
    names = {"T": "ticker", "o": "open", "h": "high", "l": "low", "c": "close"}
    names |= {} if market.asset_class == "indices" else {"v": "volume", "vw": "vwap"}
    rows = [
        {"market_date": day, **{name: bar.get(key) for key, name in names.items()}}
        for day, bars in market.bars.items()
        for bar in bars
    ]
    return pl.DataFrame(rows).sort("ticker", "market_date")


def returns(market: BarMarket, prices: pl.DataFrame) -> pl.DataFrame:
    """gold.<asset class>_daily_returns, by ticker and day: those of stocks on the close, in days of the calendar."""
    closes = prices.rename({"close": "adj_close"})
    known = oracle.Market(market.sessions, {}, {}, {})
    return oracle.returns(known, closes, DAYS_A_YEAR[market.asset_class]).drop("total_return")


def summary(joined: pl.DataFrame) -> pl.DataFrame:
    """What the market summaries of all have in common, by day; of prices and returns joined."""
    change = pl.col("simple_return")
    return (
        joined.group_by("market_date")
        .agg(
            tickers=pl.len(),
            advancers=(change > 0).sum(),
            decliners=(change < 0).sum(),
            unchanged=(change == 0).sum(),
            average_return=change.mean(),
            median_return=change.median(),
            anomalies=pl.col("is_anomaly").sum(),
        )
        .sort("market_date")
    )


def movers(joined: pl.DataFrame, best: bool) -> dict[dt.date, list[str]]:
    """The tickers of top_gainers or top_losers of each day, of the rows that may be among them."""
    days: dict[dt.date, list[tuple[float, str]]] = defaultdict(list)
    for row in joined.to_dicts():
        if row["simple_return"] and (row["simple_return"] > 0) == best:
            days[row["market_date"]].append((-row["simple_return"] if best else row["simple_return"], row["ticker"]))
    return {day: [ticker for _, ticker in sorted(moves)[:5]] for day, moves in days.items()}


def dollar_pairs(market: BarMarket) -> set[tuple[dt.date, str]]:
    """Day and ticker of the pairs that the reference data quotes in USD."""
    return {
        (day, row["ticker"]) for day, rows in market.tickers.items() for row in rows if row["currency_symbol"] == "USD"
    }


def activity(joined: pl.DataFrame) -> pl.DataFrame:
    """The quotes of a day, and the mean log return of the dollar against the other majors."""
    found: dict[dt.date, list[float]] = defaultdict(list)
    for row in joined.to_dicts():
        base, quote = row["ticker"][2:5], row["ticker"][5:]
        if row["log_return"] is not None and base in MAJORS and quote in MAJORS and "USD" in (base, quote):
            found[row["market_date"]].append(row["log_return"] if base == "USD" else -row["log_return"])
    means = pl.DataFrame({"market_date": list(found), "dollar_return": list(map(statistics.fmean, found.values()))})
    volumes = joined.group_by("market_date").agg(pl.col("volume").sum())
    return volumes.join(means, on="market_date", how="left").sort("market_date")


def quoted(bars: list[Row]) -> dict[tuple[str, str], tuple[str, float, float]]:
    """Ticker, rate and quotes of any two currencies, both ways round, from the ticker with more quotes."""
    found: dict[tuple[str, str], tuple[str, float, float]] = {}
    for bar in sorted(bars, key=lambda bar: (-bar["v"], bar["T"])):
        base, quote = bar["T"][2:5], bar["T"][5:]
        found.setdefault((base, quote), (bar["T"], bar["c"], bar["v"]))
        found.setdefault((quote, base), (bar["T"], 1 / bar["c"], bar["v"]))
    return found


def cross_rates(market: BarMarket) -> dict[tuple[dt.date, str, str], tuple[Any, ...]]:
    """gold.forex_cross_rates: rate, quoted_ticker, quoted_rate, deviation_bps by day, base and quote."""
    out: dict[tuple[dt.date, str, str], tuple[Any, ...]] = {}
    for day, bars in market.bars.items():
        known = quoted(bars)
        dollars = {code: known[code, "USD"][1] for code in MAJORS if (code, "USD") in known} | {"USD": 1.0}
        for base, quote in itertools.permutations(dollars, 2):
            rate = dollars[base] / dollars[quote]
            ticker, seen, _ = known.get((base, quote), (None, None, None))
            out[day, base, quote] = (rate, ticker, seen, (rate / seen - 1) * 10_000 if seen else None)
    return out


def triangles(market: BarMarket, most: int = 100) -> dict[tuple[dt.date, str], tuple[Any, ...]]:
    """gold.forex_triangles: three tickers, product, gap_bps, is_broken by day and triangle."""
    out: dict[tuple[dt.date, str], tuple[Any, ...]] = {}
    for day, bars in market.bars.items():
        known = quoted(bars)
        sizes = {ticker: volume for ticker, _, volume in known.values()}
        largest = set(sorted(sizes, key=lambda ticker: (-sizes[ticker], ticker))[:most])
        sides = {pair: (ticker, rate) for pair, (ticker, rate, _) in known.items() if ticker in largest}
        for a, b, c in itertools.combinations(sorted({code for pair in sides for code in pair}), 3):
            if (a, b) in sides and (b, c) in sides and (a, c) in sides:
                product = sides[a, b][1] * sides[b, c][1] * sides[c, a][1]
                gap = (product - 1) * 10_000
                names = (sides[a, b][0], sides[b, c][0], sides[a, c][0])
                out[day, f"{a}-{b}-{c}"] = (*names, product, gap, abs(gap) > 20)
    return out


def correlations(market: BarMarket, returns: pl.DataFrame) -> dict[tuple[dt.date, str, str], tuple[int, float | None]]:
    """gold.crypto_correlations: days and correlation_30d by day and two tickers."""
    logs: dict[str, dict[dt.date, float]] = defaultdict(dict)
    for row in returns.drop_nulls("log_return").to_dicts():
        logs[row["ticker"]][row["market_date"]] = row["log_return"]
    listed = dollar_pairs(market)
    out: dict[tuple[dt.date, str, str], tuple[int, float | None]] = {}
    for at, day in enumerate(market.sessions):
        turnover = {bar["T"]: bar["c"] * bar["v"] for bar in market.bars[day] if (day, bar["T"]) in listed}
        window = market.sessions[max(at - 29, 0) : at + 1]
        for one, two in itertools.combinations(sorted(sorted(turnover, key=lambda t: -turnover[t])[:20]), 2):
            both = [(logs[one][d], logs[two][d]) for d in window if d in logs[one] and d in logs[two]]
            if both:
                x, y = zip(*both, strict=True)
                moves = len(both) >= 20 and min(statistics.stdev(x), statistics.stdev(y)) > 1e-9
                out[day, one, two] = (len(both), statistics.correlation(x, y) if moves else None)
    return out


def intraday(market: BarMarket) -> dict[tuple[str, dt.date], dict[str, Any]]:
    """What gold.<asset class>_intraday_stats must hold, by ticker and day."""
    out: dict[tuple[str, dt.date], dict[str, Any]] = {}
    for day, tickers in market.minutes.items():
        for ticker, rows in tickers.items():
            if rows:
                out[ticker, day] = dict(_stats(rows, DAYS_A_YEAR[market.asset_class]))
    return out


def _stats(rows: list[Row], days_a_year: int) -> Iterator[tuple[str, Any]]:
    """The figures of one day of a ticker, from its minutes in order, under old names too."""
    closes = [row["c"] for row in rows]
    moves = [math.log(b / a) for a, b in itertools.pairwise([rows[0]["o"], *closes])]
    moment: Callable[[int], dt.datetime] = lambda ms: dt.datetime.fromtimestamp(ms / 1000, dt.UTC)  # noqa: E731
    yield "minutes", len(rows)
    yield from (("first_bar_at", moment(rows[0]["t"])), ("last_bar_at", moment(rows[-1]["t"])))
    prices = {"open": rows[0]["o"], "close": closes[-1]}
    prices |= {"high": max(row["h"] for row in rows), "low": min(row["l"] for row in rows)}
    volatility = math.sqrt(math.fsum(move**2 for move in moves))
    annualised = volatility * math.sqrt(days_a_year)
    yield from (("realised_volatility", volatility), ("realised_volatility_annualised", annualised))
    yield "annualised_volatility", annualised  # its name before
    yield from (("largest_move", max(map(abs, moves))), ("average_value", statistics.fmean(closes)))
    if "v" in rows[0]:
        volume = math.fsum(row["v"] for row in rows)
        average = math.fsum((row["h"] + row["l"] + row["c"]) / 3 * row["v"] for row in rows) / volume
        prices |= {"volume": volume, "vwap": average}
    for name, value in prices.items():
        yield from ((f"intraday_{name}", value), (name, value))


def instruments(market: BarMarket) -> dict[str, tuple[Any, ...]]:
    """currency, valid_from, valid_to, last_seen, delisted_on of gold.<asset class>_instruments, by ticker."""
    days: dict[str, list[dt.date]] = defaultdict(list)
    currency: dict[str, str] = {}
    for day, rows in market.tickers.items():
        for row in rows:
            days[row["ticker"]].append(day)
            currency[row["ticker"]] = row.get("currency_symbol", "points")
    gone = {row["ticker"]: row["delisted_utc"][:10] for rows in market.delisted.values() for row in rows}
    out: dict[str, tuple[Any, ...]] = {}
    for ticker, seen in days.items():
        listed = seen[-1] == market.sessions[-1]
        left = None if listed else dt.date.fromisoformat(gone[ticker])
        until = FOREVER if left is None else left - dt.timedelta(days=1)
        out[ticker] = (currency[ticker], seen[0], until, seen[-1], left)
    return out
