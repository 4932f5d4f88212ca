"""Silver and gold of stock bars by hand with polars and delta-rs: what a specialist would write for this one case."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from deltalake import write_deltalake
from isal import igzip

ROW = {
    "T": pl.String, "v": pl.Float64, "vw": pl.Float64, "o": pl.Float64, "c": pl.Float64, "h": pl.Float64,
    "l": pl.Float64, "t": pl.Int64, "n": pl.Int64,
}  # fmt: skip
NAMES = {"T": "ticker", "o": "open", "h": "high", "l": "low", "c": "close", "v": "volume", "vw": "vwap", "n": "trades"}
LIQUID = (pl.col("close") >= 1) & (pl.col("turnover") >= 1_000_000)
_PORTION = 50  # days


def silver(bronze: dict[dt.date, tuple[Path, str]], table: Path) -> None:
    """Typed, deduplicated bars of the days, each object checked against its sha256; the days are replaced."""
    days = sorted(bronze)
    for at in range(0, len(days), _PORTION):
        portion = days[at : at + _PORTION]
        rows = pl.concat([_day(day, *bronze[day]) for day in portion])
        _replace(table, rows.unique(["market_date", "ticker"], keep="first", maintain_order=True), portion)


def gold(silver_table: Path, folder: Path, sessions: Sequence[dt.date], days: Sequence[dt.date]) -> None:
    """Prices, returns and the market's summary of the days, from silver; sessions before them fill the windows."""
    number = pl.DataFrame(
        {"market_date": sessions, "session": range(len(sessions))}, schema_overrides={"session": pl.Int64}
    )
    first = max(0, sessions.index(days[0]) - 41)
    bars = (
        pl.scan_delta(str(silver_table)).filter(pl.col("market_date").is_between(sessions[first], days[-1])).collect()
    )
    wanted = pl.col("market_date").is_between(days[0], days[-1])
    prices = _with_relative_volume(bars.join(number, on="market_date")).filter(wanted)
    prices = prices.select("ticker", "market_date", *list(NAMES.values())[1:], "relative_volume_20d")
    _replace(folder / "stocks_traded_prices", prices, days)
    returns = _returns(bars.select("ticker", "market_date", "close").join(number, on="market_date")).filter(wanted)
    _replace(folder / "stocks_daily_returns", returns, days)
    _replace(folder / "stocks_market_summary", _summary(prices, returns), days)


def _day(day: dt.date, path: Path, sha256: str) -> pl.DataFrame:
    body = path.read_bytes()
    if hashlib.sha256(body).hexdigest() != sha256:
        raise ValueError(f"{path} is not what was landed")
    content = igzip.decompress(body)
    begin = content.index(b'"results":[') + 11
    lines = content[begin : content.rindex(b"]")].replace(b"},{", b"}\n{")
    return pl.read_ndjson(lines, schema=ROW).rename(NAMES).with_columns(market_date=pl.lit(day))


def _with_relative_volume(bars: pl.DataFrame) -> pl.DataFrame:
    traded = pl.when(pl.col("volume") > 0).then(pl.col("volume"))
    days = traded.is_not_null().cast(pl.Int64).rolling_sum_by("session", window_size="20i", closed="left")
    usual = traded.rolling_mean_by("session", window_size="20i", closed="left")
    relative = pl.when(days.over("ticker") >= 10).then(pl.col("volume") / usual.over("ticker"))
    return bars.sort("ticker", "session").with_columns(relative_volume_20d=relative)


def _returns(closes: pl.DataFrame) -> pl.DataFrame:
    before = closes.sort("ticker", "session").with_columns(
        previous=pl.col("close").shift().over("ticker"),
        gap=pl.col("session") - pl.col("session").shift().over("ticker"),
    )
    ratio = pl.when(pl.col("gap") <= 20).then(pl.col("close") / pl.col("previous"))
    known = before.with_columns(simple_return=ratio - 1, log_return=ratio.log())
    log = pl.col("log_return")

    def over(window: pl.Expr) -> pl.Expr:
        return window.over("ticker")

    def rolling(name: str, closed: str) -> pl.Expr:
        return over(getattr(log, name)("session", window_size="20i", closed=closed))

    held = log.is_not_null().cast(pl.Int64)
    counted = known.with_columns(
        latest=over(held.rolling_sum_by("session", window_size="20i", closed="right")),
        deviation=rolling("rolling_std_by", "right"),
        earlier=over(held.rolling_sum_by("session", window_size="20i", closed="left")),
        mean=rolling("rolling_mean_by", "left"),
        spread=rolling("rolling_std_by", "left"),
    )
    distance = pl.when(pl.col("earlier") >= 10).then(log - pl.col("mean"))
    moves = pl.col("spread") > 1e-9
    zscore = pl.when(moves).then(distance / pl.col("spread"))
    is_anomaly = pl.when(moves).then(zscore.abs() > 6).otherwise(distance.abs() > 0.01)
    return counted.select(
        "ticker",
        "market_date",
        "simple_return",
        "log_return",
        volatility_20d=pl.when(pl.col("latest") >= 10).then(pl.col("deviation")),
        zscore=zscore,
        is_anomaly=is_anomaly,
        anomaly_reason=pl.when(is_anomaly).then(
            pl.when(moves).then(pl.lit("deviations")).otherwise(pl.lit("stood still"))
        ),
    )


def _summary(prices: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    market = prices.join(returns, on=["ticker", "market_date"]).with_columns(
        turnover=pl.col("close") * pl.col("volume")
    )
    change = pl.col("simple_return")
    mover = pl.struct("ticker", "simple_return", "close")
    liquid = market.filter(LIQUID & change.is_not_null())
    gainers = liquid.filter(change > 0).sort(["simple_return", "ticker"], descending=[True, False])
    losers = liquid.filter(change < 0).sort("simple_return", "ticker")
    totals = market.group_by("market_date").agg(
        tickers=pl.len().cast(pl.Int64),
        advancers=(change > 0).sum().cast(pl.Int64),
        decliners=(change < 0).sum().cast(pl.Int64),
        unchanged=(change == 0).sum().cast(pl.Int64),
        turnover=pl.col("turnover").sum(),
        volume=pl.col("volume").sum(),
        average_return=change.mean(),
        median_return=change.median(),
        anomalies=pl.col("is_anomaly").sum().cast(pl.Int64),
    )
    for name, moved in (("top_gainers", gainers), ("top_losers", losers)):
        best = moved.group_by("market_date", maintain_order=True).agg(mover.head(5).alias(name))
        totals = totals.join(best, on="market_date", how="left")
    return totals


def _replace(table: Path, rows: pl.DataFrame, days: Sequence[dt.date]) -> None:
    if not (table / "_delta_log").exists():
        write_deltalake(str(table), rows.to_arrow())
        return
    where = f"market_date >= '{days[0]}' AND market_date <= '{days[-1]}'"
    write_deltalake(str(table), rows.to_arrow(), mode="overwrite", predicate=where)
