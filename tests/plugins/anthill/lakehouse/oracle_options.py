"""Gold of options computed again from raw rows with polars and plain loops: it shares no code with the product."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import statistics
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import polars as pl

from tests.plugins.anthill.lakehouse import oracle
from tests.plugins.anthill.lakehouse.simulated_options import OptionsMarket

Rows = dict[tuple[dt.date, str | None], tuple[float | None, ...]]  # by day and underlying, None for all of them
_SYMBOL = re.compile(r"O:(.+)(\d\d)(\d\d)(\d\d)([CP])(\d{5})(\d{3})")


def prices(market: OptionsMarket) -> pl.DataFrame:
    """gold.options_daily_prices, ordered by ticker and day."""
    out = []
    for day, rows in market.bars.items():
        known = {
            _root(c["ticker"]): (c["underlying_ticker"], float(c["shares_per_contract"])) for c in market.contracts[day]
        }
        for row in rows:
            found = _SYMBOL.fullmatch(row["ticker"])
            assert found
            root, year, month, date, kind, dollars, rest = found.groups()
            underlying, shares = known.get(root, (root, 100.0))
            expiry = dt.date(2000 + int(year), int(month), int(date))
            out.append(
                {
                    "ticker": row["ticker"],
                    "market_date": day,
                    "underlying": underlying,
                    "expiry": expiry,
                    "type": {"C": "call", "P": "put"}[kind],
                    "strike": float(f"{dollars}.{rest}"),
                    "days_to_expiry": (expiry - day).days,
                    "shares_per_contract": shares,
                    "open": float(row["o"]),
                    "high": float(row["h"]),
                    "low": float(row["l"]),
                    "close": float(row["c"]),
                    "volume": float(row["v"]),
                    "trades": row["n"],
                    "turnover": row["c"] * row["v"] * shares,
                    "is_adjusted": row["ticker"] in _adjusted(market.contracts[day]) or root[-1].isdigit(),
                    "security": row["ticker"],
                }
            )
    return pl.DataFrame(out).sort("ticker", "market_date")


def _adjusted(contracts: Sequence[dict[str, Any]]) -> set[str]:
    """The contracts that deliver other than 100 shares, or something beside them."""
    return {
        c["ticker"] for c in contracts if c["shares_per_contract"] != 100 or c.get("additional_underlyings", []) != []
    }


def _standard(market: OptionsMarket, day: dt.date) -> list[dict[str, Any]]:
    """The chains of a day without adjusted contracts, whose roots end with a digit."""
    odd = _adjusted(market.contracts[day])
    about = [(row, row["details"]) for row in market.chains[day]]
    return [
        row
        for row, said in about
        if said["ticker"] not in odd and said["shares_per_contract"] == 100 and not _root(said["ticker"])[-1].isdigit()
    ]


def returns(market: OptionsMarket, prices: pl.DataFrame) -> pl.DataFrame:
    """gold.options_daily_returns, ordered by ticker and day: those of stocks, on the premium."""
    return oracle.returns(oracle.Market(market.sessions, {}, {}, {}), prices.rename({"close": "adj_close"})).drop(
        "total_return"
    )


def summary(prices: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """gold.options_market_summary without its lists, ordered by day."""
    change, volume = pl.col("simple_return"), pl.col("volume")
    return (
        prices.join(returns, on=["ticker", "market_date"])
        .group_by("market_date")
        .agg(
            tickers=pl.len(),
            underlyings=pl.col("underlying").n_unique(),
            advancers=(change > 0).sum(),
            decliners=(change < 0).sum(),
            unchanged=(change == 0).sum(),
            turnover=pl.col("turnover").sum(),
            volume=volume.sum(),
            call_volume=volume.filter(pl.col("type") == "call").sum(),
            put_volume=volume.filter(pl.col("type") == "put").sum(),
            average_return=change.mean(),
            median_return=change.median(),
            anomalies=pl.col("is_anomaly").sum(),
        )
        .sort("market_date")
    )


def most_active(prices: pl.DataFrame, day: dt.date) -> list[str]:
    """The underlyings of most_active of a day, in order."""
    volumes: dict[str, float] = defaultdict(float)
    for row in prices.filter(pl.col("market_date") == day).to_dicts():
        volumes[row["underlying"]] += row["volume"]
    return sorted(volumes, key=lambda name: (-volumes[name], name))[:5]


def movers(prices: pl.DataFrame, returns: pl.DataFrame, day: dt.date, best: bool) -> list[str]:
    """The contracts of top_gainers or top_losers of a day, in order."""
    joined = prices.join(returns, on=["ticker", "market_date"]).filter(pl.col("market_date") == day)
    rows = [row for row in joined.to_dicts() if row["close"] >= 0.5 and row["turnover"] >= 100_000]
    sign = -1 if best else 1
    moved = [row for row in rows if row["simple_return"] and row["simple_return"] * sign < 0]
    return [row["ticker"] for row in sorted(moved, key=lambda row: (sign * row["simple_return"], row["ticker"]))[:5]]


def instruments(market: OptionsMarket, prices: pl.DataFrame) -> dict[str, tuple[Any, ...]]:
    """Of each contract: underlying, type, the days valid_from, valid_to and last_seen, and its terms."""
    known: dict[str, dict[str, Any]] = {}
    seen: dict[str, set[dt.date]] = defaultdict(set)
    for row in prices.to_dicts():
        known[row["ticker"]] = {**row, "exercise_style": None}
        seen[row["ticker"]].add(row["market_date"])
    for day, rows in market.contracts.items():
        for row in rows:
            known[row["ticker"]] = {
                "underlying": row["underlying_ticker"],
                "type": row["contract_type"],
                "expiry": dt.date.fromisoformat(row["expiration_date"]),
                "strike": row["strike_price"],
                **{name: row[name] for name in ("shares_per_contract", "exercise_style")},
            }
            seen[row["ticker"]].add(day)
    terms = ("strike", "shares_per_contract", "exercise_style")
    return {
        ticker: (
            *(row["underlying"], row["type"], min(seen[ticker]), row["expiry"], max(seen[ticker])),
            *(row[name] for name in terms),
        )
        for ticker, row in known.items()
    }


def put_call_volume(prices: pl.DataFrame) -> Rows:
    """Volumes and their ratio, turnovers and theirs, by day and underlying; the whole market has no underlying."""
    sums: dict[tuple[dt.date, str | None], list[float]] = defaultdict(lambda: [0.0] * 4)
    for row in prices.filter(~pl.col("is_adjusted")).to_dicts():
        side = ("call", "put").index(row["type"])
        for underlying in (row["underlying"], None):
            sums[row["market_date"], underlying][side] += row["volume"]
            sums[row["market_date"], underlying][2 + side] += row["turnover"]
    return {
        key: (calls, puts, _ratio(puts, calls), call_turnover, put_turnover, _ratio(put_turnover, call_turnover))
        for key, (calls, puts, call_turnover, put_turnover) in sums.items()
    }


def put_call_open_interest(market: OptionsMarket) -> Rows:
    """Contracts held, calls, puts and their ratio, by day and underlying; all together have no underlying."""
    found: Rows = {}
    for day in market.chains:
        rows = _standard(market, day)
        for underlying in {row["underlying_asset"]["ticker"] for row in rows} | {None}:
            mine = [row for row in rows if underlying in (None, row["underlying_asset"]["ticker"])]
            held = {
                side: sum(r["open_interest"] for r in mine if r["details"]["contract_type"] == side) for side in _SIDES
            }
            number = sum(row["open_interest"] > 0 for row in mine)
            found[day, underlying] = (number, held["call"], held["put"], _ratio(held["put"], held["call"]))
    return found


def implied_volatility(market: OptionsMarket) -> pl.DataFrame:
    """gold.options_implied_volatility, ordered by day, underlying and expiry."""
    groups: dict[tuple[dt.date, str, dt.date], list[dict[str, Any]]] = defaultdict(list)
    quoted: dict[tuple[dt.date, str], list[float]] = defaultdict(list)
    for day in market.chains:
        for row in _standard(market, day):
            about, asset = row["details"], row["underlying_asset"]
            if "price" in asset:
                quoted[day, asset["ticker"]].append(asset["price"])
            expiry = dt.date.fromisoformat(about["expiration_date"])
            if "implied_volatility" in row and expiry > day:
                side, delta = about["contract_type"], row.get("greeks", {}).get("delta")
                known = {"side": side, "strike": about["strike_price"], "delta": delta, "iv": row["implied_volatility"]}
                groups[day, asset["ticker"], expiry].append(known)
    out = []
    for (day, underlying, expiry), rows in groups.items():
        seen = quoted[day, underlying]
        price = statistics.median(seen) if seen else None
        if price:
            for row in rows:
                row["moneyness"] = row["strike"] / price
        sides = {side: [row for row in rows if row["side"] == side] for side in _SIDES}
        put, call = (sides[side] for side in ("put", "call"))
        half = [row | {"delta": row["delta"] + (row["side"] == "put")} for row in rows if row["delta"] is not None]
        tried = {
            "delta": (_at(_curve(put, "delta"), -0.25), _at(_curve(call, "delta"), 0.25)),
            "moneyness": (_at(_curve(put, "moneyness"), 0.9), _at(_curve(call, "moneyness"), 1.1)),
        }
        basis = next((name for name, pair in tried.items() if None not in pair), None)
        fall, rise = tried[basis] if basis else (None, None)
        out.append(
            {
                "market_date": day,
                "underlying": underlying,
                "expiry": expiry,
                "days_to_expiry": (expiry - day).days,
                "contracts": len(rows),
                "underlying_price": price,
                "atm_volatility": _at(_curve(rows, "moneyness"), 1.0) if price else _at(_curve(half, "delta"), 0.5),
                "put_volatility": fall,
                "call_volatility": rise,
                "skew": fall - rise if fall is not None and rise is not None else None,
                "skew_basis": basis,
            }
        )
    return pl.DataFrame(out, infer_schema_length=None).sort("market_date", "underlying", "expiry")


def smile(market: OptionsMarket) -> pl.DataFrame:
    """gold.options_smile, ordered by day and contract."""
    out = []
    for day in market.chains:
        quoted: dict[str, list[float]] = defaultdict(list)
        for row in _standard(market, day):
            asset = row["underlying_asset"]
            quoted[asset["ticker"]] += [asset["price"]] if "price" in asset else []
        for row in _standard(market, day):
            about, underlying = row["details"], row["underlying_asset"]["ticker"]
            expiry = dt.date.fromisoformat(about["expiration_date"])
            if "implied_volatility" in row and expiry > day:
                price = statistics.median(quoted[underlying]) if quoted[underlying] else None
                out.append(
                    {
                        "ticker": about["ticker"],
                        "market_date": day,
                        "underlying": underlying,
                        "expiry": expiry,
                        "days_to_expiry": (expiry - day).days,
                        "type": about["contract_type"],
                        "strike": about["strike_price"],
                        "moneyness": about["strike_price"] / price if price else None,
                        "implied_volatility": row["implied_volatility"],
                        "delta": row.get("greeks", {}).get("delta"),
                        "bid": row.get("last_quote", {}).get("bid"),
                        "ask": row.get("last_quote", {}).get("ask"),
                        "open_interest": row.get("open_interest"),
                    }
                )
    return pl.DataFrame(out, infer_schema_length=None).sort("market_date", "ticker")


_SIDES = ("call", "put")


def _root(ticker: str) -> str:
    return ticker[2:-15]


def _ratio(puts: float, calls: float) -> float | None:
    return puts / calls if calls else None


def _curve(rows: Sequence[dict[str, Any]], place: str) -> list[tuple[float, float]]:
    """Volatilities by place, in order; rows that have no place are left out, those in one place share their mean."""
    points: dict[float, list[float]] = defaultdict(list)
    for row in rows:
        if row.get(place) is not None:
            points[row[place]].append(row["iv"])
    return sorted((at, statistics.fmean(values)) for at, values in points.items())


def _at(curve: Sequence[tuple[float, float]], target: float) -> float | None:
    """The curve at a place between two of its points."""
    for (left, low), (right, high) in itertools.pairwise(curve):
        if left <= target <= right:
            return low + (high - low) * (target - left) / (right - left)
    return next((value for at, value in curve if at == target), None)
