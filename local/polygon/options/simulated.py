"""The simulated options of a seed."""

import datetime as dt
from dataclasses import replace
from functools import cached_property, lru_cache, partial

import numpy as np

from local.polygon.answers.plans import REACHES
from local.polygon.markets.bars import Bars, joined
from local.polygon.markets.clock import Clock
from local.polygon.markets.minutes import path_within
from local.polygon.markets.noise import Ints
from local.polygon.markets.tables import Row
from local.polygon.options.black_scholes import greeks
from local.polygon.options.chains import Chains
from local.polygon.options.contracts import Contract, Contracts, in_order, joined_contracts
from local.polygon.options.snapshots import Chain
from local.polygon.options.trading import OptionTrading, Quotes, address, closes, parts_of, ticks
from local.polygon.options.underlyings import underlyings
from local.polygon.options.volatility import Volatility
from local.polygon.stocks.simulated import SimulatedStocks

MINUTES = 60
"""Minutes of a session in which a contract trades, at most."""
LOOK_BACK = 10
"""Sessions among which a snapshot looks for a contract's latest bar."""


class SimulatedOptions:
    """Options on the notable companies and the most liquid stocks; any day is found without its past."""

    name, adjusts = "options", True

    def __init__(self, stocks: SimulatedStocks, clock: Clock, count: int) -> None:
        if count < 1:
            raise ValueError(f"a simulated market has at least 1 underlying of options, not {count}")
        self._stocks, self._clock, self._count = stocks, clock, count
        self.sessions = stocks.sessions
        self._chain = lru_cache(maxsize=64)(self._make_chain)
        self._underlying_bars = lru_cache(maxsize=2 * LOOK_BACK)(self._make_underlying_bars)

    def day(self, session: int, *, adjusted: bool, otc: bool) -> Bars:
        """The bars of every contract that traded on a session, `t` at 16:00 New York."""
        bars, _ = self._trading.bars(self._quotes(self._chains.live(session), session))
        return replace(bars, t=np.full(len(bars), self.sessions.stamps[session]))

    def days(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The daily bars of a contract, `t` at midnight New York; both sessions are included."""
        return joined([bars for _, bars in self._lives(ticker, first, last)])

    def minutes(self, ticker: str, first: int, last: int, *, adjusted: bool) -> Bars:
        """The minute bars of a contract; both sessions are included."""
        return joined(
            [
                self._minutes(
                    contract, int(np.searchsorted(self.sessions.midnights, bars.t[row])), bars.take(slice(row, row + 1))
                )
                for contract, bars in self._lives(ticker, first, last)
                for row in range(len(bars))
            ]
        )

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """Nothing: contracts are in no list of tickers."""
        return None

    def listed(self, day: dt.date, symbol: str | None) -> Contracts:
        """What may be traded on a day, on one underlying or all."""
        session = self.sessions.last_until(min(day, self._clock.today))
        if day < REACHES[self.name].first:
            return joined_contracts([])
        live = self._chains.live(session, symbol)
        return live.take(live.expiry >= day.toordinal())

    def expired(self, day: dt.date, symbol: str | None, first: dt.date, last: dt.date) -> Contracts:
        """What had expired before a day, of the expiries between two others."""
        known = self._chains.expiries
        until = min(day - dt.timedelta(days=1), last, self._clock.today).toordinal()
        which = np.flatnonzero((known.day >= first.toordinal()) & (known.day <= until))
        parts = [self._chains.live(int(known.last[at]), symbol, int(known.day[at])) for at in which.tolist()]
        return in_order(joined_contracts(parts))

    def known(self, contract: Contract, day: dt.date) -> Contracts:
        """One contract, if it was listed by a day."""
        until = self.sessions.last_until(min(day, self._clock.today))
        lives = [life for life in self._chains.lives(contract) if life[1] <= until]
        return self._columns(contract, lives[-1][0], 1) if lives else joined_contracts([])

    def chain(self, symbol: str) -> Chain | None:
        """The contracts on an underlying as they stand at the latest close; None if there are no options on it."""
        begun = self.sessions.next_from(REACHES[self.name].first)
        return self._chain(symbol, self._closed) if self._closed >= begun else None

    @cached_property
    def _chains(self) -> Chains:
        places = underlyings(self._stocks, self._count)
        return Chains(self.sessions, self._stocks.listed, self._stocks.prices, places)

    @cached_property
    def _trading(self) -> OptionTrading:
        volatility = Volatility(self._stocks.noise, self._stocks.prices)
        return OptionTrading(self._stocks.noise, self.sessions, volatility)

    @property
    def _closed(self) -> int:
        """The last session that is over."""
        return int(np.searchsorted(self.sessions.closes, self._clock.ms, side="right")) - 1

    def _lives(self, ticker: str, first: int, last: int) -> list[tuple[Contracts, Bars]]:
        """One contract and its daily bars, for each time between two sessions that it was listed; only what is over."""
        found: list[tuple[Contracts, Bars]] = []
        if (contract := Contract.read(ticker)) is None:
            return found
        for segment, since, until in self._chains.lives(contract):
            sessions = np.arange(max(first, since), min(last, until, self._closed) + 1)
            stock = self._stocks.trading.at(np.full(len(sessions), segment), sessions)
            quotes = self._quoted(self._columns(contract, segment, len(sessions)), sessions, stock)
            found.append((quotes.contracts, self._trading.bars(quotes)[0]))
        return found

    def _columns(self, contract: Contract, segment: int, times: int) -> Contracts:
        listed = self._stocks.listed
        place = int(listed.i_place[listed.s_instrument[segment]])
        return contract.on(str(listed.symbols[segment]), place, times, self._chains.shares(contract))

    def _quotes(self, contracts: Contracts, session: int) -> Quotes:
        """Contracts on one session."""
        order = np.argsort(self._chains.places)
        number = order[np.searchsorted(self._chains.places[order], contracts.place)]
        stock = self._underlying_bars(session).take(number)
        return self._quoted(contracts, np.full(len(contracts), session), stock)

    def _quoted(self, contracts: Contracts, sessions: Ints, stock: Bars) -> Quotes:
        """Contracts beside the bars of what a hundredth of each is for."""
        return self._trading.quotes(contracts, sessions, parts_of(stock, self._chains.parts(contracts, sessions)))

    def _make_underlying_bars(self, session: int) -> Bars:
        """The bars of all underlyings on a session, in the order of the chains' places."""
        return self._stocks.trading.at(self._chains.segments(session), np.full(len(self._chains.places), session))

    def _minutes(self, contract: Contracts, session: int, day: Bars) -> Bars:
        """The minute bars that make up a daily bar (one row): few minutes for a contract that hardly trades."""
        trades, noise = int(day.n[0]), self._stocks.noise
        row = noise.below("option minutes", address(contract)[:1], session, 2**62)
        draws = noise.below("option minute", row, np.arange(min(trades, MINUTES)), int(self.sessions.minutes[session]))
        minute = np.unique(draws)
        draw = partial(noise.normal, row=row, column=np.arange(len(minute) + 1))
        edges, h, low = path_within(day, len(minute), draw, ticks)
        share = np.cumsum(np.exp(0.6 * draw("minute busy")[1:]))
        share = share / share[-1]

        def split(whole: int) -> Ints:
            """A whole number in parts of one or more."""
            parts: Ints = np.diff(np.rint(share * (whole - len(minute))).astype(np.int64), prepend=0)
            return 1 + parts

        v = split(int(day.v[0])).astype(float)
        return Bars(
            tickers=day.tickers.repeat(len(minute)), t=self.sessions.opens[session] + 60_000 * minute,
            o=edges[:-1], h=h, l=low, c=edges[1:], v=v, vw=np.round((edges[:-1] + h + low + edges[1:]) / 4, 4),
            n=split(trades), otc=np.zeros(len(minute), dtype=bool),
        )  # fmt: skip

    def _make_chain(self, symbol: str, session: int) -> Chain | None:
        """The contracts on an underlying as they stand at a session's close."""
        contracts = self._chains.live(session, symbol)
        if not len(contracts):
            return None
        quotes, earlier = (self._quotes(contracts, at) for at in (session, max(session - 1, 0)))
        listed = self._stocks.listed
        ages = self._chains.ages(contracts, session)
        instruments = listed.instruments_at(contracts.place, quotes.sessions)
        turnover = np.exp(self._stocks.trading.turnover[instruments])
        price = quotes.stock.c
        worth = quotes.worth(price)
        half = np.maximum(0.01, 0.01 * worth)
        sensitive = greeks(price, contracts.strike, quotes.days / 365, quotes.volatility, contracts.put)
        bar, bars, before = self._latest(contracts, symbol, session)
        return Chain(
            contracts, float(price[np.argmax(contracts.shares)]), int(self.sessions.closes[session]),
            bid=np.maximum(np.round(worth - half, 2), 0.0), ask=np.round(worth + half, 2),
            sizes=1 + self._stocks.noise.below("quote size", address(contracts), session, 400),
            interest=self._trading.open_interest(earlier, turnover, ages),
            volatility=quotes.volatility, greeks=sensitive,
            # Where a point of volatility hardly moves the price, the price does not tell it.
            solved=(quotes.days > 0) & (sensitive.vega > 1e-3), bar=bar, bars=bars, before=before,
        )  # fmt: skip

    def _latest(self, contracts: Contracts, symbol: str, session: int) -> tuple[Ints, Bars, np.ndarray]:
        """For each contract the row of its latest bar, those bars, and what each was worth a session before its own."""
        found, parts, before, count = np.full(len(contracts), -1), [], [], 0
        for at in range(session, max(session - LOOK_BACK, 0), -1):
            left = np.flatnonzero((found < 0) & np.isin(address(contracts), address(self._chains.live(at, symbol))))
            bars, rows = self._trading.bars(self._quotes(contracts.take(left), at))
            found[left[rows]] = count + np.arange(len(rows))
            parts.append(bars)
            before.append(closes(self._quotes(contracts.take(left[rows]), at - 1)))
            count += len(rows)
        return found, joined(parts), np.concatenate(before or [np.empty(0)])
