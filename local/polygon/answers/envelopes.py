"""The bodies of answers: rows in their envelope, errors, and gzip that is made once for rows that do not change."""

import struct
import zlib
from dataclasses import dataclass
from typing import Any

import msgspec

_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
_SUMS = struct.Struct("<LL")
LEVEL = 1


class ApiError(Exception):
    """An answer that is an error: its HTTP status and its body, to which the request's id is added."""

    def __init__(self, status: int, kind: str, message: str, *, field: str = "error") -> None:
        super().__init__(message)
        self.status, self.body = status, {"status": kind, field: message}


PRICING = "https://polygon.io/pricing"


def bad_request(message: str) -> ApiError:
    """A parameter that cannot be read."""
    return ApiError(400, "ERROR", message)


def not_authorized(message: str) -> ApiError:
    """Something that the key's plan does not allow."""
    return ApiError(403, "NOT_AUTHORIZED", message, field="message")


@dataclass(frozen=True)
class Packed:
    """The unchanging beginning of a body, compressed once; with an answer's own end it is one gzip member."""

    deflated: bytes
    crc: int
    length: int  # before compression

    @classmethod
    def of(cls, text: str) -> "Packed":
        """The beginning of a body, compressed."""
        plain = text.encode()
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        return cls(packer.compress(plain) + packer.flush(zlib.Z_FULL_FLUSH), zlib.crc32(plain), len(plain))

    def gzipped(self, end: bytes) -> bytes:
        """The whole body with `end`, as gzip."""
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -15)
        tail = packer.compress(end) + packer.flush()
        sums = _SUMS.pack(zlib.crc32(end, self.crc), (self.length + len(end)) & 0xFFFFFFFF)
        return b"".join((_GZIP_HEADER, self.deflated, tail, sums))

    def plain(self, end: bytes) -> bytes:
        """The whole body with `end`, as it is."""
        return zlib.decompressobj(-15).decompress(self.deflated) + end


def envelope(results: list[str] | None, before: dict[str, Any]) -> str:
    """The beginning of a body: the keys before the rows, and the rows (None leaves `results` out)."""
    head = msgspec.json.encode(before).decode()[:-1]
    comma = "," if before else ""
    return head if results is None else f'{head}{comma}"results":[{",".join(results)}]'


def ending(after: dict[str, Any], *, first: bool = False) -> bytes:
    """The end of a body that `envelope` began; `first` if nothing came before."""
    return (b"" if first else b",") + msgspec.json.encode(after)[1:]
