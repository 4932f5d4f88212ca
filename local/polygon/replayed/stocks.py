"""Real bars from CSV files in the place of the simulated market; README.md tells the format."""

import datetime as dt
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from local.polygon.markets.bars import Bars, joined
from local.polygon.markets.clock import Clock
from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.sessions import xnys
from local.polygon.markets.tables import Row, Table, date_keys, table_of
from local.polygon.replayed.csv_rows import Folders, read_rows
from local.polygon.replayed.days import NYSE, ReplayedDays
from local.polygon.replayed.identities import Identities
from local.polygon.replayed.minutes import ReplayedMinutes
from local.polygon.stocks.announced import ANNOUNCED
from local.polygon.stocks.corporate_actions import action_id
from local.polygon.stocks.snapshot import Snapshot, aligned

HALF_A_CENT = 0.005
"""By how much the dearest price before a split may differ when its ratio is made simple, USD as adjusted."""


class ReplayedStocks:
    """A market made of `stocks_daily`, `stocks_minutes`, `stock_splits` and `stock_dividends`, without news."""

    name, adjusts, final_after = "stocks", True, 0

    def __init__(self, folder: Path | Folders, clock: Clock) -> None:
        # The files may go on after today, but hardly after this year.
        self._clock, self.sessions = clock, xnys(max(clock.today, dt.datetime.now(dt.UTC).date()).year + 1)
        self._days = ReplayedDays(self.name, folder, self.sessions, NYSE, optional=False)
        self._splits = sorted(read_rows(folder, "stock_splits", self._split, optional=True))
        self._dividends = sorted(read_rows(folder, "stock_dividends", self._dividend, optional=True))
        self._minutes = ReplayedMinutes(self.name, folder, clock, self.sessions)
        self._identities = Identities(folder)
        self._split_tables = lru_cache(maxsize=1)(self._split_table)
        self._dividend_tables = lru_cache(maxsize=1)(self._dividend_table)

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of a session; there are none over the counter."""
        return self._bars(self._days.on(session), self.sessions.stamps, adjusted=adjusted)

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of a ticker, `t` at midnight New York; both sessions are included."""
        return self._bars(self._days.of(ticker, first, last), self.sessions.midnights, adjusted=adjusted)

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of a ticker; both sessions are included."""
        bars = self._minutes.bars(ticker, first, last)
        return bars.adjusted(self._ratios(self._minutes.sessions_of(bars), bars.tickers)) if adjusted else bars

    def tickers(self, day: dt.date, *, active: bool) -> Table:
        """Tickers between their first and last bars on a day, or those that had left by then."""
        session = self.sessions.last_until(day)
        rows = []
        for ticker, (first, end) in self._days.lives.items():
            if (first <= session < end) if active else end <= session:
                rows.append(self._row(ticker, day, end, active=active))
        return table_of(rows, ["ticker", "name", "market", "type", "locale", "currency_name"])

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """What the bars tell about a ticker."""
        session = self.sessions.last_until(day)
        first, end = self._days.lives.get(ticker, (0, 0))
        if not first <= session < end:
            return None
        return self._row(ticker, day, end, active=True) | {"list_date": self.sessions.days[first].isoformat()}

    def events(self, ticker_or_figi: str) -> Row | None:
        """What a file says of a security's tickers, else the listing of a ticker."""
        if told := self._identities.events(ticker_or_figi, self._clock.today):
            return told
        session = self.sessions.last_until(self._clock.today)
        first, _ = self._days.lives.get(ticker_or_figi, (len(self.sessions.days), 0))
        if first > session:
            return None
        change = {"ticker_change": {"ticker": ticker_or_figi}, "type": "ticker_change"}
        return {"name": ticker_or_figi, "events": [change | {"date": self.sessions.days[first].isoformat()}]}

    @property
    def splits(self) -> Table:
        """Splits known today, by execution date."""
        return self._split_tables(self._clock.today)

    @property
    def dividends(self) -> Table:
        """Dividends known today, by ex-date; the files tell no other date and no frequency."""
        return self._dividend_tables(self._clock.today)

    @cached_property
    def news(self) -> Table:
        """No articles."""
        return Table(
            {"ticker": np.array([], dtype="U1"), "published_utc": np.array([], dtype=np.int64)}, lambda rows: []
        )

    def snapshot(self, moment: int, *, otc: bool) -> Snapshot:
        """Today's bars once its session is over, without minutes, beside those of the session before."""
        today, before = self.sessions.index(self._clock.today), self._clock.today - dt.timedelta(days=1)
        over = today is not None and self.sessions.closes[today] <= moment
        day = self.day(today, adjusted=False, otc=otc) if today is not None and over else joined([])
        previous = self.day(self.sessions.last_until(before), adjusted=True, otc=otc)
        tickers = np.unique(np.concatenate([day.tickers, previous.tickers]))
        return Snapshot(tickers, *(aligned(bars, tickers) for bars in (day, joined([]), previous)))

    def _split_table(self, today: dt.date) -> Table:
        known = [split for split in self._splits if split[0] <= self.sessions.last_until(today) + ANNOUNCED]
        rows: list[Row] = []
        for session, ticker, before, after in known:
            day = self.sessions.days[session].isoformat()
            ratio = self._ratios(np.array([session - 1]), np.array([ticker]))[0]
            rows.append(
                {
                    "adjustment_type": "forward_split" if after > before else "reverse_split",
                    "execution_date": day,
                    "historical_adjustment_factor": round(float(1 / ratio), 10),
                    "id": action_id("split", ticker, day),
                    "split_from": before,
                    "split_to": after,
                    "ticker": ticker,
                }
            )
        table = table_of(rows, ["ticker", "adjustment_type"])
        dates = {"execution_date": date_keys([row["execution_date"] for row in rows])}
        reverse = {"reverse_split": np.array([row["split_to"] < row["split_from"] for row in rows], dtype=np.int64)}
        return Table(table.columns | dates | reverse, table.write)

    def _dividend_table(self, today: dt.date) -> Table:
        rows: list[Row] = []
        for session, ticker, cash in self._dividends:
            if session > self.sessions.last_until(today) + ANNOUNCED:
                continue
            day = self.sessions.days[session].isoformat()
            ratio = self._ratios(np.array([session]), np.array([ticker]))[0]
            row = {
                "cash_amount": cash,
                "currency": "USD",
                "distribution_type": "unknown",
                "ex_dividend_date": day,
                "frequency": 0,
            }
            adjusted = {
                "id": action_id("dividend", ticker, day),
                "split_adjusted_cash_amount": round(cash / float(ratio), 6),
            }
            rows.append(row | adjusted | {"ticker": ticker})
        table = table_of(rows, ["ticker", "distribution_type"])
        zeros = np.zeros(len(rows), dtype=np.int64)
        columns = table.columns | dict.fromkeys(("record_date", "declaration_date", "pay_date", "frequency"), zeros)
        columns["ex_dividend_date"] = date_keys([row["ex_dividend_date"] for row in rows])
        columns["cash_amount"] = np.array([row["cash_amount"] for row in rows], dtype=float)
        return Table(columns | {"dividend_type": np.full(len(rows), "CD")}, table.write)

    def _bars(self, rows: Ints, times: Ints, *, adjusted: bool) -> Bars:
        """The bars at some rows, of sessions that are over."""
        rows = rows[self.sessions.closes[self._days.session[rows]] <= self._clock.ms]
        bars = self._days.bars(rows, times)
        return bars.adjusted(self._ratios(self._days.session[rows], bars.tickers)) if adjusted else bars

    def _ratios(self, sessions: Ints, tickers: np.ndarray) -> Floats:
        """Today's shares for one share of each session."""
        ratios = np.ones(len(sessions))
        for at, ticker, before, after in self._splits:
            if at <= self.sessions.last_until(self._clock.today):
                ratios[(tickers == ticker) & (sessions < at)] *= after / before
        return ratios

    def _row(self, ticker: str, day: dt.date, end: int, *, active: bool) -> Row:
        row: Row = {
            "ticker": ticker,
            "name": ticker,
            "market": "stocks",
            "locale": "us",
            "type": "CS",
            "active": active,
        }
        row |= {"currency_name": "usd", "last_updated_utc": f"{day}T00:00:00Z"}
        row |= self._identities.of(ticker, day if active else self.sessions.days[end - 1])
        return row if active else row | {"delisted_utc": f"{self.sessions.days[end]}T00:00:00Z"}

    def _split(self, row: dict[str, str]) -> tuple[int, str, int, int]:
        value, session = float(row["new_shares_per_old"]), self._after(row["last_day_before"])
        dearest = max(self._days.prices[1][self._days.of(row["ticker"], 0, session - 1)], default=0.0)
        ratio = small_ratio(value, min(1e-4, HALF_A_CENT * value / dearest) if dearest else 1e-4)
        return session, row["ticker"], ratio.denominator, ratio.numerator

    def _dividend(self, row: dict[str, str]) -> tuple[int, str, float]:
        return self._after(row["last_day_before"]), row["ticker"], float(row["cash_amount"])

    def _after(self, day: str) -> int:
        return self.sessions.next_from(dt.date.fromisoformat(day) + dt.timedelta(days=1))


def small_ratio(value: float, off: float = 1e-4) -> Fraction:
    """The ratio of the smallest whole numbers that is off by less than such a part of the value: 6.999997 is 7."""
    if not value > 0:
        raise ValueError(f"a split gives more than {value} new shares for an old one")
    bounds = (2, 5, 10, 25, 50, 100, 1000, 10_000)
    found = (Fraction(value).limit_denominator(bound) for bound in (1, *bounds))
    return next(
        (ratio for ratio in found if abs(float(ratio) / value - 1) < off), Fraction(value).limit_denominator(10**6)
    )
