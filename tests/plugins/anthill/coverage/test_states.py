"""The states of market days are told apart."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from anthill import calendars, catalog, intervals
from anthill.coverage import states
from anthill.coverage.states import Due, State, known, row
from anthill.dataset import Dataset
from anthill.ledger.entry import Attempt, Entry, Outcome, merge, of_commits

from .entries import NOW, commit

STOCKS = catalog.load("stocks")
BARS = STOCKS.datasets["grouped_daily"]
LISTS = STOCKS.datasets["tickers"]  # two shards
DAY, NEXT = dt.date(2026, 7, 2), dt.date(2026, 7, 6)
REFUSED = Entry((), Attempt(NOW, "run", "refused", "no rows yet"))
NO_KEY = Entry((), Attempt(NOW, "run", "refused", "unknown key", by_key=True))


@pytest.mark.parametrize(
    ("dataset", "entry", "state"),
    [
        (BARS, of_commits([commit(DAY)]), State.LANDED),
        (BARS, of_commits([commit(DAY, rows=0)]), State.EMPTY),
        (BARS, of_commits([commit(DAY, revision=2)]), State.RESTATED),
        (BARS, REFUSED, State.REFUSED),
        (BARS, merge(of_commits([commit(DAY)]), REFUSED), State.LANDED),
        (BARS, NO_KEY, State.KEY),
        (BARS, merge(of_commits([commit(DAY)]), NO_KEY), State.LANDED),
        (BARS, Entry(), None),
        (LISTS, of_commits([commit(DAY, shard="active")]), None),
        (LISTS, merge(of_commits([commit(DAY, shard="active")]), REFUSED), State.REFUSED),
        (LISTS, of_commits([commit(DAY, shard="active"), commit(DAY, shard="delisted", rows=0)]), State.LANDED),
        (STOCKS.datasets["snapshot"], of_commits([commit(DAY, shard="1330")]), State.LANDED),
    ],
)
def test_an_entry_tells_its_state(dataset: Dataset, entry: Entry, state: State | None) -> None:
    """Half of a day's shards are not the day; a day once landed stays landed when asking again fails."""
    assert known(dataset, {str(DAY): entry}) == ({DAY: state} if state else {})


@pytest.mark.parametrize("outcome", ["landed", "refused"])
def test_a_refused_key_is_forgotten_once_the_source_answers(outcome: Outcome) -> None:
    """It is no property of the day: a later answer shows that the key is taken, be it a refusal for another reason."""
    later, before = NOW + dt.timedelta(hours=1), NOW - dt.timedelta(hours=1)
    for at, told in ((before, {DAY: State.KEY}), (later, {})):
        other = Entry((), Attempt(at, "run", outcome, "no rows yet"))
        states_told = known(BARS, {str(DAY): NO_KEY, str(NEXT): other})
        assert {day: state for day, state in states_told.items() if day == DAY} == told
    both = {str(DAY): NO_KEY, str(NEXT): Entry((), Attempt(later, "run", "refused", "unknown key", by_key=True))}
    assert known(BARS, both) == dict.fromkeys((DAY, NEXT), State.KEY)


def of(dataset: Dataset, first: dt.date, last: dt.date, now: dt.datetime) -> str:
    """The letters of days of which nothing is known."""
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    market = frozenset(calendars.market_days(dataset.calendar, first, last))
    return row(dataset, days, market, {}, Due(STOCKS, now))


def test_what_lies_before_the_wanted_history_is_not_missed() -> None:
    """Neither missing nor refused; what is there is shown all the same. A dataset's own day is the later one."""
    first, last = dt.date(2026, 6, 22), dt.date(2026, 6, 26)
    days = [first + dt.timedelta(days=number) for number in range(5)]
    market, told = frozenset(days), {days[0]: State.LANDED, days[1]: State.REFUSED, days[4]: State.REFUSED}
    calm = msgspec.structs.replace(STOCKS, history_from=days[3])
    assert row(BARS, days, market, told, Due(calm, NOW)) == "L..MX"
    own = msgspec.structs.replace(BARS, history_from=last)
    assert row(own, days, market, told, Due(calm, NOW)) == "L...X"
    assert row(own, days, market, told, Due(STOCKS, NOW)) == "L...X"
    assert row(BARS, days, market, told, Due(STOCKS, NOW)) == "LXMMX"


def test_time_makes_a_day_late_and_then_missing() -> None:
    """Thursday is due six hours after its close: before that nothing is wrong, a day later it is missing."""
    due = calendars.session_close("XNYS", DAY) + STOCKS.due_after_close
    moment = dt.timedelta(seconds=1)
    assert of(BARS, DAY, DAY, due - moment) == "W"
    assert of(BARS, DAY, DAY, due) == "T"
    assert of(BARS, DAY, DAY, due + states.LATE_FOR - moment) == "T"
    assert of(BARS, DAY, DAY, due + states.LATE_FOR) == "M"


def test_days_off_and_before_the_beginning_are_no_gaps() -> None:
    """Independence Day is kept on Friday the 3rd; the source begins on 2003-09-10."""
    assert of(BARS, dt.date(2026, 7, 1), dt.date(2026, 7, 7), dt.datetime(2026, 8, 1, tzinfo=dt.UTC)) == "MM...MM"
    assert of(BARS, dt.date(2003, 9, 8), dt.date(2003, 9, 11), NOW) == "..MM"


def test_what_answers_for_now_is_gone() -> None:
    """No backfill can have it, so it is no gap."""
    for name in ("exchanges", "snapshot"):
        assert of(STOCKS.datasets[name], DAY, DAY, NOW + dt.timedelta(days=9)) == "G"
    assert not State.GONE.gap


def test_a_dataset_may_be_due_later_than_its_asset_class() -> None:
    """What comes two days later is waited for, not missed."""
    slow = msgspec.structs.replace(BARS, due_after_close=dt.timedelta(days=2))
    at = calendars.session_close("XNYS", DAY) + dt.timedelta(days=2)
    assert (of(BARS, DAY, DAY, at), of(slow, DAY, DAY, at - dt.timedelta(seconds=1))) == ("M", "W")


def test_every_state_has_its_meaning() -> None:
    """Letters are told apart, and each is explained."""
    assert set(states.MEANING) == set(State)
    assert len({state.value for state in State}) == len(State)


def test_a_datasets_own_time_counts_from_the_close_and_a_taking_from_its_market() -> None:
    """At that second it is due, a second before it is not; taken in market hours it is due at the close itself."""
    close, second = calendars.session_close("XNYS", DAY), dt.timedelta(seconds=1)
    slow = msgspec.structs.replace(BARS, due_after_close=dt.timedelta(hours=22))
    for dataset, after, past in (
        (slow, dt.timedelta(hours=22), "M"),
        (STOCKS.datasets["snapshot"], dt.timedelta(), "G"),
    ):
        due = close + after
        moments = (due - second, due, due + states.LATE_FOR - second, due + states.LATE_FOR)
        assert [of(dataset, DAY, DAY, moment) for moment in moments] == ["W", "T", "T", past]


def test_early_closes_are_due_earlier() -> None:
    """The day after Thanksgiving closes at 13:00 New York, and is due at 19:00."""
    day = dt.date(2026, 11, 27)
    due = dt.datetime(2026, 11, 28, 0, tzinfo=dt.UTC)
    assert [of(BARS, day, day, at) for at in (due - dt.timedelta(seconds=1), due)] == ["W", "T"]


def test_what_is_told_counts_before_what_is_due() -> None:
    """A day landed ahead of its time is landed; what was told of a day off is not shown."""
    friday, saturday = dt.date(2026, 7, 10), dt.date(2026, 7, 11)
    told = {friday: State.LANDED, saturday: State.LANDED}
    market = frozenset(calendars.market_days("XNYS", friday, saturday))
    assert row(BARS, [friday, saturday], market, told, Due(STOCKS, NOW)) == "L."


def test_nothing_is_due_before_the_calendar_begins() -> None:
    """Whoever asks then waits."""
    before = dt.datetime(2003, 1, 1, tzinfo=dt.UTC)
    assert calendars.last_due("XNYS", dt.timedelta(hours=6), before) is None
    assert of(BARS, dt.date(2003, 9, 10), dt.date(2003, 9, 11), before) == "WW"


def test_a_day_that_is_over_in_utc_may_not_be_in_new_york() -> None:
    """Six hours after the close is past midnight UTC: until then the day before is the last one due."""
    wednesday = dt.date(2026, 7, 1)
    for hours, minutes, day in ((1, 59, wednesday), (2, 0, DAY)):
        at = dt.datetime(2026, 7, 3, hours, minutes, tzinfo=dt.UTC)
        assert calendars.last_due("XNYS", dt.timedelta(hours=6), at) == day
    monday_evening = dt.datetime(
        2026, 7, 6, 23, 59, tzinfo=dt.UTC
    )  # its own day's data is not due, Friday was a holiday
    assert calendars.last_due("XNYS", dt.timedelta(hours=6), monday_evening) == DAY


def test_what_is_there_and_what_a_backfill_may_fill() -> None:
    """Waiting is neither."""
    assert {state.value for state in State if state.there} == set("LER")
    assert {state.value for state in State if state.gap} == set("MTXK")


def test_takings_are_never_restated_nor_whole() -> None:
    """Any one of a day makes it landed, without rows it is empty; a restated shard restates the day."""
    snapshot = STOCKS.datasets["snapshot"]
    taken = of_commits([commit(DAY, 2, shard="1330"), commit(DAY, 1, 0, shard="1345")])
    assert known(snapshot, {str(DAY): taken}) == {DAY: State.LANDED}
    assert known(snapshot, {str(DAY): of_commits([commit(DAY, rows=0, shard="1330")])}) == {DAY: State.EMPTY}
    restated = of_commits([commit(DAY, 1, shard="active"), commit(DAY, 2, shard="delisted")])
    assert known(LISTS, {str(DAY): restated}) == {DAY: State.RESTATED}
    landed = Entry((), Attempt(NOW, "run", "superseded"))
    assert known(BARS, {str(DAY): landed}) == {}


def test_a_day_of_many_intervals_is_as_its_worst() -> None:
    """A hole is missing, a refusal is one; what is not over yet is not judged; each day by itself."""
    often = msgspec.structs.replace(BARS, calendar="PT6H")
    ends = [each.label for each in intervals.between("PT6H", DAY, DAY + dt.timedelta(days=1))]
    asked = dt.datetime(2026, 7, 9, tzinfo=dt.UTC)
    there, empty = (of_commits([commit(DAY, rows=rows)], asked={"": asked}) for rows in (10, 0))

    def told(*entries: Entry | None) -> dict[dt.date, State]:
        return known(often, {at: entry for at, entry in zip(ends, entries, strict=False) if entry})

    after = DAY + dt.timedelta(days=1)
    assert told(there, empty) == {DAY: State.LANDED}
    assert told(empty, empty, empty, empty) == {DAY: State.EMPTY}
    assert told(there, None, there) == {DAY: State.MISSING}
    assert told(there, REFUSED, None, there, there) == {DAY: State.REFUSED, after: State.LANDED}
    assert told(None, None, None, None, None, there) == {after: State.MISSING}
    assert told() == {}
