"""Prices and share counts of every place: its walk, the market's, rare jumps, and the splits that follow."""

import datetime as dt
import math

import numpy as np

from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.walk import SPAN, Walks
from local.polygon.stocks.index_list import INDICES
from local.polygon.stocks.listings import Listings, log_uniform
from local.polygon.stocks.market_clock import STEPS, MarketClock
from local.polygon.stocks.notable import ANCHOR_DAY, NOTABLES
from local.polygon.stocks.script import PRICE_DAY

WINDOW = 64
"""Sessions in which a place has at most one jump and one split; both are drawn a window at a time."""
MARKET = 0.009
"""Volatility a usual session of what all stocks have in common."""
COMMON = MARKET / math.sqrt(STEPS)
"""The same, a step of the market's walk."""
WALK = 2 * STEPS * SPAN
"""Steps that walks have: more than restless times may take."""
OF_INDICES = "indices own"
"""The stream of what indices have of their own beside the market."""
ASTRAY = 0.0004
"""Volatility a usual session of what parts a fund from its index."""

_OWN, _MOODS = 0.3, (0.75, 0.5, 0.43)  # how paces differ (log), and how a window's draws make its own and those before


class Prices:
    """As-traded closes at any (place, session), each found alone; `factor` is shares now for one share at the start."""

    def __init__(self, noise: Noise, sessions: Sessions, listed: Listings) -> None:
        self._noise, self._listed, self._sessions = noise, listed, sessions
        self.places = np.arange(len(listed.kinds))
        self._windows = len(sessions.days) // WINDOW + 1
        spread = np.exp(0.45 * noise.normal("volatility", 0, self.places))
        calm = np.isin(listed.kinds, ["ETF", "FUND", "PFD"])
        self.volatility = np.clip(np.where(calm, 0.008, 0.019) * spread, 0.003, 0.045)
        self.volatility[: len(NOTABLES)] = [notable.volatility for notable in NOTABLES]
        self._played = np.unique(listed.i_place[list(listed.scripted)])  # places with securities of the script
        self.volatility[self._played] = 0.012
        self._drift = (0.0003 - self.volatility**2 / 2) / STEPS
        self._size = self.volatility / math.sqrt(STEPS)
        symbols = [index.symbol for index in INDICES]
        self._funds = {at: symbols.index(each.follows) for at, each in enumerate(NOTABLES) if each.follows}
        self._size[list(self._funds)] = ASTRAY / math.sqrt(STEPS)
        self._indices = Walks(noise, OF_INDICES, len(INDICES), WALK)
        self.clock = MarketClock(noise, len(sessions.days))
        self._own, self._market = (
            Walks(noise, stream, width, WALK) for stream, width in (("own", len(self.places)), ("market", 1))
        )
        starts = self._draw_pace()
        self._draw_jumps()
        self._anchors = np.maximum(listed.i_start - 1, 0)
        self._start_paths = self.path(listed.i_place, self._anchors)
        first_price = log_uniform(4.0, 160.0, noise.uniform("first price", listed.i_place, listed.i_start))
        self._first = np.where(listed.otc[listed.i_place], first_price / 20, first_price)
        self._draw_splits(starts)

    def path(self, places: Ints, sessions: Ints) -> Floats:
        """The log price of a place, up to a constant an instrument."""
        window, step = sessions // WINDOW, self.clock.at[sessions]
        jumped = self._jumped_before[window, places] + self.jump(places, sessions, up_to=True)
        market = COMMON * self._market.at(np.zeros_like(step), step)
        walked = self._walked_before[window, places] + self._pace[window, places] * self._own.at(places, step)
        logs: Floats = self._size[places] * walked + market + jumped + self._drift[places] * step
        for place, index in self._funds.items():
            at = np.broadcast_to(places == place, logs.shape)
            logs[at] += self._led(index, self._indices.at(np.array([index]), np.broadcast_to(step, logs.shape)[at]))
        return logs

    def _led(self, index: int, own: Floats) -> Floats:
        """What a fund has of its index beside the market, from where the index's own walk is."""
        led: Floats = INDICES[index].volatility / math.sqrt(STEPS) * own
        return led

    def path_all(self, session: int) -> Floats:
        """`path` of every place at one session, in a tenth of the time."""
        return self._paths(session, self._own.all_at(int(self.clock.at[session])))

    def _paths(self, session: int, own: Floats) -> Floats:
        """`path_all` from where the walks of all places are."""
        window, step = session // WINDOW, int(self.clock.at[session])
        jumped = self._jumped_before[window] + self.jump(self.places, session, up_to=True)
        market = COMMON * self._market.all_at(step)[0]
        walked = self._walked_before[window] + self._pace[window] * own
        logs: Floats = self._size * walked + market + jumped + self._drift * step
        for place, index in self._funds.items():
            logs[place] += self._led(index, self._indices.all_at(step)[index])
        return logs

    def volatility_on(self, places: Ints, sessions: Ints) -> Floats:
        """The volatility of each place's own walk on each session."""
        pace: Floats = self._pace[sessions // WINDOW, places] * np.sqrt(self.clock.pace[sessions])
        return self.volatility[places] * pace

    def jump(self, places: Ints, sessions: Ints | int, *, up_to: bool = False) -> Floats:
        """The jump on a session, or with `up_to` the window's jump if it has come by then."""
        window = np.asarray(sessions) // WINDOW
        when = self._jump_at[window, places]
        return np.where(when <= sessions if up_to else when == sessions, self._jump[window, places], 0.0)

    def factor(self, places: Ints, sessions: Ints | int) -> Floats:
        """How many shares one share of the place's beginning has become, splits of the session included."""
        window = np.asarray(sessions) // WINDOW
        ratio = np.where(self._split_at[window, places] <= sessions, self._split[window, places], 1.0)
        shares: Floats = self._factor_before[window, places] * ratio
        return shares

    def as_traded(self, instruments: Ints, places: Ints, paths: Floats, sessions: Ints | int) -> Floats:
        """Prices in the share count of the session, from `paths` on the scale of `path`."""
        growth = np.exp(paths - self._start_paths[instruments])
        return self._first[instruments] * growth * self._first_factor[instruments] / self.factor(places, sessions)

    def outstanding(self, instruments: Ints, sessions: Ints) -> Ints:
        """The shares of each instrument on a session of its life: drawn at its listing, then moved by splits alone."""
        places, starts = self._listed.i_place[instruments], self._listed.i_start[instruments]
        first = np.round(10 ** (6.5 + 3 * self._noise.uniform("shares", places, starts)))
        return np.round(first * (self.factor(places, sessions) / self.factor(places, starts))).astype(np.int64)

    def splits(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Place, session, split_from and split_to of every split, in the order of sessions."""
        window, place = np.nonzero(self._split != 1.0)
        order = np.argsort(self._split_at[window, place], kind="stable")
        window, place = window[order], place[order]
        terms = self._split_terms[window, place].astype(np.int64)
        return place, self._split_at[window, place].astype(np.int64), terms[:, 0], terms[:, 1]

    def _draw_pace(self) -> Floats:
        """How far each place goes with a step, drawn a window at a time; where walks are when windows start.

        `_walked_before` joins what was walked at one pace with what is at the next.
        """
        windows = np.arange(self._windows)[:, None]
        mood = sum(part * self._noise.normal("pace", windows + back, self.places) for back, part in enumerate(_MOODS))
        self._pace: Floats = np.exp(_OWN * mood - _OWN**2)
        first = np.minimum(np.arange(self._windows) * WINDOW, len(self.clock.at) - 1)
        starts = np.array([self._own.all_at(step) for step in self.clock.at[first].tolist()])
        self._walked_before = np.zeros_like(self._pace)
        np.cumsum((self._pace[:-1] - self._pace[1:]) * starts[1:], axis=0, out=self._walked_before[1:])
        return starts

    def _draw_jumps(self) -> None:
        windows = np.arange(self._windows)[:, None]
        shape = (self._windows, len(self.places))
        happens = self._noise.uniform("jump", windows, self.places) < 0.25
        happens[:, : len(NOTABLES)] = False
        happens[:, self._played] = False
        self._jump_at = windows * WINDOW + self._noise.below("jump at", windows, self.places, WINDOW)
        self._jump = np.where(
            happens, 4.5 * self.volatility * self._noise.normal("jump size", windows, self.places), 0.0
        )
        script = [(self._listed.i_place[who], security.jumps) for who, security in self._listed.scripted.items()]
        for place, jumps in [*enumerate(notable.jumps for notable in NOTABLES), *script]:
            for day, size in jumps.items():
                session = self._sessions.next_from(day)
                self._jump_at[session // WINDOW, place], self._jump[session // WINDOW, place] = session, size
        self._jumped_before = np.zeros(shape)
        np.cumsum(self._jump[:-1], axis=0, out=self._jumped_before[1:])

    def _draw_splits(self, starts: Floats) -> None:
        """A dear share is split and a cheap one consolidated, some time in the window after it became so."""
        shape = (self._windows, len(self.places))
        self._split, self._split_terms = np.ones(shape), np.ones((*shape, 2), dtype=np.int16)
        self._split_at = np.full(shape, np.iinfo(np.int32).max, dtype=np.int32)
        self._factor_before = np.ones(shape)
        self._first_factor = np.ones(len(self._listed.i_place))
        scripted = self._script_splits()
        for window in range(self._windows):
            session = window * WINDOW
            instruments = self._listed.instruments_at(self.places, np.full(len(self.places), session))
            self._first_factor[instruments] = self.factor(self.places, self._anchors[instruments])
            price = self.as_traded(instruments, self.places, self._paths(session, starts[window]), session)
            before, after = self._terms(window, price)
            at = session + 1 + self._noise.below("split at", window, self.places, WINDOW - 1)
            last = len(self._sessions.days)
            happens = (before != after) & (at < self._listed.i_end[instruments]) & (at < last) & ~scripted
            self._split[window] = np.where(happens, after / before, self._split[window])
            self._split_at[window] = np.where(happens, at, self._split_at[window])
            self._split_terms[window][happens] = np.stack([before, after], axis=1)[happens]
            if window + 1 < self._windows:
                self._factor_before[window + 1] = self._factor_before[window] * self._split[window]
        self._first_factor = self.factor(self._listed.i_place, self._anchors)
        self._anchor()

    def _terms(self, window: int, price: Floats) -> tuple[Ints, Ints]:
        """split_from and split_to for each place, equal where nothing happens in this window."""
        chance = self._noise.uniform("split", window, self.places)
        forward = (price > 250.0 + 350.0 * self._noise.uniform("dear", 0, self.places)) & (chance < 0.3)
        reverse = (price < 1.0) & (chance < 0.4) & ~self._listed.otc
        after = np.choose(self._noise.below("terms", window, self.places, 6), [2, 2, 3, 3, 4, 5])
        after = np.where(price > 1000.0, np.where(price > 2500.0, 20, 10), after)
        terms = np.array([5, 8, 10, 15, 20, 25, 30, 50, 100])
        before = terms[np.minimum(np.searchsorted(terms, 6.0 / np.maximum(price, 1e-9)), len(terms) - 1)]
        ordinary = ~forward & ~reverse & (price > 5.0)
        three_for_two, stock_dividend = ordinary & (chance > 0.9994), ordinary & (chance > 0.9988) & (chance <= 0.9994)
        choices = [forward, reverse, three_for_two, stock_dividend]
        return np.select(choices, [1, before, 2, 20], 1), np.select(choices, [after, 1, 3, 21], 1)

    def _script_splits(self) -> np.ndarray:
        """Places the splits of the notable companies; True for the places that have no others."""
        script = list(self._listed.scripted.items())
        places = [*range(len(NOTABLES)), *self._listed.i_place[[who for who, _ in script]].tolist()]
        splits = [*(notable.splits for notable in NOTABLES), *(security.splits for _, security in script)]
        for place, own in zip(places, splits, strict=True):
            for day, (before, after) in own.items():
                session = self._sessions.next_from(day)
                window = session // WINDOW
                self._split_at[window, place], self._split[window, place] = session, after / before
                self._split_terms[window, place] = before, after
        return np.isin(self.places, places)

    def _anchor(self) -> None:
        """Sets first prices so that what has a price of its own closes at it on the day of the price."""
        listed, places = self._listed, np.arange(len(NOTABLES))
        notable = np.full(len(places), self._sessions.last_until(ANCHOR_DAY))
        scripted = np.array(list(listed.scripted), dtype=np.int64)
        instruments = np.concatenate([listed.instruments_at(places, notable), scripted])
        day = np.full(len(scripted), self._sessions.last_until(PRICE_DAY))
        sessions = np.concatenate([notable, np.clip(day, listed.i_start[scripted], listed.i_end[scripted] - 1)])
        places = listed.i_place[instruments]
        closes = self.as_traded(instruments, places, self.path(places, sessions), sessions)
        prices = [each.price for each in (*NOTABLES, *listed.scripted.values())]
        self._first[instruments] *= np.array(prices) / closes

    def last_factor(self, instruments: Ints, places: Ints, today: dt.date) -> Floats:
        """`factor` as it is known on `today`, or was when the instrument left."""
        last = np.minimum(self._sessions.last_until(today), self._listed.i_end[instruments] - 1)
        return self.factor(places, last)
