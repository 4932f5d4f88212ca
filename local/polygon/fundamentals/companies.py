"""What tells one company's business from another's: its size, how it grows, what it earns and pays out."""

import datetime as dt
from collections.abc import Callable
from functools import cached_property

import numpy as np

from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.stocks.listings import Listings
from local.polygon.stocks.prices import Prices


def quarter_of(day: dt.date) -> int:
    """The number of the calendar quarter of a day: the year times four, and 0 to 3."""
    return day.year * 4 + (day.month - 1) // 3


def period_end(quarter: int) -> dt.date:
    """The last day of a quarter."""
    year, part = divmod(quarter + 1, 4)
    return dt.date(year, part * 3 + 1, 1) - dt.timedelta(days=1)


class Companies:
    """Traits of the companies behind instruments; `who` are instruments, `quarter` the quarters beside them."""

    def __init__(self, noise: Noise, sessions: Sessions, listed: Listings, prices: Prices) -> None:
        self._noise, self._sessions, self._listed, self._prices = noise, sessions, listed, prices
        self._kept: dict[str, Floats] = {}

    def size(self, who: Ints, quarter: Ints) -> Floats:
        """The smooth course of what a company takes in a quarter, in USD."""
        sizes: Floats = self.first_size[who] * np.exp(self.growth[who] * (quarter - self._first_quarter[who]))
        return sizes

    def shares(self, who: Ints, quarter: Ints) -> Ints:
        """Shares at the end of a quarter, as far as the instrument was listed then."""
        numbers, back = np.unique(quarter, return_inverse=True)
        ends = np.array([self._sessions.last_until(period_end(number)) for number in numbers.tolist()], dtype=np.int64)
        return self.shares_on(who, np.clip(ends[back], self._listed.i_start[who], self._listed.i_end[who] - 1))

    def shares_on(self, who: Ints, session: Ints) -> Ints:
        """Shares on a session of the instrument's life."""
        return self._prices.outstanding(who, session)

    @cached_property
    def first_size(self) -> Floats:
        """What each company takes in a quarter at the time of its listing, when it is worth some six times that."""
        everyone, places, starts = np.arange(len(self._listed.i_place)), self._listed.i_place, self._listed.i_start
        price = self._prices.as_traded(everyone, places, self._prices.path(places, starts), starts)
        worth = price * self._prices.outstanding(everyone, starts)
        sizes: Floats = np.maximum(worth, 1e7) * 0.15 * np.exp(0.6 * self.bell("size"))
        return sizes

    @cached_property
    def growth(self) -> Floats:
        """Log growth a quarter, never quite 0."""
        growth = 0.006 + 0.007 * self.bell("growth")
        return np.where(np.abs(growth) < 1e-3, 1e-3, growth)

    @cached_property
    def margin(self) -> Floats:
        """What is left of revenue in the end, on average."""
        margin: Floats = 0.07 + 0.06 * self.bell("margin")
        return margin

    @cached_property
    def payout(self) -> Floats:
        """The part of its usual income that a company pays as dividends."""
        pays = (self.margin > 0.03) & (self.trait("payer") < 0.5)
        return np.where(pays, 0.4 * self.trait("payout"), 0.0)

    @cached_property
    def _first_quarter(self) -> Ints:
        return np.array([quarter_of(day) for day in self._sessions.days], dtype=np.int64)[self._listed.i_start]

    def trait(self, name: str) -> Floats:
        """A number from 0 to 1 for every instrument."""
        return self._once(name, self._noise.uniform)

    def bell(self, name: str) -> Floats:
        """A bell-shaped number for every instrument."""
        return self._once(f"bell {name}", self._noise.normal)

    def draw(self, name: str, who: Ints, quarter: Ints) -> Floats:
        """A bell-shaped number for each company and quarter."""
        row = self._listed.i_place[who] * 16_384 + self._listed.i_start[who]
        return self._noise.normal(f"accounts {name}", row, quarter)

    def _once(self, name: str, draw: Callable[[str, Ints, Ints], Floats]) -> Floats:
        if name not in self._kept:
            self._kept[name] = draw(f"company {name}", self._listed.i_place, self._listed.i_start)
        return self._kept[name]
