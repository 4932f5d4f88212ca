"""Gzip bodies: inflated to be checked, within a bound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from isal import igzip, isal_zlib
from isal.igzip_lib import IsalError

_GZIP = 31  # zlib's wbits for a gzip member with its checksum


class InflateError(ValueError):
    """The bytes are no whole gzip members, or inflate beyond the bound."""


def _one_member(body: bytes, bound: int) -> bytes | None:
    """The content of one member into as much room as it says that it takes; None where that does not fit.

    Room that grows while it is filled costs as much as inflating does.
    """
    if (size := told_size(body)) > bound:
        return None
    member = isal_zlib.decompressobj(wbits=_GZIP)
    try:
        part = member.decompress(body, size + 1)
    except IsalError:  # type: ignore[misc] # isal's stubs call it an instance
        return None
    return part if member.eof and not member.unused_data else None


class TooLargeError(InflateError):
    """They inflate beyond the bound."""


def inflate(body: bytes, bound: int) -> bytes:
    """All gzip members of the body, inflated; InflateError on a cut, a wrong checksum, or more than `bound` bytes."""
    if (part := _one_member(body, bound)) is not None:
        return part
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
            raise TooLargeError(f"a gzip body of more than {bound:,} bytes inflated")
        if not member.eof:
            raise InflateError(f"a gzip body cut after {len(body):,} bytes")
        parts.append(part)
        rest = member.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)


def told_size(body: bytes) -> int:
    """How large the last gzip member says that it is inflated, in bytes; known for sure once it is."""
    return int.from_bytes(body[-4:], "little")


def inflated(body: Iterable[bytes], bound: int, piece: int) -> Iterator[bytes]:
    """The same in pieces, of a body in pieces."""
    room, came = bound, 0
    member = None
    for rest in body:
        came += len(rest)
        while True:
            member = member or isal_zlib.decompressobj(wbits=_GZIP)
            try:
                part = member.decompress(rest, piece)
            except IsalError as error:  # type: ignore[misc] # isal's stubs call it an instance
                raise InflateError(f"no gzip: {error}") from error
            room -= len(part)
            if room < 0:
                raise TooLargeError(f"a gzip body of more than {bound:,} bytes inflated")
            if part:
                yield part
            if member.eof:
                rest = member.unused_data
                member = None
                if not rest:
                    break
            elif not (rest := member.unconsumed_tail) and len(part) < piece:
                break
    if member is not None or not came:
        raise InflateError(f"a gzip body cut after {came:,} bytes")


def deflated(content: Iterable[bytes]) -> Iterator[bytes]:
    """The content as one gzip member, in pieces; the same bytes every time."""
    packer = isal_zlib.compressobj(1, wbits=_GZIP)
    for piece in content:
        yield packer.compress(piece)
    yield packer.flush()


def deflate(content: bytes) -> bytes:
    """The content as one gzip member; the same bytes every time."""
    return bytes(igzip.compress(content, compresslevel=1, mtime=0))
