"""The outermost layer: dates answers, and plays faults down to the connection."""

import asyncio
import contextlib
import email.utils
import gzip
import socket
import struct
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from local.polygon.answers.clock_setting import PATH
from local.polygon.faults.broken_answers import Whole, break_answer, encoded
from local.polygon.faults.faults import Faults, Rule
from local.polygon.markets.clock import Clock

OUTSIDE = ("/healthz", PATH)
"""Paths that no fault meets."""


class OpenProtocol(HttpToolsProtocol):
    """HTTP that lends its connection to the application, as `scope["state"]["connection"]`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keeps the connection where requests on it find it."""
        self.app_state = {**self.app_state, "connection": transport}
        super().connection_made(transport)


class Wire:
    """An ASGI layer that passes answers on, unless a rule of the faults file meets the request."""

    def __init__(self, app: ASGIApp, path: Path | None, seed: int, clock: Clock) -> None:
        self._app, self._faults, self._clock = app, Faults(path, seed), clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        rules = [] if scope["path"] in OUTSIDE else self._faults.matching(scope["path"], query)
        if not rules:
            await self._app(scope, receive, self._dated(send))
            return
        answer = await _captured(self._app, scope, receive)
        answer.headers["date"] = self._date()
        for rule in rules:
            answer = break_answer(answer, rule, _url(scope))
        for rule in rules:
            await asyncio.sleep(rule.then.get("delay", 0))
        body = encoded(answer, next((rule for rule in rules if {"bomb", "gzip"} & set(rule.then)), None))
        connection = scope["state"]["connection"]
        for rule in rules:
            if {"hang", "reset", "cut", "cut_chunk", "trickle"} & set(rule.then):
                await _break_connection(rule, answer, body, connection, receive, send)
                return
        await _start(send, answer, len(body))
        await send({"type": "http.response.body", "body": body})

    def _dated(self, send: Send) -> Send:
        """`send` that adds the Date header, which the server leaves to this layer."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", self._date().encode())]
            await send(message)

        return dated

    def _date(self) -> str:
        """The Date header: the machine's time, unless the clock is set; faults change it further."""
        return email.utils.format_datetime(self._clock.running, usegmt=True)


async def _captured(app: ASGIApp, scope: Scope, receive: Receive) -> Whole:
    """The whole answer of the application, not compressed."""
    started: list[Message] = []
    body = bytearray()

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        elif message["type"] == "http.response.body":
            body.extend(message.get("body", b""))

    await app(scope, receive, keep)
    headers = {name.decode(): value.decode() for name, value in started[0]["headers"]}
    packed = headers.pop("content-encoding", None) == "gzip"
    headers.pop("content-length", None)
    return Whole(started[0]["status"], headers, gzip.decompress(body) if packed else bytes(body), packed)


async def _break_connection(
    rule: Rule, answer: Whole, body: bytes, connection: asyncio.Transport, receive: Receive, send: Send
) -> None:
    """Sends as much as a fault wants, then hangs, resets or closes."""
    then = rule.then
    if "hang" in then:
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):  # cancelled when the server ends
            await asyncio.wait_for(_gone(receive), then["hang"])
        connection.close()
    elif "reset" in then:
        if then["reset"]:
            await _start(send, answer, len(body))
            await send({"type": "http.response.body", "body": body[: then["reset"]], "more_body": True})
            await asyncio.sleep(0.05)  # what was sent arrives before the reset overtakes it
        reset(connection)
    elif "cut" in then:
        await _start(send, answer, len(body))
        await send({"type": "http.response.body", "body": body[: then["cut"]], "more_body": True})
        connection.close()
    elif "cut_chunk" in then:
        await _start(send, answer, None)
        part = body[: then["cut_chunk"]]
        await send({"type": "http.response.body", "body": part[: len(part) // 2], "more_body": True})
        connection.write(f"{len(body):x}\r\n".encode() + part[len(part) // 2 :])
        connection.close()
    else:
        await _start(send, answer, len(body))
        step = max(then["trickle"] // 10, 1)
        for at in range(0, len(body), step):
            await send({"type": "http.response.body", "body": body[at : at + step], "more_body": at + step < len(body)})
            await asyncio.sleep(0.1)
        return
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Waits until the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _start(send: Send, answer: Whole, length: int | None) -> None:
    """Sends the head; without a length the body goes out in chunks."""
    headers: list[tuple[str, Any]] = [*answer.headers.items()]
    if length is not None:
        headers.append(("content-length", length))
    encoded_headers = [(name.encode("latin-1"), str(value).encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded_headers})


def reset(connection: asyncio.Transport) -> None:
    """Ends a connection by RST instead of FIN."""
    connection.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.abort()


def _url(scope: Scope) -> str:
    host = next((value.decode() for name, value in scope["headers"] if name == b"host"), "")
    query = scope["query_string"].decode("latin-1")
    return f"{scope['scheme']}://{host}{scope['path']}{'?' + query if query else ''}"
