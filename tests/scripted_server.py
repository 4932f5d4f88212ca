"""An HTTP server that answers as a script says, byte by byte: whole pages, resets, short bodies, hangs."""

from __future__ import annotations

import email.utils
import gzip
import json
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    target: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.target).path

    @property
    def params(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """Bytes to send, and how to go on: keep the connection, close it, reset it, or say nothing for a while."""

    data: bytes
    end: str = "keep"  # keep, close, reset
    hang: float = 0.0  # seconds of silence after the data


Script = Callable[[Asked], Reply]


def http(
    body: bytes,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    length: int | None = None,
    date: float | None = None,
) -> Reply:
    """A plain answer; `length` claims another Content-Length, `date` is the server's clock."""
    lines = {
        "Date": email.utils.formatdate(date, usegmt=True),
        "Content-Length": str(len(body) if length is None else length),
        **(headers or {}),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    short = length is not None and length > len(body)
    return Reply(f"HTTP/1.1 {status} X\r\n{head}\r\n".encode() + body, "close" if short else "keep")


def page(document: Any, **how: Any) -> Reply:
    """A document as gzip JSON."""
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json", **how.pop("headers", {})}
    return http(gzip.compress(json.dumps(document, separators=(",", ":")).encode(), 6, mtime=0), headers=headers, **how)


def error(status: int, document: Any = None, **headers: str) -> Reply:
    """An error with a JSON body, or HTML where there is no document."""
    body = b"<html>Bad Gateway</html>" if document is None else json.dumps(document).encode()
    return http(body, status, headers)


def chunked(pieces: Iterable[bytes], whole: bool = True, **headers: str) -> Reply:
    """A body in chunks; cut before its end where it is not whole."""
    lines = {"Date": email.utils.formatdate(usegmt=True), "Transfer-Encoding": "chunked", **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    body = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    data = f"HTTP/1.1 200 OK\r\n{head}\r\n".encode() + body
    return Reply(data + b"0\r\n\r\n") if whole else Reply(data[:-10], "close")


RESET = Reply(b"", "reset")


@dataclass
class ScriptedServer:
    """Serves a script on a free port of 127.0.0.1; `asked` is every request so far."""

    script: Script
    asked: list[Asked] = field(default_factory=list)

    def __enter__(self) -> Self:
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._serve(self.connection, self.rfile)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 128

            def shutdown_request(self, request: Any) -> None:
                """Close without the usual half-close, which would turn a reset into a plain end."""
                self.close_request(request)

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that went away is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._stop = threading.Event()
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The server's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def _serve(self, connection: socket.socket, stream: Any) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while line := stream.readline():
            target = line.split()[1].decode()
            headers = {}
            while (header := stream.readline().decode().strip()) != "":
                name, _, value = header.partition(":")
                headers[name.title()] = value.strip()
            stream.read(int(headers.get("Content-Length", 0)))
            asked = Asked(target, headers)
            self.asked.append(asked)
            reply = self.script(asked)
            connection.sendall(reply.data)
            if reply.hang:
                self._stop.wait(reply.hang)
            if reply.end == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if reply.end != "keep" or reply.hang:
                return


@dataclass
class Chain:
    """A script: `pages` of rows one after the other by cursor, with faults in place of a page's first answers."""

    pages: list[list[Any]]
    faults: dict[int, list[Reply]] = field(default_factory=dict)  # page -> answers before the right one
    always: dict[int, Reply] = field(default_factory=dict)  # page -> the only answer it ever gives
    date: float = field(default_factory=time.time)
    base: Callable[[], str] = lambda: ""

    def __call__(self, asked: Asked) -> Reply:
        """Answer the page that the cursor names."""
        number = int(asked.params.get("cursor", "0"))
        if number in self.always:
            return self.always[number]
        if self.faults.get(number):
            return self.faults[number].pop(0)
        return page(self.document(number), date=self.date)

    def document(self, number: int) -> dict[str, Any]:
        """The envelope of one page."""
        rows = self.pages[number]
        more = {"next_url": f"{self.base()}/v3/rows?cursor={number + 1}"} if number + 1 < len(self.pages) else {}
        return {
            "status": "OK",
            "request_id": f"r{number}-{time.monotonic_ns()}",
            "count": len(rows),
            "results": rows,
            **more,
        }

    @property
    def rows(self) -> list[Any]:
        """Every row that the server has."""
        return [row for rows in self.pages for row in rows]
