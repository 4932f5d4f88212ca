"""Gold computed again from raw bars with polars and plain loops: it shares no code with the product."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from typing import Any, NamedTuple

import polars as pl


class Market(NamedTuple):
    """Raw rows as the API gives them, by market day; `sessions` are the calendar's days in order."""

    sessions: list[dt.date]
    bars: dict[dt.date, list[dict[str, Any]]]
    splits: dict[dt.date, list[dict[str, Any]]]
    dividends: dict[dt.date, list[dict[str, Any]]]


def prices(market: Market) -> pl.DataFrame:
    """gold.stocks_daily_prices, ordered by ticker and day."""
    number = {day: at for at, day in enumerate(market.sessions)}
    by_ticker: dict[str, dict[dt.date, dict[str, Any]]] = {}
    for day, rows in market.bars.items():
        for row in rows:
            by_ticker.setdefault(row["T"], {})[day] = row
    out = []
    for ticker, bars in by_ticker.items():
        ratios = {
            day: row["split_to"] / row["split_from"]
            for day, rows in market.splits.items()
            for row in rows
            if row["ticker"] == ticker
        }
        kept = {}
        for day, rows in market.dividends.items():
            cash = sum(r["cash_amount"] for r in rows if r["ticker"] == ticker and r.get("currency", "USD") == "USD")
            earlier = [d for d in bars if 1 <= number[day] - number[d] <= 20]
            if cash and earlier:
                last = max(earlier)
                close = bars[last]["c"] / math.prod(r for d, r in ratios.items() if last < d <= day)
                if cash < close:
                    kept[day] = 1 - cash / close
        for day, row in bars.items():
            split = math.prod(r for d, r in ratios.items() if d > day)
            total = math.prod(k for d, k in kept.items() if d > day)
            usual = [
                bars[d]["v"] * math.prod(r for on, r in ratios.items() if d < on <= day)
                for d in bars
                if 1 <= number[day] - number[d] <= 20 and bars[d]["v"] > 0
            ]
            out.append(
                {
                    "ticker": ticker,
                    "market_date": day,
                    "type": "share",  # by the reference data of `put_day`
                    **{name: float(row[key]) for name, key in zip(_PRICES, "ohlc", strict=True)},
                    "volume": float(row["v"]),
                    "vwap": row.get("vw"),
                    "trades": row.get("n"),
                    **{f"adj_{name}": row[key] / split for name, key in zip(_PRICES, "ohlc", strict=True)},
                    "adj_vwap": row["vw"] / split if row.get("vw") is not None else None,
                    "adj_volume": row["v"] * split,
                    "total_return_close": row["c"] / split * total,
                    "relative_volume_20d": row["v"] / statistics.fmean(usual) if len(usual) >= 10 else None,
                    "split_factor": float(split),
                    "total_return_factor": float(total),
                    "adjusted_from": market.sessions[0],
                }
            )
    return pl.DataFrame(out, infer_schema_length=None).sort("ticker", "market_date")


_PRICES = ("open", "high", "low", "close")


def returns(market: Market, adjusted: pl.DataFrame, days_a_year: int = 252) -> pl.DataFrame:
    """gold.stocks_daily_returns, ordered by ticker and day."""
    number = {day: at for at, day in enumerate(market.sessions)}
    out = []
    for (ticker,), rows in adjusted.group_by("ticker"):
        closes = dict(zip(rows["market_date"], rows["adj_close"], strict=True))
        traded = dict(zip(rows["market_date"], rows["close" if "close" in rows.columns else "adj_close"], strict=True))
        logs: dict[int, float] = {}
        for day in sorted(closes):
            at = number[day]
            before = [d for d in closes if 1 <= at - number[d] <= 20]
            ratio = closes[day] / closes[max(before)] if before else None
            total = None
            if ratio is not None:
                days = market.sessions[number[max(before)] + 1 : at + 1]
                total = _wealth(market, str(ticker), days, traded[day]) / traded[max(before)]
                logs[at] = math.log(total)
            latest = [logs[n] for n in range(at - 19, at + 1) if n in logs]
            earlier = [logs[n] for n in range(at - 20, at) if n in logs]
            # Judged by ten returns before it or more: in their deviations, or out of a price that did not move at all.
            distance = logs[at] - statistics.fmean(earlier) if at in logs and len(earlier) >= 10 else None
            moved = distance is not None and (deviation := statistics.stdev(earlier)) > 1e-9
            zscore = distance / deviation if distance is not None and moved else None
            volatility = statistics.stdev(latest) if len(latest) >= 10 else None
            reason = None
            if distance is not None and abs(distance) > (6 * deviation if moved else 0.01):
                reason = "deviations" if moved else "stood still"
            out.append(
                {
                    "ticker": ticker,
                    "market_date": day,
                    "simple_return": ratio - 1 if ratio is not None else None,
                    "log_return": math.log(ratio) if ratio is not None else None,
                    "total_return": total - 1 if total is not None else None,
                    "volatility_20d": volatility,
                    "volatility_20d_annualised": None if volatility is None else volatility * math.sqrt(days_a_year),
                    "zscore": zscore,
                    "is_anomaly": None if distance is None else reason is not None,
                    "anomaly_reason": reason,
                }
            )
    judged = {"is_anomaly": pl.Boolean}  # of few days none is
    return pl.DataFrame(out, infer_schema_length=None, schema_overrides=judged).sort("ticker", "market_date")


def _wealth(market: Market, ticker: str, days: list[dt.date], close: float) -> float:
    """What the holder of one share has at the close of the last of these days, who spends no dividend."""
    shares, cash = 1.0, 0.0
    for day in days:
        for row in market.splits.get(day, []):
            shares *= row["split_to"] / row["split_from"] if row["ticker"] == ticker else 1
        for row in market.dividends.get(day, []):
            if row["ticker"] == ticker and row.get("currency", "USD") == "USD":
                cash += shares * row["cash_amount"]
    return shares * close + cash


def summary(prices: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """gold.stocks_market_summary without its movers, ordered by day."""
    change = pl.col("simple_return")
    return (
        prices.join(returns, on=["ticker", "market_date"])
        .group_by("market_date")
        .agg(
            tickers=pl.len(),
            advancers=(change > 0).sum(),
            decliners=(change < 0).sum(),
            unchanged=(change == 0).sum(),
            turnover=(pl.col("close") * pl.col("volume")).sum(),
            volume=pl.col("volume").sum(),
            average_return=change.mean(),
            median_return=change.median(),
            anomalies=pl.col("is_anomaly").sum(),
        )
        .sort("market_date")
    )


def movers(prices: pl.DataFrame, returns: pl.DataFrame, day: dt.date, best: bool) -> list[dict[str, Any]]:
    """top_gainers or top_losers of a day."""
    rows = prices.join(returns, on=["ticker", "market_date"]).filter(
        pl.col("market_date") == day, pl.col("close") >= 1, pl.col("close") * pl.col("volume") >= 1_000_000
    )
    moved = rows.filter(pl.col("total_return") > 0 if best else pl.col("total_return") < 0)
    ordered = moved.sort(["total_return", "ticker"], descending=[best, False]).head(5)
    return ordered.select("ticker", "simple_return", "close").to_dicts()
