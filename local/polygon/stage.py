"""The securities with a script, put into their places among all others."""

from collections.abc import Iterator

import numpy as np

from local.polygon.listings import STEP, Listings
from local.polygon.noise import Noise
from local.polygon.notable import NOTABLES
from local.polygon.script import ALWAYS, PLACES, Security
from local.polygon.sessions import Sessions
from local.polygon.symbols import fresh_symbol

FIRST_PLACE = len(NOTABLES)
LAST_PLACE = FIRST_PLACE + len(PLACES)
FULL = 100
"""How many stocks a market has at least in which the script is played."""


def staged(listed: Listings, noise: Noise, sessions: Sessions) -> Listings:
    """The same listings with the script's securities instead of what held their places."""
    cast = [(place, *life) for place in range(FIRST_PLACE, LAST_PLACE) for life in _lives(place, sessions)]
    stay = np.flatnonzero((listed.i_place < FIRST_PLACE) | (listed.i_place >= LAST_PLACE))
    before, after = stay[listed.i_place[stay] < FIRST_PLACE], stay[listed.i_place[stay] >= LAST_PLACE]
    moved = np.full(len(listed.i_place), -1)
    moved[before], moved[after] = np.arange(len(before)), np.arange(len(after)) + len(before) + len(cast)
    taken = set(listed.symbols.tolist())
    segments, scripted = [], {}
    for at, (place, start, end, security) in enumerate(cast, len(before)):
        if security is None:
            symbol = fresh_symbol(noise, "CS", place, start, taken)
            taken.add(symbol)
            segments.append((at, start, end, symbol))
            continue
        scripted[at] = security
        first = [max(_session(sessions, day), start) for day in security.tickers]
        last = [*first[1:], end]
        segments += [(at, *spell) for spell in zip(first, last, security.tickers.values(), strict=True)]
    own, starts, ends, symbols = (np.array(column) for column in zip(*segments, strict=True))
    s_stay = np.flatnonzero(moved[listed.s_instrument] >= 0)
    instrument = np.concatenate([moved[listed.s_instrument[s_stay]], own])
    s_start = np.concatenate([listed.s_start[s_stay], starts])
    order = np.lexsort([s_start, instrument])
    places, i_start, i_end = (np.array(column) for column in zip(*(life[:3] for life in cast), strict=True))
    kinds = listed.kinds.copy()
    kinds[FIRST_PLACE:LAST_PLACE] = "CS"

    def in_order(old: np.ndarray, new: np.ndarray) -> np.ndarray:
        return np.concatenate([old[before], new, old[after]])

    return Listings(
        i_place=in_order(listed.i_place, places),
        i_start=in_order(listed.i_start, i_start),
        i_end=in_order(listed.i_end, i_end),
        s_instrument=instrument[order],
        s_start=s_start[order],
        s_end=np.concatenate([listed.s_end[s_stay], ends])[order],
        symbols=np.concatenate([listed.symbols[s_stay], symbols])[order],
        kinds=kinds,
        otc=listed.otc,
        scripted=scripted,
    )


def _lives(place: int, sessions: Sessions) -> Iterator[tuple[int, int, Security | None]]:
    """Start, end and security of what holds a place one after the other, None for companies without a script."""
    free = 0
    for security in PLACES[place - FIRST_PLACE]:
        start = _session(sessions, next(iter(security.tickers)))
        if start > free:
            yield free, start, None
        free = _session(sessions, security.until) if security.until else STEP - 1
        yield start, free, security
    if free < STEP - 1:
        yield free, STEP - 1, None


def _session(sessions: Sessions, day: object) -> int:
    return 0 if day == ALWAYS else sessions.next_from(day)
