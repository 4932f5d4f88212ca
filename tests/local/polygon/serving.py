"""A server of the Polygon API as a process of its own, and a way to ask it."""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from tests.local.polygon import forks

ROOT = Path(__file__).resolve().parents[3]
KEY = "test-key"
TODAY = "2026-07-01"
SHARED = Path(os.environ.get("ANTHILL_SHARED", ROOT / "../shared"))
GROUPED = "/v2/aggs/grouped/locale/us/market/stocks"
SMALL = ("--stocks", "400", "--otc", "40", "--no-limits")


@dataclass
class Server:
    """A running server and a way to ask it."""

    base: str
    http: urllib3.PoolManager

    def get(self, url: str, *, key: str | None = KEY, **options: Any) -> urllib3.BaseHTTPResponse:
        """One answer, without retries; `url` may be a path or whole."""
        headers = {"Accept-Encoding": "gzip"} | ({"Authorization": f"Bearer {key}"} if key else {})
        whole = url if url.startswith("http") else self.base + url
        return self.http.request("GET", whole, headers=headers, retries=False, **({"timeout": 20} | options))

    def page(self, url: str) -> Any:
        """The JSON of an answer that must be a success."""
        answer = self.get(url)
        assert answer.status == 200, (url, answer.status, answer.data[:300])
        return json.loads(answer.data)

    def move(self, **clock: str) -> Any:
        """Sets the clock, by `today` and `time`; gives where it stands."""
        answer = self.http.request("POST", f"{self.base}/_clock", json=clock)
        assert answer.status == 200, answer.data
        return answer.json()

    def rows(self, url: str) -> list[dict[str, Any]]:
        """The rows of all pages."""
        found, seen = [], set()
        while url:
            assert url not in seen, f"{url} came twice"
            seen.add(url)
            page = self.page(url)
            found += page.get("results", [])
            url = page.get("next_url", "")
        return found


@contextlib.contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Server]:
    """A server for as long as the context lasts."""
    port_file = folder / "port"
    port_file.unlink(missing_ok=True)
    server = forks.start(folder, "--port-file", str(port_file), "--keys", KEY, "--today", TODAY, *arguments)
    try:
        while not port_file.exists():
            if not server.runs():
                raise RuntimeError(f"{arguments} did not start: {server.output()}")
            time.sleep(0.02)
        with urllib3.PoolManager(maxsize=16) as http:
            yield Server(f"http://127.0.0.1:{port_file.read_text()}", http)
    finally:
        server.stop()
