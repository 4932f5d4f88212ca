"""What a cluster says of a simulated day: the bars of its REST side, some of them first without their late trades."""

import datetime as dt
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.market import BarMarket

Event = dict[str, Any]
AGAIN, TOO_LATE = 0.03, 0.005
"""Parts of the bars that are sent again when their late trades are in, and of those that only REST has right."""
LATEST = 15
"""Minutes for which a bar is sent again."""
_MINUTE = 60_000


@dataclass(frozen=True)
class Cluster:
    """The word for a minute's bar, the key of its name, and how a ticker of REST is named."""

    channel: str
    key: str
    name: Callable[[str], str]
    said: tuple[str, ...]  # beside prices, beginning and end


CLUSTERS = {
    "stocks": Cluster("AM", "sym", str, ("v", "av", "op", "vw", "a", "z")),
    "indices": Cluster("AM", "sym", str, ("op",)),
    "forex": Cluster("CA", "pair", lambda ticker: f"{ticker[2:5]}/{ticker[5:]}", ("v",)),
    "crypto": Cluster("XA", "pair", lambda ticker: f"{ticker[2:-3]}-{ticker[-3:]}", ("v", "vw", "z")),
}


@dataclass(frozen=True)
class Minute:
    """A bar in its day: `op` is the day's first price, `before` and `worth` the shares and money traded ahead of it."""

    s: int
    o: float
    h: float
    l: float  # noqa: E741 - the API's own name
    c: float
    v: float
    vw: float
    n: int
    op: float
    before: float
    worth: float

    def early(self, part: float, corrected: bool, reached: bool) -> "Minute":
        """Less `part` of its volume; where it is `corrected` its close moves later, and its high and low may."""
        c = round(self.c + 0.5 * (self.o - self.c), 2 if self.c >= 1 else 6) if corrected else self.c
        h, low = (self.h, self.l) if reached else (max(self.o, c), min(self.o, c))
        kept = self.v * (1 - part)
        v = max(float(int(kept)), 1.0) if self.v == int(self.v) else round(kept, 6)
        return replace(self, h=h, l=low, c=c, v=v, vw=min(max(self.vw, low), h), n=max(int(self.n * (1 - part)), 1))

    def event(self, cluster: Cluster, name: str) -> Event:
        """The bar as the cluster says it."""
        total = self.before + self.v
        known = {
            "v": self.v,
            "av": round(total, 6),
            "op": self.op,
            "vw": self.vw,
            "a": round((self.worth + self.v * self.vw) / total, 4) if total > 0 else self.vw,
            "z": max(round(self.v / self.n), 1) if self.n > 0 and self.v > 0 else 0,
        }
        said = {word: _plain(known[word]) for word in cluster.said if not isnan(known[word])}
        prices = {name: _plain(getattr(self, name)) for name in "ochl"}
        return {"ev": cluster.channel, cluster.key: name, **said, **prices, "s": self.s, "e": self.s + _MINUTE}


class SimulatedDay:
    """Everything that is sent on a day, by the minute (its beginning, ms UTC) behind which it is sent."""

    def __init__(self, cluster: Cluster, market: BarMarket, day: dt.date, tickers: Iterable[str], seed: int) -> None:
        session = market.sessions.index(day)
        if session is None:
            raise ValueError(f"{market.name} do not trade on {day}")
        self.opens = int(market.sessions.opens[session])
        self._sent: defaultdict[int, list[Event]] = defaultdict(list)
        self.wrong: set[tuple[str, int]] = set()  # name and beginning of the bars that are never sent as REST has them
        for ticker in tickers:
            draw = np.random.default_rng([seed, zlib.crc32(ticker.encode())])
            self._add(cluster, cluster.name(ticker), market.minutes(ticker, session, session, adjusted=False), draw)

    def minutes(self) -> Iterator[tuple[int, list[Event]]]:
        """Minutes in order, with what is sent behind each of them."""
        yield from sorted(self._sent.items())

    def _add(self, cluster: Cluster, name: str, bars: Bars, draw: np.random.Generator) -> None:
        for minute, (late, part, close, reach, wait) in zip(
            _in_their_day(bars), draw.random((len(bars), 5)), strict=True
        ):
            if late >= AGAIN + TOO_LATE or minute.n < 2 or not minute.v > 1:
                self._sent[minute.s].append(minute.event(cluster, name))
                continue
            early = minute.early(0.05 + 0.3 * part, close < 0.5, reach < 0.5)
            self._sent[minute.s].append(early.event(cluster, name))
            if late < AGAIN:
                self._sent[minute.s + (1 + int(wait * LATEST)) * _MINUTE].append(minute.event(cluster, name))
            else:
                self.wrong.add((name, minute.s))


def _in_their_day(bars: Bars) -> Iterator[Minute]:
    before = worth = 0.0
    columns = (getattr(bars, name).tolist() for name in ("t", "o", "h", "l", "c", "v", "vw", "n"))
    for t, o, h, low, c, v, vw, n in zip(*columns, strict=True):
        yield Minute(t, o, h, low, c, v, vw, n, float(bars.o[0]), before, worth)
        if not isnan(v):
            before, worth = before + v, worth + v * (c if isnan(vw) else vw)


def _plain(value: float) -> float | int:
    """Whole numbers without a fraction, as the source writes them."""
    return int(value) if value == int(value) else value
