"""Splits and dividends of the simulated market, as tables."""

import datetime as dt
import hashlib
from collections.abc import Sequence

import numpy as np

from local.polygon.markets.noise import Floats, Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Columns, Row, Table, date_keys
from local.polygon.stocks.announced import ANNOUNCED, ANNOUNCEMENTS, DECLARED, PAID, Announced
from local.polygon.stocks.listings import Listings
from local.polygon.stocks.prices import Prices

_PAYERS = ("CS", "ETF", "ADRC", "PFD", "FUND", "OS")


def split_table(sessions: Sessions, listed: Listings, prices: Prices, today: dt.date) -> Table:
    """Every split that is known on `today`, by execution date."""
    place, session, before, after = prices.splits()
    instrument = listed.instruments_at(place, session)
    tickers = listed.symbols[listed.segments_of_instruments(instrument, session)]
    known = session <= sessions.last_until(today) + ANNOUNCED
    known &= ~_replaced(sessions, listed, tickers, session)
    told = [row for row in ANNOUNCEMENTS.splits if listed.scripted and row.known(today, sessions, ANNOUNCED)]
    session = np.append(session[known], [sessions.next_from(row.day) for row in told]).astype(np.int64)
    tickers = np.append(tickers[known], [row.ticker for row in told])
    instrument = np.append(instrument[known], _bearers(sessions, listed, told))
    place = listed.i_place[instrument]
    before = np.append(before[known], [row.terms[0] for row in told]).astype(np.int64)
    after = np.append(after[known], [row.terms[1] for row in told]).astype(np.int64)
    # What a price from before the split is multiplied by; a split still to come adjusts nothing.
    adjustment = prices.factor(place, session - 1) / prices.last_factor(instrument, place, today)
    days = [sessions.days[at].isoformat() for at in session[: len(session) - len(told)]]
    days += [row.day.isoformat() for row in told]
    copies = [0] * (len(days) - len(told)) + [row.copy for row in told]
    kinds = np.select([after < before, after * 20 == before * 21], ["reverse_split", "stock_dividend"], "forward_split")

    def write(rows: np.ndarray) -> list[Row]:
        return [
            {
                "adjustment_type": str(kinds[row]),
                "execution_date": days[row],
                "historical_adjustment_factor": round(float(adjustment[row]), 10),
                "id": action_id("split", str(tickers[row]), days[row], copies[row]),
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
    told = [row for row in ANNOUNCEMENTS.dividends if listed.scripted and row.known(today, sessions, DECLARED)]
    own = len(cash)  # after the market's own come the script's
    instrument = np.append(instrument, _bearers(sessions, listed, told))
    session = np.append(session, [sessions.next_from(row.day) for row in told]).astype(np.int64)
    frequency = np.append(frequency, [0 if row.kind == "special" else 4 for row in told]).astype(np.int64)
    cash = np.append(cash, [row.cash for row in told])
    place = listed.i_place[instrument]
    in_todays_shares = prices.factor(place, session) / prices.last_factor(instrument, place, today)
    tickers = listed.symbols[listed.segments_of_instruments(instrument, session)]
    texts = [day.isoformat() for day in sessions.days]
    keys = date_keys(texts).astype(np.int32)
    last = len(texts) - 1
    ex_dates = np.append(keys[session[:own]], date_keys([row.day.isoformat() for row in told])).astype(np.int32)
    # Half a million rows stay in memory: kept as small as they go.
    session, frequency = session.astype(np.int32), frequency.astype(np.int32)
    declared, paid = np.maximum(session - DECLARED, 0), np.minimum(session + PAID, last)

    def write(rows: np.ndarray) -> list[Row]:
        return [
            {
                "cash_amount": float(cash[row]),
                "currency": "USD" if row < own else told[row - own].currency,
                "declaration_date": texts[declared[row]],
                "distribution_type": "recurring" if row < own else told[row - own].kind,
                "ex_dividend_date": (day := texts[session[row]] if row < own else told[row - own].day.isoformat()),
                "frequency": int(frequency[row]),
                "id": action_id("dividend", str(tickers[row]), day, 0 if row < own else told[row - own].copy),
                "pay_date": texts[paid[row]],
                "record_date": day,
                "split_adjusted_cash_amount": round(float(cash[row] * min(in_todays_shares[row], 1e6)), 6),
                "ticker": str(tickers[row]),
            }
            for row in rows.tolist()
        ]

    def kinds(regular: str, special: str) -> np.ndarray:
        return np.append(np.full(own, regular), [special if row.kind == "special" else regular for row in told])

    columns = {
        "ticker": tickers,
        "ex_dividend_date": ex_dates,
        "record_date": ex_dates,
        "declaration_date": keys[declared],
        "pay_date": keys[paid],
        "cash_amount": cash,
        "frequency": frequency,
    }
    words = {"distribution_type": ("recurring", "special"), "dividend_type": ("CD", "SC")}
    return Table(Columns(columns, lambda name: kinds(*words[name])), write)


def action_id(kind: str, ticker: str, day: str, copy: int = 0) -> str:
    """The identifier of a corporate action, or of a further row about it."""
    numbered = f" {copy}" if copy else ""
    return "E" + hashlib.sha256(f"{kind} {ticker} {day}{numbered}".encode()).hexdigest()


def _bearers(sessions: Sessions, listed: Listings, told: Sequence[Announced]) -> Ints:
    """The instruments with a script that bear the tickers of rows on their days."""
    places = [
        next(at for at in listed.segments_of(row.ticker)[::-1] if listed.s_start[at] <= sessions.next_from(row.day))
        for row in told
    ]
    return listed.s_instrument[np.array(places, dtype=np.int64)]


def _replaced(sessions: Sessions, listed: Listings, tickers: np.ndarray, session: Ints) -> np.ndarray:
    """True for the market's own splits of which the script tells instead."""
    told = {(row.ticker, sessions.next_from(row.day)) for row in ANNOUNCEMENTS.splits if listed.scripted}
    few = np.isin(tickers, [ticker for ticker, _ in told])
    few[few] = [(tickers[at], session[at]) in told for at in np.flatnonzero(few)]
    return few


def _payments(noise: Noise, sessions: Sessions, listed: Listings, until: int) -> tuple[Ints, Ints, Ints]:
    """Instrument, ex-date session and payments a year of every dividend up to a session, in the order of sessions."""
    draw = noise.uniform("payer", listed.i_place, listed.i_start)
    pays = np.isin(listed.kinds[listed.i_place], _PAYERS)
    pays[list(listed.scripted)] = False
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
