"""URLs of the API: built, compared, and freed of keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from urllib3.util import parse_url

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port, as the one who calls it reads them; ValueError if the URL has none."""
    return taken_apart(url)[0]


def taken_apart(url: str) -> tuple[tuple[str, str, int], str]:
    """Its origin, and what is asked there: path and query; ValueError as with `origin`."""
    parts = parse_url(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is no http or https address")
    return (parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]), parts.request_uri


def build(base: str, path: str, params: Mapping[str, str]) -> str:
    """The URL of a call."""
    query = urlencode(params)
    return f"{base.rstrip('/')}{path}" + (f"?{query}" if query else "")


def without_key(url: str) -> str:
    """The URL without credentials: no apiKey parameter, no user and password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return re.sub(r"//[^/]*@", "//", url.partition("?")[0])
    netloc = parts.netloc.rpartition("@")[2]
    query = parts.query
    if "apikey" in query.lower():
        kept = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name.lower() != "apikey"]
        query = urlencode(kept)
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))
