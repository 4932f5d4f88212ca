"""What IAM's patterns cover, where `*` is any text and `?` any one letter."""

from __future__ import annotations

import re
from functools import cache


def covers(wide: str, narrow: str) -> bool:
    """Whether everything that one pattern matches is matched by the other; never where that is in doubt."""
    return _regex(wide).fullmatch(narrow) is not None


@cache
def meet(one: str, other: str) -> bool:
    """Whether there is a text that both match."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return meet(one[1:], other) or meet(one, other[1:])
    if other[0] == "*":
        return meet(other, one)
    return (one[0] == other[0] or "?" in (one[0], other[0])) and meet(one[1:], other[1:])


def behind(pattern: str, place: str) -> list[str]:
    """What a pattern matches behind the text of a place, as patterns; none where it does not match so far."""
    pattern = re.sub(r"\*+", "*", pattern)
    at = _closed(pattern, {0})
    for letter in place:
        next_at = {spot + (pattern[spot] != "*") for spot in at if pattern[spot : spot + 1] in {"*", "?", letter}}
        at = _closed(pattern, next_at)
    rests = sorted({pattern[spot:] for spot in at} - {""})
    return [rest for rest in rests if not any(covers(more, rest) for more in rests if more != rest)]


def _closed(pattern: str, at: set[int]) -> set[int]:
    """The spots with those that a star, which may match nothing, lets through to."""
    return at | {spot + 1 for spot in at if pattern[spot : spot + 1] == "*"}


@cache
def _regex(wide: str) -> re.Pattern[str]:
    """Matches the texts of the patterns below: a star of theirs is taken by a star alone."""
    letters = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(letters.get(letter, re.escape(letter)) for letter in wide), re.DOTALL)
