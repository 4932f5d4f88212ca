"""Which contracts are listed: strikes around the prices that an underlying has had since an expiry was listed."""

from dataclasses import dataclass, replace

import numpy as np

from local.polygon.markets.noise import Floats, Ints
from local.polygon.markets.sessions import Sessions
from local.polygon.options.contracts import STANDARD, Contract, Contracts, in_order, joined_contracts, root
from local.polygon.options.expiries import QUARTERLY, REACH, expiries
from local.polygon.stocks.listings import Listings
from local.polygon.stocks.notable import NOTABLES
from local.polygon.stocks.prices import Prices

ANCHOR = 5
"""Strikes are added where the price has moved to on the sessions whose number this divides."""

BLOCK = 128
"""Sessions whose prices are found together."""


@dataclass(frozen=True)
class Consolidation:
    """An underlying's reverse split that its contracts live through, each for fewer `shares`, under another root."""

    number: int  # of the underlying
    symbol: str
    session: int
    until: int  # the last expiry, as `date.toordinal`
    shares: int


_STEPS = np.array([0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0])
_UP_TO = np.array([12.0, 70.0, 180.0, 380.0, 900.0, 1500.0, 3000.0])  # the price up to which strikes are so dense
_LEAST, _MOST = 2, 110  # strikes on each side of the price at listing


class Chains:
    """The chains on some places of the market; a split, or another company in a place, begins them anew."""

    def __init__(self, sessions: Sessions, listed: Listings, prices: Prices, places: Ints) -> None:
        self.places, self.expiries = places, expiries(sessions)
        self._listed, self._prices, self._end = listed, prices, len(sessions.days)
        self._before, self._filled = np.empty((len(places), self._end)), set[int]()
        own = listed.i_place[listed.s_instrument]
        self._segments = [np.flatnonzero(own == at).tolist() for at in places.tolist()]
        place, split_at, _, _ = prices.splits()
        self._starts = [
            np.union1d(listed.i_start[listed.i_place == at], split_at[place == at]).tolist() for at in places.tolist()
        ]
        self.consolidations = [
            Consolidation(
                number, one.symbol, sessions.next_from(day), one.adjusted_until.toordinal(), STANDARD * after // before
            )
            for number, at in enumerate(places.tolist())
            if at < len(NOTABLES) and (one := NOTABLES[at]).adjusted_until
            for day, (before, after) in one.splits.items()
        ]

    def segments(self, session: int) -> Ints:
        """The market's segment of each underlying on a session."""
        sessions = np.full(len(self.places), session)
        return self._listed.segments_of_instruments(self._listed.instruments_at(self.places, sessions), sessions)

    def live(self, session: int, symbol: str | None = None, expiry: int | None = None) -> Contracts:
        """What is listed on a session: on all underlyings or one, of all expiries or one (as `date.toordinal`)."""
        symbols = self._listed.symbols[self.segments(session)]
        chosen = np.argsort([root(name) for name in symbols.tolist()], kind="stable")
        chosen = chosen if symbol is None else chosen[symbols[chosen] == symbol]
        since = np.array([self._since(number, session) for number in chosen.tolist()], dtype=np.int64)
        window = self.expiries.live(session)
        start = np.maximum(self.expiries.listed[window][None, :], since[:, None])
        alive = start <= session
        if expiry is not None:
            alive &= self.expiries.day[window] == expiry
        who, which = np.nonzero(alive)
        begin, low, high = self._extremes(chosen, who, start[who, which], session)
        step, least, most = _ladders(begin, low, high, self.expiries.kind[window][which])
        columns = symbols[chosen][who], self.places[chosen][who], self.expiries.day[window][which]
        standard = _rungs(columns, step, least, most)
        adjusted = [
            self._adjusted(each, session, expiry) for each in self.consolidations if symbol in (None, each.symbol)
        ]
        return in_order(joined_contracts([standard, *adjusted])) if any(map(len, adjusted)) else standard

    def _adjusted(self, by: Consolidation, session: int, expiry: int | None) -> Contracts:
        """What is left on a session of the contracts that lived through a consolidation."""
        ends = self.expiries.day[self.expiries.live(session)]
        if session < by.session or not len(ends) or ends[0] > by.until:
            return joined_contracts([])
        before = self.live(by.session - 1, by.symbol)
        left = (before.expiry >= ends[0]) & (before.expiry <= by.until)
        before = before.take(left if expiry is None else left & (before.expiry == expiry))
        return replace(before, shares=np.full(len(before), by.shares))

    def parts(self, contracts: Contracts, sessions: Ints) -> Floats:
        """How much of a share each hundredth of a contract is on the session beside it."""
        part = contracts.shares / STANDARD
        for by in self.consolidations:
            part[(contracts.place == self.places[by.number]) & (sessions < by.session)] = 1.0
        return part

    def shares(self, contract: Contract) -> int:
        """How many shares a contract is for, by its root."""
        return next((by.shares for by in self.consolidations if root(by.symbol, by.shares) == contract.root), STANDARD)

    def lives(self, contract: Contract) -> list[tuple[int, int, int]]:
        """Segment, first and last session of each time that a contract was listed, the earliest first."""
        day = contract.expiry.toordinal()
        at = int(np.searchsorted(self.expiries.day, day))
        if at == len(self.expiries.day) or self.expiries.day[at] != day:
            return []
        for by in self.consolidations:
            if root(by.symbol, by.shares) == contract.root:
                before = self.lives(replace(contract, root=root(by.symbol)))
                last = int(self.expiries.last[at])
                through = [segment for segment, _, until in before if until == by.session - 1 and day <= by.until]
                return [(segment, by.session, last) for segment in through if by.session <= last]
        found = []
        for number, own in enumerate(self._segments):
            named = [segment for segment in own if root(str(self._listed.symbols[segment])) == contract.root]
            for first, stop in self._times(number, at, contract) if named else []:
                for segment in named:
                    since = max(first, int(self._listed.s_start[segment]))
                    until = min(stop, int(self._listed.s_end[segment])) - 1
                    found += [(segment, since, until)] if since <= until else []
        return sorted(found, key=lambda life: life[1])

    def ages(self, contracts: Contracts, session: int) -> Ints:
        """Sessions for which each contract's expiry has been listed in its underlying's present chain."""
        since = np.array([self._since(number, session) for number in range(len(self.places))], dtype=np.int64)
        order = np.argsort(self.places)
        number = order[np.searchsorted(self.places[order], contracts.place)]
        listed = self.expiries.listed[np.searchsorted(self.expiries.day, contracts.expiry)]
        return session - np.maximum(listed, since[number])

    def _extremes(self, numbers: Ints, who: Ints, start: Ints, session: int) -> tuple[Floats, Floats, Floats]:
        """The price at each listing, and the lowest and highest of the anchors since."""
        begin = self._price_before(numbers[who], start)
        anchors = np.arange(-(-min(start.tolist(), default=session) // ANCHOR) * ANCHOR, session + 1, ANCHOR)
        # One more column stands for listings after the last anchor: it holds no price.
        low, high = np.full((len(numbers), len(anchors) + 1), np.inf), np.zeros((len(numbers), len(anchors) + 1))
        low[:, :-1] = high[:, :-1] = self._price_before(numbers[:, None], anchors[None, :])
        low = np.minimum.accumulate(low[:, ::-1], axis=1)[:, ::-1]
        high = np.maximum.accumulate(high[:, ::-1], axis=1)[:, ::-1]
        after = np.searchsorted(anchors, start, side="right")
        return begin, np.minimum(begin, low[who, after]), np.maximum(begin, high[who, after])

    def _times(self, number: int, at: int, contract: Contract) -> list[tuple[int, int]]:
        """First session and the one after the last, of each chain of an underlying that held a strike and expiry."""
        kind, found = self.expiries.kind[at : at + 1], []
        starts = self._starts[number]
        for begins, ends in zip(starts, [*starts[1:], self._end], strict=True):
            start, stop = (
                max(begins, int(self.expiries.listed[at])),
                min(ends, int(self.expiries.last[at]) + 1, self._end),
            )
            if start >= stop:
                continue
            anchors = np.array([start, *range((start // ANCHOR + 1) * ANCHOR, stop, ANCHOR)])
            prices = self._price_before(np.array(number), anchors)
            low, high = np.minimum.accumulate(prices), np.maximum.accumulate(prices)
            step, least, most = _ladders(prices[:1], low, high, kind)
            rung = contract.strike / step[0]
            held = (least <= rung) & (rung <= most) & float(rung).is_integer()
            found += [(int(anchors[np.argmax(held)]), stop)] if held.any() else []
        return found

    def _since(self, number: int, session: int) -> int:
        """The session on which the present chain of an underlying began."""
        starts: list[int] = self._starts[number]
        return max(start for start in starts if start <= session)

    def _price_before(self, numbers: Ints, sessions: Ints) -> Floats:
        """The close of the session before each, in the shares of each."""
        for block in set((sessions // BLOCK).ravel().tolist()) - self._filled:
            self._fill(block)
        found: Floats = self._before[numbers, sessions]
        return found

    def _fill(self, block: int) -> None:
        """Makes `_before` for some sessions and all underlyings."""
        sessions = np.arange(block * BLOCK, min((block + 1) * BLOCK, self._end))
        places, at = np.broadcast_arrays(self.places[:, None], sessions[None, :])
        paths = self._prices.path(places, np.maximum(at - 1, 0))
        instruments = self._listed.instruments_at(places, at)
        self._before[:, sessions] = self._prices.as_traded(instruments, places, paths, at)
        self._filled.add(block)  # last, so that no other thread reads what is not there


def _ladders(begin: Floats, low: Floats, high: Floats, kind: Ints) -> tuple[Floats, Ints, Ints]:
    """The step between strikes, and the lowest and the highest one in steps."""
    step = _STEPS[np.searchsorted(_UP_TO, begin) + (kind == QUARTERLY)]
    middle, reach = np.rint(begin / step).astype(np.int64), np.exp(REACH[kind])
    least = np.clip(np.ceil(low / reach / step).astype(np.int64), middle - _MOST, middle - _LEAST)
    most = np.clip(np.floor(high * reach / step).astype(np.int64), middle + _LEAST, middle + _MOST)
    return step, np.maximum(least, 1), most


def _rungs(columns: tuple[np.ndarray, Ints, Ints], step: Floats, least: Ints, most: Ints) -> Contracts:
    """The calls and then the puts of every ladder."""
    counts = np.repeat(most - least + 1, 2)
    half = np.repeat(np.arange(len(counts)), counts)
    ladder = half // 2
    rung = np.arange(len(half)) - np.repeat(np.cumsum(counts) - counts, counts) + least[ladder]
    symbol, place, expiry = columns
    shares = np.full(len(half), STANDARD)
    return Contracts(symbol[ladder], place[ladder], expiry[ladder], half % 2 == 1, rung * step[ladder], shares)
