"""The answers to the questions of docs/how-to/query-gold.md from bronze by their definitions, with polars and numpy."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from functools import cached_property
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
import polars as pl

from anthill.calendars import shift
from tests.oracle import wealth
from tests.oracle.bronze import Bronze
from tests.oracle.wealth import Security

Rows = list[tuple[Any, ...]]
EVER = dt.date(9999, 12, 31)
INVESTED = {
    **dict.fromkeys(("CS", "OS", "NYRS"), "share"),
    **dict.fromkeys(("ADRC", "GDR"), "depositary_receipt"),
    **dict.fromkeys(("ETF", "ETS", "ETV", "FUND"), "fund"),
}
"""What shares and funds are called, by the source's code."""
MAJORS = ("AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "NZD", "USD")


class Answers:
    """What the questions' first columns are, in their order."""

    def __init__(self, bronze: Bronze) -> None:
        self.bronze = bronze
        self.sessions = self.bronze.days("stocks", "grouped_daily")

    @cached_property
    def bearers(self) -> dict[str, list[tuple[str, dt.date, str]]]:
        """The tickers of each security with their first market days and names: what has one FIGI is one security."""
        rows = self.bronze.rows("stocks", "tickers").filter(pl.col("active")).sort("market_date")
        found: dict[str, dict[str, tuple[dt.date, str]]] = defaultdict(dict)
        for row in rows.to_dicts():
            borne = found[row.get("composite_figi") or row["ticker"]]
            first = borne[row["ticker"]][0] if row["ticker"] in borne else row["market_date"]
            borne[row["ticker"]] = (first, row["name"])
        return {
            security: sorted(((ticker, *said) for ticker, said in borne.items()), key=lambda each: each[1])
            for security, borne in found.items()
        }

    @cached_property
    def prices(self) -> pl.DataFrame:
        """Prices, factors and returns of every stock, by the definitions in docs/concepts.md."""
        number = {day: at for at, day in enumerate(self.sessions)}
        security = {ticker: name for name, borne in self.bearers.items() for ticker, _, _ in borne}
        held: dict[str, Security] = {}
        for row in self.bronze.rows("stocks", "grouped_daily").to_dicts():
            name = security.get(row["T"], row["T"])
            bar = {key: row.get(key) for key in ("T", "o", "h", "l", "c", "v", "vw", "n")}
            held.setdefault(name, Security(name)).bars[number[row["market_date"]]] = bar
        for row in self.bronze.rows("stocks", "splits").to_dicts():
            at = number[next(day for day in self.sessions if str(day) >= row["execution_date"])]
            held[security[row["ticker"]]].splits[at] = row["split_to"] / row["split_from"]
        for row in self.bronze.rows("stocks", "dividends").to_dicts():
            at = number[next(day for day in self.sessions if str(day) >= row["ex_dividend_date"])]
            assert row["currency"] == "USD", "a rate would be needed"
            cash = held[security[row["ticker"]]].cash
            cash[at] = cash.get(at, 0.0) + row["cash_amount"]
        return wealth.gold(list(held.values()), self.sessions)

    def series(self, ticker: str, first: dt.date, last: dt.date) -> Rows:
        """1: prices of a ticker."""
        rows = self.prices.filter((pl.col("ticker") == ticker) & pl.col("market_date").is_between(first, last))
        return rows.sort("market_date").select(
            "market_date", "close", "adj_close", "total_return_close", "split_factor"
        ).rows()  # fmt: skip

    def movers(self, day: dt.date) -> Rows:
        """2: the largest moves of shares and funds."""
        listed = self.bronze.rows("stocks", "tickers").filter(pl.col("active")).sort("market_date")
        words = {row["ticker"]: INVESTED.get(row["type"]) for row in listed.to_dicts()}
        rows = self.prices.filter((pl.col("market_date") == day) & (pl.col("close") * pl.col("volume") > 1_000_000))
        rows = rows.with_columns(type=pl.col("ticker").replace_strict(words, default=None, return_dtype=pl.String))
        rows = rows.drop_nulls(["total_return", "type"]).sort(pl.col("total_return").abs(), descending=True)
        return (
            rows.head(10)
            .select(
                "ticker",
                "total_return",
                "close",
                (pl.col("close") * pl.col("volume")).alias("turnover"),
                "relative_volume_20d",
                "type",
            )
            .rows()
        )

    def chain(self, underlying: str, day: dt.date) -> dict[dt.date, list[dict[str, Any]]]:
        """The standard contracts of a chain that have a volatility, by expiry, with their moneyness and delta."""
        odd = {
            row["ticker"]
            for row in self.bronze.rows("options", "contracts").to_dicts()
            if row.get("additional_underlyings")
        }
        found = []
        for row in self.bronze.rows("options", "chain_snapshot").filter(pl.col("market_date") == day).to_dicts():
            about, held = row["details"], row["underlying_asset"]
            symbol, expiry = about["ticker"], dt.date.fromisoformat(about["expiration_date"])
            standard = about["shares_per_contract"] == 100 and not symbol[-16].isdigit() and symbol not in odd
            if held["ticker"] == underlying and standard and expiry > day:
                found.append(
                    {"expiry": expiry, "strike": about["strike_price"], "type": about["contract_type"],
                     "price": held.get("price"), "volatility": row.get("implied_volatility") or 0,
                     "delta": (row.get("greeks") or {}).get("delta")}
                )  # fmt: skip
        price = median(row["price"] for row in found if row["price"])
        chains: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
        for row in found:
            if row["volatility"] > 0:
                chains[row["expiry"]].append(row | {"moneyness": row["strike"] / price})
        return dict(sorted(chains.items()))

    def term(self, underlying: str, day: dt.date) -> Rows:
        """3: volatility at the money, by expiry."""
        return [
            (expiry, (expiry - day).days, between(rows, "moneyness", 1.0), len(rows))
            for expiry, rows in self.chain(underlying, day).items()
        ]

    def skew(self, underlying: str, day: dt.date) -> Rows:
        """4: puts and calls at a delta of a quarter, else at 90 and 110 % of the price."""
        found: Rows = []
        for expiry, rows in self.chain(underlying, day).items():
            puts, calls = ([row for row in rows if row["type"] == kind] for kind in ("put", "call"))
            for basis, at_put, at_call in (("delta", -0.25, 0.25), ("moneyness", 0.9, 1.1)):
                put, call = between(puts, basis, at_put), between(calls, basis, at_call)
                if put is not None and call is not None:
                    found.append((expiry, put, between(rows, "moneyness", 1.0), call, put - call, basis))
                    break
        return found

    def smile(self, underlying: str, day: dt.date) -> Rows:
        """4: the contracts near the price, by strike."""
        rows = [row | {"expiry": expiry} for expiry, each in self.chain(underlying, day).items() for row in each]
        names = ("expiry", "strike", "type", "moneyness", "volatility", "delta")
        return sorted(tuple(row[name] for name in names) for row in rows if 0.9 <= row["moneyness"] <= 1.1)

    def vwap(self, day: dt.date, tickers: tuple[str, ...]) -> Rows:
        """5: the average price of the whole day, and of its regular session with the closing auction."""
        day_rows = {row["ticker"]: row for row in self.prices.filter(pl.col("market_date") == day).to_dicts()}
        begin, end = (
            round(dt.datetime.combine(day, dt.time(*at), dt.UTC).timestamp() * 1000) for at in ((13, 30), (20,))
        )
        bars = self.bronze.rows("stocks", "minute_bars", of_page=("ticker",)).filter(pl.col("market_date") == day)
        found: Rows = []
        for ticker in sorted(tickers):
            rows = bars.filter((pl.col("ticker") == ticker) & pl.col("t").is_between(begin, end)).to_dicts()
            prices = [row["vw"] if row["vw"] is not None else (row["h"] + row["l"] + row["c"]) / 3 for row in rows]
            average = math.fsum(p * row["v"] for p, row in zip(prices, rows, strict=True)) / math.fsum(
                r["v"] for r in rows
            )
            found.append((ticker, day_rows[ticker]["vwap"], average, day_rows[ticker]["close"]))
        return found

    def crosses(self, day: dt.date, base: str) -> Rows:
        """6: rates of a currency in the other major ones, through the dollar, beside those that are quoted."""
        quoted: dict[tuple[str, str], tuple[float, str, float]] = {}
        for row in (
            self.bronze.rows("forex", "grouped_daily").filter(pl.col("market_date") == day).sort("v", "T").to_dicts()
        ):
            one, other = row["T"][2:5], row["T"][5:]
            quoted[one, other], quoted[other, one] = (row["c"], row["T"], row["v"]), (1 / row["c"], row["T"], row["v"])
        dollars = {one: rate for (one, other), (rate, _, _) in quoted.items() if other == "USD"} | {"USD": 1.0}
        found: Rows = []
        for other in MAJORS:
            if other != base and other in dollars:
                rate, (direct, ticker, _) = (
                    dollars[base] / dollars[other],
                    quoted.get((base, other), (None, None, None)),
                )
                found.append((base, other, rate, ticker, None if direct is None else (rate / direct - 1) * 10_000))
        return found

    def coins(self) -> Rows:
        """7: the most alike of the pairs quoted in dollars, of which 20 were traded most, on the latest day."""
        days = self.bronze.days("crypto", "grouped_daily")
        bars = {(row["T"], row["market_date"]): row for row in self.bronze.rows("crypto", "grouped_daily").to_dicts()}
        listed = self.bronze.rows("crypto", "tickers").filter(pl.col("market_date") == days[-1])
        in_dollars = set(listed.filter(pl.col("currency_symbol") == "USD")["ticker"])
        traded = sorted(
            (ticker for ticker, day in bars if day == days[-1] and ticker in in_dollars),
            key=lambda ticker: -bars[ticker, days[-1]]["c"] * bars[ticker, days[-1]]["v"],
        )[:20]
        moves: dict[str, dict[dt.date, float]] = {ticker: {} for ticker in traded}
        for ticker in traded:
            closes = [(day, bars[ticker, day]["c"]) for day in days if (ticker, day) in bars]
            for (_, before), (day, close) in pairwise(closes):
                moves[ticker][day] = math.log(close / before)
        found: Rows = []
        for one in sorted(traded):
            for other in sorted(ticker for ticker in traded if ticker > one):
                both = sorted(moves[one].keys() & moves[other].keys() & set(days[-30:]))
                if len(both) >= 20:
                    alike = np.corrcoef([moves[one][day] for day in both], [moves[other][day] for day in both])[0, 1]
                    found.append((one, other, float(alike), len(both)))
        return sorted(found, key=lambda row: -row[2])[:10]

    def alike(self, one: str, other: str) -> Rows:
        """7: of any two series, from their returns."""
        rows = self.prices.filter(pl.col("total_return").is_not_null())
        both = rows.filter(pl.col("ticker") == one).join(rows.filter(pl.col("ticker") == other), on="market_date")
        return [(float(np.corrcoef(both["total_return"], both["total_return_right"])[0, 1]), both.height)]

    def pairs(self) -> pl.DataFrame:
        """7: what the figures of coins are made from."""
        rows = self.bronze.rows("crypto", "grouped_daily").select("market_date", ticker="T", close="c")
        change = pl.col("close") / pl.col("close").shift(1).over("ticker") - 1
        return rows.sort("ticker", "market_date").with_columns(
            security=pl.col("ticker"), total=pl.col("close"), scale=1.0, day_return=change, unknown=0
        )  # fmt: skip

    def below(self, ticker: str) -> Rows:
        """7: how far below its highest."""
        rows = self.prices.filter(pl.col("ticker") == ticker).sort("market_date")
        return rows.select(
            "market_date", pl.col("total_return_close") / pl.col("total_return_close").cum_max() - 1
        ).rows()

    def renames(self) -> Rows:
        """8: who bore which ticker, of those that had another one before."""
        found: Rows = []
        for security, borne in self.bearers.items():
            for at, (ticker, first, name) in enumerate(borne[1:], start=1):
                after = borne[at + 1] if at + 1 < len(borne) else None
                last = shift("XNYS", after[1], -1) if after else EVER
                found.append((name, borne[at - 1][0], ticker, after[0] if after else None, first, last, security))
        return sorted(found, key=lambda row: (row[4], row[2]))

    def renamed(self) -> Rows:
        """8: their prices."""
        last = {security: borne[-1][0] for security, borne in self.bearers.items() if len(borne) > 1}
        rows = self.prices.filter(pl.col("thread").is_in(list(last))).sort("market_date").to_dicts()
        found = [(last[row["thread"]], row["market_date"], row["ticker"], row["adj_close"]) for row in rows]
        return sorted(found)

    def shorts(self, day: dt.date, tickers: tuple[str, ...]) -> Rows:
        """9: the latest count of each that was public."""
        rows = self.bronze.rows("stocks", "short_interest").filter(pl.col("market_date") <= day).sort("settlement_date")
        found: Rows = []
        for ticker in sorted(tickers):
            latest = rows.filter(pl.col("ticker") == ticker).to_dicts()[-1]
            counted = dt.date.fromisoformat(latest["settlement_date"])
            found.append(
                (ticker, counted, latest["short_interest"], latest["short_interest"] / latest["avg_daily_volume"])
            )
        return found

    def multiples(self, ticker: str) -> Rows:
        """10: each day's price by the earnings of the latest report that was filed by then."""
        reports = [
            row for row in self.bronze.rows("stocks", "income_statements").to_dicts()
            if ticker in row["tickers"] and row["timeframe"] == "trailing_twelve_months"
        ]  # fmt: skip
        found: Rows = []
        for row in self.prices.filter(pl.col("ticker") == ticker).sort("market_date").to_dicts():
            known = [each for each in reports if each["filing_date"] <= str(row["market_date"])]
            if known:
                latest = max(known, key=lambda each: (each["period_end"], each["filing_date"]))
                eps = latest["diluted_earnings_per_share"]
                dates = (dt.date.fromisoformat(latest[name]) for name in ("period_end", "filing_date"))
                found.append((row["market_date"], ticker, row["close"], *dates, eps, row["close"] / eps))
        return found

    def news(self, day: dt.date, tickers: tuple[str, ...]) -> Rows:
        """11: articles with what the source reads in them, and the day's return of each ticker that they name."""
        moved = {
            row["ticker"]: row["total_return"] for row in self.prices.filter(pl.col("market_date") == day).to_dicts()
        }
        found: Rows = []
        for row in self.bronze.rows("stocks", "news").filter(pl.col("market_date") == day).unique("id").to_dicts():
            published = dt.datetime.fromisoformat(row["published_utc"]).replace(tzinfo=None)
            said = {each["ticker"]: each["sentiment"] for each in row.get("insights") or []}
            for ticker in set(row["tickers"]) & set(tickers):
                found.append((published, ticker, said.get(ticker), moved.get(ticker), row["title"], row["article_url"]))
        return sorted(found, key=lambda row: row[:2])

    def against(self, fund: str, index: str) -> Rows:
        """12: an index against the fund that follows it."""
        pages = self.bronze.rows("indices", "daily_bars", of_page=("ticker",)).filter(pl.col("ticker") == index)
        values = {row["market_date"]: row["c"] for row in pages.to_dicts()}
        found: Rows = []
        for row in self.prices.filter(pl.col("ticker") == fund).sort("market_date").to_dicts():
            day, before = row["market_date"], shift("XNYS", row["market_date"], -1)
            if day in values:
                own = values[day] / values[before] - 1 if before in values else None
                total = row["total_return"]
                found.append((day, own, total, None if own is None or total is None else total - own))
        return found

    def days_of(self, asset_class: str) -> set[tuple[dt.date, str]]:
        """13: every day of every dataset."""
        places = (self.bronze.folder / "polygon" / asset_class).iterdir()
        return {(day, place.name) for place in places for day in self.bronze.days(asset_class, place.name)}

    def silent(self) -> dict[dt.date, list[str]]:
        """13: the tickers that were asked for their minutes and have none, by day."""
        found: dict[dt.date, list[str]] = defaultdict(list)
        for page in self.bronze.pages("stocks", "minute_bars"):
            if not page.get("results"):
                found[page["market_date"]].append(page["ticker"])
        return {day: sorted(tickers) for day, tickers in found.items()}

    def published(self, waits: dict[str, set[str]]) -> Rows:
        """13: the days of each table of stocks, which are those that every dataset has that it waits for."""
        found: Rows = []
        for table, datasets in sorted(waits.items()):
            days = set.intersection(*(set(self.bronze.days("stocks", dataset)) for dataset in datasets))
            found.append((table, len(days), min(days), max(days)))
        return found

    def restated(self) -> set[tuple[Any, ...]]:
        """14: what the newest answer says otherwise than the first one, of prices: day, ticker, field, both values."""
        first, last = (self.bronze.rows("stocks", "grouped_daily", revision=at).to_dicts() for at in (0, -1))
        before = {(row["market_date"], row["T"]): row for row in first}
        return {
            (row["market_date"], row["T"], name, before[row["market_date"], row["T"]].get(name), row.get(name))
            for row in last
            for name in ("o", "h", "l", "c", "v", "vw", "n")
            if before[row["market_date"], row["T"]].get(name) != row.get(name)
        }


def between(rows: list[dict[str, Any]], scale: str, target: float) -> float | None:
    """The volatility at a place of a scale, on the line between the nearest contracts below and above; else None."""
    places: dict[float, list[float]] = defaultdict(list)
    for row in rows:
        if row[scale] is not None:
            places[row[scale]].append(row["volatility"])
    known = sorted(places)
    if not known or not known[0] <= target <= known[-1]:
        return None
    return float(np.interp(target, known, [sum(places[at]) / len(places[at]) for at in known]))
