"""How a gold table's days stand after a run, by what is loaded, checked and held."""

from __future__ import annotations

import datetime as dt

from anthill.lakehouse import standing

# Wednesday to Tuesday; the 4th is a holiday, and Friday the 5th is between two ranges of days.
WED, FRI, MON, TUE = (dt.date(2024, 7, day) for day in (3, 5, 8, 9))
ALL = {WED, FRI, MON, TUE}


def test_days_are_published_outdated_or_held_back_with_the_reason() -> None:
    """Each as ranges of market days; what broke is named by its expectations, of every dataset that is read."""
    told = standing.of(
        "XNYS",
        {"prices", "splits"},
        ready={WED, FRI},
        held={WED, FRI, MON},
        loaded={"prices": ALL, "splits": ALL, "other": ALL},
        broken={"prices": {MON: {"row_count", "keys_unique"}, TUE: {"loaded"}}, "splits": {}, "other": {MON: {"x"}}},
        passed={"prices": {WED, FRI}, "splits": {WED, FRI, MON}, "other": set()},
    )
    assert told == {
        "reads": ["prices", "splits"],
        "published": ["2024-07-03/2024-07-05"],
        "held_back": [
            {"days": ["2024-07-08"], "why": "prices broke keys_unique, row_count", "outdated": True},
            {
                "days": ["2024-07-09"],
                "why": "prices broke loaded; splits was not checked since it was loaded",
                "outdated": False,
            },
        ],
    }


def test_what_is_not_loaded_is_no_verdict() -> None:
    """A day that lacks one of its datasets is for bronze to tell; a ready day that was not computed is not held."""
    told = standing.of(
        "XNYS",
        {"prices", "ratios"},
        ready={WED},
        held=set(),
        loaded={"prices": {WED, FRI}, "ratios": {WED}},
        broken={"prices": {}, "ratios": {}},
        passed={"prices": {WED, FRI}, "ratios": {WED}},
    )
    assert told == {"reads": ["prices", "ratios"], "published": [], "held_back": []}


def test_days_with_one_reason_are_one_entry() -> None:
    """Days off between them are no break."""
    told = standing.of(
        "XNYS", {"prices"}, ready=(), held=(), loaded={"prices": ALL}, broken={"prices": {}}, passed={"prices": ()}
    )
    assert told["held_back"] == [
        {"days": ["2024-07-03/2024-07-09"], "why": "prices was not checked since it was loaded", "outdated": False}
    ]
