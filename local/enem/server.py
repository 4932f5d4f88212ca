"""An HTTP server of ENEM's zips: ranges and ETags as RFC 9110 has them, connections that break, an odd certificate."""

from __future__ import annotations

import email.utils
import hashlib
import re
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

FOLDER = "/microdados/"
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_PIECE = 1 << 16
_CLOSED = b"<html><body>Sistema em manuten\xc3\xa7\xc3\xa3o</body></html>"  # a page, and the status of a file


class Server:
    """Serves the files of a folder below `/microdados/`; its faults are attributes that may be set at any time.

    `drops_after` closes each connection after so many bytes of a body; `ignores_ranges` answers each range with all;
    `closed` answers HTML with 200; `status` answers with it. `asked` is what came: method, path and headers.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.folder = folder
        self.drops_after: int | None = None
        self.ignores_ranges = False
        self.closed = False
        self.status = 0
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.before: Callable[[int], None] = lambda number: None  # told of each request's number before its answer
        outer = self

        class Handler(_Handler):
            server_of = outer

        self._http = _Quiet((host, port), Handler)
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"{'https' if tls else 'http'}://{host}:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def serve(self) -> None:
        """Answer until it is told to stop."""
        self._http.serve_forever(poll_interval=0.05)

    def file(self, path: str) -> Path | None:
        """The file of a URL's path, None where there is none."""
        name = unquote(urlsplit(path).path).removeprefix(FOLDER)
        found = self.folder / name
        return found if "/" not in name and name.endswith(".zip") and found.is_file() else None


def etag(path: Path) -> str:
    """What tells a file from the one that replaces it, as Apache makes it: of its size and its time."""
    there = path.stat()
    return f'"{there.st_size:x}-{hashlib.sha1(str(there.st_mtime_ns).encode()).hexdigest()[:12]}"'  # noqa: S324


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *asked: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    server_of: Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def log_message(self, *said: Any) -> None:
        """It keeps no log."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        serves = self.server_of
        serves.asked.append((self.command, self.path, dict(self.headers)))
        serves.before(len(serves.asked))
        if serves.closed or serves.status:
            self._page(serves.status or 200, _CLOSED, with_body=with_body)
        elif (path := serves.file(self.path)) is None:
            self._page(404, b"<html>404</html>", with_body=with_body)
        else:
            self._file(path, with_body=with_body)

    def _page(self, status: int, body: bytes, *, with_body: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def _file(self, path: Path, *, with_body: bool) -> None:
        with path.open("rb") as file:  # the one that is open stays whole when its name is given to another
            size, tag = path.stat().st_size, etag(path)
            modified = email.utils.formatdate(path.stat().st_mtime, usegmt=True)
            first, last, status = self._asked(size, tag, modified) if with_body else (0, size - 1, 200)
            self.send_response(status)
            self.send_header("Content-Type", "application/zip")
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("ETag", tag)
            self.send_header("Last-Modified", modified)
            if status == 416:
                self.send_header("Content-Range", f"bytes */{size}")
                last = first - 1
            elif status == 206:
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            self.send_header("Content-Length", str(last - first + 1))
            self.end_headers()
            if with_body:
                file.seek(first)
                self._send(file, last - first + 1)

    def _asked(self, size: int, tag: str, modified: str) -> tuple[int, int, int]:
        """First and last byte, and the status: all of it where another version is asked for."""
        asked = self.headers.get("Range")
        condition = self.headers.get("If-Range")
        found = _RANGE.fullmatch(asked or "")
        if self.server_of.ignores_ranges or not found or (condition and condition not in (tag, modified)):
            return 0, size - 1, 200
        if not found[1]:
            return (max(size - int(found[2]), 0), size - 1, 206) if found[2] and int(found[2]) else (0, -1, 416)
        first, last = int(found[1]), min(int(found[2] or size), size - 1)
        return (first, last, 206) if first <= last else (0, -1, 416)

    def _send(self, file: Any, many: int) -> None:
        left = many if self.server_of.drops_after is None else min(many, self.server_of.drops_after)
        self.close_connection |= left < many
        while left and (piece := file.read(min(_PIECE, left))):
            self.wfile.write(piece)
            left -= len(piece)
