"""How a value is written, by the type that it is read as: what else there is, engines read in different ways.

Spark takes `1.5d`, `0x1p3`, ` 2026-07-01 `, `today` and `on` for values, and Sail does not.
"""

from __future__ import annotations

_NUMBER = "RLIKE '[^-+.0-9eE]'"
_NO_FORM = {
    "double": _NUMBER,
    "bigint": _NUMBER,
    "int": _NUMBER,
    "decimal": "RLIKE '[^-+.0-9]'",  # as databases write it; of an exponent Sail makes nothing
    "date": "NOT LIKE '____-__-__'",
    "timestamp": "RLIKE '[^-+.:0-9eETZ]'",  # ISO 8601, or a number of seconds or less
    "boolean": "NOT IN ('true', 'false')",
}


def no_form(kind: str) -> str:
    """What follows a text to say that it is not written as values of a type are, "" where any text is; NULL of NULL."""
    return _NO_FORM.get(kind.partition("(")[0], "")
