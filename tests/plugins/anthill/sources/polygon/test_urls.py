"""URLs of the API."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.sources.polygon.urls import build, origin, without_key


def test_same_origin_whatever_is_spelled() -> None:
    """The default port and upper case make no other origin."""
    assert origin("https://API.polygon.io/v3?x=1") == origin("https://api.polygon.io:443")
    assert origin("http://api.polygon.io") != origin("https://api.polygon.io")
    assert origin("https://api.polygon.io@evil.example") == ("https", "evil.example", 443)


@pytest.mark.parametrize("url", ["", "api.polygon.io", "ftp://x", "http://", "http://x:port", "http://["])
def test_no_address(url: str) -> None:
    """What is no http address has no origin."""
    with pytest.raises(ValueError):  # noqa: PT011 every one has another text
        origin(url)


def test_build() -> None:
    """A path and its parameters make the URL of a call."""
    assert build("http://x/", "/v3/rows", {"a": "b c"}) == "http://x/v3/rows?a=b+c"
    assert build("http://x", "/v3/rows", {}) == "http://x/v3/rows"


@given(st.text(st.characters(categories=["L", "N"]), min_size=8), st.sampled_from(["apiKey", "apikey", "APIKEY"]))
def test_no_key_is_left(key: str, name: str) -> None:
    """Keys go, other parameters stay."""
    cleaned = without_key(f"https://u:{key}@x/v3?cursor=a%3D%3D&{name}={key}&limit=5")
    assert cleaned == "https://x/v3?cursor=a%3D%3D&limit=5"


@pytest.mark.parametrize("url", ["http://user:word@[x/v3?apiKey=key", "http://user:word@[", "//word@[x/v3"])
def test_what_is_no_url_tells_no_credentials(url: str) -> None:
    """Neither user and password nor its query."""
    cleaned = without_key(url)
    assert "[" in cleaned
    assert not {"user", "word", "key"} & set(re.findall(r"\w+", cleaned))


def test_a_url_without_key_stays_as_it_is() -> None:
    """A cursor is never rewritten."""
    url = "https://x/v3/rows?cursor=YWN0aXZlPXRydWUm~%2f&a=+b"
    assert without_key(url) == url
