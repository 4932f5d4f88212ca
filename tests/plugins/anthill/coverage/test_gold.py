"""Which numbers of gold may be trusted, a letter a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from anthill import calendars, catalog
from anthill.catalog import AssetClass
from anthill.coverage import view
from anthill.coverage.gold import MEANING, GoldState
from anthill.coverage.reader import Reader
from anthill.coverage.states import State
from anthill.ledger import gold
from anthill.ledger.documents import Documents
from anthill.ledger.recorder import Recorder

from .entries import NOW, commit, landed

STOCKS = catalog.load("stocks")
PRICES, RETURNS = "daily_prices", "daily_returns"
BARS = STOCKS.datasets["grouped_daily"]
# Friday, then Monday to Thursday; the present is Friday evening, a holiday.
FRI, MON, TUE, WED, THU = (dt.date(2026, 6, 26), *(dt.date(2026, 6, 29) + dt.timedelta(days=n) for n in range(4)))


def tell(
    s3: Any, bucket: str, table: str, published: list[str], *held: dict[str, Any], reads: str = "grouped_daily"
) -> None:
    """What a gold job came to."""
    standing = {table: {"reads": [reads], "published": published, "held_back": list(held)}}
    gold.record(Documents(s3, bucket), STOCKS, "stocks/manual__1/gold/7", standing)


def land(s3: Any, bucket: str, *days: dt.date) -> None:
    """Bronze has bars of these days."""
    recorder = Recorder(Documents(s3, bucket), "stocks/r/land/1")
    for day in days:
        recorder.note(BARS, landed(commit(day), day=day))
    recorder.write()


def states(s3: Any, bucket: str, table: str = PRICES, declared: AssetClass = STOCKS, now: dt.datetime = NOW) -> str:
    """The letters of a table from Friday to Friday."""
    heat = view.heat_map(Reader(Documents(s3, bucket), bucket), [declared], FRI, dt.date(2026, 7, 3), now)
    (group,) = heat.groups
    assert list(heat.days) == [FRI, MON, TUE, WED, THU]
    return {row.table: row.states for row in group.gold}[table]


def test_every_state_has_a_letter_and_a_meaning_of_its_own() -> None:
    """Beside those of bronze, with which they stand in one legend."""
    own = set(MEANING)
    assert own == set(GoldState) - {GoldState.WAITING, GoldState.OFF}
    assert not {state.value for state in own} & {state.value for state in State}
    assert all(said.strip() for said in MEANING.values())


def test_a_table_is_told_day_by_day(s3: Any, bucket: str) -> None:
    """Published, held back, outdated; landed and not published; and what bronze lacks is no fault of gold's."""
    held = {"days": ["2026-06-29"], "why": "grouped_daily broke row_count", "outdated": False}
    old = {"days": ["2026-06-30"], "why": "grouped_daily was not checked since it was loaded", "outdated": True}
    tell(s3, bucket, PRICES, ["2026-06-26"], held, old)
    land(s3, bucket, FRI, MON, TUE, WED)
    late = NOW + dt.timedelta(days=1)
    assert states(s3, bucket, now=late) == "PHONB"
    assert (
        states(s3, bucket, RETURNS, now=late) == "BBBBB"
    )  # nobody has told what it reads: all datasets would have to be there


def test_a_day_is_not_missed_before_gold_has_to_have_it(s3: Any, bucket: str) -> None:
    """Up to the deadline of the asset class it waits, however early it was landed."""
    land(s3, bucket, THU)
    tell(s3, bucket, PRICES, ["2026-06-26"])
    deadline = calendars.session_close("XNYS", THU) + STOCKS.deadline_after_close
    second = dt.timedelta(seconds=1)
    assert [states(s3, bucket, now=at)[-1] for at in (deadline - second, deadline)] == ["W", "N"]


def test_a_dataset_that_is_no_more_breaks_no_view(s3: Any, bucket: str) -> None:
    """What a job of before told of its table stays; bronze lacks what is not declared."""
    tell(s3, bucket, PRICES, ["2026-06-26"], reads="gone_since")
    assert states(s3, bucket, now=NOW + dt.timedelta(days=1)) == "PBBBB"


def test_before_the_wanted_history_gold_lacks_nothing(s3: Any, bucket: str) -> None:
    """What is told is shown all the same."""
    tell(s3, bucket, PRICES, ["2026-06-26"])
    land(s3, bucket, MON)
    calm = msgspec.structs.replace(STOCKS, history_from=TUE)
    assert states(s3, bucket, declared=calm, now=NOW + dt.timedelta(days=1)) == "P.BBB"


def test_a_cell_says_why_and_how_to_see_what_was_checked(s3: Any, bucket: str) -> None:
    """With the run that told it, and a query that anybody can run."""
    held = {"days": ["2026-06-29"], "why": "grouped_daily broke row_count", "outdated": False}
    tell(s3, bucket, PRICES, [], held)
    known = view.gold_cell(Reader(Documents(s3, bucket), bucket), STOCKS, PRICES, MON, NOW)
    assert (known.state, known.why, known.by) == ("H", "grouped_daily broke row_count", "stocks/manual__1/gold/7")
    assert known.meaning == MEANING[GoldState.HELD_BACK]
    assert known.at is not None
    assert known.reads == ("grouped_daily",)
    assert known.query == (
        "SELECT dataset, expectation, severity, observed, threshold, passed, message FROM quality.results "
        "WHERE asset_class = 'stocks' AND market_date = DATE'2026-06-29' AND dataset IN ('grouped_daily') "
        "ORDER BY passed, dataset, expectation"
    )
    off = view.gold_cell(Reader(Documents(s3, bucket), bucket), STOCKS, PRICES, dt.date(2026, 6, 28), NOW)
    assert (off.state, off.why, off.at, off.meaning) == (
        ".",
        "",
        None,
        "no market day, or before the history that is wanted",
    )


def test_a_rebuild_leaves_what_is_known_of_gold(s3: Any, bucket: str) -> None:
    """Bronze says nothing of it; what lies beside the documents of days is no foreign object."""
    from anthill.coverage.rebuild import rebuild

    tell(s3, bucket, PRICES, ["2026-06-26"])
    rebuild(s3, bucket, Documents(s3, bucket), STOCKS, "run")
    assert states(s3, bucket)[0] == "P"
