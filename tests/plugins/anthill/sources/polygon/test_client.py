"""Calls tried again while a fault may pass, and only then."""

from __future__ import annotations

import email.utils
import gzip
import itertools
import json
import logging
import time
import urllib.parse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from anthill.sources import errors
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.errors import BadRequestError, BrokenChainError, ForeignOriginError
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.transport import Transport
from tests.scripted_server import RESET, Asked, Chain, Reply, ScriptedServer, chunked, error, http, page

from .clock import Clock
from .conftest import KEY, PATIENT

ClientOf = Callable[..., Client]
PAGES = [[{"id": 50 * number + row} for row in range(50)] for number in range(6)]
LIMITED = {"status": "ERROR", "error": "You've exceeded the maximum requests per minute"}
GZIP = {"Content-Encoding": "gzip"}
CUT = gzip.compress(b'{"status":"OK","results":[{"id":1},{"i')


def fetch(client_of: ClientOf, script: Chain, **how: Any) -> tuple[list[Any], ScriptedServer]:
    """Every row of a scripted chain."""
    with ScriptedServer(script) as server:
        script.base = lambda: server.url
        pages = client_of(server, **how).chain("/v3/rows", {})
        return [json.loads(bytes(row)) for page in pages for row in page.rows], server


@pytest.mark.parametrize(
    "faults",
    [
        [error(500), error(502), error(503)],
        [RESET],
        [Reply(page(PAGES[3]).data[:150], "reset")],
        [http(b"x" * 10, length=500)],
        [chunked([b"abc", b"def" * 50], whole=False)],
        [Reply(b"", hang=600)],
        [http(CUT, headers=GZIP)],
        [http(b"<html>maintenance</html>")],
        [page({"status": "ERROR", "error": "internal"})],
        [page({"status": "OK", "count": 50})],
        [page({"status": "OK"})],
        [page({"status": "OK", "count": 50, "results": PAGES[3][:43]})],
        [error(429, LIMITED)],
        [error(429, LIMITED, **{"Retry-After": "0"})],
        [page({"status": "ERROR", "error": "x"}), error(429, LIMITED), RESET, error(500)],
    ],
    ids=lambda faults: "+".join(repr(fault.data[9:30]) for fault in faults),
)
def test_a_fault_that_passes_loses_nothing(client_of: ClientOf, faults: list[Reply]) -> None:
    """Whatever comes in place of page 4 once, every row of all six pages comes out once."""
    script = Chain(PAGES, faults={3: list(faults)})
    rows, server = fetch(client_of, script, read=5 if faults[0].hang else 30, patience=PATIENT)
    assert rows == script.rows
    assert len(server.asked) == 6 + len(faults)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (page({"status": "ERROR", "error": "internal"}), errors.BadAnswerError),
        (page({"status": "OK"}), errors.BadAnswerError),
        (http(CUT, headers=GZIP), errors.BadAnswerError),
        (http(b"<html>"), errors.BadAnswerError),
        (page({"status": "OK", "count": 50, "results": PAGES[3][:43]}), errors.BadAnswerError),
        (error(503), errors.ServerFailedError),
        (RESET, errors.ConnectionFailedError),
        (error(429, LIMITED), errors.RateLimitedError),
        (error(429, LIMITED, **{"Retry-After": "0"}), errors.RateLimitedError),
    ],
)
def test_a_fault_that_stays_ends_in_an_error(client_of: ClientOf, reply: Reply, kind: type[Exception]) -> None:
    """Patience ends; the error says after how many tries, and the chain never looks whole."""
    with pytest.raises(kind, match=r"after \d+ tries"):
        fetch(client_of, Chain(PAGES, always={3: reply}))


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(401, {"status": "ERROR", "error": "Unknown API Key"}), errors.UnknownKeyError),
        (page({"status": "NOT_AUTHORIZED", "message": "You are not entitled"}), errors.NotEntitledError),
        (error(403, {"status": "NOT_AUTHORIZED", "message": "...data timeframe..."}), errors.OutsideHistoryError),
        (error(403, {"status": "NOT_AUTHORIZED", "message": "today's data before end of day"}), errors.NotReadyError),
        (error(404, {"status": "NOT_FOUND"}), errors.NotFoundError),
        (http(b"", 301, {"Location": "/elsewhere"}), BadRequestError),
        (page({"status": "OK", "results": [1], "next_url": ""}), BrokenChainError),
        (page({"status": "OK", "count": 50, "results": PAGES[1]}), BrokenChainError),
    ],
)
def test_a_fault_that_no_retry_mends_is_not_retried(client_of: ClientOf, reply: Reply, kind: type[Exception]) -> None:
    """A key that expires half-way, or a plan's limit, is asked once."""
    with ScriptedServer(script := Chain(PAGES, always={3: reply})) as server:
        script.base = lambda: server.url
        with pytest.raises(kind):
            list(client_of(server).chain("/v3/rows", {}))
        assert len(server.asked) == 4


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_kept(client_of: ClientOf, form: str) -> None:
    """The next call waits as long as the API asks, by its own clock, three days off."""
    now = time.time() + 3 * 86_400
    after = "1" if form == "seconds" else email.utils.formatdate(int(now) + 1, usegmt=True)
    limited = error(429, LIMITED, **{"Retry-After": after, "Date": email.utils.formatdate(int(now), usegmt=True)})
    script = Chain([[1]], faults={0: [limited]})
    with ScriptedServer(script) as server:
        client = client_of(server)
        client._patience = type(client._patience)(total=600)
        started = time.monotonic()
        assert len(client.page(f"{server.url}/v3/rows").rows) == 1
    assert time.monotonic() - started >= 1


def test_one_429_holds_every_thread_back(client_of: ClientOf) -> None:
    """No other call goes out before the time that the API named."""
    limited = [error(429, LIMITED, **{"Retry-After": "1"})]
    times: list[float] = []

    def script(asked: Asked) -> Reply:
        times.append(time.monotonic())
        return limited.pop() if limited else page([1])

    with ScriptedServer(script) as server, ThreadPoolExecutor(4) as pool:
        client = client_of(server)
        client._patience = type(client._patience)(total=600)
        first = pool.submit(client.page, server.url)
        while not client.gate._opens:
            time.sleep(0.01)  # until the 429 is in
        others = [pool.submit(client.page, f"{server.url}/{number}") for number in range(3)]
        assert all(len(call.result().rows) == 1 for call in [first, *others])
    assert len(times) == 5
    assert times[1] - times[0] >= 1


def test_too_long_a_retry_after_is_not_waited_for(client_of: ClientOf) -> None:
    """Beyond patience the error comes at once, so that the worker is free."""
    started = time.monotonic()
    with pytest.raises(errors.RateLimitedError, match="429"):
        fetch(client_of, Chain([[1]], always={0: error(429, LIMITED, **{"Retry-After": "86400"})}))
    assert time.monotonic() - started < 3600


def test_the_key_is_nowhere(client_of: ClientOf, caplog: pytest.LogCaptureFixture) -> None:
    """Bodies that echo the key, at HTTP 200 and 500, leave it neither in logs nor in errors."""
    caplog.set_level(logging.DEBUG)
    echo = [error(500, {"error": f"key {KEY}"}), page({"status": "ERROR", "error": f"key {KEY}"}), http(KEY.encode())]
    for reply in echo:
        with pytest.raises(errors.SourceError) as caught:
            fetch(client_of, Chain([[1]], always={0: reply}))
        assert KEY not in f"{caught.value} {caught.value!r}"
    assert "Try 1 failed" in caplog.text
    assert KEY not in caplog.text


ONCE, TWICE = "".join(f"%{ord(c):02X}" for c in KEY), "".join(f"%25{ord(c):02x}" for c in KEY)
FOREIGN = [
    "https://other.invalid/{key}/v2?cursor=2",
    "https://other.invalid/v2?cursor={key}",
    "https://other.invalid/v2?apikey={key}",
    "https://other.invalid/v2?api%4Bey={key}",
    "https://other.invalid/v2#{key}",
    "https://{key}@other.invalid/v2",
    "https://user:{key}@other.invalid/v2",
    "https://{key}.other.invalid/v2",
    "https://[{key}]/v2",
    "http://{key}@[/v2",
    "http://user:{key}@other.invalid:port/v2",
    "ftp://other.invalid/{key}",
    "/v2/{key}",
    "{key}",
    "{base}@other.invalid/{key}",
    "{base}/v2/{key}?cursor=2",
    "{base}/v2?cursor={key}",
    "{base}/v2?api%4Bey={key}",
    "{base}/v2?cursor=x{key}x",
]


@pytest.mark.parametrize("key", [KEY, ONCE, TWICE, f"{KEY[:5]}{ONCE[15:]}"], ids=["plain", "once", "twice", "half"])
@pytest.mark.parametrize("next_url", FOREIGN)
def test_a_key_in_a_next_url_is_told_to_nobody(
    client_of: ClientOf, caplog: pytest.LogCaptureFixture, next_url: str, key: str
) -> None:
    """Wherever in it the key stands, and however it is encoded: the URL is not called, nor is the key in a text."""
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(lambda _: page(first)) as server:
        first = {"status": "OK", "results": [1], "next_url": next_url.format(key=key, base=server.url)}
        with pytest.raises((ForeignOriginError, BrokenChainError)) as caught:
            list(client_of(server).chain("/v3/rows", {}))
        assert len(server.asked) == 1
    error = caught.value
    told = f"{error} {error!r} {error.args} {error.url} {error.__cause__!r} {error.__context__!r} {caplog.text}"
    plain = [told]
    for _ in range(3):
        plain.append(urllib.parse.unquote(plain[-1]))
    assert KEY.lower() not in " ".join(plain).lower()


def test_a_key_of_a_letter_is_in_every_url() -> None:
    """A stand-in's short key breaks no chain."""
    with ScriptedServer(lambda asked: page(last if asked.params else first)) as server:
        last: dict[str, Any] = {"status": "OK", "results": [2]}
        first = {"status": "OK", "results": [1], "next_url": f"{server.url}/v3/rows?cursor=k"}
        client = Client(Transport(server.url, "k"), Gate(0))
        assert [len(each.rows) for each in client.chain("/v3/rows", {})] == [1, 1]


def test_a_masked_url_still_says_where() -> None:
    """All but the key is there."""
    error = ForeignOriginError(f"{ONCE} echoed", f"https://{KEY.lower()}.x.invalid/a/{TWICE}/b?c={KEY}&d=1")
    error.mask(KEY)
    assert error.fact == "*** echoed [GET https://***.x.invalid/a/***/b?c=***&d=1]"


PATIENCE = Patience(total=30, first=0.5, longest=4, rate_limited=15)


def asked_at(
    clock: Clock, reply: Reply, patience: Patience = PATIENCE, takes: float = 0
) -> tuple[list[float], errors.SourceError]:
    """When a page is asked for by a clock that only waits and answers move, all answers alike; and the error at last.

    An answer takes so many seconds.
    """
    moments: list[float] = []
    found: list[errors.SourceError] = []

    def script(asked: Asked) -> Reply:
        moments.append(clock.now)
        clock.now += takes
        return reply

    with ScriptedServer(script) as server:
        client = Client(Transport(server.url, KEY), Gate(0, clock.sleep), patience, clock.sleep)

        def work() -> None:
            with pytest.raises(errors.SourceError) as caught:
                client.page(f"{server.url}/v3/rows")
            found.append(caught.value)

        clock.run([work])
    assert found[0].tries == len(moments)
    return moments, found[0]


@pytest.mark.parametrize(
    ("headers", "moments"),
    [
        ({"Retry-After": "10"}, [0, 10, 20, 30]),
        ({}, [0, 15, 30]),
        ({"Retry-After": "30"}, [0, 30]),
        ({"Retry-After": "31"}, [0]),
    ],
    ids=str,
)
def test_patience_is_used_to_the_second(clock: Clock, headers: dict[str, str], moments: list[float]) -> None:
    """Thirty seconds in all: a wait that just fits is waited, one that does not ends it at once."""
    found, error = asked_at(clock, rate_limited(headers))
    assert found == pytest.approx(moments)
    assert isinstance(error, errors.RateLimitedError)


@pytest.mark.parametrize(("takes", "tries"), [(0, 5), (2.5, 3), (5, 3), (5.5, 2), (400, 2)])
def test_calls_that_fail_use_patience_up(clock: Clock, takes: float, tries: int) -> None:
    """Twenty seconds in all, five between two calls: slow ones are fewer, and the second is always made."""
    moments, _ = asked_at(clock, rate_limited({"Retry-After": "5"}), Patience(total=20, first=0.5), takes)
    assert moments == pytest.approx([number * (5 + takes) for number in range(tries)])


def rate_limited(headers: dict[str, str]) -> Reply:
    """A 429."""
    return error(429, LIMITED, **headers)


@pytest.mark.parametrize("reply", [error(500), error(429, LIMITED, **{"Retry-After": "0"})], ids=["500", "429"])
def test_waits_double_up_to_the_longest(clock: Clock, reply: Reply) -> None:
    """From the first on, a jitter of the first on top; an API that asks for no wait is not called in a tight loop."""
    moments, _ = asked_at(clock, reply)
    waits = [later - earlier for earlier, later in itertools.pairwise(moments)]
    grown = [0.5, 1, 2, *[4] * (len(waits) - 3)]
    assert all(low - 1e-6 <= wait <= min(low + 0.5, 4) + 1e-6 for low, wait in zip(grown, waits, strict=True))
    assert 26 < moments[-1] <= 30


def test_only_the_rate_is_the_keys_own(clock: Clock) -> None:
    """A server's fault holds no other call back; after a 429 the gate is closed as long as the API said."""
    opens = []

    class Noted(Gate):
        """A gate that is asked to close."""

        def close_for(self, seconds: float) -> None:
            opens.append(seconds)
            super().close_for(seconds)

    replies = [error(500), error(429, LIMITED, **{"Retry-After": "7"}), page([1])]
    with ScriptedServer(lambda _: replies.pop(0)) as server:
        client = Client(Transport(server.url, KEY), Noted(0, clock.sleep), PATIENCE, clock.sleep)
        clock.run([lambda: client.page(server.url)])
    assert opens == [7.0]


def test_a_try_that_failed_is_told_without_advice(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    """Its number, the wait, what happened and where: the advice is for the end."""
    asked_at(clock, rate_limited({"Retry-After": "10"}))
    lines = [record.getMessage() for record in caplog.records if "failed" in record.getMessage()]
    assert [line.partition(": ")[0] for line in lines] == [f"Try {n} failed, next in 10.0 s" for n in (1, 2, 3)]
    assert "the API answered 429 ERROR: You've exceeded the maximum requests per minute [GET http" in lines[0]
    assert "/v3/rows]" in lines[0]
    assert errors.RateLimitedError.advice not in lines[0]


def test_one_answer_is_one_call(client_of: ClientOf) -> None:
    """Whatever it is; its body is not looked at."""
    with ScriptedServer(lambda asked: http(b"<html>") if asked.path == "/ok" else error(500)) as server:
        assert client_of(server).answer("/ok").content == b"<html>"
        with pytest.raises(errors.ServerFailedError):
            client_of(server).answer("/broken")
        assert [asked.target for asked in server.asked] == ["/ok", "/broken"]
        assert repr(client_of(server)) == f"Client({server.url!r})"
