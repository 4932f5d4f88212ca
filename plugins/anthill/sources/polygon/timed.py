"""Connections that give up an answer after a time in all, whatever drips: status lines, headers, chunks, bodies."""

from __future__ import annotations

import io
import math
import socket
import time
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class _Bytes(io.RawIOBase):
    """What comes from a socket until a moment; no wait for a byte goes beyond it."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._until = until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        if (self._sock.gettimeout() or math.inf) > left:
            self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer:
    """A socket to http.client, which only asks it for its file."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self._sock = sock
        self._until = until

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_Bytes(self._sock, self._until))


class _Timed:
    """To be mixed into a connection: its answers are over `total` seconds after it began to ask."""

    total = math.inf
    _until = math.inf

    def request(self, *args: Any, **how: Any) -> None:
        self._until = time.monotonic() + self.total
        super().request(*args, **how)  # type: ignore[misc] # the connection's

    def response_class(self, sock: socket.socket, *args: Any, **how: Any) -> HTTPResponse:
        answer: Any = _Answer(sock, self._until)
        return HTTPResponse(answer, *args, **how)


def pools(seconds: float) -> dict[str, type[HTTPConnectionPool]]:
    """Pools by scheme, as a PoolManager takes them, whose answers take so many seconds at most."""

    class Plain(_Timed, HTTPConnection):  # type: ignore[misc] # response_class is called, whatever it is
        total = seconds

    class Encrypted(_Timed, HTTPSConnection):  # type: ignore[misc]
        total = seconds

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
