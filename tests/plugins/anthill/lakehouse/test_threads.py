"""A thread is followed to its beginning, however long it is, and one without a beginning is an error."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.calendars import market_days
from anthill.lakehouse.threads import Place, ThreadError, roots
from tests.plugins.anthill.lakehouse.lake import Lake

DAYS = market_days("XNYS", dt.date(2024, 5, 13), dt.date(2024, 5, 24))[:9]
NAMES = [f"NAME{letter}" for letter in "ABCDEFGHI"]


def place(number: int) -> Place:
    """A listing by its number."""
    return f"T{number}", dt.date(2024, 1, 1) + dt.timedelta(number)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=200), st.randoms(use_true_random=False))
def test_every_listing_has_the_root_of_its_tree(parents: list[int], random: object) -> None:
    """Chains of any length and forks, their links in any order: told from who is whose parent, oldest first."""
    beginnings = {place(0): place(0)}
    links = []
    for number, drawn in enumerate(parents, 1):
        before = place(drawn % number)
        links.append((place(number), before))
        beginnings[place(number)] = beginnings[before]
    random.shuffle(links)  # type: ignore[attr-defined]
    assert roots(links) == {later: beginnings[later] for later, _ in links}


def test_a_circle_is_named() -> None:
    """Nothing in the tables makes one; should it come to that, nobody waits for ever and no thread is invented."""
    circle = [(place(1), place(2)), (place(2), place(3)), (place(3), place(1)), (place(4), place(1))]
    with pytest.raises(ThreadError, match="in a circle: T1 from 2024-01-02, T2 from 2024-01-03, T3 from 2024-01-04"):
        roots(circle)


def test_eight_renames_are_one_security(lake: Lake) -> None:
    """Without any FIGI, by the number of its issuer from each name to the next: none of them begins a new thread."""
    lake.only("instruments")
    for day, name in zip(DAYS, NAMES, strict=True):
        lake.put(
            "tickers",
            day,
            [{"ticker": name, "active": True, "cik": "7"}, {"ticker": "ELSE", "active": True}],
            shard="active",
        )
        lake.put("tickers", day, [], shard="delisted")
    lake.silver(DAYS[0], DAYS[-1])
    lake.quality(DAYS[0], DAYS[-1], datasets="tickers")
    lake.gold(DAYS[0], DAYS[-1])
    borne = lake.table("gold.stocks_instruments").sort("valid_from", "ticker").filter(identity="7")
    assert borne.select("ticker", "ticker_before").rows() == list(zip(NAMES, [None, *NAMES], strict=False))
    assert set(borne["security"]) == {NAMES[0]}
