"""The first line of a table in a file: whether somebody has declared it, and how it differs from what is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_NAMED = 10  # columns that a message names


def problem(came: Sequence[str], declared: Mapping[str, Sequence[str]]) -> str:
    """What is new and gone in a header that nobody has declared, beside the nearest one; "" for one that is."""
    if tuple(came) in map(tuple, declared.values()):
        return ""
    name, nearest = min(declared.items(), key=lambda known: len(set(known[1]) ^ set(came)))
    known = ", ".join(f"{known!r} ({len(columns)} columns)" for known, columns in declared.items())
    return f"its header of {len(came)} columns is none of {known}: beside {name!r} it {_differs(came, nearest)}"


def _differs(came: Sequence[str], known: Sequence[str]) -> str:
    """How a header is another one."""
    gone, new = ([column for column in a if column not in b][:_NAMED] for a, b in ((known, came), (came, known)))
    if gone or new:
        said = (f"{verb} {', '.join(names)}" for verb, names in (("lacks", gone), ("has", new)) if names)
        return " and ".join(said)
    if len(came) != len(known):
        return "has a column twice"
    at = next(at for at, (one, other) in enumerate(zip(came, known, strict=True)) if one != other)
    return f"has its columns in another order, from {came[at]} on"
