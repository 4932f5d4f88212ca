"""A registry over HTTP as the OCI distribution specification describes it: tokens, manifests, refusals, haste."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
Answer = tuple[int, bytes, dict[str, str]]


def document(kind: str, name: str) -> bytes:
    """What lies under a tag: an index of two architectures, or one image."""
    parts = [{"platform": {"os": "linux", "architecture": each}, "name": name} for each in ("amd64", "arm64")]
    return json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": parts}).encode()


@dataclass
class Contents:
    """What the registry holds and how it answers."""

    url: str = ""
    tags: dict[str, dict[str, bytes]] = field(default_factory=dict)  # name:tag → the bytes by media type
    wants_token: bool = True
    tells_digest: bool = True
    hasty: int = 0  # answers of 429 that come first
    asked: list[str] = field(default_factory=list)

    def push(self, tag: str, **kinds: bytes) -> str:
        """Put an image under a tag; its digest."""
        self.tags[tag] = {INDEX: kinds.get("index", document(INDEX, tag)), MANIFEST: document(MANIFEST, tag)}
        return "sha256:" + hashlib.sha256(self.tags[tag][INDEX]).hexdigest()

    def answer(self, command: str, path: str, headers: Mapping[str, str]) -> Answer:
        """What comes of a request: the code, the bytes, the headers."""
        url = urlsplit(path)
        self.asked.append(f"{command} {path}")
        if url.path == "/token":
            given = {key: values[0] for key, values in parse_qs(url.query).items()}
            return 200, json.dumps({"token": f"for {given.get('service')} {given.get('scope')}"}).encode(), {}
        if self.hasty:
            self.hasty -= 1
            # Some say how long to wait, others do not.
            return 429, _error("TOOMANYREQUESTS"), {"Retry-After": "0"} if self.hasty % 2 else {}
        name, _, tag = url.path.removeprefix("/v2/").partition("/manifests/")
        scope = f"repository:{name}:pull"
        if self.wants_token and headers.get("Authorization") != f"Bearer for {self.url} {scope}":
            realm = f'Bearer realm="{self.url}/token",service="{self.url}",scope="{scope}"'
            return 401, _error("UNAUTHORIZED"), {"WWW-Authenticate": realm}
        if (kinds := self.tags.get(f"{name}:{tag}")) is None:
            return 404, _error("MANIFEST_UNKNOWN"), {}
        # An index is given to who takes one; to all others one architecture's manifest.
        body = kinds[INDEX if INDEX in headers.get("Accept", "") else MANIFEST]
        digest = {"Docker-Content-Digest": "sha256:" + hashlib.sha256(body).hexdigest()}
        return 200, body, digest if self.tells_digest else {}


@contextmanager
def registry() -> Iterator[Contents]:
    """A registry on a free port."""
    held = Contents()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code, body, headers = held.answer(self.command, self.path, self.headers)  # type: ignore[arg-type]
            self.send_response(code)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    held.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()


def _error(code: str) -> bytes:
    return json.dumps({"errors": [{"code": code}]}).encode()
