"""Trades that make minute bars: by the rules of their conditions, each bar comes out of them as it is."""

import zlib
from dataclasses import dataclass

import numpy as np

from local.polygon.markets.bars import Bars
from local.polygon.markets.noise import Floats, Ints, Noise

MINUTE = 60 * 10**9
CONDITIONS: tuple[tuple[int, ...], ...] = ((), (14, 41), (22,), (2,), (37,), (16,), (15,), (12,), (12, 37))
"""What a trade may have; the place of each is its number in `Trades.conditions`."""
_NONE, _SWEEP, _PRIOR, _AVERAGE, _ODD, _OPEN, _CLOSE, _LATE, _LATE_ODD = range(len(CONDITIONS))
_BUSY = 12  # trades of a minute from which on some of them count in a part of the bar only
_EXCHANGES = np.array([4, 10, 11, 12, 7])  # the first is FINRA's, whose trades come through a TRF


@dataclass(frozen=True)
class Trades:
    """Trades of a ticker on a day in the order in which they were reported; times in ns UTC, `trf` 0 where none did."""

    sip: Ints
    participant: Ints
    price: Floats
    size: Floats
    exchange: Ints
    trf: Ints
    number: Ints  # of the trade's identifier
    sequence: Ints
    conditions: Ints
    correction: Ints
    tape: int

    def __len__(self) -> int:
        return len(self.sip)


def least_trades(o: Floats, h: Floats, low: Floats, c: Floats) -> Ints:
    """How many trades it takes at least to make bars of these prices."""
    several = 2 + ((h != o) & (h != c)).astype(np.int64) + ((low != o) & (low != c))
    return np.where(h == low, 1, several)


def trades_of(minutes: Bars, noise: Noise, ticker: str, opens: int, closes: int) -> Trades:
    """The trades of a day's minute bars; a session is from `opens` to `closes`, in ms UTC, and the auction's minute."""
    draw = Draw(noise, zlib.crc32(ticker.encode()))
    regular = np.flatnonzero((minutes.t >= opens) & (minutes.t <= closes))
    ends = {int(regular[0]): _OPEN, int(regular[-1]): _CLOSE} if len(regular) else {}
    parts = [_of_minute(minutes, row, draw, ends.get(row), opens, closes) for row in range(len(minutes))]
    if not parts:
        parts = [tuple(np.empty(0, dtype=kind) for kind in (np.int64, float, float, np.int64, np.int64, np.int64))]
    sip, price, size, conditions, correction, number = (np.concatenate(column) for column in zip(*parts, strict=True))
    count = np.arange(len(sip))
    exchange = _EXCHANGES[draw.below("exchange", number, len(_EXCHANGES))]
    return Trades(
        sip=sip,
        participant=sip - 20_000 - draw.below("latency", count, 400_000),
        price=price,
        size=size,
        exchange=exchange,
        trf=np.where(exchange == 4, 201 + draw.below("trf", number, 2), 0),
        number=number,
        sequence=1000 + 3 * count + draw.below("hole", count, 3),
        conditions=conditions,
        correction=correction,
        tape=1 + draw.key % 3,
    )


@dataclass(frozen=True)
class Draw:
    """Noise of one ticker."""

    noise: Noise
    key: int

    def uniform(self, stream: str, at: Ints) -> Floats:
        """Numbers in (0, 1)."""
        return self.noise.uniform(f"tick {stream}", self.key, at)

    def below(self, stream: str, at: Ints, bound: int) -> Ints:
        """Whole numbers from 0 on."""
        return self.noise.below(f"tick {stream}", self.key, at, bound)


def _of_minute(
    bars: Bars, row: int, draw: Draw, end: int | None, opens: int, closes: int
) -> tuple[Ints, Floats, Floats, Ints, Ints, Ints]:
    """Time, price, size, conditions, correction and number of a bar's trades, and of records that are none."""
    o, h, low, c, v = (float(values[row]) for values in (bars.o, bars.h, bars.l, bars.c, bars.v))
    start = int(bars.t[row])
    n = max(int(bars.n[row]), int(least_trades(bars.o, bars.h, bars.l, bars.c)[row]))
    at = start // 60_000 * 100_000 + np.arange(n)
    digits = 2 if low >= 1 else 4
    price = np.clip(np.round(low + (h - low) * draw.uniform("price", at), digits), low, h)
    conditions = np.where(draw.uniform("sweep", at) < 0.3, _SWEEP, _NONE)
    is_busy = n >= _BUSY
    if is_busy:  # open and close are moved by neither the first nor the last
        price[[0, 2, n - 1]] = price[0], round(h * 1.05, digits), h + 10**-digits
        conditions[[0, 2, n - 1]] = _PRIOR, _AVERAGE, _ODD
    first, last = (1, n - 2) if is_busy else (0, n - 1)
    price[first], price[last] = o, c
    inner = iter(range(first + 2 if is_busy else first + 1, last))
    for extreme in (h, low):
        if extreme not in (o, c):
            price[next(inner)] = extreme
    if not opens <= start <= closes:
        conditions = np.where(conditions == _ODD, _LATE_ODD, _LATE)
    size = _sizes(price, v, float(bars.vw[row]), h, low, np.exp(2 * draw.uniform("size", at)))
    time = start * 10**6 + ((np.arange(n) + draw.uniform("time", at)) / n * MINUTE).astype(np.int64)
    corrected = np.where((np.arange(n) == 3) & is_busy, 12, 0)
    whole = (time, price, size, conditions, corrected, at)
    return _with_records(whole, end, is_busy=is_busy)


def _sizes(price: Floats, v: float, vw: float, h: float, low: float, weight: Floats) -> Floats:
    """Sizes that come to a volume and to an average price, as near as a millionth of a share allows."""
    weight = weight / weight.sum()
    mean = float((weight * price).sum())
    full = (price == h) if vw > mean else (price == low)
    to = int(np.argmax(full))
    if not np.isnan(vw) and price[to] != mean:
        part = min(max((vw - mean) / (price[to] - mean), 0.0), 1.0)
        weight = weight * (1 - part)
        weight[to] += part
    size = np.round(v * weight, 6)
    size[to] = np.round(size[to] + v - size.sum(), 6)
    return size


def _with_records(
    whole: tuple[Ints, Floats, Floats, Ints, Ints, Ints], end: int | None, *, is_busy: bool
) -> tuple[Ints, Floats, Floats, Ints, Ints, Ints]:
    """The same with what counts in no bar: a corrected and a cancelled trade, the official open or close."""
    columns = [list(column) for column in whole]
    time, price, size, *_, number = columns

    def record(place: int, at: float, shares: float, condition: int, told: int, name: int) -> None:
        for column, value in zip(columns, (time[place], at, shares, condition, told, name), strict=True):
            column.insert(place, value)

    if is_busy:
        spare = int(number[0]) + 99_000
        record(5, price[4] * 2, 500, _NONE, 10, spare)
        record(5, price[4] * 2, 500, _NONE, 8, spare)
        record(3, price[3] * 10, size[3], _NONE, 1, int(number[3]))
    if end == _OPEN:
        record(0, price[0] * 0.9, 1000, _OPEN, 0, int(number[0]) + 98_000)
    if end == _CLOSE:
        record(len(time) - 1, price[0] * 1.1, 1000, _CLOSE, 0, int(number[0]) + 98_001)
    kinds = (np.int64, float, float, np.int64, np.int64, np.int64)
    return tuple(np.array(column, dtype=kind) for column, kind in zip(columns, kinds, strict=True))  # type: ignore[return-value]
