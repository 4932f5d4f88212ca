"""A registry of container images, as the OCI distribution specification has it: what a tag stands for today."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

DOCKER_HUB = "https://registry-1.docker.io"
# What names the images of all architectures, before what names one.
INDEX = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MANIFEST = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')


class RegistryError(RuntimeError):
    """A registry does not tell a digest; the message says which image, and why."""


@dataclass(frozen=True)
class Image:
    """An image by its name, tag and digest, as `FROM` and `image:` write it."""

    name: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def of(cls, text: str) -> Image:
        """The image that a text names; the tag's colon is the one after the last slash, a port's is not."""
        named, _, digest = text.partition("@")
        path, slash, last = named.rpartition("/")
        name, _, tag = last.partition(":")
        return cls(path + slash + name, tag, digest)

    def __str__(self) -> str:
        """As it is written."""
        return self.name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def place(self) -> tuple[str, str]:
        """The registry's address and the name there; without a host Docker Hub's, without a slash an official one."""
        host, slash, rest = self.name.partition("/")
        if slash and ("." in host or ":" in host or host == "localhost"):
            return (DOCKER_HUB if host == "docker.io" else f"https://{host}"), rest
        return DOCKER_HUB, self.name if slash else f"library/{self.name}"


@dataclass
class Registry:
    """Registries, without a password; `mirror` is asked in the place of all of them."""

    mirror: str = ""
    patience: int = 4  # tries of what answers "too many" or "not now"
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        """Try again as long as the registry asks for, and at most so often."""
        again = Retry(self.patience, connect=1, backoff_factor=1, status_forcelist=(429, 502, 503, 504))
        again.raise_on_status, again.respect_retry_after_header = False, True
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=again))

    def digest(self, image: Image) -> str:
        """The digest of an image's tag today: of all its architectures, where it has several."""
        address, name = image.place
        url = f"{self.mirror.rstrip('/') or address}/v2/{name}/manifests/{image.tag}"
        try:
            answer = self._ask("HEAD", url, image)
            found = answer.headers.get("Docker-Content-Digest", "")
            if not found:  # which a registry should send, and need not
                found = "sha256:" + hashlib.sha256(self._ask("GET", url, image).content).hexdigest()
        except requests.RequestException as error:
            raise RegistryError(f"{image}: {url.split('/v2/')[0]} is not reached: {_cause(error)}") from error
        if not DIGEST.fullmatch(found):
            raise RegistryError(f"{image}: {url} tells {found!r}, which is no digest")
        return found

    def _ask(self, method: str, url: str, image: Image, token: str = "") -> requests.Response:
        headers = {"Accept": ", ".join((*INDEX, *MANIFEST)), **({"Authorization": f"Bearer {token}"} if token else {})}
        answer = self._session.request(method, url, headers=headers, timeout=30)
        challenge = answer.headers.get("WWW-Authenticate", "")
        if answer.status_code == 401 and not token and challenge.lower().startswith("bearer "):
            return self._ask(method, url, image, self._token(dict(_CHALLENGE.findall(challenge)), image))
        if answer.status_code == 404:
            raise RegistryError(f"{image}: {url} is not there")
        if not answer.ok:
            raise RegistryError(f"{image}: {url} answers {answer.status_code} {answer.reason}")
        return answer

    def _token(self, challenge: dict[str, str], image: Image) -> str:
        """A token for who has no name, from where the registry sends who asks."""
        asked = {key: challenge[key] for key in ("service", "scope") if key in challenge}
        answer = self._session.get(challenge["realm"], params=asked, timeout=30)
        if not answer.ok:
            raise RegistryError(f"{image}: {challenge['realm']} gives no token: {answer.status_code} {answer.reason}")
        told: dict[str, Any] = answer.json()
        return str(told.get("token") or told["access_token"])


def _cause(error: BaseException) -> str:
    """The innermost reason, in its own words."""
    while error.args and isinstance(error.args[-1], BaseException):
        error = error.args[-1]
    return str(getattr(error, "reason", None) or error).rpartition(": ")[2]
