"""A workspace's REST API, with the token of whoever asks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from anthill.warehouse.errors import QueryError, RefusedError

if TYPE_CHECKING:
    import urllib3

_THREADS = 16  # that share a workspace
_PATIENCE = 120.0  # seconds without a byte
_AGAIN = (429, 500, 502, 503, 504)


class Workspace:
    """Calls to the API, tried again where that is safe; `token` is a text, or what gives one for each call."""

    def __init__(self, address: str, token: str | Callable[[], str], patience: float = _PATIENCE) -> None:
        self.address = address.rstrip("/")
        self._token = token if callable(token) else lambda: token
        self._patience = patience

    @cached_property
    def _pool(self) -> urllib3.PoolManager:
        import urllib3

        return urllib3.PoolManager(
            maxsize=_THREADS,
            timeout=urllib3.Timeout(connect=10, read=self._patience),
            retries=urllib3.Retry(
                4, backoff_factor=0.3, status_forcelist=_AGAIN, allowed_methods=["GET"], raise_on_status=False
            ),
        )

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call's JSON answer; RefusedError or QueryError that names the call."""
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        answer = self._ask(
            method, self.address + path, headers, json.dumps(body).encode() if body is not None else None
        )
        text = answer.data.decode(errors="replace")
        if answer.status >= 400:
            raise _refused(method, path, answer.status, text)
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise QueryError(f"{self.address} is no workspace: {method} {path} answered {text[:200]!r}") from error
        return found

    def download(self, link: str) -> bytes | None:
        """What lies behind a signed link, to which no token may go; None where its time is over."""
        answer = self._ask("GET", link, {}, None)
        if answer.status == 403:
            return None
        if answer.status >= 400:
            raise QueryError(f"a part of the result could not be fetched: its storage answered {answer.status}")
        return bytes(answer.data)

    def _ask(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> urllib3.BaseHTTPResponse:
        import urllib3

        try:
            return self._pool.request(method, url, headers=headers, body=body)
        except urllib3.exceptions.HTTPError as error:
            where = f"the workspace at {self.address}" if url.startswith(self.address) else "the storage of the result"
            raise QueryError(f"{where} has no answer to {method}: {error}") from error

    def pages(self, path: str, name: str) -> list[dict[str, Any]]:
        """A whole list, whatever its pages."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            answer = self.call("GET", f"{path}{token}")
            found += answer.get(name, [])
            if not answer.get("next_page_token"):
                return found
            token = f"&page_token={quote(answer['next_page_token'])}"


class ClientCredentials:
    """The token of a service principal, asked for again before its time is over."""

    def __init__(self, address: str, client_id: str, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url, self._id, self._secret, self._clock = (
            f"{address.rstrip('/')}/oidc/v1/token",
            client_id,
            secret,
            clock,
        )
        self._held, self._until = "", 0.0

    def __call__(self) -> str:
        """The token."""
        if self._clock() >= self._until:
            import urllib3

            answer = urllib3.request(
                "POST",
                self._url,
                headers={
                    **urllib3.make_headers(basic_auth=f"{self._id}:{self._secret}"),
                    "Content-Type": "application/x-www-form-urlencoded",
                },
                body=urlencode({"grant_type": "client_credentials", "scope": "all-apis"}),
            )
            if answer.status != 200:
                raise QueryError(
                    f"{self._url} answered {answer.status}: look at DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"
                )
            found = answer.json()
            self._held = str(found["access_token"])
            self._until = self._clock() + float(found.get("expires_in", 3600)) * 0.8
        return self._held


def _refused(method: str, path: str, status: int, text: str) -> RefusedError:
    try:
        found = json.loads(text)
    except ValueError:
        found = {}
    found = found if isinstance(found, dict) else {}
    code, told = str(found.get("error_code", "")), str(found.get("message", text[:500]))
    if status == 401 or (status == 403 and "token" in told.lower()):
        told += ": the token is not taken; set DATABRICKS_TOKEN to a new one"
    return RefusedError(f"{method} {path} answered {status}: {told}", status, code)
