"""GitHub's REST API, as a token may use it; GitHub's own command is not on every machine that has Python."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import Any

import requests

API = "https://api.github.com"
_PAGE = 30  # the most that a list of variables gives
_UPGRADE = "Upgrade to GitHub"  # what the owner's plan lacks, which is no matter of rights


class RefusedError(RuntimeError):
    """GitHub does not do what it is asked for; the message is GitHub's, with what to do."""


@dataclass
class GitHub:
    """One repository, `owner/name`, in GitHub's REST API."""

    repository: str
    token: str
    api: str = field(default_factory=lambda: os.environ.get("GITHUB_API_URL", API))

    @property
    def owner(self) -> str:
        """The organisation."""
        return self.repository.split("/")[0]

    def read(self, path: str, **query: Any) -> Any:
        """What lies at a path, None where nothing does; a path without / before it is the repository's own."""
        answer = self._ask("GET", path, params=query)
        return None if answer.status_code == 404 else answer.json()

    def listed(self, path: str, key: str = "") -> list[Any]:
        """All pages of a list, which some answers have under a key; empty where there is nothing."""
        found: list[Any] = []
        while True:
            answer = self.read(path, per_page=_PAGE, page=len(found) // _PAGE + 1)
            page = (answer or {}).get(key, []) if key else answer or []
            found += page
            if len(page) < _PAGE:
                return found

    def write(self, method: str, path: str, body: Any = None) -> None:
        """PUT, POST, PATCH or DELETE; RefusedError for every answer but 2xx."""
        self._ask(method, path, json=body, allowed=())

    def _ask(self, method: str, path: str, allowed: tuple[int, ...] = (404,), **given: Any) -> requests.Response:
        url = self.api + (path if path.startswith("/") else f"/repos/{self.repository}/{path}".rstrip("/"))
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        try:
            answer = requests.request(method, url, headers=headers, timeout=60, allow_redirects=False, **given)
        except requests.RequestException as error:
            raise RefusedError(f"{method} {url}: {error}") from error
        if answer.status_code // 100 != 2 and answer.status_code not in allowed:
            raise RefusedError(f"{method} {url}: {answer.status_code} {_said(answer)}{_advice(answer)}")
        return answer


def token() -> str:
    """GH_TOKEN, GITHUB_TOKEN, or the token that GitHub's command holds; RefusedError where there is none."""
    if found := os.environ.get("GH_TOKEN") or os.environ.get("GITHUB_TOKEN"):
        return found
    if gh := shutil.which("gh"):
        done = subprocess.run([gh, "auth", "token"], capture_output=True, text=True, check=False)
        if done.stdout.strip():
            return done.stdout.strip()
    raise RefusedError(
        "There is no token: `gh auth login`, or put one into GH_TOKEN. A fine-grained one needs, of this repository,"
        " Administration, Environments and Variables (read and write), and of the organisation Members (read)."
    )


def _said(answer: requests.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return answer.text[:200] or answer.reason
    errors = [
        each.get("message", str(each)) if isinstance(each, dict) else str(each) for each in told.get("errors", [])
    ]
    return "; ".join([told.get("message", answer.reason), *errors])


def _advice(answer: requests.Response) -> str:
    if answer.status_code == 401:
        return ". The token is not valid: `gh auth login`, or a new one in GH_TOKEN."
    if answer.headers.get("x-ratelimit-remaining") == "0":
        return ". The token has no calls left for this hour: the same command goes on later."
    if answer.status_code in (403, 404) and _UPGRADE not in answer.text:
        return ". The token may not do this, or the repository is another: an owner of it may."
    return ""
