"""A cluster of the stream: lets in who has a key, confirms channels, sends each what it asked for, and plays faults."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Event = dict[str, Any]
AT_ONCE = 50  # messages of a frame
_SILENT = logging.getLogger("local.polygon_stream")  # the library's own logs each frame, keys among them
_SILENT.setLevel(logging.WARNING)
_NAMES = ("sym", "pair", "T")  # what an event is about, by its channel
QUIET: dict[str, Any] = {"compression": None, "max_size": 1 << 20, "ping_interval": None, "logger": _SILENT}
"""How the server of a cluster is set up."""


@dataclass(eq=False)
class Client:
    """A connection that was let in."""

    socket: ServerConnection
    key: str
    channels: set[str] = field(default_factory=set)

    def wants(self, event: Event) -> bool:
        """Whether it subscribed to the event's channel, for all or for what it is about."""
        about = next((event[name] for name in _NAMES if name in event), "")
        return not self.channels.isdisjoint((f"{event['ev']}.*", f"{event['ev']}.{about}"))


class Exchange:
    """One cluster: keys may connect, one connection each, and subscribe to the channels of their plan."""

    def __init__(self, keys: Mapping[str, Collection[str]], at_once: int = AT_ONCE) -> None:
        self._keys = keys
        self._at_once = at_once
        self.clients: list[Client] = []
        self.refused: set[str] = set()  # channels that are answered with an error
        self.unanswered: set[str] = set()  # and those that are not answered
        self.connections = 0
        self._silent = False
        self._changed = asyncio.Condition()

    async def serve(self, host: str = "127.0.0.1", port: int = 0) -> Server:
        """Listen; port 0 takes a free one."""
        return await serve(self.meet, host, port, **QUIET)

    async def subscribed(self, many: int = 1) -> None:
        """Wait until so many clients have all that they asked for."""
        async with self._changed:
            await self._changed.wait_for(lambda: sum(bool(client.channels) for client in self.clients) >= many)

    async def send(self, events: Iterable[Event]) -> None:
        """Send each client what it subscribed to, some messages a frame."""
        events = [] if self._silent else list(events)
        for client in [*self.clients]:
            wanted = [event for event in events if client.wants(event)]
            for at in range(0, len(wanted), self._at_once):
                await self.raw(json.dumps(wanted[at : at + self._at_once], separators=(",", ":")), client)

    async def raw(self, frame: str, *only: Client) -> None:
        """Send every client a frame as it is."""
        for client in only or [*self.clients]:
            with contextlib.suppress(ConnectionClosed):
                await client.socket.send(frame)

    def hush(self, *, deaf: bool = False) -> None:
        """Send no events any more, as if there were none; where it is deaf, pings have no answer either."""
        self._silent = True
        for client in self.clients if deaf else ():
            client.socket.transport.pause_reading()

    def speak(self) -> None:
        """Send events again; those that came meanwhile are not."""
        self._silent = False
        for client in self.clients:
            client.socket.transport.resume_reading()

    async def close(self, code: int, reason: str = "", status: str = "") -> None:
        """Close every connection, after a status where one is given; 1006 is cut without a word."""
        for client in [*self.clients]:
            await self._close(client, code, reason, status)

    async def _close(self, client: Client, code: int, reason: str, status: str) -> None:
        if status:
            await self.raw(_status(status, reason), client)
        self._forget(client)
        if code == 1006:
            client.socket.transport.abort()
        else:
            await client.socket.close(code, reason)

    async def meet(self, socket: ServerConnection) -> None:
        """One client, from its greeting to its end."""
        await socket.send(_status("connected", "Connected Successfully"))
        client = None
        try:
            async for text in socket:
                asked = json.loads(text)
                match asked.get("action"):
                    case "auth" if asked.get("params") not in self._keys:
                        await socket.send(_status("auth_failed", "authentication failed"))
                        await socket.close(1008, "auth_failed")
                    case "auth":
                        client = await self._let_in(socket, asked["params"])
                    case "subscribe" if client:
                        await self._subscribe(client, asked["params"].split(","))
        except ConnectionClosed:
            pass
        finally:
            if client:
                self._forget(client)

    async def _let_in(self, socket: ServerConnection, key: str) -> Client:
        """The newest connection of a key is let in, and the one before it closed."""
        for older in [client for client in self.clients if client.key == key]:
            await self._close(older, 1008, "max_connections", "max_connections")
        client = Client(socket, key)
        self.clients.append(client)
        self.connections += 1
        await socket.send(_status("auth_success", "authenticated"))
        return client

    async def _subscribe(self, client: Client, channels: list[str]) -> None:
        for channel in channels:
            kind = channel.partition(".")[0]
            if channel in self.unanswered:
                continue
            if channel in self.refused or kind not in self._keys[client.key]:
                await client.socket.send(_status("error", f"not authorized to subscribe to {channel}"))
                continue
            await client.socket.send(_status("success", f"subscribed to: {channel}"))
            async with self._changed:
                client.channels.add(channel)
                self._changed.notify_all()

    def _forget(self, client: Client) -> None:
        with contextlib.suppress(ValueError):
            self.clients.remove(client)


def _status(status: str, message: str) -> str:
    return json.dumps([{"ev": "status", "status": status, "message": message}], separators=(",", ":"))
