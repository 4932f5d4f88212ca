"""The order-independent digest of rows: the same rows in any order and on any pages have the same one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import xxhash

_MODULUS = 1 << 128
_AT_ONCE = 1 << 12  # rows
_LOWER_HALVES = int.from_bytes((bytes(8) + b"\xff" * 8) * _AT_ONCE, "big")


def of_rows(rows: Iterable[bytes | msgspec.Raw]) -> int:
    """The sum of the rows' xxh3_128 modulo 2^128."""
    # As one number and not one by one: Python's integers cost more than the hashes do.
    digests = b"".join(map(xxhash.xxh3_128_digest, rows))
    number = len(digests) // 16
    if number > _AT_ONCE:
        return sum(_sum(digests[at : at + 16 * _AT_ONCE]) for at in range(0, len(digests), 16 * _AT_ONCE)) % _MODULUS
    return _sum(digests) % _MODULUS


def _sum(digests: bytes) -> int:
    """The sum of numbers of 16 bytes, which stand one behind the other."""
    number = len(digests) // 16
    numbers = int.from_bytes(digests, "big")
    mask = _LOWER_HALVES >> 128 * (_AT_ONCE - number)
    return (_folded(numbers >> 64 & mask, number) << 64) + _folded(numbers & mask, number)


def _folded(halves: int, number: int) -> int:
    """The sum of so many numbers of 64 bits, each in a place of 128: the upper ones are added to the lower ones."""
    while number > 1:
        number = (number + 1) // 2
        upper = halves >> 128 * number
        halves += upper - (upper << 128 * number)
    return halves


def joined(left: int, right: int) -> int:
    """The digest of two pages' rows together."""
    return (left + right) % _MODULUS


def text(digest: int) -> str:
    """The digest as 32 hexadecimal digits."""
    return f"{digest:032x}"
