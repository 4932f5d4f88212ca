"""Tellings of one market day become one, whatever their order."""

from __future__ import annotations

import datetime as dt
import functools
import itertools

from hypothesis import given
from hypothesis import strategies as st

from anthill.coverage.entry import Attempt, Entry, merge, of_commits

from .entries import NOW, commit

DAY = dt.date(2026, 7, 2)
SHARDS = st.sampled_from(["", "active", "delisted"])
COMMITS = st.builds(lambda shard, revision: commit(DAY, revision, 10 * revision, shard), SHARDS, st.integers(1, 4))
ATTEMPTS = st.builds(
    lambda minute, outcome: Attempt(NOW + dt.timedelta(minutes=minute), "run", outcome),
    st.integers(0, 9),
    st.sampled_from(["landed", "refused"]),
)
ENTRIES = st.builds(
    lambda commits, attempt: of_commits({each.shard: each for each in commits}.values(), attempt),
    st.lists(COMMITS, max_size=3),
    st.none() | ATTEMPTS,
)


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
    assert entry.keys("stocks", "grouped_daily", DAY) == [
        "polygon/stocks/grouped_daily/date=2026-07-02/active/r000001.jsonl.gz",
        "polygon/stocks/grouped_daily/date=2026-07-02/delisted/r000003.jsonl.gz",
    ]
