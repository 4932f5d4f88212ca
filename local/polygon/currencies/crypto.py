"""Coins: pairs with the US dollar and with bitcoin, listed one after the other since 2013."""

import datetime as dt
from pathlib import Path

import msgspec
import numpy as np

from local.polygon.currencies.pairs import NOT_YET, Currency, Pairs
from local.polygon.currencies.simulated import SimulatedPairs
from local.polygon.markets.clock import Clock
from local.polygon.markets.noise import Noise
from local.polygon.markets.sessions import Sessions, every_day
from local.polygon.stocks.notable import ANCHOR_DAY


class Coin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A coin with a real name: `value` in USD on the anchor day, the first day here, log returns of scripted days."""

    code: str
    name: str
    value: float
    since: dt.date
    jumps: dict[dt.date, float] = {}


KNOWN = msgspec.yaml.decode(Path(__file__).with_name("coins.yaml").read_bytes(), type=tuple[Coin, ...])
WITH_BITCOIN = ("ETH", "SOL", "XRP", "LTC", "BCH", "LINK", "ADA", "DOT", "XLM", "ETC")

_SYLLABLES = ("ba", "do", "fi", "ga", "ko", "lu", "mi", "no", "pa", "ru", "sa", "ta", "ve", "xo", "za", "qi")
_ENDINGS = ("Coin", "Network", "Protocol", "Token", "Finance", "Chain")


def simulated_crypto(seed: int, clock: Clock, count: int = 300) -> SimulatedPairs:
    """The coins of a seed: `count` pairs that are listed on the anchor day and after, and a tenth as many that left."""
    if count < 0:
        raise ValueError(f"a simulated market of coins cannot have {count} pairs")
    noise, sessions = Noise(seed), every_day(max(clock.today.year, ANCHOR_DAY.year) + 1)
    with_bitcoin = WITH_BITCOIN[: max(count - len(KNOWN), 0)]
    invented = max(count - len(KNOWN) - len(WITH_BITCOIN), 0) + count // 10
    coins = [*_known(), *_invented(noise, invented)]
    places = {coin.code: at for at, coin in enumerate(coins)}
    known = min(count, len(KNOWN))
    base = [*range(1, known + 1), *(places[code] for code in with_bitcoin), *range(len(KNOWN) + 1, len(coins))]
    start, end = _lives(noise, sessions, coins, count // 10)
    rank = np.arange(len(base))
    pairs = Pairs(
        prefix="X:",
        market="crypto",
        currencies=tuple(coins),
        base=np.array(base, dtype=np.int64),
        quote=np.where((rank >= known) & (rank < known + len(with_bitcoin)), places["BTC"], 0),
        start=start[base],
        end=end[base],
        turnover=np.log(1.1e9) - 1.1 * np.log1p(rank) + 0.5 * noise.normal("crypto turnover", 0, rank),
        counted=False,
    )
    return SimulatedPairs("crypto", noise, clock, sessions, pairs, {})


def _known() -> list[Currency]:
    dollar = Currency("USD", "United States Dollar", 1.0, 0.0, shared=0.0)
    coins = [
        Currency(coin.code, coin.name, coin.value, 0.026 if coin.value > 1000 else 0.037, 0.7, 0.0011, coin.jumps)
        for coin in KNOWN
    ]
    return [dollar, *coins]


def _invented(noise: Noise, count: int) -> list[Currency]:
    codes = {coin.code for coin in KNOWN} | {"USD"}
    coins: list[Currency] = []
    attempt = 0
    while len(coins) < count:
        first, second, third, ending = (
            int(noise.below(f"crypto name {part}", attempt, 0, bound)) for part, bound in enumerate((16, 16, 16, 6))
        )
        attempt += 1
        word = _SYLLABLES[first] + _SYLLABLES[second] + _SYLLABLES[third][: attempt % 3]
        if word.upper() in codes:
            continue
        codes.add(word.upper())
        draw = float(noise.uniform("crypto price", attempt, 0))
        volatility = 0.035 + 0.03 * float(noise.uniform("crypto volatility", attempt, 0))
        coins.append(
            Currency(word.upper(), f"{word.title()} {_ENDINGS[ending]}", 10 ** (5 * draw - 3.5), volatility, 0.6)
        )
    return coins


def _lives(noise: Noise, sessions: Sessions, coins: list[Currency], gone: int) -> tuple[np.ndarray, np.ndarray]:
    """The first session of each coin, and the first without it; the last `gone` of them have left."""
    anchor = sessions.last_until(ANCHOR_DAY)
    at = np.arange(len(coins))
    opened = sessions.next_from(dt.date(2018, 1, 1))
    start = opened + np.floor((anchor - opened) * noise.uniform("crypto start", at, 0)).astype(np.int64)
    start[: len(KNOWN) + 1] = [0, *(sessions.next_from(coin.since) for coin in KNOWN)]
    end = np.full(len(coins), NOT_YET)
    left = at >= len(coins) - gone
    life = np.maximum((anchor - start) * noise.uniform("crypto end", at, 0), 1).astype(np.int64)
    return start, np.where(left, np.minimum(start + life, anchor), end)
