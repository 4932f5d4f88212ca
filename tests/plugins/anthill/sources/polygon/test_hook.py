"""The hook: what a connection says, and its test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.sdk import Connection

from anthill.sources.errors import UnknownKeyError
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.errors import BadAddressError
from anthill.sources.polygon.hook import PolygonHook, base_url, share
from anthill.sources.polygon.market_status import MarketStatus
from anthill.sources.polygon.plans import requests_per_minute
from anthill.sources.polygon.transport import Limits
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


def test_a_test_of_a_connection_is_soon_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody waits before a form: it ends within a quarter of a minute, over a single connection."""
    asked: list[Client] = []

    def status_of(client: Client) -> MarketStatus:
        asked.append(client)
        return MarketStatus("open", "now")

    monkeypatch.setattr("anthill.sources.polygon.market_status.market_status", status_of)
    assert connect(monkeypatch, host="http://127.0.0.1:1").test_connection()[0]
    limits = asked[0].transport.limits
    assert (limits.connect, limits.read, limits.total) == (5, 10, 15)
    assert asked[0].transport._pool.pool.maxsize == 1


def test_a_client_keeps_to_its_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of twenty slots of a fast plan is slow; without slots all of the rate is its own."""
    hook = connect(monkeypatch, extra={"plan": "starter"})
    assert hook.client(slots=1, of_slots=20).gate.is_slow
    assert not hook.client(slots=2, of_slots=20).gate.is_slow
    assert not hook.get_conn().gate.is_slow
    with pytest.raises(BadAddressError, match=r"connection polygon_default: 6000 .*\. Correct its extra\."):
        hook.client(of_slots=6001)


def test_a_client_takes_limits_and_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own where none are given; a connection of another name is asked for by it."""
    hook = connect(monkeypatch)
    client = hook.client(connections=3, limits=Limits(total=7), patience=Patience(total=8))
    assert (client.transport.limits.total, client._patience.total) == (7, 8)
    assert client.transport._pool.pool.maxsize == 3
    plain = hook.client()
    assert (plain.transport.limits, plain._patience) == (Limits(), Patience())
    assert plain.transport._pool.pool.maxsize == 16
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", json.dumps({"conn_type": "polygon", "password": ""}))
    with pytest.raises(UnknownKeyError, match="connection other has no API key"):
        PolygonHook("other").get_conn()


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"host": "x", "schema": "ftp"}, "https://x"),
        ({"host": "x", "schema": "https"}, "https://x"),
        ({"host": "x:9", "port": 8}, "https://x:9"),
        ({"port": 8080}, "https://api.polygon.io:8080"),
        ({"host": "https://x", "schema": "http"}, "https://x"),
    ],
)
def test_its_address_is_https_unless_it_says_otherwise(fields: dict[str, Any], url: str) -> None:
    """What the host says itself comes first."""
    assert base_url(Connection(conn_id="p", conn_type="polygon", **fields)) == url


@pytest.mark.parametrize(
    ("extra", "rate"),
    [
        ({"requests_per_minute": ""}, 5),
        ({"requests_per_minute": "0"}, 0),
        ({"requests_per_minute": 0}, 0),
        ({"plan": ""}, 5),
    ],
)
def test_nothing_is_the_smallest_plan_and_zero_no_limit(extra: dict[str, Any], rate: int) -> None:
    """An empty field of the form is one that was not filled in."""
    assert requests_per_minute(extra) == rate


@pytest.mark.parametrize("own", ["5.5", "-1", "fast", [5]])
def test_a_rate_that_is_no_number_is_named(own: Any) -> None:
    """With what is allowed."""
    with pytest.raises(ValueError, match="allowed is a whole number, 0 for no limit") as caught:
        requests_per_minute({"requests_per_minute": own})
    assert str(caught.value).startswith(f"requests_per_minute is {own!r}, ")


@pytest.mark.parametrize(
    ("rate", "slots", "of_slots", "part"), [(4, 1, 4, 1), (5, 4, 4, 5), (7, 2, 4, 3), (0, 1, 9, 0)]
)
def test_a_slot_may_have_one_call_a_minute(rate: int, slots: int, of_slots: int, part: int) -> None:
    """And no less; a rate that does not divide is rounded down."""
    assert share(rate, slots, of_slots) == part
