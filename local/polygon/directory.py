"""The simulated market's list of instruments, as of any day."""

import datetime as dt
import hashlib
from functools import lru_cache

import numpy as np

from local.polygon.listings import Listings, choose
from local.polygon.noise import Ints, Noise
from local.polygon.notable import NOTABLES
from local.polygon.prices import Prices
from local.polygon.sessions import Sessions
from local.polygon.shares import outstanding
from local.polygon.symbols import company_name
from local.polygon.tables import Row, Table

EXCHANGES = {"XNAS": 0.45, "XNYS": 0.27, "ARCX": 0.18, "BATS": 0.07, "XASE": 0.031}


class Directory:
    """Ticker rows and details; an instrument keeps its FIGI and CIK through a change of symbol."""

    def __init__(self, noise: Noise, sessions: Sessions, listed: Listings, prices: Prices) -> None:
        self._noise, self._sessions, self._listed, self._prices = noise, sessions, listed, prices
        bits = noise.below("name", listed.i_place, listed.i_start, 2**62).tolist()
        kinds = listed.kinds[listed.i_place].tolist()
        self._names = [company_name(kind, number) for kind, number in zip(kinds, bits, strict=True)]
        for place, notable in enumerate(NOTABLES):
            self._names[int(np.searchsorted(listed.i_place, place))] = notable.name
        draw = noise.uniform("exchange", listed.i_place, listed.i_start)
        self._exchanges = choose(EXCHANGES, draw)
        self.table = lru_cache(maxsize=6)(self._table)

    def _table(self, day: dt.date, active: bool) -> Table:
        """Instruments listed on a day, or those that had left by then."""
        session = self._sessions.last_until(day)
        segments = self._listed.segments_at(session) if active else self._departed(session)
        instruments = self._listed.s_instrument[segments]
        otc = self._listed.otc[self._listed.i_place[instruments]]
        columns = {
            "ticker": self._listed.symbols[segments],
            "name": np.array([self._names[instrument] for instrument in instruments], dtype=np.str_),
            "market": np.where(otc, "otc", "stocks"),
            "type": self._listed.kinds[self._listed.i_place[instruments]],
            "primary_exchange": np.where(otc, "", self._exchanges[instruments]),
            "exchange": np.where(otc, "", self._exchanges[instruments]),
            "locale": np.full(len(segments), "us"),
            "currency_name": np.full(len(segments), "usd"),
            "cik": np.array([f"{cik:010d}" for cik in self._listed.cik(instruments).tolist()], dtype=np.str_),
        }
        return Table(
            columns,
            lambda rows: [self._row(segment, day, active) for segment in segments[rows].tolist()],
            ("ticker", "name"),
        )

    def details(self, ticker: str, day: dt.date) -> Row | None:
        """All about what carried `ticker` on a day."""
        session = self._sessions.last_until(day)
        alive = [
            at
            for at in self._listed.segments_of(ticker)
            if self._listed.s_start[at] <= session < self._listed.s_end[at]
        ]
        if not alive:
            return None
        segment = int(alive[0])
        instrument = int(self._listed.s_instrument[segment])
        place, start = int(self._listed.i_place[instrument]), int(self._listed.i_start[instrument])
        here, at = np.array([place]), np.array([session])
        price = float(self._prices.as_traded(np.array([instrument]), here, self._prices.path(here, at), at)[0])
        shares = int(outstanding(self._noise, self._listed, self._prices, np.array([instrument]), at)[0])
        name = self._names[instrument]
        row = self._row(segment, day, active=True)
        del row["last_updated_utc"]
        return row | {
            "description": f"{name} is a company of a simulated market.",
            "homepage_url": f"https://www.example.com/{ticker.lower()}",
            "list_date": self._list_date(place, start),
            "market_cap": round(price * shares, 2),
            "round_lot": 100,
            "share_class_shares_outstanding": shares,
            "sic_code": str(1000 + int(self._noise.below("sic", place, start, 8000))),
            "ticker_root": ticker.split(".")[0],
            "total_employees": 20 + int(self._noise.below("employees", place, start, 90_000)),
            "weighted_shares_outstanding": shares,
        }

    def _departed(self, session: int) -> Ints:
        """The last segment of each instrument that had left by a session."""
        listed = self._listed
        return np.flatnonzero((listed.s_end <= session) & (listed.s_end == listed.i_end[listed.s_instrument]))

    def _row(self, segment: int, day: dt.date, active: bool) -> Row:
        instrument = int(self._listed.s_instrument[segment])
        place, start = int(self._listed.i_place[instrument]), int(self._listed.i_start[instrument])
        row: Row = {"ticker": str(self._listed.symbols[segment]), "name": self._names[instrument]}
        if self._listed.otc[place]:
            row |= {"market": "otc", "locale": "us"}
        else:
            row |= {"market": "stocks", "locale": "us", "primary_exchange": str(self._exchanges[instrument])}
        row |= {
            "type": str(self._listed.kinds[place]),
            "active": active,
            "currency_name": "usd",
            "cik": self._cik(instrument),
        }
        row |= {"composite_figi": _figi("composite", place, start), "share_class_figi": _figi("class", place, start)}
        row["last_updated_utc"] = f"{day}T00:00:00Z"
        if not active:
            row["delisted_utc"] = f"{self._sessions.days[int(self._listed.s_end[segment])]}T00:00:00Z"
        return row

    def _cik(self, instrument: int) -> str:
        return f"{self._listed.cik(np.array([instrument]))[0]:010d}"

    def _list_date(self, place: int, start: int) -> str:
        if start:
            return self._sessions.days[start].isoformat()
        before = int(self._noise.below("listed", place, 0, 9000))
        return (self._sessions.days[0] - dt.timedelta(days=30 + before)).isoformat()


def _figi(kind: str, place: int, start: int) -> str:
    """An identifier in the shape of a FIGI."""
    digest = hashlib.md5(f"{kind} {place} {start}".encode(), usedforsecurity=False).digest()
    letters = "BCDFGHJKLMNPQRSTVWXYZ0123456789"
    return "BBG00" + "".join(letters[byte % len(letters)] for byte in digest[:7])
