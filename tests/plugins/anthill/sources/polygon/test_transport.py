"""One HTTP call: every fault of the wire is one typed error, soon, without the key."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import ipaddress
import json
import logging
import ssl
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from anthill.sources import errors
from anthill.sources.polygon import page as pages
from anthill.sources.polygon.errors import BadAddressError, BadRequestError, ForeignOriginError
from anthill.sources.polygon.transport import Transport
from tests.scripted_server import RESET, Reply, ScriptedServer, chunked, error, http, page

from .conftest import KEY, LIMITS

BODY = gzip.compress(json.dumps({"status": "OK", "results": list(range(5000))}).encode(), mtime=0)
GZIP = {"Content-Encoding": "gzip"}


def call(reply: Reply, path: str = "/v3/rows") -> tuple[object, ScriptedServer]:
    """Call a server that always gives this reply."""
    with ScriptedServer(lambda _: reply) as server:
        return Transport(server.url, KEY, LIMITS).get(server.url + path), server


def test_the_body_is_as_received() -> None:
    """Gzip bytes come out as the server sent them, and inflated beside; the key is in the header only."""
    answer, server = call(http(BODY, headers=GZIP), "/v3/rows?cursor=x&apiKey=other")
    assert (answer.body, answer.content, answer.gzipped) == (BODY, gzip.decompress(BODY), True)
    (asked,) = server.asked
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert asked.headers["Accept-Encoding"] == "gzip"
    assert asked.target == "/v3/rows?cursor=x"


def test_plain_and_chunked_bodies() -> None:
    """Neither gzip nor a length is needed."""
    assert call(http(b"[1]"))[0].content == b"[1]"
    assert call(chunked([BODY[:100], BODY[100:]], **GZIP))[0].body == BODY


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (RESET, errors.ConnectionFailedError, "reset|aborted"),
        (Reply(http(BODY, headers=GZIP).data[:200], "reset"), errors.ConnectionFailedError, "reset|Incomplete"),
        (http(BODY[:50], headers=GZIP, length=len(BODY)), errors.ConnectionFailedError, "Incomplete|before"),
        (
            chunked([BODY[:100], BODY[100:]], whole=False, **GZIP),
            errors.ConnectionFailedError,
            "Incomplete|InvalidChunk",
        ),
        (Reply(b"", hang=600), errors.ConnectionFailedError, "timed out"),
        (Reply(http(BODY, headers=GZIP).data[:400], hang=600), errors.ConnectionFailedError, "timed out"),
        (Reply(b"not http at all\r\n\r\n", "close"), errors.ConnectionFailedError, "no answer"),
        (http(BODY[:-4], headers=GZIP), errors.BadAnswerError, "cut"),
        (http(BODY + b"x", headers=GZIP), errors.BadAnswerError, "gzip"),
        (http(b"[1]", headers=GZIP), errors.BadAnswerError, "gzip"),
        (http(b"[1]", headers={"Content-Encoding": "br"}), errors.BadAnswerError, "encoded as br"),
        (
            http(gzip.compress(b"[" + b" " * (8 << 20) + b"]"), headers=GZIP),
            errors.BadAnswerError,
            "more than 4,194,304",
        ),
        (http(b"x" * (2 << 20)), errors.BadAnswerError, "larger than 1,048,576"),
        (http(b"", 302, {"Location": "http://127.0.0.1:1/evil"}), BadRequestError, "redirect"),
        (error(502), errors.ServerFailedError, "502"),
        (http(b"no gzip", 503, GZIP), errors.ServerFailedError, "503"),
        (error(429, {"status": "ERROR", "error": "maximum requests"}), errors.RateLimitedError, "429"),
        (http(b"404 page not found", 404), errors.NotFoundError, "404 page not found"),
        (error(401, {"status": "ERROR", "error": f"Unknown API Key {KEY}"}), errors.UnknownKeyError, r"Key \*\*\*"),
    ],
)
def test_each_fault_has_its_type(reply: Reply, kind: type[errors.SourceError], text: str) -> None:
    """The error names the fault and the URL, holds no key, and comes within the time-outs; one request, no retry."""
    started = time.monotonic()
    limits = msgspec.structs.replace(LIMITS, read=1) if reply.hang else LIMITS
    with ScriptedServer(lambda _: reply) as server:
        with pytest.raises(kind, match=text) as caught:
            Transport(server.url, KEY, limits).get(f"{server.url}/v3/rows?apiKey={KEY}")
        assert len(server.asked) <= 1
        assert f"{server.url}/v3/rows" in str(caught.value)
    assert time.monotonic() - started < 300
    assert KEY not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


_OK = b"HTTP/1.1 200 OK\r\n"


def certificate_of_loopback(folder: Path) -> Path:
    """A certificate of 127.0.0.1, signed by itself, with its private key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (file := folder / "loopback.pem").write_bytes(private + certificate.public_bytes(pem))
    return file


DRIPS = {
    "a body": (http(b"x" * 100, length=100_000).data, b"x"),
    "headers": (_OK, b"X-A: a\r\n"),
    "a header": (_OK + b"X-A: ", b"a"),
    "a status line": (b"HTTP/1.1 200 ", b"O"),
    "continues": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a chunk's size": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
    "a chunk's extension": (_OK + b"Transfer-Encoding: chunked\r\n\r\n5;", b"a"),
    "chunks": (_OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "trailers": (_OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-A: a\r\n"),
}


class Drip(ScriptedServer):
    """Begins an answer, and sends the same bytes again and again, without an end."""

    def __init__(self, begin: bytes, drop: bytes, context: ssl.SSLContext | None = None) -> None:
        super().__init__(lambda _: Reply(begin))
        self.begin, self.drop, self.context = begin, drop, context

    def _serve(self, connection: Any, stream: Any) -> None:
        if self.context is not None:
            connection = self.context.wrap_socket(connection, server_side=True)
            connection.recv(65536)
        else:
            stream.readline()
        connection.sendall(self.begin)
        with contextlib.suppress(OSError):
            while not self._stop.wait(0.02):
                connection.sendall(self.drop)


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS)
def test_a_drip_ends_at_the_total(drip: tuple[bytes, bytes]) -> None:
    """Bytes that keep coming, too slowly, do not hold a task for ever, whatever part of an answer they are."""
    limits = LIMITS.__class__(total=0.4)
    with Drip(*drip) as server, pytest.raises(errors.ConnectionFailedError, match=r"not whole after 0 s \[GET http"):
        Transport(server.url, KEY, limits).get(server.url)


def test_silence_ends_at_the_total() -> None:
    """Where less time is left than a byte may take."""
    limits = LIMITS.__class__(read=300, total=0.4)
    with (
        ScriptedServer(lambda _: Reply(b"", hang=600)) as server,
        pytest.raises(errors.ConnectionFailedError, match="not whole after"),
    ):
        Transport(server.url, KEY, limits).get(server.url)


def test_an_encrypted_drip_ends_at_the_total(tmp_path: Path) -> None:
    """The same over TLS."""
    certificate = certificate_of_loopback(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Drip(*DRIPS["headers"], context) as server:
        url = server.url.replace("http:", "https:")
        transport = Transport(url, KEY, LIMITS.__class__(total=0.4))
        transport._pool.ca_certs = str(certificate)
        with pytest.raises(errors.ConnectionFailedError, match="not whole after"):
            transport.get(url)


def test_a_call_after_a_slow_one_has_its_own_time() -> None:
    """On the same connection, whose last wait was short."""
    replies = [http(b"[1]"), http(b"[2]")]
    with ScriptedServer(lambda _: replies.pop(0)) as server:
        transport = Transport(server.url, KEY, LIMITS.__class__(read=300, total=60))
        assert [transport.get(server.url).content for _ in range(2)] == [b"[1]", b"[2]"]
        pool = transport._pool
        assert (pool.num_connections, pool.num_requests) == (1, 2)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v3", "https://127.0.0.1/v3", "http://evil.example/", "/v3", ""])
def test_the_key_goes_to_its_origin_only(url: str) -> None:
    """Another host, port or scheme is refused before anything is sent."""
    with ScriptedServer(lambda _: page([])) as server:
        with pytest.raises(ForeignOriginError, match="not sent"):
            Transport(server.url, KEY, LIMITS).get(url)
        with pytest.raises(ForeignOriginError):
            Transport(server.url, KEY, LIMITS).get(server.url.replace("http://", "http://user@evil.example?"))
        assert server.asked == []


@given(
    st.text(max_size=20).map("http://{}".format) | st.sampled_from(["http://[", "http://a\\@{origin}/", "http://x\ny"])
)
def test_any_url_is_refused_or_of_the_origin(url: str) -> None:
    """Whatever next_url holds, it ends in a typed error."""
    transport = Transport("http://127.0.0.1:9", KEY, LIMITS)
    with pytest.raises(errors.SourceError):
        transport.get(url)


@pytest.mark.parametrize("key", ["KEY-marked\n", "KEY marked", "KEY-märked"])
def test_a_key_that_no_header_takes(key: str) -> None:
    """A pasted line end is found before a library quotes the header in its error."""
    with pytest.raises(errors.UnknownKeyError, match="white space") as caught:
        Transport("https://api.polygon.io", key)
    assert "KEY" not in str(caught.value)


def test_nobody_listens() -> None:
    """An unreachable address is a failed connection, soon."""
    with ScriptedServer(lambda _: page([])) as server:
        url = server.url
    with pytest.raises(errors.ConnectionFailedError, match="refused"):
        Transport(url, KEY, LIMITS).get(url)


@pytest.mark.parametrize("base", ["api.polygon.io", "", "ftp://api.polygon.io"])
def test_no_address(base: str) -> None:
    """A host that is no address is said to be none."""
    with pytest.raises(BadAddressError, match="host"):
        Transport(base, KEY)


def test_the_key_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Not even when urllib3 logs its URLs, or somebody prints the transport."""
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(lambda _: page([])) as server:
        transport = Transport(server.url, KEY, LIMITS)
        transport.get(f"{server.url}/v3/rows?apiKey={KEY}")
    assert "/v3/rows" in caplog.text
    assert KEY not in caplog.text + repr(transport)


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\nContent-Encoding: gzip\r\n\r\n"
_BODIES = st.binary(max_size=30).map(lambda body: _HEAD + body)
_HEADS = st.builds(lambda at, put: _HEAD[:at] + put + _HEAD[at:], st.integers(0, len(_HEAD)), st.binary(max_size=9))


@settings(max_examples=60)
@given(st.binary(max_size=60) | _BODIES | _HEADS)
def test_any_bytes_on_the_wire_are_an_answer_or_one_error(data: bytes) -> None:
    """Whatever a server sends before it closes the connection ends in a page or in one typed error."""
    with ScriptedServer(lambda _: Reply(data, "close")) as server, contextlib.suppress(errors.SourceError):
        pages.read(Transport(server.url, KEY, LIMITS).get(server.url))


def test_what_is_sent() -> None:
    """Who asks, for what, and in which form it may come."""
    with ScriptedServer(lambda _: page([])) as server:
        transport = Transport(f"{server.url}/", KEY, LIMITS)
        assert (transport.base_url, repr(transport)) == (server.url, f"Transport({server.url!r})")
        transport.get(f"{server.url}/v3")
        (asked,) = server.asked
    assert (asked.headers["Accept"], asked.headers["User-Agent"]) == ("application/json", "anthill")


def test_an_answer_tells_where_and_when() -> None:
    """The URL without a key, and the API's own clock; none where it says none."""
    with ScriptedServer(lambda asked: http(b"[]", date=0 if asked.path == "/a" else None)) as server:
        answer = Transport(server.url, KEY, LIMITS).get(f"{server.url}/a?apiKey={KEY}")
        assert (answer.url, answer.date, answer.gzipped) == (f"{server.url}/a", "Thu, 01 Jan 1970 00:00:00 GMT", False)
    assert call(http(b"[]", headers={"Date": ""}))[0].date is None


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", " GZIP ", "Identity", ""])
def test_encodings_are_read_as_http_writes_them(encoding: str) -> None:
    """In any case, with spaces around."""
    body = BODY if "gzip" in encoding.lower() else b"[1]"
    answer, _ = call(http(body, headers={"Content-Encoding": encoding}))
    assert (answer.body, answer.gzipped) == (body, body is BODY)


def test_the_largest_answers_are_taken() -> None:
    """To the byte: as received, and inflated."""
    exact = LIMITS.__class__(received=1000, inflated=5000)
    for reply, fits in (
        (http(b"x" * 1000), True),
        (http(b"x" * 1001), False),
        (http(gzip.compress(b"x" * 5000), headers=GZIP), True),
        (http(gzip.compress(b"x" * 5001), headers=GZIP), False),
    ):
        with ScriptedServer(lambda _, reply=reply: reply) as server:
            said = contextlib.nullcontext() if fits else pytest.raises(errors.BadAnswerError, match=r"1,000|5,000")
            with said:
                Transport(server.url, KEY, exact).get(server.url)


@pytest.mark.parametrize(("taken", "fits"), [(19.5, True), (20.0, False), (20.5, False)])
def test_an_answer_may_take_its_total(monkeypatch: pytest.MonkeyPatch, taken: float, fits: bool) -> None:
    """To the second, from the moment at which it was asked for."""
    with ScriptedServer(lambda _: http(b"[]")) as server:
        transport = Transport(server.url, KEY, LIMITS.__class__(total=20))
        begun = [100.0, 100.0]  # the call, and its request
        clock = SimpleNamespace(monotonic=lambda: begun.pop() if begun else 100 + taken)
        for module in ("transport", "timed"):
            monkeypatch.setattr(f"anthill.sources.polygon.{module}.time", clock)
        late = pytest.raises(errors.ConnectionFailedError, match=r"was not whole after 20 s \[GET http")
        with contextlib.nullcontext() if fits else late:
            transport.get(server.url)


def test_how_long_a_call_may_take() -> None:
    """To connect, and between two bytes, as the limits say."""
    transport = Transport("http://127.0.0.1:1", KEY, LIMITS.__class__(connect=3, read=7), connections=5)
    pool = transport._pool
    timeout = pool.timeout
    assert (timeout.connect_timeout, timeout.read_timeout) == (3, 7)
    assert (pool.pool.maxsize, pool.block) == (5, False)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (
            error(400, {"status": "ERROR", "error": "no cursor", "message": "m"}),
            "400 ERROR: no cursor [GET",
        ),
        (error(400, {"status": "ERROR", "message": "only this"}), "the API answered 400 ERROR: only this [GET"),
        (error(400, {"error": "x" * 600}), f"the API answered 400: {'x' * 500} [GET"),
        (http(b"a \n\t b" + b"y" * 300, 400), f"the API answered 400: a b{'y' * 194} [GET"),
        (
            http(gzip.compress(b'{"status":"ERROR","error":"packed"}'), 400, GZIP),
            "400 ERROR: packed [GET",
        ),
        (http(gzip.compress(b"x" * (5 << 20)), 400, GZIP), "the API answered 400 [GET"),
        (http(b"\xff\xfe", 400), "the API answered 400: \ufffd\ufffd [GET"),
        (http(b'{"status": 5}', 400), 'the API answered 400: {"status": 5} [GET'),
    ],
)
def test_a_refusal_says_what_the_api_said(reply: Reply, said: str) -> None:
    """Its status and its error, or its message; of anything else the beginning."""
    own = b"ERROR" in reply.data or "packed" in said
    with pytest.raises(BadRequestError if own else errors.BadAnswerError) as caught:
        call(reply)
    assert said in str(caught.value)


def test_a_refusal_knows_how_long_to_wait() -> None:
    """By the answer's own clock where it names a date."""
    date = {"Date": "Fri, 06 Jun 2014 20:00:00 GMT"}
    for after, seconds in (("7", 7.0), ("Fri, 06 Jun 2014 20:01:00 GMT", 60.0), ("soon", None), ("", None)):
        with pytest.raises(errors.RateLimitedError) as caught:
            call(error(429, {"status": "ERROR"}, **date, **{"Retry-After": after}))
        assert caught.value.retry_after == seconds


@pytest.mark.parametrize("base", ["nowhere", "ftp://x"])
def test_a_host_that_is_no_address_is_named(base: str) -> None:
    """As it was given."""
    with pytest.raises(BadAddressError, match=f"'{base}' is no http or https address"):
        Transport(base, KEY)


def test_a_next_url_of_another_origin_is_named() -> None:
    """With the origin that was expected."""
    transport = Transport("http://127.0.0.1:9/", KEY)
    with pytest.raises(ForeignOriginError, match=r"not one of http://127\.0\.0\.1:9 \[GET http://x/v3\]"):
        transport.get("http://x/v3")
