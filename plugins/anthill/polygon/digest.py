"""The order-independent digest of rows: the same rows in any order and on any pages have the same one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import xxhash

_MODULUS = 1 << 128


def of_rows(rows: Iterable[bytes | msgspec.Raw]) -> int:
    """The sum of the rows' xxh3_128 modulo 2^128."""
    return sum(map(xxhash.xxh3_128_intdigest, rows)) % _MODULUS


def joined(left: int, right: int) -> int:
    """The digest of two pages' rows together."""
    return (left + right) % _MODULUS


def text(digest: int) -> str:
    """The digest as 32 hexadecimal digits."""
    return f"{digest:032x}"
