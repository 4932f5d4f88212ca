"""Tellings of one market day become one, whatever their order."""

from __future__ import annotations

import datetime as dt
import functools
import itertools

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from anthill import catalog
from anthill.bronze.commits import Place
from anthill.ledger.entry import Attempt, Entry, Part, merge, of_commits

from ..coverage.entries import NOW, commit

DAY = dt.date(2026, 7, 2)
BARS = catalog.load("stocks").datasets["grouped_daily"]
SHARDS = st.sampled_from(["", "active", "delisted"])
COMMITS = st.builds(lambda shard, revision: commit(DAY, revision, 10 * revision, shard), SHARDS, st.integers(1, 4))
ATTEMPTS = st.builds(
    lambda minute, outcome: Attempt(NOW + dt.timedelta(minutes=minute), "run", outcome),
    st.integers(0, 9),
    st.sampled_from(["landed", "refused"]),
)
ENTRIES = st.builds(
    lambda commits, attempt, asked: of_commits({each.shard: each for each in commits}.values(), attempt, asked),
    st.lists(COMMITS, max_size=3),
    st.none() | ATTEMPTS,
    st.dictionaries(SHARDS, st.integers(-1, 9).map(lambda minute: NOW + dt.timedelta(minutes=minute))),
)


def _same(one: Part, other: Part) -> bool:
    return (one.shard, one.revision) == (other.shard, other.revision)


@given(st.lists(ENTRIES, min_size=1, max_size=4))
def test_the_newest_of_each_shard_counts_in_any_order(told: list[Entry]) -> None:
    """Every order of the tellings, each any number of times, ends in the same revisions and the same attempt's time."""
    ends = [functools.reduce(merge, [*order, order[0]], Entry()) for order in itertools.permutations(told)]
    newest: dict[str, int] = {}
    for part in itertools.chain.from_iterable(entry.parts for entry in told):
        newest[part.shard] = max(newest.get(part.shard, 0), part.revision)
    for end in ends:
        assert {part.shard: part.revision for part in end.parts} == newest
        assert end.rows == 10 * sum(newest.values())
        for part in end.parts:  # the last equal answer of this revision, never one of another
            known = [(each.asof, each.confirmed) for entry in told for each in entry.parts if _same(each, part)]
            assert part.asked == max(filter(None, itertools.chain.from_iterable(known)))
        assert (end.attempt and end.attempt.at) == max((e.attempt.at for e in told if e.attempt), default=None)


def test_a_restatement_remembers_the_rows_before() -> None:
    """Told again without them, they are not forgotten."""
    entry = merge(of_commits([commit(DAY, 1, 10)]), of_commits([commit(DAY, 2, 12)]))
    for again in (entry, of_commits([commit(DAY, 2, 12)])):
        entry = merge(entry, again)
        assert [(part.rows, part.before) for part in entry.parts] == [(12, 10)]


def test_an_entry_knows_its_keys() -> None:
    """As bronze writes them."""
    entry = of_commits([commit(DAY, 1, shard="active"), commit(DAY, 3, shard="delisted")])
    assert entry.keys(BARS, str(DAY)) == [
        "polygon/stocks/grouped_daily/date=2026-07-02/active/r000001.jsonl.gz",
        "polygon/stocks/grouped_daily/date=2026-07-02/delisted/r000003.jsonl.gz",
    ]


def test_a_revision_that_the_index_missed_leaves_the_rows_before_unknown() -> None:
    """The rows of the first revision are not those before the third, whichever is told first."""
    first, third = of_commits([commit(DAY, 1, 10)]), of_commits([commit(DAY, 3, 30)])
    for entry in (merge(first, third), merge(third, first)):
        assert [(part.revision, part.rows, part.before) for part in entry.parts] == [(3, 30, None)]


def test_the_later_of_two_tellings_may_come_first() -> None:
    """The rows before are those of the revision before, in either order."""
    first, second = of_commits([commit(DAY, 1, 10)]), of_commits([commit(DAY, 2, 20)])
    known = [merge(first, second), merge(second, first)]
    known += [merge(entry, second) for entry in known] + [merge(second, entry) for entry in known]
    assert [[(part.revision, part.rows, part.before) for part in entry.parts] for entry in known] == [[(2, 20, 10)]] * 6


def test_an_entry_says_what_its_commits_say() -> None:
    """Every fact of a commit, the shards in order; none of them says nothing."""
    entry = of_commits([commit(DAY, 2, 20, "b"), commit(DAY, 1, 10, "a")])
    told = [("a", 1, "jsonl", 10, 2, 100, NOW + dt.timedelta(minutes=1), "stocks/run1/land/1", None, None, "")]
    told += [("b", 2, "jsonl", 20, 2, 100, NOW + dt.timedelta(minutes=2), "stocks/run2/land/1", None, None, "")]
    assert [msgspec.structs.astuple(part) for part in entry.parts] == told
    assert (entry.rows, entry.pages, entry.revision, entry.asof) == (30, 4, 2, NOW + dt.timedelta(minutes=2))
    nothing = Entry()
    assert (nothing.rows, nothing.pages, nothing.revision, nothing.asof) == (0, 0, 0, None)
    assert nothing.keys(BARS, str(DAY)) == []


def test_rows_that_have_not_changed_lie_where_they_lay() -> None:
    """An interval with the rows of an earlier one has its key."""
    before, later = str(DAY), str(DAY + dt.timedelta(days=1))
    entry = of_commits([commit(DAY, 2)], interval=later)
    assert entry.keys(BARS, later) == [Place.of(BARS, before).key(2)]
    assert of_commits([commit(DAY, 2)], interval=before) == of_commits([commit(DAY, 2)])


def test_a_flat_file_stays_one() -> None:
    """The key that the index gives is the one under which it lies."""
    key = Place("polygon", "stocks", "grouped_daily", str(DAY)).key(1, "csv")
    entry = of_commits([msgspec.structs.replace(commit(DAY), key=key)])
    assert [part.form for part in entry.parts] == ["csv"]
    assert entry.keys(BARS, str(DAY)) == [key]


def test_the_last_attempt_counts_and_of_two_at_once_the_same_one() -> None:
    """In either order; a telling without any takes none away."""
    early, late = (Attempt(NOW + dt.timedelta(minutes=m), "run", "landed") for m in (1, 2))
    a, b = Attempt(NOW, "a", "refused", "x", True), Attempt(NOW, "b", "landed")
    for one, other, last in ((early, late, late), (late, early, late), (a, b, b), (b, a, b)):
        assert merge(Entry((), one), Entry((), other)).attempt == last
    for entries in ((Entry((), a), Entry()), (Entry(), Entry((), a))):
        assert merge(*entries).attempt == a
    assert merge(Entry(), Entry()).attempt is None
