"""The order-independent digest of rows: the same rows in any order and on any pages have the same one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import xxhash

_MODULUS = 1 << 128
_BETWEEN = bytes(4)  # before each hash: room for what 2^32 of them come to
_PLACE = 16 + len(_BETWEEN)
_AT_ONCE = 64  # hashes
_FOLDS = [(8 * _PLACE * number, (1 << 8 * _PLACE * number) - 1) for number in (32, 16, 8, 4, 2, 1)]


def of_rows(rows: Iterable[bytes | msgspec.Raw]) -> int:
    """The sum of the rows' xxh3_128 modulo 2^128."""
    # As a few long numbers and not one by one: Python's integers cost more than the hashes do.
    digests = _BETWEEN.join(map(xxhash.xxh3_128_digest, rows))
    step = _PLACE * _AT_ONCE
    total = sum(int.from_bytes(digests[at : at + step - len(_BETWEEN)], "big") for at in range(0, len(digests), step))
    for bits, lower in _FOLDS:
        total = (total >> bits) + (total & lower)
    return total % _MODULUS


def joined(left: int, right: int) -> int:
    """The digest of two pages' rows together."""
    return (left + right) % _MODULUS


def text(digest: int) -> str:
    """The digest as 32 hexadecimal digits."""
    return f"{digest:032x}"
