"""Files of tests that share one whole stack have market days of their own: none finds what another has left."""

from __future__ import annotations

import datetime as dt
import re
from itertools import combinations
from pathlib import Path

FOLDER = Path(__file__).parent / "whole_stack"
DATE = r"(20\d\d-\d\d-\d\d)"
SPANS = re.compile(rf'"{DATE}(?:/{DATE}|"[^\n]*_to": "{DATE}|", "--to", "{DATE})?"')


def days(text: str) -> set[dt.date]:
    """The days that a file names as strings: one, an ISO interval, the two ends of a form or of a command."""
    found: set[dt.date] = set()
    for first, *ends in SPANS.findall(text):
        start = dt.date.fromisoformat(first)
        end = dt.date.fromisoformat(next(filter(None, ends), first))
        found |= {start + dt.timedelta(days=number) for number in range((end - start).days + 1)}
    return found


def test_spans_are_read_whole() -> None:
    """In each of the forms that the files use."""
    assert len(days('"2026-06-01/2026-06-03"')) == 3
    assert len(days('{"market_date_from": "2026-06-01", "market_date_to": "2026-06-04"}')) == 4
    assert len(days('("--from", "2026-06-01", "--to", "2026-06-05")')) == 5
    assert days('DAY = "2026-06-01"') == {dt.date(2026, 6, 1)}


def test_no_day_is_of_two_files() -> None:
    """Of those that take the stack of the whole run, and start none of their own."""
    texts = {path.name: path.read_text() for path in FOLDER.glob("test_*.py")}
    named = {name: days(text) for name, text in texts.items() if "stack: Stack" in text and "Options(" not in text}
    named = {name: found for name, found in named.items() if "def stack(" not in texts[name]}
    assert sum(map(bool, named.values())) >= 6
    both = {(a, b): sorted(named[a] & named[b]) for a, b in combinations(named, 2)}
    assert {pair: shared for pair, shared in both.items() if shared} == {}
