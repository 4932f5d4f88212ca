"""The securities of the script: each trap that the README names is in the answers, and the truth about it is told."""

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from local.polygon.markets.clock import Clock
from local.polygon.stocks.lineage import Spell, lineage
from local.polygon.stocks.script import ALWAYS, SCRIPT
from local.polygon.stocks.simulated import SimulatedStocks
from tests.local.polygon.simulated_markets import TODAY, asked_on, played

MARKET = played()
SECURITIES = [security for place in SCRIPT.places for security in place]


def day(text: str) -> dt.date:
    """A day in April 2026, or whole."""
    return dt.date.fromisoformat(f"2026-04-{text}" if len(text) == 2 else text)


def listed(on: dt.date, *, asked: dt.date | None = None) -> dict[str, dict[str, Any]]:
    """The list of a day by ticker, as it was on another."""
    with asked_on(asked or TODAY) as market:
        table = market.tickers(on, active=True)
        return {row["ticker"]: row for row in table.write(np.arange(len(table)))}


def spells() -> dict[str, list[Spell]]:
    """The truth, by security."""
    found = defaultdict(list)
    for spell in lineage(MARKET):
        found[spell.security].append(spell)
    return found


def thread(ticker: str, on: dt.date) -> list[str]:
    """The tickers of what bore a ticker on a day."""
    for own in spells().values():
        if any(at.ticker == ticker and at.first <= on and (at.until is None or on < at.until) for at in own):
            return [at.ticker for at in own]
    return []


def test_days_of_the_script_are_market_days() -> None:
    """What happens on a day happens on a day of trading."""
    for security in SECURITIES:
        days = [*security.tickers, *security.splits, security.until, security.figi_from, security.wrong_figi]
        for each in days:
            assert each in (None, ALWAYS) or MARKET.sessions.index(each) is not None, (security.name, each)


def test_places_are_always_held() -> None:
    """On any day as many stocks are listed as without the script, no ticker twice, no security with a gap."""
    for session in (
        0,
        3000,
        *range(MARKET.sessions.next_from(day("01")), MARKET.sessions.next_from(day("2026-05-04"))),
    ):
        segments = MARKET.listed.segments_at(session)
        places = MARKET.listed.i_place[MARKET.listed.s_instrument[segments]]
        assert places.tolist() == list(range(320))
        assert len(set(MARKET.listed.symbols[segments].tolist())) == 320
    for own in spells().values():
        assert all(before.until == after.first for before, after in pairwise(own))


def test_the_truth_is_the_script() -> None:
    """Each security of the script has its tickers and days in the lineage, under a name that stays."""
    known = list(spells().values())
    for security in SECURITIES:
        starts = [MARKET.sessions.days[0] if first == ALWAYS else first for first in security.tickers]
        expected = list(zip(security.tickers.values(), starts, [*starts[1:], security.until], strict=True))
        assert sum([(at.ticker, at.first, at.until) for at in own] == expected for own in known) == 1, security.name


@pytest.mark.parametrize(
    ("old", "new", "on"),
    [
        ("OLDCO", "NEWCO", "08"), ("HIVES", "HIVEA", "15"), ("QRTTT", "QRTET", "13"), ("LEFTS", "RIGHT", "16"),
        ("RIGHT", "LEFTS", "16"), ("TARDY", "TRDYX", "14"), ("DUALB", "DUALC", "17"), ("CIKAA", "CIKAB", "10"),
        ("NONEA", "NONEB", "22"), ("BEFOR", "AGAIN", "2023-03-22"),
    ],
)  # fmt: skip
def test_renames_go_on(old: str, new: str, on: str) -> None:
    """The day before, the old ticker trades; on the day the new one does, at about the old one's price after splits."""
    at = MARKET.sessions.next_from(day(on))
    before = MARKET.days(old, at - 1, at - 1, adjusted=True)
    after = MARKET.days(new, at, at, adjusted=True)
    assert len(before) == len(after) == 1
    assert abs(np.log(after.c[0] / before.c[0])) < 0.08
    assert thread(new, day(on)) == thread(old, MARKET.sessions.days[at - 1])


@pytest.mark.parametrize(
    ("ticker", "gone", "back"), [("RECYC", "2026-04-09", "2026-04-23"), ("AGAIN", "2023-03-08", "2023-03-22")]
)
def test_recycled_within_twenty_sessions(ticker: str, gone: str, back: str) -> None:
    """Two companies bear one ticker, ten sessions apart, under other FIGIs, CIKs and names, and at another price."""
    first, last = MARKET.sessions.next_from(day(gone)), MARKET.sessions.next_from(day(back))
    assert last - first == 10
    bars = MARKET.days(ticker, first - 3, last + 2, adjusted=False)
    sessions = np.searchsorted(MARKET.sessions.midnights, bars.t)
    assert sessions.tolist() == [first - 3, first - 2, first - 1, last, last + 1, last + 2]
    old, new = (listed(MARKET.sessions.days[at])[ticker] for at in (first - 1, last))
    assert ticker not in listed(MARKET.sessions.days[first])
    for key in ("composite_figi", "share_class_figi", "cik", "name"):
        assert old[key] != new[key]
    assert (
        thread(ticker, MARKET.sessions.days[first - 1]) != thread(ticker, MARKET.sessions.days[last])
        or ticker == "RECYC"
    )
    assert abs(np.log(bars.c[3] / bars.c[2])) > 0.3


def test_a_class_takes_the_name() -> None:
    """HIVES is HIVEA from the 15th on, split that day; the new HIVES is another security of the same CIK."""
    before, after = listed(day("14")), listed(day("15"))
    assert before["HIVES"]["composite_figi"] == after["HIVEA"]["composite_figi"] != after["HIVES"]["composite_figi"]
    ciks = [before["HIVES"]["cik"], before["HIVEW"]["cik"], after["HIVEA"]["cik"], after["HIVES"]["cik"]]
    assert len(set(ciks)) == 1
    assert "HIVEW" not in after
    assert before["HIVEW"]["composite_figi"] not in [row.get("composite_figi") for row in after.values()]
    splits = MARKET.splits
    (row,) = splits.write(np.flatnonzero(splits.columns["ticker"] == "HIVEA"))
    assert (row["execution_date"], row["split_from"], row["split_to"]) == ("2026-04-15", 1, 2)


def test_late_and_missing_identifiers() -> None:
    """A FIGI is in the lists from its day on; DUALA and DUALB share a CIK and have none; NONEA has nothing at all."""
    assert "composite_figi" not in listed(day("10"))["LATER"]
    assert {"composite_figi", "share_class_figi"} < set(listed(day("13"))["LATER"])
    assert "composite_figi" not in listed(day("13"))["TARDY"]
    assert "composite_figi" in listed(day("14"))["TRDYX"]
    rows = listed(day("16"))
    assert rows["DUALA"]["cik"] == rows["DUALB"]["cik"]
    assert not any("composite_figi" in rows[ticker] for ticker in ("DUALA", "DUALB", "CIKAB", "NONEA"))
    assert sum(row.get("cik") == rows["CIKAB"]["cik"] for row in rows.values()) == 1
    assert "cik" not in rows["NONEA"]


def test_a_figi_that_was_wrong_for_a_day() -> None:
    """The list of the 21st has another FIGI for WRONG until the day is over."""
    right = listed(day("20"))["WRONG"]["composite_figi"]
    assert listed(day("21"), asked=day("21"))["WRONG"]["composite_figi"] != right
    assert listed(day("21"), asked=day("22"))["WRONG"]["composite_figi"] == right
    assert listed(day("22"), asked=day("22"))["WRONG"]["composite_figi"] == right


def test_one_company_files_once() -> None:
    """What two classes of one CIK earn is filed by one of them, and what has no CIK files nothing."""
    names = {
        MARKET.listed.scripted[at].name for at in np.flatnonzero(MARKET.listed.files) if at in MARKET.listed.scripted
    }
    assert {"Hive Media Inc. Class A", "Duality Brands Inc. Class A"} < names
    assert not names & {"Hive Media Inc. Class C", "Duality Brands Inc. Class B", "Nonesuch Mining Ltd."}


def test_small_markets_have_no_script() -> None:
    """A market with no room for the script plays none of it."""
    assert not SimulatedStocks(7, Clock(TODAY), stocks=60, otc=0).listed.scripted
