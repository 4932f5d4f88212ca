"""How many shares companies have."""

import numpy as np

from local.polygon.listings import Listings
from local.polygon.noise import Ints, Noise
from local.polygon.prices import Prices


def outstanding(noise: Noise, listed: Listings, prices: Prices, instruments: Ints, sessions: Ints) -> Ints:
    """The shares of each instrument on a session of its life: drawn at its listing, then moved by splits alone."""
    places, starts = listed.i_place[instruments], listed.i_start[instruments]
    first = np.round(10 ** (6.5 + 3 * noise.uniform("shares", places, starts)))
    return np.round(first * (prices.factor(places, sessions) / prices.factor(places, starts))).astype(np.int64)
