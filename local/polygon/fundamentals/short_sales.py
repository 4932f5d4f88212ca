"""Shares sold short: how many each day, and how many are owed on the two settlement dates of a month."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Columns, Row, Table, date_keys
from local.polygon.stocks.listings import Listings
from local.polygon.stocks.prices import Prices
from local.polygon.stocks.trading import Trading

PUBLISHED = 7
"""Sessions after a settlement date on whose evening FINRA publishes what was owed then."""
RARELY_TRADED = float(np.log(1e5))
"""Below this (log USD a day, the median) an instrument has too few trades to be reported every day."""
_CHUNK = 1 << 14  # rows whose figures are made at a time
_KEPT = 1 << 15  # rows whose figures are kept once made
INTEREST_FROM, VOLUME_FROM = dt.date(2017, 12, 29), dt.date(2024, 2, 6)

Figures = dict[str, np.ndarray]
Choice = Callable[[np.ndarray], np.ndarray]
"""Which of some tickers, or of some days (as 20260602), a caller wants."""


@dataclass(frozen=True)
class Pairs:
    """A symbol's segment and a session, in the order of symbols, then sessions."""

    segment: np.ndarray
    session: np.ndarray

    def __getitem__(self, rows: np.ndarray) -> "Pairs":
        return Pairs(self.segment[rows], self.session[rows])

    def __len__(self) -> int:
        return len(self.segment)


class ShortSales:
    """Tables of short volume and short interest for the tickers and days that a caller wants."""

    def __init__(self, noise: Noise, sessions: Sessions, listed: Listings, prices: Prices, trading: Trading) -> None:
        self._noise, self._sessions, self._listed = noise, sessions, listed
        self._prices, self._trading = prices, trading
        self._keys = date_keys([day.isoformat() for day in sessions.days]).astype(np.int32)
        self._settlements = settlements(sessions)
        self._by_symbol = np.lexsort([listed.s_start, listed.symbols])
        self._rank = np.unique(listed.symbols, return_inverse=True)[1].astype(np.int32)

    def volume(self, tickers: Choice, days: Choice, last: int) -> Table:
        """Daily volumes up to a session: every day of the life of each stock that is traded enough."""
        instrument = self._listed.s_instrument[self._by_symbol]
        otc = self._listed.s_otc[self._by_symbol]
        reported = self._by_symbol[(self._trading.turnover[instrument] > RARELY_TRADED) & ~otc]
        sessions = np.arange(self._sessions.next_from(VOLUME_FROM), last + 1)
        return self._table(reported, tickers, sessions, days, "date", self._volumes)

    def interest(self, tickers: Choice, days: Choice, last: int) -> Table:
        """What is owed on the settlement dates that are published by a session."""
        settled = self._settlements[self._settlements + PUBLISHED <= last]
        settled = settled[settled >= self._sessions.next_from(INTEREST_FROM)]
        return self._table(self._by_symbol, tickers, settled, days, "settlement_date", self._interests)

    def _table(
        self, segments: Ints, tickers: Choice, sessions: Ints, days: Choice, day: str, make: Callable[[Pairs], Figures]
    ) -> Table:
        """A row for each wanted segment and each wanted session of its life."""
        pairs = self._pairs(segments[tickers(self._listed.symbols[segments])], sessions[days(self._keys[sessions])])
        ready = {"ticker": self._rank[pairs.segment], day: self._keys[pairs.session]}

        @lru_cache(maxsize=1)
        def whole() -> Figures:
            return make(pairs)

        def figures(rows: np.ndarray) -> Figures:
            """What is asked for of a day or a ticker is soon asked for again; of more, rows are made as they come."""
            if len(pairs) > _KEPT:
                return make(pairs[rows])
            return {name: column[rows] for name, column in whole().items()}

        def write(rows: np.ndarray) -> list[Row]:
            columns, chosen = figures(rows), pairs[rows]
            columns["ticker"] = self._listed.symbols[chosen.segment]
            columns[day] = np.array([self._sessions.days[at].isoformat() for at in chosen.session.tolist()])
            names, values = sorted(columns), (columns[name].tolist() for name in sorted(columns))
            return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]

        def column(name: str) -> np.ndarray:
            chunks = [np.arange(at, min(at + _CHUNK, len(pairs))) for at in range(0, max(len(pairs), 1), _CHUNK)]
            return np.concatenate([figures(rows)[name] for rows in chunks])

        return Table(Columns(ready, column), write)

    def _pairs(self, segments: Ints, sessions: Ints) -> Pairs:
        first = np.searchsorted(sessions, self._listed.s_start[segments])
        count = np.searchsorted(sessions, self._listed.s_end[segments]) - first
        nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        within = (np.repeat(first, count) + nth).astype(np.int32)
        return Pairs(np.repeat(segments.astype(np.int32), count), sessions.astype(np.int32)[within])

    def _volumes(self, pairs: Pairs) -> Figures:
        """What FINRA's facilities report of a day: a third to a half of all trades, and how much of it was short."""
        _, place, start = self._origin(pairs)

        def chance(stream: str) -> Floats:
            return self._noise.uniform(stream, pairs.session, place)

        reported = 0.3 + 0.2 * chance("reported")
        total = np.maximum(np.floor(self._trading.at(pairs.segment, pairs.session).v * reported), 1).astype(np.int64)
        usual = 0.3 + 0.3 * self._noise.uniform("short volume", place, start)
        short = _part(total, np.clip(usual + 0.08 * self._noise.normal("short today", pairs.session, place), 0.02, 0.9))
        exempt = _part(short, 0.01 * chance("exempt"))
        nyse, chicago = _part(short, 0.1 * chance("short nyse")), _part(short, 0.01 * chance("short chicago"))
        nyse_exempt = np.minimum(_part(exempt, 0.1 * chance("exempt nyse")), nyse)
        nothing = np.zeros_like(total)
        return {
            "adf_short_volume": nothing,
            "adf_short_volume_exempt": nothing,
            "exempt_volume": exempt,
            "nasdaq_carteret_short_volume": short - nyse - chicago,
            "nasdaq_carteret_short_volume_exempt": exempt - nyse_exempt,
            "nasdaq_chicago_short_volume": chicago,
            "nasdaq_chicago_short_volume_exempt": nothing,
            "non_exempt_volume": short - exempt,
            "nyse_short_volume": nyse,
            "nyse_short_volume_exempt": nyse_exempt,
            "short_volume": short,
            "short_volume_ratio": np.round(100 * short / total, 2),
            "total_volume": total,
        }

    def _interests(self, pairs: Pairs) -> Figures:
        """Shares owed, some days' usual volume, and the average volume since the settlement date before."""
        instrument, place, start = self._origin(pairs)
        cover = 2.5 * np.exp(0.7 * self._noise.normal("short interest", place, start))
        cover *= np.exp(0.12 * self._noise.normal("short change", pairs.session, place))
        price = self._prices.as_traded(instrument, place, self._prices.path(place, pairs.session), pairs.session)
        shares = self._prices.outstanding(instrument, pairs.session)
        usual = np.exp(self._trading.turnover[instrument]) / price
        owed = np.floor(np.minimum(usual * cover, 0.4 * shares)).astype(np.int64)
        average = self._average_volume(pairs)
        days = np.divide(owed, average, out=np.full(len(owed), 999.99), where=average > 0)
        return {"avg_daily_volume": average, "days_to_cover": np.round(days, 2), "short_interest": owed}

    def _average_volume(self, pairs: Pairs) -> Ints:
        before = self._settlements[np.searchsorted(self._settlements, pairs.session) - 1]
        first = np.maximum(before + 1, self._listed.s_start[pairs.segment])
        count = pairs.session - first + 1
        edge = np.cumsum(count) - count
        session = np.repeat(first - edge, count) + np.arange(count.sum())
        volume = self._trading.at(np.repeat(pairs.segment, count), session).v
        average: Ints = np.floor(np.add.reduceat(volume, edge) / count).astype(np.int64) if len(pairs) else count
        return average

    def _origin(self, pairs: Pairs) -> tuple[Ints, Ints, Ints]:
        """The instruments of some segments, and by what they are drawn."""
        instrument = self._listed.s_instrument[pairs.segment]
        return instrument, self._listed.i_place[instrument], self._listed.i_start[instrument]


def settlements(sessions: Sessions) -> Ints:
    """The last sessions up to the 15th and up to the end of each month."""
    first, last = sessions.days[0], sessions.days[-1]
    months = [dt.date(at // 12, at % 12 + 1, 1) for at in range(first.year * 12 + first.month, last.year * 12 + 12)]
    ends = [day for month in months for day in (month - dt.timedelta(days=1), month.replace(day=15))]
    return np.unique([sessions.last_until(day) for day in ends])


def _part(whole: Ints, share: Floats) -> Ints:
    return np.floor(whole * share).astype(np.int64)
