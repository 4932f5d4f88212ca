"""The securities with a script, put into their places among all others."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from local.polygon.markets.noise import Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.stocks.listings import STEP, Listings
from local.polygon.stocks.notable import NOTABLES
from local.polygon.stocks.script import ALWAYS, SCRIPT, Security
from local.polygon.stocks.symbols import fresh_symbol

FULL = 100
"""How many stocks a market has at least in which the script is played."""

Place = tuple[Security, ...]


def staged(listed: Listings, noise: Noise, sessions: Sessions) -> Listings:
    """The same listings with the script's securities instead of what held their places.

    A market with nothing over the counter does without those that go there or come from there.
    """
    rows = dict(enumerate(SCRIPT.places, len(NOTABLES)))
    if listed.otc.any():
        rows |= dict(enumerate(SCRIPT.over_the_counter, int(np.argmax(listed.otc))))
    else:
        rows = {place: row for place, row in rows.items() if not any(each.otc for each in row)}
    cast = [(place, *life) for place, row in rows.items() for life in _lives(row, sessions)]
    stay = np.flatnonzero(~np.isin(listed.i_place, list(rows)))
    i_place, i_start, i_end = (
        np.append(old[stay], [life[column] for life in cast])
        for column, old in enumerate((listed.i_place, listed.i_start, listed.i_end))
    )
    order = np.lexsort([i_start, i_place])
    now = np.argsort(order)  # where each of them stands in that order
    moved = np.full(len(listed.i_place), -1)
    moved[stay] = now[: len(stay)]
    s_stay = np.flatnonzero(moved[listed.s_instrument] >= 0)
    spells = _spells(cast, now[len(stay) :].tolist(), set(listed.symbols.tolist()), noise, sessions)
    own, starts, ends, symbols = (np.array(column) for column in zip(*spells, strict=True))
    instrument = np.append(moved[listed.s_instrument[s_stay]], own)
    s_start = np.append(listed.s_start[s_stay], starts)
    s_order = np.lexsort([s_start, instrument])
    kinds = listed.kinds.copy()
    kinds[list(rows)] = "CS"
    here = {int(at): life[3] for at, life in zip(now[len(stay) :], cast, strict=True)}
    return replace(
        listed,
        i_place=i_place[order],
        i_start=i_start[order],
        i_end=i_end[order],
        s_instrument=instrument[s_order],
        s_start=s_start[s_order],
        s_end=np.append(listed.s_end[s_stay], ends)[s_order],
        symbols=np.append(listed.symbols[s_stay], symbols)[s_order],
        kinds=kinds,
        scripted={at: security for at, security in here.items() if security},
        moves={
            (at, sessions.next_from(day)): otc
            for at, security in here.items()
            if security
            for day, otc in security.otc.items()
        },
    )


def _lives(row: Place, sessions: Sessions) -> Iterator[tuple[int, int, Security | None]]:
    """Start, end and security of what holds a place one after the other, None for companies without a script."""
    free = 0
    for security in row:
        start = _session(sessions, next(iter(security.tickers)))
        if start > free:
            yield free, start, None
        free = _session(sessions, security.until) if security.until else STEP - 1
        yield start, free, security
    if free < STEP - 1:
        yield free, STEP - 1, None


def _spells(
    cast: list[tuple[int, int, int, Security | None]],
    instruments: list[int],
    taken: set[str],
    noise: Noise,
    sessions: Sessions,
) -> Iterator[tuple[int, int, int, str]]:
    """Instrument, start, end and ticker of every segment of some lives."""
    for at, (place, start, end, security) in zip(instruments, cast, strict=True):
        tickers = security.tickers if security else {ALWAYS: fresh_symbol(noise, "CS", place, start, taken)}
        taken.update(tickers.values())
        first = [max(_session(sessions, day), start) for day in tickers]
        for spell in zip(first, [*first[1:], end], tickers.values(), strict=True):
            yield at, *spell


def _session(sessions: Sessions, day: dt.date) -> int:
    return 0 if day == ALWAYS else sessions.next_from(day)
