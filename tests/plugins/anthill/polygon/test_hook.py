"""The hook: what a connection says, and its test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.sdk import Connection

from anthill.polygon.errors import BadAddressError, UnknownKeyError
from anthill.polygon.hook import PolygonHook, base_url
from anthill.polygon.plans import requests_per_minute
from tests.scripted_server import Asked, Reply, ScriptedServer, error, http, page

KEY = "KEY-marked-77"


def connect(monkeypatch: pytest.MonkeyPatch, **fields: Any) -> PolygonHook:
    """A hook over a connection with these fields."""
    fields = {"conn_type": "polygon", "password": KEY, "extra": {"requests_per_minute": 0}, **fields}
    monkeypatch.setenv("AIRFLOW_CONN_POLYGON_DEFAULT", json.dumps(fields))
    return PolygonHook()


def status(asked: Asked) -> Reply:
    """The API, as far as market status goes."""
    if asked.headers.get("Authorization") != f"Bearer {KEY}":
        return error(401, {"status": "ERROR", "error": "Unknown API Key"})
    if asked.path == "/v1/marketstatus/now":
        return page({"market": "open", "serverTime": "2014-06-06T15:00:00-04:00", "exchanges": {}})
    return error(404, {"status": "NOT_FOUND"})


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({}, "https://api.polygon.io"),
        ({"host": "https://api.massive.com"}, "https://api.massive.com"),
        ({"host": "api.massive.com"}, "https://api.massive.com"),
        ({"host": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080"),
        ({"host": "http://127.0.0.1", "port": 8080}, "http://127.0.0.1:8080"),
        ({"host": "127.0.0.1", "port": 8080, "schema": "http"}, "http://127.0.0.1:8080"),
        ({"host": "http://127.0.0.1:8080", "port": 9}, "http://127.0.0.1:8080"),
    ],
)
def test_its_address(fields: dict[str, Any], url: str) -> None:
    """With or without scheme and port; the real API where there is none."""
    assert base_url(Connection(conn_id="p", conn_type="polygon", **fields)) == url


@pytest.mark.parametrize(
    ("extra", "rate"),
    [
        ({}, 5),
        ({"plan": "starter"}, 6000),
        ({"plan": "basic", "requests_per_minute": 300}, 300),
        ({"requests_per_minute": "300"}, 300),
        ({"plan": "advanced", "requests_per_minute": None}, 6000),
        ({"plan": None, "requests_per_minute": 0}, 0),
    ],
)
def test_its_rate(extra: dict[str, Any], rate: int) -> None:
    """The plan's, unless the connection has its own."""
    assert requests_per_minute(extra) == rate


@pytest.mark.parametrize(
    ("extra", "text"),
    [
        ({"plan": "gold"}, "allowed are basic"),
        ({"requests_per_minute": -1}, "whole number"),
        ({"requests_per_minute": True}, "whole number"),
    ],
)
def test_a_wrong_extra(monkeypatch: pytest.MonkeyPatch, extra: dict[str, Any], text: str) -> None:
    """The error names the connection and what is allowed."""
    with pytest.raises(BadAddressError, match=f"polygon_default: .*{text}"):
        connect(monkeypatch, extra=extra).get_conn()


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection without a key says so."""
    with pytest.raises(UnknownKeyError, match="polygon_default has no API key"):
        connect(monkeypatch, password=None).get_conn()


def test_a_working_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call, and a text for people."""
    with ScriptedServer(status) as server:
        assert connect(monkeypatch, host=server.url).test_connection() == (
            True,
            f"{server.url} knows the key; the market is open at 2014-06-06T15:00:00-04:00.",
        )
        assert len(server.asked) == 1


def test_a_wrong_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text says where the key belongs, and does not hold it."""
    with ScriptedServer(status) as server:
        worked, text = connect(monkeypatch, host=server.url, password="KEY-wrong").test_connection()
    assert not worked
    assert "Unknown API Key" in text
    assert "password" in text
    assert "KEY-wrong" not in text


@pytest.mark.parametrize("reply", [http(b"<html>Welcome to nginx</html>"), page([]), page({"status": "OK"})])
def test_a_host_that_is_not_the_api(monkeypatch: pytest.MonkeyPatch, reply: Reply) -> None:
    """Something else that answers 200 is found out."""
    with ScriptedServer(lambda _: reply) as server:
        worked, text = connect(monkeypatch, host=server.url).test_connection()
    assert not worked
    assert "not the Polygon API" in text


def test_an_unreachable_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text names the address."""
    with ScriptedServer(status) as server:
        url = server.url
    worked, text = connect(monkeypatch, host=url).test_connection()
    assert not worked
    assert url in text
    assert "Check the connection's host" in text
