"""Faults as a client meets them on the wire, each followed by a good answer."""

import datetime as dt
import email.utils
import json
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from urllib3.exceptions import HTTPError, IncompleteRead, ProtocolError, ReadTimeoutError

from tests.local.polygon.serving import GROUPED, SMALL, Server, serving

DAY = f"{GROUPED}/2026-06-15?adjusted=false"
LIST = "/v3/reference/tickers?limit=50"

Play = Callable[..., Server]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server that reads its faults from a file."""
    folder = tmp_path_factory.mktemp("faulty")
    path = folder / "faults.json"
    path.write_text("[]")
    with serving(folder, *SMALL, "--faults", str(path)) as server:
        yield server, path


@pytest.fixture
def play(faulty: tuple[Server, Path]) -> Play:
    """Plays one action on the first request, or as `more` says."""
    server, path = faulty

    def play(then: dict[str, Any], **more: Any) -> Server:
        path.write_text(json.dumps([{"nth": 1, "then": then, "name": str(time.monotonic_ns())} | more]))
        return server

    yield play
    path.write_text("[]")
    assert server.get(DAY).json()["resultsCount"] > 350, "the server is well after the fault"


@pytest.mark.parametrize(
    ("then", "status"),
    [
        ({"status": 500, "body": ""}, 500),
        ({"status": 503, "body": "<html>Service Unavailable</html>"}, 503),
        ({"error": "unknown_key"}, 401),
        ({"error": "not_entitled"}, 403),
        ({"error": "rate_limited", "headers": {"Retry-After": 3}}, 429),
        ({"error": "rate_limited", "headers": {"Retry-After": "Wed, 01 Jul 2026 12:00:00 GMT"}}, 429),
        ({"redirect": "http://127.0.0.1:9/elsewhere"}, 302),
    ],
)
def test_statuses(play: Play, then: dict[str, Any], status: int) -> None:
    """Status, headers and body are the ones of the fault, once."""
    server = play(then)
    answer = server.get(DAY, redirect=False)
    assert answer.status == status
    for name, value in then.get("headers", {}).items():
        assert answer.headers[name] == str(value)
    if "redirect" in then:
        assert answer.headers["location"] == then["redirect"]
    if "body" in then:
        assert answer.data.decode() == then["body"]
    assert server.get(DAY).status == 200


def test_a_burst(play: Play) -> None:
    """A range of requests fails, those before and after do not."""
    server = play({"status": 502, "body": "bad gateway"}, nth="2-4")
    assert [server.get(DAY).status for _ in range(6)] == [200, 502, 502, 502, 200, 200]


def test_a_key_that_expires(play: Play) -> None:
    """From some request on the key is unknown."""
    server = play({"error": "unknown_key"}, nth="3-")
    assert [server.get(DAY).status for _ in range(5)] == [200, 200, 401, 401, 401]


def test_html_with_200(play: Play) -> None:
    """A success that is no JSON."""
    answer = play({"body": "<html>maintenance</html>"}).get(DAY)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html")
    assert answer.data == b"<html>maintenance</html>"


@pytest.mark.parametrize("status", ["ERROR", "NOT_AUTHORIZED"])
def test_error_status_with_200(play: Play, status: str) -> None:
    """A success by HTTP, an error by its body."""
    answer = play({"set": {"status": status, "error": "no"}, "remove": ["results"]}).get(DAY)
    assert (answer.status, answer.json()["status"]) == (200, status)
    assert answer.json()["resultsCount"] > 350
    assert "results" not in answer.json()


def test_fewer_rows_than_counted(play: Play) -> None:
    """Rows go missing while the count stays."""
    page = play({"rows": {"drop": 5}}).get(DAY).json()
    assert len(page["results"]) == page["resultsCount"] - 5


def test_rows_twice_and_reordered(play: Play) -> None:
    """Rows may come twice, or in the other order."""
    server = play({"rows": {"repeat": 2}})
    rows = server.get(DAY).json()["results"]
    assert rows[-2:] == rows[:2]
    straight = rows[:-2]
    assert play({"rows": {"reverse": True}}).get(DAY).json()["results"] == straight[::-1]


def test_a_changed_row(play: Play) -> None:
    """One row gets a new field, another type, a null, or loses a key."""
    page = play({"row": {"at": 2, "set": {"c": "n/a", "v": None, "zz": {"deep": 1}}, "remove": ["t"]}}).get(DAY).json()
    row = page["results"][2]
    assert (row["c"], row["v"], row["zz"], "t" in row) == ("n/a", None, {"deep": 1}, False)
    assert "zz" not in page["results"][1]


def test_truncated_json(play: Play) -> None:
    """Well-formed HTTP and gzip around JSON that stops."""
    answer = play({"truncate": 1000}).get(DAY)
    assert len(answer.data) == 1000
    with pytest.raises(json.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("next_url", ["", "http://other.example/v3/reference/tickers?cursor=x"])
def test_next_url_elsewhere(play: Play, next_url: str) -> None:
    """The next page may be blank, or on another host."""
    assert play({"next_url": next_url}).get(LIST).json()["next_url"] == next_url


def test_next_url_loops(play: Play) -> None:
    """The next page may be this one."""
    server = play({"next_url": "loop"})
    assert server.get(LIST).json()["next_url"] == server.base + LIST


def test_a_page_comes_again(play: Play) -> None:
    """The second page may bring the first page's rows under its own next_url."""
    server = play({"rows": {"previous": True}}, nth="1-", match={"path": "/v3/reference/tickers"})
    first = server.get(LIST).json()
    second = server.get(first["next_url"]).json()
    assert second["results"] == first["results"]
    assert second["next_url"] != first["next_url"]


def test_empty_on_a_market_day(play: Play) -> None:
    """A day that has bars is answered as if it had none."""
    page = play({"set": {"resultsCount": 0, "queryCount": 0}, "remove": ["results"]}).get(DAY).json()
    assert (page["resultsCount"], page["status"]) == (0, "OK")


def test_delay(play: Play) -> None:
    """An answer comes late, and whole."""
    server = play({"delay": 0.4})
    begun = time.monotonic()
    assert server.get(DAY).json()["resultsCount"] > 350
    assert time.monotonic() - begun >= 0.4


def test_hang(play: Play) -> None:
    """A request that is never answered runs into the client's time-out."""
    with pytest.raises(ReadTimeoutError):
        play({"hang": 20}).get(DAY, timeout=0.3)


def test_reset_before_the_answer(play: Play) -> None:
    """The connection is reset, not closed."""
    with pytest.raises(ProtocolError, match="reset"):
        play({"reset": 0}).get(DAY)


def test_reset_in_the_body(play: Play) -> None:
    """A part of the body comes, then the reset."""
    answer = play({"reset": 2000}).get(DAY, preload_content=False)
    assert answer.status == 200
    with pytest.raises(HTTPError):
        answer.read()


def test_short_body(play: Play) -> None:
    """The body ends before the length that was announced."""
    answer = play({"cut": 1500}).get(DAY, preload_content=False)
    assert int(answer.headers["content-length"]) > 1500
    with pytest.raises((IncompleteRead, ProtocolError), match="1500 bytes read"):
        answer.read(decode_content=False)


def test_cut_chunk(play: Play) -> None:
    """A chunk ends before its length, and nothing follows."""
    answer = play({"cut_chunk": 3000}).get(DAY, preload_content=False)
    assert answer.headers["transfer-encoding"] == "chunked"
    with pytest.raises(ProtocolError):
        answer.read()


def test_trickle(play: Play) -> None:
    """The body drips."""
    server = play({"trickle": 30_000})
    begun = time.monotonic()
    assert server.get(DAY).json()["resultsCount"] > 350
    assert time.monotonic() - begun > 0.3


@pytest.mark.parametrize("damage", ["cut", "corrupt"])
def test_damaged_gzip(play: Play, damage: str) -> None:
    """The gzip end is missing, or its sum is wrong."""
    packed = play({"gzip": damage}).get(DAY, decode_content=False).data
    reader = zlib.decompressobj(wbits=31)
    if damage == "cut":
        reader.decompress(packed)
        assert not reader.eof
    else:
        with pytest.raises(zlib.error):
            reader.decompress(packed)


def test_bomb(play: Play) -> None:
    """A small body grows to what the fault says, and is JSON."""
    packed = play({"bomb": 40}).get(DAY, decode_content=False).data
    assert len(packed) < 100_000
    whole = zlib.decompress(packed, wbits=31)
    assert len(whole) > 40 * 2**20
    assert json.loads(whole)["results"] == []


def test_clock(play: Play) -> None:
    """The Date header is days off; otherwise it is right, and there is one."""
    server = play({"clock": -3})
    for off in (dt.timedelta(days=3), dt.timedelta()):
        asked = dt.datetime.now(dt.UTC)
        date = email.utils.parsedate_to_datetime(server.get(DAY).headers["date"])
        # The header has whole seconds.
        assert asked - dt.timedelta(seconds=1) < date + off <= dt.datetime.now(dt.UTC)


def test_faults_stay_on_their_connection(play: Play, faulty: tuple[Server, Path]) -> None:
    """A reset of one connection leaves a second one, that is in use, alone."""
    server = play({"reset": 0}, nth=2)
    with urllib3.PoolManager() as other:
        request = {"headers": {"Authorization": "Bearer test-key"}, "retries": False}
        assert other.request("GET", server.base + DAY, **request).status == 200
        with pytest.raises(ProtocolError):
            server.get(DAY)
        assert other.request("GET", server.base + DAY, **request).status == 200


def test_health_meets_no_fault(play: Play) -> None:
    """The supervisor's question is answered whatever is played."""
    server = play({"status": 500}, nth="1-")
    assert server.get("/healthz", key=None).data == b"ok"
    assert server.get(DAY).status == 500


def test_several_faults_at_once(play: Play, faulty: tuple[Server, Path]) -> None:
    """Every rule that fits is played on the same answer."""
    server, path = faulty
    path.write_text(json.dumps([{"then": {"status": 503}}, {"then": {"headers": {"Retry-After": "7"}}}]))
    answer = server.get(DAY)
    assert (answer.status, answer.headers["retry-after"]) == (503, "7")


def test_only_loopback_is_served(small: Server) -> None:
    """The server listens on 127.0.0.1 and on no other address of the machine."""
    port = int(small.base.rsplit(":", 1)[1])
    with socket.socket() as probe:
        probe.bind(("127.0.0.2", port))
