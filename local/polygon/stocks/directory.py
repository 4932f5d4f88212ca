"""The simulated market's list of instruments, as of any day."""

import datetime as dt
import hashlib
from functools import cached_property, lru_cache

import numpy as np

from local.polygon.markets.noise import Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Row, Table
from local.polygon.stocks.listings import Listings, choose
from local.polygon.stocks.notable import NOTABLES
from local.polygon.stocks.prices import Prices
from local.polygon.stocks.symbols import company_name

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
        for instrument, security in listed.scripted.items():
            self._names[instrument] = security.name
        draw = noise.uniform("exchange", listed.i_place, listed.i_start)
        self._exchanges = choose(EXCHANGES, draw)
        self.table = lru_cache(maxsize=6)(self._table)

    def _table(self, day: dt.date, active: bool, fresh: bool) -> Table:
        """Instruments listed on a day, or those that had left by then; `fresh` while that day is not over."""
        session = self._sessions.last_until(day)
        segments = self._listed.segments_at(session) if active else self._departed(session)
        instruments = self._listed.s_instrument[segments]
        otc = self._listed.s_otc[segments]
        columns = {
            "ticker": self._listed.symbols[segments],
            "name": np.array([self._names[instrument] for instrument in instruments], dtype=np.str_),
            "market": np.where(otc, "otc", "stocks"),
            "type": self._listed.kinds[self._listed.i_place[instruments]],
            "primary_exchange": np.where(otc, "", self._exchanges[instruments]),
            "exchange": np.where(otc, "", self._exchanges[instruments]),
            "locale": np.full(len(segments), "us"),
            "currency_name": np.full(len(segments), "usd"),
            "cik": np.array([_cik(number) for number in self._listed.cik(instruments).tolist()], dtype=np.str_),
        }
        return Table(
            columns,
            lambda rows: [self._row(segment, day, active=active, fresh=fresh) for segment in segments[rows].tolist()],
            ("ticker", "name"),
        )

    def details(self, ticker: str, day: dt.date, *, fresh: bool) -> Row | None:
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
        shares = int(self._prices.outstanding(np.array([instrument]), at)[0])
        name = self._names[instrument]
        row = self._row(segment, day, active=True, fresh=fresh)
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

    def events(self, ticker_or_figi: str, today: dt.date) -> Row | None:
        """The tickers of an entity until a day, the latest first: of a ticker, the entity that it stands for now."""
        session = self._sessions.last_until(today)
        instrument = self._entity(ticker_or_figi, session)
        if instrument is None:
            return None
        listed = self._listed
        own = [at for at in np.flatnonzero(listed.s_instrument == instrument) if listed.s_start[at] <= session]
        place, start = int(listed.i_place[instrument]), int(listed.i_start[instrument])
        days = [self._list_date(place, start), *(self._sessions.days[listed.s_start[at]].isoformat() for at in own[1:])]
        events = [
            {"date": day, "ticker_change": {"ticker": str(listed.symbols[at])}, "type": "ticker_change"}
            for day, at in zip(days, own, strict=True)
        ]
        row = {"name": self._names[instrument]} | self._identifiers(instrument, today, fresh=True)
        row.pop("share_class_figi", None)
        return row | {"events": events[::-1]}

    def _entity(self, ticker_or_figi: str, session: int) -> int | None:
        """The instrument that has a FIGI, or has or had last a ticker, at a session."""
        listed = self._listed
        if (known := self._by_figi.get(ticker_or_figi)) is not None:
            scripted = listed.scripted.get(known)
            known_from = scripted.figi_from if scripted else dt.date.min
            told = known_from is not None and known_from <= self._sessions.days[session]
            return known if told and listed.i_start[known] <= session else None
        for segment in reversed(listed.segments_of(ticker_or_figi).tolist()):
            instrument = int(listed.s_instrument[segment])
            now = listed.s_end[segment] > session or listed.s_end[segment] == listed.i_end[instrument]
            if listed.s_start[segment] <= session and now:
                return instrument
        return None

    @cached_property
    def _by_figi(self) -> dict[str, int]:
        lives = zip(self._listed.i_place.tolist(), self._listed.i_start.tolist(), strict=True)
        return {_figi("composite", *life): instrument for instrument, life in enumerate(lives)}

    def _departed(self, session: int) -> Ints:
        """The last segment of each instrument that had left by a session."""
        listed = self._listed
        return np.flatnonzero((listed.s_end <= session) & (listed.s_end == listed.i_end[listed.s_instrument]))

    def _row(self, segment: int, day: dt.date, *, active: bool, fresh: bool) -> Row:
        instrument = int(self._listed.s_instrument[segment])
        place = int(self._listed.i_place[instrument])
        row: Row = {"ticker": str(self._listed.symbols[segment]), "name": self._names[instrument]}
        if self._listed.s_otc[segment]:
            row |= {"market": "otc", "locale": "us"}
        else:
            row |= {"market": "stocks", "locale": "us", "primary_exchange": str(self._exchanges[instrument])}
        row |= {
            "type": str(self._listed.kinds[place]),
            "active": active,
            "currency_name": "usd",
        }
        row |= self._identifiers(instrument, day, fresh=fresh)
        row["last_updated_utc"] = f"{day}T00:00:00Z"
        if not active:
            row["delisted_utc"] = f"{self._sessions.days[int(self._listed.s_end[segment])]}T00:00:00Z"
        return row

    def _identifiers(self, instrument: int, day: dt.date, *, fresh: bool) -> Row:
        """CIK and FIGIs as a day's list has them."""
        cik, scripted = int(self._listed.cik(np.array([instrument]))[0]), self._listed.scripted.get(instrument)
        place, start = int(self._listed.i_place[instrument]), int(self._listed.i_start[instrument])
        row = {"cik": _cik(cik)} if cik else {}
        if scripted and (scripted.figi_from is None or day < scripted.figi_from):
            return row
        wrong = scripted is not None and fresh and day == scripted.wrong_figi
        kinds = {"composite_figi": "composite", "share_class_figi": "class"}
        return row | {name: _figi(f"wrong {kind}" if wrong else kind, place, start) for name, kind in kinds.items()}

    def _list_date(self, place: int, start: int) -> str:
        if start:
            return self._sessions.days[start].isoformat()
        before = int(self._noise.below("listed", place, 0, 9000))
        return (self._sessions.days[0] - dt.timedelta(days=30 + before)).isoformat()


def _cik(number: int) -> str:
    return f"{number:010d}" if number else ""


def _figi(kind: str, place: int, start: int) -> str:
    """An identifier in the shape of a FIGI."""
    digest = hashlib.md5(f"{kind} {place} {start}".encode(), usedforsecurity=False).digest()
    letters = "BCDFGHJKLMNPQRSTVWXYZ0123456789"
    return "BBG00" + "".join(letters[byte % len(letters)] for byte in digest[:7])
