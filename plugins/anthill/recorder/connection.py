"""A connection to Polygon's (Massive's) stream: the key given, the channels confirmed, then frames as they come."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from anthill.recorder.errors import EvictedError, LostError, RecorderError, RefusedError

PATIENCE = 10.0  # seconds for each word of the handshake
_LONGEST = 64 << 20  # bytes of a frame
_AT_ONCE = 8 << 20  # bytes of frames that wait for the disk
_STATUS = b'"status"'
_SILENT = logging.getLogger("anthill.recorder.frames")  # the library's own logs each frame, the key's among them
_SILENT.setLevel(logging.WARNING)
_NOT_OURS = {401, 403}  # of HTTP, before there is a socket


class Connection:
    """An open connection with all its channels confirmed."""

    def __init__(self, socket: ClientConnection, confirmed: tuple[str, ...], early: list[bytes]) -> None:
        self._socket = socket
        self.confirmed = confirmed
        self._frames = early  # those that came between two confirmations are the first
        self._last = b""
        self._much = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def take(self, within: float) -> list[bytes]:
        """What has come since the last time, after so many seconds, or at once where it is much.

        LostError or EvictedError says how the connection ended, once all that came before has been taken.
        """
        much = asyncio.create_task(self._much.wait())
        await asyncio.wait({self._reading, much}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        much.cancel()
        taken, self._frames = self._frames, []
        self._much.clear()
        if not taken and self._reading.done():
            self._reading.result()
        return taken

    def close(self) -> None:
        """Read no more."""
        self._reading.cancel()

    async def _read(self) -> None:
        """Keep each frame as it comes; where they come faster than they are taken, wait."""
        # A loop of its own and not an iterator: at one message a frame a call costs as much as a frame.
        receive = self._socket.recv
        try:
            while True:
                size = 0
                while size < _AT_ONCE:
                    frame = await receive(decode=False)
                    self._frames.append(frame)
                    size += len(frame)
                    if _STATUS in frame:
                        self._last = frame
                self._much.set()
                while self._much.is_set():
                    await asyncio.sleep(0.001)
        except ConnectionClosed as closed:
            raise _ended(closed, self._last) from closed


@contextlib.asynccontextmanager
async def opened(url: str, key: str, channels: Iterable[str], patience: float = PATIENCE) -> AsyncIterator[Connection]:
    """A connection for these channels; RefusedError where the key or any of them is not accepted."""
    asked = tuple(channels)
    try:
        socket = await asyncio.wait_for(
            connect(
                url,
                max_size=_LONGEST,
                ping_interval=20,
                ping_timeout=20,
                close_timeout=0.5,
                open_timeout=patience,
                logger=_SILENT,
            ),
            patience,
        )
    except InvalidStatus as error:
        status = error.response.status_code
        kind = RefusedError if status in _NOT_OURS else LostError
        raise kind(f"{url} answered {status} instead of a socket") from error
    except (OSError, InvalidHandshake, TimeoutError) as error:
        raise LostError(f"{url} cannot be reached: {error or type(error).__name__}") from error
    connection = None
    try:
        connection = await _let_in(socket, url, key, asked, patience)
        yield connection
    finally:
        if connection:
            connection.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(socket.close(), 0.5)


async def _let_in(socket: ClientConnection, url: str, key: str, asked: tuple[str, ...], patience: float) -> Connection:
    """Give the key, ask for the channels, and wait until each is confirmed."""
    early: list[bytes] = []
    missing = set(asked)
    try:
        await _answered(socket, "connected", key, patience)
        await socket.send(json.dumps({"action": "auth", "params": key}))
        await _answered(socket, "auth_success", key, patience)
        await socket.send(json.dumps({"action": "subscribe", "params": ",".join(asked)}))
        await _confirmed(socket, missing, early, key, patience)
    except TimeoutError as error:
        if missing != set(asked) or early:
            names = ", ".join(sorted(missing))
            advice = "See what the plan allows, or declare less"
            raise RefusedError(f"{url} did not confirm {names} within {patience:.0f} s. {advice}") from error
        raise LostError(f"{url} was silent for {patience:.0f} s in the handshake") from error
    except ConnectionClosed as closed:
        raise _ended(closed, early[-1] if early else b"") from closed
    return Connection(socket, asked, early)


async def _answered(socket: ClientConnection, wanted: str, key: str, patience: float) -> None:
    """Wait for a status; RefusedError or EvictedError where another one says no."""
    async with asyncio.timeout(patience):
        while True:
            for status in statuses(await socket.recv(decode=False)):
                _refuse(status, key)
                if status.get("status") == wanted:
                    return


async def _confirmed(
    socket: ClientConnection, missing: set[str], early: list[bytes], key: str, patience: float
) -> None:
    """Wait for a confirmation of each channel; what comes of the first ones meanwhile is kept."""
    async with asyncio.timeout(patience):
        while missing:
            frame = await socket.recv(decode=False)
            told = list(statuses(frame))
            for status in told:
                _refuse(status, key)
                missing.discard(str(status.get("message", "")).removeprefix("subscribed to: "))
            if not told or _has_data(frame):
                early.append(frame)


def statuses(frame: bytes) -> Iterator[dict[str, Any]]:
    """The status messages of a frame; none where it is no JSON."""
    if _STATUS in frame:
        with contextlib.suppress(ValueError):
            found = json.loads(frame)
            yield from (each for each in found if isinstance(each, dict) and each.get("ev") == "status")


def _has_data(frame: bytes) -> bool:
    with contextlib.suppress(ValueError):
        return any(each.get("ev") != "status" for each in json.loads(frame))
    return True


def _refuse(status: dict[str, Any], key: str) -> None:
    """What the source says no to, as an error; nothing it says else is one."""
    said = str(status.get("message", "")).replace(key, "***")
    match status.get("status"):
        case "auth_failed" | "auth_timeout":
            raise RefusedError(f"the source does not take the key: {said}. Put a valid one into its secret")
        case "error":
            raise RefusedError(f"the source refuses a channel: {said}. See what the plan allows, or declare less")
        case "max_connections":
            raise EvictedError(f"another connection with this key took the place: {said}")


def _ended(closed: ConnectionClosed, last: bytes) -> RecorderError:
    """Why a connection ended, from its close and the status before it."""
    code = closed.rcvd.code if closed.rcvd else 1006
    reason = closed.rcvd.reason if closed.rcvd else ""
    told = {str(status.get("status")): str(status.get("message", "")) for status in statuses(last)}
    if "max_connections" in told or (code == 1008 and "max_connections" in reason):
        return EvictedError(f"another connection with this key took the place (close {code})")
    for word in ("slow_consumer", "force_disconnect", "not_authorized"):
        if word in told:
            return LostError(f"the source ended it: {word} (close {code}) {told[word]}".rstrip())
    return LostError(f"closed with {code} {reason}".rstrip())
