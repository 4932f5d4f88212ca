"""How the market days of a gold table stand after a run, for the coverage index: published, or held back and why."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from anthill.calendars import spans

Days = Mapping[str, Collection[dt.date]]  # of each dataset
Broken = Mapping[str, Mapping[dt.date, Collection[str]]]  # of each dataset and day: the critical expectations


def of(
    calendar: str,
    reads: Collection[str],
    ready: Collection[dt.date],
    held: Collection[dt.date],
    loaded: Days,
    broken: Broken,
    passed: Days,
) -> dict[str, Any]:
    """What a table reads, the days that it has as silver has them, and those that it may not take, with the reason.

    Of the loaded days that are not ready, those that it lacks are held back, and those that it has (`held`) outdated.
    What is only not loaded is no verdict: whoever knows bronze knows better.
    """
    why: dict[tuple[str, bool], list[dt.date]] = defaultdict(list)
    for day in set().union(*(loaded[name] for name in reads)) - set(ready):
        reasons = [said for name in sorted(reads) if (said := _reason(name, day, loaded, broken, passed))]
        if reasons:
            why["; ".join(reasons), day in held].append(day)
    held_back = [
        {"days": spans(calendar, days), "why": said, "outdated": old} for (said, old), days in sorted(why.items())
    ]
    return {"reads": sorted(reads), "published": spans(calendar, set(ready) & set(held)), "held_back": held_back}


def _reason(name: str, day: dt.date, loaded: Days, broken: Broken, passed: Days) -> str:
    """What keeps a dataset's load out of gold; empty where nothing does."""
    if day in broken[name]:
        return f"{name} broke {', '.join(sorted(broken[name][day]))}"
    if day in loaded[name] and day not in passed[name]:
        return f"{name} was not checked since it was loaded"
    return ""
