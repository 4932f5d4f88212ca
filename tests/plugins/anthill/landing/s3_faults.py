"""A proxy before S3 that breaks answers: before or after the request was applied."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Fault:
    """What happens to one request: an error of S3, or its answer lost or late, applied or not."""

    status: int = 0  # an error of S3 with this code, 0 for none
    code: str = ""
    applied: bool = False  # the request reaches S3 all the same
    hang: float = 0.0  # seconds before the connection ends without an answer


@dataclass
class S3Proxy:
    """Forwards to an S3; the first requests of a method meet its faults, in order."""

    target: str
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    seen: list[tuple[str, str]] = field(default_factory=list)  # method, path
    before: Callable[[str, str], None] = lambda method, path: None
    always: dict[str, Fault] = field(default_factory=dict)
    choose: Callable[[str, str, Mapping[str, str]], Fault | None] = lambda method, path, headers: None

    def __enter__(self) -> Self:
        outer = self
        self._stop = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                outer._serve(self)

            do_GET = do_PUT = do_HEAD = do_POST = answer  # noqa: N815 names of http.server

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that went away is no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def puts(self) -> int:
        """How many PUTs came."""
        return sum(method == "PUT" for method, _ in self.seen)

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        self.seen.append((handler.command, handler.path))
        self.before(handler.command, handler.path)
        queue = self.faults.get(handler.command, [])
        fault = queue.pop(0) if queue else self.always.get(handler.command)
        fault = fault or self.choose(handler.command, handler.path, handler.headers)
        if fault is None or fault.applied:
            status, headers, answer = self._forward(handler, body)
        if fault is not None:
            self._stop.wait(fault.hang)
            if not fault.status:
                handler.close_connection = True
                return
            status, headers = fault.status, [("Content-Type", "application/xml")]
            answer = f"<Error><Code>{fault.code}</Code><Message>made to fail</Message></Error>".encode()
        handler.send_response(status)
        for name, value in headers:
            if name.lower() not in {"content-length", "transfer-encoding", "connection", "server", "date"}:
                handler.send_header(name, value)
        length = dict(headers).get("Content-Length", "0") if handler.command == "HEAD" and not fault else len(answer)
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(answer)

    def _forward(self, handler: BaseHTTPRequestHandler, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        parts = urlsplit(self.target)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        headers = {name: value for name, value in handler.headers.items() if name.lower() not in {"expect"}}
        connection.request(handler.command, handler.path, body, headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response.status, response.getheaders(), answer
