"""Gzip bodies: inflated to be checked, within a bound."""

from __future__ import annotations

from isal import igzip, isal_zlib
from isal.igzip_lib import IsalError

_GZIP = 31  # zlib's wbits for a gzip member with its checksum


class InflateError(ValueError):
    """The bytes are no whole gzip members, or inflate beyond the bound."""


def inflate(body: bytes, bound: int) -> bytes:
    """All gzip members of the body, inflated; InflateError on a cut, a wrong checksum, or more than `bound` bytes."""
    parts: list[bytes] = []
    room = bound
    rest = body
    while rest:
        member = isal_zlib.decompressobj(wbits=_GZIP)
        try:
            part = member.decompress(rest, room + 1)
        except IsalError as error:  # type: ignore[misc] # isal's stubs call it an instance
            raise InflateError(f"no gzip: {error}") from error
        room -= len(part)
        if room < 0:
            raise InflateError(f"a gzip body of more than {bound:,} bytes inflated")
        if not member.eof:
            raise InflateError(f"a gzip body cut after {len(body):,} bytes")
        parts.append(part)
        rest = member.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)


def deflate(content: bytes) -> bytes:
    """The content as one gzip member; the same bytes every time."""
    return bytes(igzip.compress(content, compresslevel=1, mtime=0))
