"""Foreign exchange: 60 pairs of 27 currencies."""

import datetime as dt

import numpy as np

from local.polygon.clock import Clock
from local.polygon.currencies import SimulatedPairs
from local.polygon.noise import Noise
from local.polygon.notable import ANCHOR_DAY
from local.polygon.pairs import NOT_YET, Currency, Pairs
from local.polygon.sessions import forex_week

CURRENCIES = (
    Currency("USD", "United States Dollar", 1.0, 0.0, shared=0.0),
    Currency("EUR", "Euro", 1.14, 0.0046),
    Currency("GBP", "British Pound Sterling", 1.35, 0.0052),
    # The yen jumps on a scripted day; being a currency's, the jump leaves triangles closed.
    Currency("JPY", "Japanese Yen", 1 / 144.5, 0.0056, shared=0.4, jumps={dt.date(2026, 6, 17): 0.031}),
    Currency("CHF", "Swiss Franc", 1 / 0.82, 0.0051),
    Currency("AUD", "Australian Dollar", 0.645, 0.0063),
    Currency("NZD", "New Zealand Dollar", 0.598, 0.0065),
    Currency("CAD", "Canadian Dollar", 1 / 1.372, 0.0043),
    Currency("SEK", "Swedish Krona", 1 / 9.58, 0.0064),
    Currency("NOK", "Norwegian Krone", 1 / 10.15, 0.0068),
    Currency("DKK", "Danish Krone", 1 / 6.54, 0.0046),
    Currency("SGD", "Singapore Dollar", 1 / 1.288, 0.0028),
    Currency("HKD", "Hong Kong Dollar", 1 / 7.82, 0.0003),
    Currency("CNH", "Chinese Yuan Renminbi Offshore", 1 / 7.19, 0.0022),
    Currency("INR", "Indian Rupee", 1 / 85.6, 0.0028),
    Currency("KRW", "South Korean Won", 1 / 1376.0, 0.0050),
    Currency("THB", "Thai Baht", 1 / 32.7, 0.0036),
    Currency("IDR", "Indonesian Rupiah", 1 / 16290.0, 0.0034),
    Currency("MXN", "Mexican Peso", 1 / 19.2, 0.0072),
    Currency("BRL", "Brazilian Real", 1 / 5.68, 0.0085),
    Currency("ZAR", "South African Rand", 1 / 17.8, 0.0090),
    Currency("TRY", "Turkish Lira", 1 / 39.2, 0.0075, drift=-0.0004),
    Currency("PLN", "Polish Zloty", 1 / 3.74, 0.0064),
    Currency("CZK", "Czech Koruna", 1 / 21.9, 0.0058),
    Currency("HUF", "Hungarian Forint", 1 / 354.0, 0.0072),
    Currency("ILS", "Israeli New Shekel", 1 / 3.52, 0.0055),
    Currency("AED", "United Arab Emirates Dirham", 1 / 3.6725, 0.00005),
)

PAIRS = (
    "EURUSD", "USDJPY", "GBPUSD", "AUDUSD", "USDCAD", "USDCHF", "NZDUSD", "EURGBP", "EURJPY", "EURCHF",
    "GBPJPY", "AUDJPY", "AUDNZD", "EURAUD", "EURCAD", "EURNZD", "GBPCHF", "GBPAUD", "GBPCAD", "GBPNZD",
    "AUDCAD", "AUDCHF", "NZDJPY", "NZDCAD", "NZDCHF", "CADJPY", "CADCHF", "CHFJPY", "USDSEK", "USDNOK",
    "USDDKK", "USDSGD", "USDHKD", "USDCNH", "USDINR", "USDKRW", "USDTHB", "USDIDR", "USDMXN", "USDBRL",
    "USDZAR", "USDTRY", "USDPLN", "USDCZK", "USDHUF", "USDILS", "USDAED", "EURSEK", "EURNOK", "EURDKK",
    "EURPLN", "EURCZK", "EURHUF", "EURTRY", "EURZAR", "EURSGD", "SGDJPY", "NOKSEK", "ZARJPY", "GBPSGD",
)  # fmt: skip
"""The most traded first."""

BROKEN = {
    ("C:EURGBP", dt.date(2026, 6, 11)): 0.009,
    ("C:AUDNZD", dt.date(2026, 6, 24)): -0.012,
}
"""Days of the whole market that end with a triangle left open, as log errors of the cross rate's close."""


def simulated_forex(seed: int, clock: Clock, count: int = len(PAIRS)) -> SimulatedPairs:
    """The foreign exchange market of a seed: its `count` most traded pairs, quotes counted as volume."""
    if not 0 <= count <= len(PAIRS):
        raise ValueError(f"a simulated foreign exchange market has at most {len(PAIRS)} pairs, not {count}")
    places = {currency.code: at for at, currency in enumerate(CURRENCIES)}
    names = PAIRS[:count]
    pairs = Pairs(
        prefix="C:",
        market="fx",
        currencies=CURRENCIES,
        base=np.array([places[name[:3]] for name in names], dtype=np.int64),
        quote=np.array([places[name[3:]] for name in names], dtype=np.int64),
        start=np.zeros(count, dtype=np.int64),
        end=np.full(count, NOT_YET),
        turnover=np.log(190_000.0) - 0.055 * np.arange(count),
        counted=True,
    )
    sessions = forex_week(max(clock.today.year, ANCHOR_DAY.year) + 1)
    return SimulatedPairs("forex", Noise(seed), clock, sessions, pairs, BROKEN)
