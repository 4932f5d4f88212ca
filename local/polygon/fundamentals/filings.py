"""What listed companies file with the SEC, and when: a report a quarter, the fourth with the whole year."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from local.polygon.fundamentals.accounts import Accounts, Figures
from local.polygon.fundamentals.companies import Companies, period_end, quarter_of
from local.polygon.markets.noise import Ints, Noise
from local.polygon.markets.sessions import Sessions
from local.polygon.markets.tables import Columns, Row, Table, date_keys, rank_of
from local.polygon.stocks.listings import Listings, choose
from local.polygon.stocks.notable import NOTABLES

FIRST_QUARTER = 2009 * 4
"""The earliest quarter of which there are statements."""
TIMEFRAMES = ["annual", "quarterly", "trailing_twelve_months"]
"""What a statement covers, in the order of the words; a balance sheet stands for a moment, so it has no third."""

LATE = (62, 84, 104)
"""Days after a quarter's end on which its latest reports are filed, one each: no month is without any."""

_ANNUAL, _QUARTERLY, _TRAILING = range(3)
_LAST_QUARTERS = {"4": 0.8, "2": 0.08, "3": 0.07, "1": 0.051}  # the calendar's quarter with which a year ends
_SHOWN_EMPTY = ("other_equity", "other_operating_expenses")


@dataclass(frozen=True)
class Reports:
    """Reports in the order of tickers, then quarters: who files about which quarter, on which session."""

    who: np.ndarray
    quarter: np.ndarray
    session: np.ndarray
    part: np.ndarray  # of the company's own year, 1 to 4
    year: np.ndarray
    ticker: np.ndarray  # its place among all tickers


class Filings:
    """The reports of common stocks on the exchanges, and the statements in them."""

    def __init__(self, noise: Noise, sessions: Sessions, listed: Listings, companies: Companies) -> None:
        self._noise, self._sessions, self._listed, self._companies = noise, sessions, listed, companies
        self.accounts = Accounts(companies)
        self._tickers = np.unique(listed.symbols)
        self.reports = self._reports()
        self.statements = lru_cache(maxsize=3)(self._statements)

    def latest(self, session: int) -> tuple[Ints, Ints]:
        """Companies that have filed by a session, and the quarter of their latest report."""
        known = self.reports.session <= session
        quarter = np.zeros(len(self._listed.i_place), dtype=np.int64)
        np.maximum.at(quarter, self.reports.who[known], self.reports.quarter[known])
        who = np.flatnonzero(quarter)
        return who, quarter[who]

    def trailing(self, kind: str, who: Ints, quarter: Ints) -> dict[str, np.ndarray]:
        """The figures of four quarters up to one."""
        return self._figures(kind, who, quarter, np.full(len(who), _TRAILING))

    def _statements(self, kind: str, last: int) -> Table:
        """The statements of one kind (a method of `Accounts`) in reports up to a session."""
        reports, known = self.reports, np.flatnonzero(self.reports.session <= last)
        frames = {_QUARTERLY: known, _ANNUAL: known[reports.part[known] == 4]}
        frames |= {} if kind == "balance" else {_TRAILING: known}
        report = np.concatenate(list(frames.values()))
        frame = np.repeat(np.array(list(frames), dtype=np.int8), [len(part) for part in frames.values()])
        order = np.argsort(report, kind="stable")
        report, frame = report[order].astype(np.int32), frame[order]
        make: dict[str, Callable[[], np.ndarray]] = {
            "tickers": lambda: reports.ticker[report],
            "cik": lambda: self._listed.cik(reports.who[report]),
            "fiscal_year": lambda: reports.year[report],
            "fiscal_quarter": lambda: reports.part[report],
            "period_end": lambda: self._period_ends(reports.quarter[report]),
        }
        days = date_keys([day.isoformat() for day in self._sessions.days]).astype(np.int32)
        ready = {"filing_date": days[reports.session[report]], "timeframe": frame}
        return Table(
            Columns(ready, lambda name: make[name]()),
            lambda rows: self._rows(kind, report[rows], frame[rows]),
            readers={"tickers": rank_of(self._tickers.tolist()), "timeframe": rank_of(TIMEFRAMES), "cik": _read_cik},
        )

    def _rows(self, kind: str, report: Ints, frame: Ints) -> list[Row]:
        reports = self.reports
        who, quarter = reports.who[report].astype(np.int64), reports.quarter[report].astype(np.int64)
        figures = self._figures(kind, who, quarter, frame)
        ends = {number: period_end(number).isoformat() for number in np.unique(quarter).tolist()}
        rows = [
            {
                "cik": f"{cik:010d}",
                "filing_date": self._sessions.days[session].isoformat(),
                "fiscal_quarter": part,
                "fiscal_year": year,
                "period_end": ends[number],
                "tickers": [str(self._tickers[ticker])],
                "timeframe": TIMEFRAMES[kind_of_time],
            }
            for cik, session, part, year, number, ticker, kind_of_time in zip(
                self._listed.cik(who).tolist(),
                *(values[report].tolist() for values in (reports.session, reports.part, reports.year)),
                quarter.tolist(), reports.ticker[report].tolist(), frame.tolist(), strict=True,
            )
        ]  # fmt: skip
        for name, values in figures.items():
            for row, value in zip(rows, values.tolist(), strict=True):
                if value or name in _SHOWN_EMPTY:
                    row[name] = value
        return [dict(sorted(row.items())) for row in rows]

    def _figures(self, kind: str, who: Ints, quarter: Ints, frame: Ints) -> dict[str, np.ndarray]:
        """The figures of statements; what flows is summed over four quarters where the statement covers them."""
        one = getattr(self.accounts, kind)
        figures: Figures = one(who, quarter)
        if kind == "balance":
            return figures
        figures = {name: values.copy() for name, values in figures.items()}  # some names share their numbers
        whole = np.flatnonzero(frame != _QUARTERLY)
        shares = self._companies.shares(who, quarter).astype(float)
        restated = self._restated(who[whole], quarter[whole]) & (frame[whole] == _ANNUAL)
        for back in (1, 2, 3 + restated):  # a restated year has another quarter in the place of its first
            for name, values in one(who[whole], quarter[whole] - back).items():
                figures[name][whole] += values
            shares[whole] += self._companies.shares(who[whole], quarter[whole] - back)
        if kind == "cash_flow":
            return figures
        shares[whole] /= 4
        return figures | per_share(figures["net_income_loss_attributable_common_shareholders"], shares)

    def _restated(self, who: Ints, quarter: Ints) -> np.ndarray:
        """Whether the script says that the year of each company is restated in its annual statements."""
        years = {at: security.restated for at, security in self._listed.scripted.items() if security.restated}
        found = np.isin(who, list(years))
        found[found] = [
            years[at] == of // 4 for at, of in zip(who[found].tolist(), quarter[found].tolist(), strict=True)
        ]
        return found

    def _reports(self) -> Reports:
        """Every report that the calendar holds, from companies that are listed on the day they file it."""
        listed, days = self._listed, np.array([day.toordinal() for day in self._sessions.days])
        held = np.array([quarter_of(day) for day in self._sessions.days])
        companies = np.flatnonzero((listed.kinds == "CS")[listed.i_place] & ~listed.otc[listed.i_place] & listed.files)
        quarters = np.arange(FIRST_QUARTER, quarter_of(self._sessions.days[-1]))
        who, quarter = np.repeat(companies, len(quarters)), np.tile(quarters, len(companies))
        near = (held[listed.i_start] - 2)[who] <= quarter
        near &= quarter <= held[np.minimum(listed.i_end, len(held) - 1)][who]
        who, quarter = who[near], quarter[near]
        ends = choose(_LAST_QUARTERS, self._companies.trait("year end")).astype(np.int64)[who]
        part = (quarter % 4 - ends) % 4 + 1
        place, start = listed.i_place[who], listed.i_start[who]
        wait = self._noise.uniform("filed", place * 16_384 + start, quarter)
        wait = np.where(part == 4, 45 + np.floor(41 * wait), 25 + np.floor(16 * wait)).astype(np.int64)
        stays = (held[listed.i_start][who] <= quarter) & (listed.i_end[who] >= len(held))
        nth = self._lateness(who, quarter, stays & (part != 4) & ~np.isin(who, list(listed.scripted)))
        wait[nth < len(LATE)] = np.array(LATE)[nth[nth < len(LATE)]]
        last_days = np.array([period_end(number).toordinal() for number in quarters.tolist()])
        session = np.searchsorted(days, last_days[quarter - FIRST_QUARTER] + wait)
        files = (session < len(days)) & (start <= session) & (session < listed.i_end[who])
        who, quarter, session, part, ends = (values[files] for values in (who, quarter, session, part, ends))
        segments = listed.segments_of_instruments(who, session)
        on_exchange = ~listed.s_otc[segments]
        who, quarter, session, part, ends, segments = (
            values[on_exchange] for values in (who, quarter, session, part, ends, segments)
        )
        ticker = np.searchsorted(self._tickers, listed.symbols[segments])
        year = quarter // 4 + (quarter % 4 + 1 > ends)
        order = np.lexsort([quarter, ticker])
        return Reports(*(values[order].astype(np.int32) for values in (who, quarter, session, part, year, ticker)))

    def _lateness(self, who: Ints, quarter: Ints, may: np.ndarray) -> Ints:
        """The place of each report among those of its quarter that may be late, the latest first; of others past all.

        The best-known companies are late only where a market has too few others.
        """
        place, start = self._listed.i_place[who], self._listed.i_start[who]
        draw = self._noise.uniform("filed late", place * 16_384 + start, quarter) + (place < len(NOTABLES))
        order = np.lexsort([np.where(may, draw, np.inf), quarter])
        nth = np.empty(len(who), dtype=np.int64)
        nth[order] = np.arange(len(who)) - np.searchsorted(quarter[order], quarter[order])
        return np.where(may, nth, len(LATE))

    def _period_ends(self, quarter: np.ndarray) -> np.ndarray:
        numbers, back = np.unique(quarter, return_inverse=True)
        return date_keys([period_end(number).isoformat() for number in numbers.tolist()]).astype(np.int32)[back]


def per_share(net: Ints, shares: np.ndarray) -> dict[str, np.ndarray]:
    """Earnings a share, and the shares they were divided by."""
    basic, diluted = np.round(shares).astype(np.int64), np.round(shares * 1.015).astype(np.int64)
    return {
        "basic_earnings_per_share": np.round(net / basic, 2),
        "basic_shares_outstanding": basic,
        "diluted_earnings_per_share": np.round(net / diluted, 2),
        "diluted_shares_outstanding": diluted,
    }


def _read_cik(name: str, value: str) -> int:
    """The SEC's number as it is written; what is no number belongs to nobody."""
    return int(value) if value.isdecimal() else -1
