"""Splits and dividends of the simulated market, as tables."""

import datetime as dt
import hashlib

import numpy as np

from local.polygon.listings import Listings
from local.polygon.noise import Floats, Ints, Noise
from local.polygon.prices import Prices
from local.polygon.sessions import Sessions
from local.polygon.tables import Row, Table, date_keys

ANNOUNCED = 10
"""Sessions before its execution date at which a split becomes known."""
DECLARED = 16
"""Sessions before its ex-date at which a dividend is declared."""

_PAYERS = ("CS", "ETF", "ADRC", "PFD", "FUND", "OS")


def split_table(sessions: Sessions, listed: Listings, prices: Prices, today: dt.date) -> Table:
    """Every split that is known on `today`, by execution date."""
    place, session, before, after = prices.splits()
    known = session <= sessions.last_until(today) + ANNOUNCED
    place, session, before, after = place[known], session[known], before[known], after[known]
    instrument = listed.instruments_at(place, session)
    tickers = listed.symbols[listed.segments_of_instruments(instrument, session)]
    # What a price from before the split is multiplied by; a split still to come adjusts nothing.
    adjustment = prices.factor(place, session - 1) / prices.last_factor(instrument, place, today)
    days = [sessions.days[at].isoformat() for at in session]
    kinds = np.select([after < before, after * 20 == before * 21], ["reverse_split", "stock_dividend"], "forward_split")

    def write(rows: np.ndarray) -> list[Row]:
        return [
            {
                "adjustment_type": str(kinds[row]),
                "execution_date": days[row],
                "historical_adjustment_factor": round(float(adjustment[row]), 10),
                "id": action_id("split", str(tickers[row]), days[row]),
                "split_from": int(before[row]),
                "split_to": int(after[row]),
                "ticker": str(tickers[row]),
            }
            for row in rows.tolist()
        ]

    columns = {"ticker": tickers, "execution_date": date_keys(days), "adjustment_type": kinds}
    return Table(columns | {"reverse_split": (after < before).astype(np.int64)}, write)


def dividend_table(noise: Noise, sessions: Sessions, listed: Listings, prices: Prices, today: dt.date) -> Table:
    """Every dividend that is declared by `today`, by ex-date: some two in five instruments pay each quarter."""
    instrument, session, frequency = _payments(noise, sessions, listed, sessions.last_until(today) + DECLARED)
    cash = _cash_amounts(noise, sessions, listed, prices, instrument, session, frequency)
    place = listed.i_place[instrument]
    in_todays_shares = prices.factor(place, session) / prices.last_factor(instrument, place, today)
    tickers = listed.symbols[listed.segments_of_instruments(instrument, session)]
    texts = [day.isoformat() for day in sessions.days]
    keys = date_keys(texts).astype(np.int32)
    last = len(texts) - 1
    # Half a million rows stay in memory: kept as small as they go.
    session, frequency = session.astype(np.int32), frequency.astype(np.int32)
    declared, paid = np.maximum(session - DECLARED, 0), np.minimum(session + 10, last)

    def write(rows: np.ndarray) -> list[Row]:
        return [
            {
                "cash_amount": float(cash[row]),
                "currency": "USD",
                "declaration_date": texts[declared[row]],
                "distribution_type": "recurring",
                "ex_dividend_date": texts[session[row]],
                "frequency": int(frequency[row]),
                "id": action_id("dividend", str(tickers[row]), texts[session[row]]),
                "pay_date": texts[paid[row]],
                "record_date": texts[session[row]],
                "split_adjusted_cash_amount": round(float(cash[row] * min(in_todays_shares[row], 1e6)), 6),
                "ticker": str(tickers[row]),
            }
            for row in rows.tolist()
        ]

    columns = {
        "ticker": tickers,
        "ex_dividend_date": keys[session],
        "record_date": keys[session],
        "declaration_date": keys[declared],
        "pay_date": keys[paid],
        "cash_amount": cash,
        "frequency": frequency,
        "distribution_type": np.broadcast_to("recurring", len(cash)),
        "dividend_type": np.broadcast_to("CD", len(cash)),
    }
    return Table(columns, write)


def action_id(kind: str, ticker: str, day: str) -> str:
    """The identifier of a corporate action."""
    return "E" + hashlib.sha256(f"{kind} {ticker} {day}".encode()).hexdigest()


def _payments(noise: Noise, sessions: Sessions, listed: Listings, until: int) -> tuple[Ints, Ints, Ints]:
    """Instrument, ex-date session and payments a year of every dividend up to a session, in the order of sessions."""
    draw = noise.uniform("payer", listed.i_place, listed.i_start)
    pays = np.isin(listed.kinds[listed.i_place], _PAYERS)
    frequency = np.select([draw < 0.45, draw < 0.48, draw < 0.5], [4, 12, 1], 0) * pays
    payer = np.flatnonzero(frequency)
    step = 252 // frequency[payer]
    phase = noise.uniform("phase", listed.i_place[payer], listed.i_start[payer])
    first = listed.i_start[payer] + 1 + np.floor(phase * step).astype(np.int64)
    end = np.minimum(listed.i_end[payer], min(until + 1, len(sessions.days)))
    count = np.maximum(-((first - end) // step), 0)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    instrument, session = np.repeat(payer, count), np.repeat(first, count) + nth * np.repeat(step, count)
    order = np.argsort(session, kind="stable")
    return instrument[order], session[order], frequency[instrument[order]]


def _cash_amounts(
    noise: Noise, sessions: Sessions, listed: Listings, prices: Prices, instrument: Ints, session: Ints, frequency: Ints
) -> Floats:
    """USD a share: a yearly yield of the price at the year's beginning, so that payments within a year are alike."""
    years = np.array([day.year for day in sessions.days])
    new_year = np.searchsorted(years, years[session])
    base = np.maximum(new_year, listed.i_start[instrument])
    pairs, back = np.unique(instrument * len(years) + base, return_inverse=True)
    who, when = pairs // len(years), pairs % len(years)
    place = listed.i_place[who]
    price = prices.as_traded(who, place, prices.path(place, when), when) * prices.factor(place, when)
    places = listed.i_place[instrument]
    rate = 0.008 + 0.035 * noise.uniform("yield", places, listed.i_start[instrument])
    amount = price[back] / prices.factor(places, session) * rate / frequency
    return np.where(amount >= 0.05, np.round(amount, 2), np.maximum(np.round(amount, 4), 0.0001))
