"""Who is listed when: a fixed number of places, each held by one instrument after the other."""

import heapq
import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.stocks.notable import NOTABLES
from local.polygon.stocks.script import Security
from local.polygon.stocks.symbols import KINDS, OTC_KINDS, fresh_symbol

MEAN_LIFE = 3500
"""Sessions between the listing and the delisting of an ordinary instrument, on average."""

_LIVES = 14  # more than any place sees between 2003 and 2035
STEP = 1 << 14  # above the number of sessions: place * STEP + session orders by place, then by session


@dataclass(frozen=True)
class Listings:
    """Instruments (one company's security, arrays `i_…`) and segments (the time under one symbol, arrays `s_…`).

    `end` is the first session without the instrument or symbol, `start` is 0 for what was listed before history begins.
    Both are in the order of place, then time; some segment covers each place at each session.
    """

    i_place: Ints
    i_start: Ints
    i_end: Ints
    s_instrument: Ints
    s_start: Ints
    s_end: Ints
    symbols: np.ndarray
    kinds: np.ndarray
    otc: np.ndarray
    scripted: dict[int, Security] = field(default_factory=dict)  # by instrument
    moves: dict[tuple[int, int], bool] = field(default_factory=dict)  # instrument and session: over the counter since

    def instruments_at(self, places: Ints, sessions: Ints) -> Ints:
        """The instrument that holds each place at each session."""
        keys = self.i_place * STEP + self.i_start
        return np.searchsorted(keys, places * STEP + sessions, side="right") - 1

    def segments_of_instruments(self, instruments: Ints, sessions: Ints) -> Ints:
        """The segment in which each instrument was at each session of its life."""
        keys = self.s_instrument * STEP + self.s_start
        return np.searchsorted(keys, instruments * STEP + sessions, side="right") - 1

    def segments_at(self, session: int) -> Ints:
        """The segments alive at a session, one a place, in the order of places."""
        return np.flatnonzero((self.s_start <= session) & (session < self.s_end))

    def segments_of(self, symbol: str) -> Ints:
        """Every segment that carried `symbol`, the earliest first."""
        found = np.flatnonzero(self.symbols == symbol)
        return found[np.argsort(self.s_start[found])]

    def cik(self, instruments: Ints) -> Ints:
        """The SEC's number of the company behind each instrument, 0 for none."""
        return self._ciks[instruments]

    @cached_property
    def s_otc(self) -> np.ndarray:
        """Whether each segment is traded over the counter."""
        otc = self.otc[self.i_place[self.s_instrument]]
        for (instrument, session), since in self.moves.items():
            otc[(self.s_instrument == instrument) & (self.s_start >= session)] = since
        return otc

    @cached_property
    def files(self) -> np.ndarray:
        """Whether an instrument is the first of its company's, the one that stands for it in what is filed."""
        first = np.zeros(len(self._ciks), dtype=bool)
        first[np.unique(self._ciks, return_index=True)[1]] = True
        return first & (self._ciks > 0)

    @cached_property
    def _ciks(self) -> Ints:
        numbers = self.i_place * 8192 + self.i_start + 100_000
        companies: dict[str, int] = {}
        for instrument, security in self.scripted.items():
            if security.company is None:
                numbers[instrument] = 0
            elif security.company:
                numbers[instrument] = companies.setdefault(security.company, int(numbers[instrument]))
        return numbers


def listings(noise: Noise, sessions: Sessions, stocks: int, otc: int) -> Listings:
    """Listings, delistings, symbol changes and recycled symbols over all sessions."""
    places = np.arange(stocks + otc)
    kinds = _kinds(noise, places, stocks)
    place, start, end = _lives(noise, places, len(sessions.days))
    instrument, seg_start, seg_end = _segments(noise, place, start, end, sessions)
    symbols = _symbols(noise, kinds[place[instrument]], place[instrument], seg_start, seg_end)
    for at, notable in enumerate(NOTABLES):
        own = np.flatnonzero(place[instrument] == at)
        symbols[own] = notable.symbol
        if notable.renamed:
            symbols[own[0]] = notable.renamed[1]
    return Listings(place, start, end, instrument, seg_start, seg_end, symbols, kinds, places >= stocks)


def _kinds(noise: Noise, places: Ints, stocks: int) -> np.ndarray:
    """The security type of each place."""
    draw = noise.uniform("kind", 0, places)
    listed, otc = choose(KINDS, draw), choose(OTC_KINDS, draw)
    kinds = np.where(places < stocks, listed, otc)
    kinds[: len(NOTABLES)] = [notable.kind for notable in NOTABLES]
    return kinds


def _lives(noise: Noise, places: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    """Place, start and end of every instrument."""
    rounds = np.arange(_LIVES)[:, None]
    lives = 40 - np.floor(MEAN_LIFE * np.log(noise.uniform("life", rounds, places))).astype(np.int64)
    lives[0, : len(NOTABLES)] = STEP
    ends = np.cumsum(lives, axis=0)
    starts = np.vstack([np.zeros_like(places), ends[:-1]])
    by_place, by_round = np.nonzero(count > starts.T)
    return by_place, starts.T[by_place, by_round], np.minimum(ends.T[by_place, by_round], STEP - 1)


def _segments(noise: Noise, place: Ints, start: Ints, end: Ints, sessions: Sessions) -> tuple[Ints, Ints, Ints]:
    """Instrument, start and end of every segment: most instruments keep their symbol, some change it once."""
    change = start + 60 + np.floor(noise.uniform("change", place, start) * 4000).astype(np.int64)
    changes = (noise.uniform("changes", place, start) < 0.12) & (change < end - 60) & (change < len(sessions.days))
    for at, notable in enumerate(NOTABLES):
        own = np.flatnonzero(place == at)[0]
        changes[own] = notable.renamed is not None
        change[own] = sessions.next_from(notable.renamed[0]) if notable.renamed else 0
    instrument = np.concatenate([np.arange(len(place)), np.flatnonzero(changes)])
    seg_start = np.concatenate([start, change[changes]])
    seg_end = np.concatenate([np.where(changes, change, end), end[changes]])
    order = np.lexsort([seg_start, instrument])
    return instrument[order], seg_start[order], seg_end[order]


def _symbols(noise: Noise, kinds: np.ndarray, places: Ints, starts: Ints, ends: Ints) -> np.ndarray:
    """A symbol a segment; a symbol that has been free for half a year may come back as another company's."""
    symbols = np.empty(len(starts), dtype="U8")
    taken = {symbol for notable in NOTABLES for symbol in (notable.symbol, *(notable.renamed or ())[1:])}
    free: dict[str, list[tuple[int, str]]] = {}
    again = noise.uniform("recycle", places, starts)
    for at in np.lexsort([places, starts]):
        pool = free.setdefault(kinds[at], [])
        if pool and pool[0][0] <= starts[at] and again[at] < 0.15:
            symbol = heapq.heappop(pool)[1]
        else:
            symbol = fresh_symbol(noise, kinds[at], int(places[at]), int(starts[at]), taken)
            taken.add(symbol)
        symbols[at] = symbol
        heapq.heappush(pool, (int(ends[at]) + 126, symbol))
    return symbols


def choose(shares: dict[str, float], draw: Floats) -> np.ndarray:
    """The keys that uniform numbers fall on, where each key holds its share of 0 to 1."""
    return np.array(list(shares))[np.searchsorted(np.cumsum(list(shares.values())), draw)]


def log_uniform(low: float, high: float, draw: Floats) -> Floats:
    """Numbers between `low` and `high`, even in their logarithm."""
    return low * np.exp(math.log(high / low) * draw)
