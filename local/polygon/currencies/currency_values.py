"""What currencies are worth: one value each, so that cross rates agree."""

import numpy as np

from local.polygon.currencies.pairs import Currency
from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.walk import Walks
from local.polygon.stocks.notable import ANCHOR_DAY

MIDWAY = 0.2
"""How much of a day's movement the first of its two stretches sees, about its share of the day."""
SHORT = 720
"""Minutes of a session up to which prices only waver about the close before it, as on a Sunday evening."""
WAVER = 0.15
"""How far, beside the movement of a whole day."""


class CurrencyValues:
    """Log values in USD at the edges of stretches: edge `k` is where stretch `k` begins and the one before it ends."""

    def __init__(
        self, noise: Noise, stream: str, sessions: Sessions, currencies: tuple[Currency, ...], a_session: int
    ) -> None:
        self._noise, self._stream, self._a_session = noise, stream, a_session
        self._full = np.append(sessions.minutes > SHORT, True)
        self._steps = np.cumsum(self._full) - self._full  # of the walks, at the beginning of each session
        self._own = Walks(noise, f"{stream} own", len(currencies))
        self._common = Walks(noise, f"{stream} common", 1)
        self._volatility = np.array([currency.volatility for currency in currencies])
        self._shared = np.array([currency.shared for currency in currencies])
        self._drift = np.array([currency.drift for currency in currencies])
        self._jumps = [
            (at, a_session * (sessions.next_from(day) + 1), size)
            for at, currency in enumerate(currencies)
            for day, size in currency.jumps.items()
        ]
        every = np.arange(len(currencies))
        self._anchor = a_session * (sessions.last_until(ANCHOR_DAY) + 1)
        self._level = np.zeros(len(currencies))
        self._level = np.log([currency.value for currency in currencies]) - self.at(every, self._anchor)

    def at(self, currencies: Ints, edges: Ints | int) -> Floats:
        """The log values of currencies at edges."""
        shared, edges = self._shared[currencies], np.broadcast_to(edges, np.shape(currencies))
        own = self._at(self._own, "own", currencies, edges)
        common = self._at(self._common, "common", np.zeros_like(currencies), edges)
        moved = self._volatility[currencies] * (shared * common + np.sqrt(1 - shared**2) * own)
        steps = self._steps[edges // self._a_session] - self._steps[self._anchor // self._a_session]
        logs: Floats = self._level[currencies] + moved + self._drift[currencies] * steps
        for at, edge, size in self._jumps:
            logs = logs + np.where((currencies == at) & (edges >= edge), size, 0.0)
        return logs

    def _at(self, walks: Walks, name: str, which: Ints, edges: Ints) -> Floats:
        """Walks at edges: at the ends of days as they are, within a day on a bridge, wavering about a short session."""
        sessions, part = np.divmod(edges, self._a_session)
        step = self._steps[sessions]
        ends = walks.at(which, step)
        if self._a_session == 1:
            return ends
        within = (part > 0) & self._full[sessions]
        short = np.where(part > 0, ~self._full[sessions], ~self._full[sessions - 1])
        on_the_way = np.where(within, MIDWAY * (walks.at(which, step + 1) - ends), 0.0)
        width = np.select([within, short], [np.sqrt(MIDWAY * (1 - MIDWAY)), WAVER], 0.0)
        between: Floats = width * self._noise.normal(f"{self._stream} {name} between", edges, which)
        return ends + on_the_way + between
