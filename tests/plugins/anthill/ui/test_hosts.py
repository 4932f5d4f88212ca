"""A server is asked under its own names, and by its own pages; everybody else is refused before anything is done."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from anthill.ui.hosts import OwnHosts

client = TestClient(OwnHosts(PlainTextResponse("the lake"), ["127.0.0.1", "localhost", "[::1]"]))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]:8080"])
@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:1", "http://localhost", "https://[::1]:2"])
def test_own_names_are_answered(host: str, origin: str | None) -> None:
    """With any port or none, from a page of any of them or from no page."""
    headers = {"Host": host, **({"Origin": origin} if origin else {})}
    assert client.get("/", headers=headers).text == "the lake"


@given(st.from_regex(r"[a-z0-9.\-\[\]:@/]{0,30}", fullmatch=True))
@example("evil.example")
@example("127.0.0.1.evil.example:8080")
@example("localhost.evil.example")
@example("evil.example:127.0.0.1")
@example("127.0.0.1@evil.example")
@example("evil.example@127.0.0.1")
@example("127.0.0.1/")
@example("127.0.0.2")
@example("[")
@example("")
def test_another_name_is_refused(host: str) -> None:
    """421 for any Host that is not one of its names, which a rebound page cannot help to send."""
    name, colon, port = host.rpartition(":")
    alone = name if colon and not port.strip("0123456789") else host
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == (200 if alone in ("127.0.0.1", "localhost", "[::1]") else 421)
    assert ("the lake" in answer.text) == (answer.status_code == 200)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1.evil.example", "file://", "["])
def test_another_page_is_refused(origin: str) -> None:
    """403, whatever it asks: the emulator of AWS lets every page read its answers."""
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        answer = client.request(method, "/bucket/key", headers={"Host": "127.0.0.1", "Origin": origin})
        assert answer.status_code == 403
        assert "the lake" not in answer.text


def test_a_websocket_is_refused_too() -> None:
    """Closed before it is accepted."""
    headers = {"Host": "evil.example"}
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/", headers=headers):
        pass
