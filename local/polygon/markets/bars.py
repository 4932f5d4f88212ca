"""Bars as columns, and as the JSON rows of the API."""

from dataclasses import dataclass, replace

import numpy as np

from local.polygon.markets.noise import Floats, Ints


@dataclass(frozen=True)
class Bars:
    """Bars of any length of time; `t` in ms UTC, `n` -1, `v` and `vw` NaN where the API has none."""

    tickers: np.ndarray
    t: Ints
    o: Floats
    h: Floats
    l: Floats  # noqa: E741 - the API's own name
    c: Floats
    v: Floats
    vw: Floats
    n: Ints
    otc: np.ndarray

    def __len__(self) -> int:
        return len(self.t)

    def take(self, rows: np.ndarray | slice) -> "Bars":
        """The bars at some rows."""
        return Bars(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def exchanged(self, rows: np.ndarray, others: "Bars") -> "Bars":
        """The same bars with `others` at some rows."""
        columns = {name: getattr(self, name).copy() for name in self.__dataclass_fields__}
        for name, column in columns.items():
            column[rows] = getattr(others, name)
        return Bars(**columns)

    def adjusted(self, ratio: Floats) -> "Bars":
        """The same bars in today's shares, where `ratio` of them stand for one share of the bar's day."""
        prices = {name: np.round(getattr(self, name) / ratio, 6) for name in ("o", "h", "l", "c", "vw")}
        return replace(self, **prices, v=np.round(self.v * ratio, 6))

    def rows(self, *, ticker: bool) -> list[str]:
        """JSON objects, with the key `T` if `ticker`."""
        names = [f'"T":"{name}",' for name in self.tickers] if ticker else [""] * len(self)
        shares = ["" if text == "nan" else f'"v":{text},' for text in volumes(self.v)]
        averages = ["" if text == "nan" else f'"vw":{text},' for text in numbers(self.vw)]
        ends = [f',"n":{n}' if n >= 0 else "" for n in self.n.tolist()]
        ends = [f'{end},"otc":true}}' if otc else end + "}" for end, otc in zip(ends, self.otc.tolist(), strict=True)]
        columns = (shares, averages, *map(numbers, (self.o, self.c, self.h, self.l)), self.t.tolist(), ends)
        return [
            f'{{{name}{v}{vw}"o":{o},"c":{c},"h":{h},"l":{low},"t":{t}{end}'
            for name, v, vw, o, c, h, low, t, end in zip(names, *columns, strict=True)
        ]


def merged(bars: Bars, groups: Ints) -> Bars:
    """One bar for each run of equal `groups` (weeks, n minutes); it begins when its first bar begins."""
    if not len(bars):
        return bars
    first = np.flatnonzero(np.diff(groups, prepend=groups[0] - 1))
    last = np.append(first[1:], len(groups)) - 1
    volume = np.add.reduceat(bars.v, first)
    worth = np.add.reduceat(np.where(np.isnan(bars.vw), bars.c, bars.vw) * bars.v, first)
    return replace(
        bars.take(first),
        h=np.maximum.reduceat(bars.h, first),
        l=np.minimum.reduceat(bars.l, first),
        c=bars.c[last],
        v=np.round(volume, 6),
        vw=np.round(worth / np.maximum(volume, 1e-9), 4),
        n=np.where(np.isnan(volume), -1, np.add.reduceat(np.maximum(bars.n, 0), first)),
    )


def numbers(values: Floats) -> list[str]:
    """Whole numbers without a fraction, others as short as they can be told apart."""
    return [text[:-2] if text.endswith(".0") else text for text in map(repr, values.tolist())]


def volumes(values: Floats) -> list[str]:
    """Large volumes now and then come as 7.5e+07."""
    texts = numbers(values)
    for at in np.flatnonzero((values >= 1e7) & (np.floor(values) % 2 == 0)):
        texts[at] = np.format_float_scientific(values[at], trim="-", exp_digits=2)
    return texts


def joined(parts: list[Bars]) -> Bars:
    """Bars one after the other; no parts are no bars."""
    if not parts:
        whole, real = np.empty(0, dtype=np.int64), np.empty(0)
        return Bars(np.empty(0, dtype="U1"), whole, real, real, real, real, real, real, whole, np.empty(0, dtype=bool))
    return Bars(*(np.concatenate([getattr(part, name) for part in parts]) for name in Bars.__dataclass_fields__))
