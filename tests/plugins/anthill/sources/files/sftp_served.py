"""A real SFTP server (asyncssh) of one folder, on loopback and a free port, which may go wrong."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import asyncssh

from .published import FOLDER

LOGIN, PASSWORD = "reader", "open-sesame"  # pragma: allowlist secret


class SftpServed:
    """Serves a folder below `/microdados/`; its faults are attributes that may be set at any time.

    `drops_after` aborts each connection after so many bytes of files, `cuts_login` at each password; `waits` are the
    seconds before each answer to a read, `shortest` the most bytes that one gives; `mute_at` is a step (`login`,
    `session`, `stat`, `read`) that is never answered. `before` is told of each open's number, `after_read` of each
    read's; `reads` is what was asked for: connection, offset and size.
    """

    def __init__(self, folder: Path, key: asyncssh.SSHKey | None = None) -> None:
        self.folder, self.key = folder, key or asyncssh.generate_private_key("ssh-ed25519")
        self.drops_after: int | None = None
        self.waits = 0.0
        self.mute_at = ""
        self.shortest: int | None = None
        self.cuts_login = False
        self.before: Callable[[int], None] = lambda number: None
        self.after_read: Callable[[int], None] = lambda number: None
        self.reads: list[tuple[int, int, int]] = []
        self.opened = self.logins = self.sessions = 0
        self.public_keys: list[asyncssh.SSHKey] = []
        self.there: list[Any] = []  # connections, open or not
        self.port = 0
        self._over = threading.Event()
        self._loop = asyncio.new_event_loop()

    @property
    def connections(self) -> int:
        """How many there were."""
        return len(self.there)

    @property
    def host_key(self) -> str:
        """Its public key, as a declaration has it."""
        return " ".join(self.key.export_public_key("openssh").decode().split()[:2])

    def __enter__(self) -> Self:
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(30)
        self.port = self._server.get_port()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def begin_again(self, key: asyncssh.SSHKey) -> None:
        """At the same port, with another key."""

        async def begin() -> None:
            await self._stop()
            self._server = await self._listen()

        self.key = key
        asyncio.run_coroutine_threadsafe(begin(), self._loop).result(30)

    async def _listen(self) -> Any:
        return await asyncssh.listen(
            "127.0.0.1",
            self.port,
            server_host_keys=[self.key],
            server_factory=lambda: _Login(self),
            sftp_factory=self._files,
            allow_scp=False,
        )

    def _files(self, channel: Any) -> _Files:
        self.sessions += 1
        if self.mute_at == "session":
            self._over.wait()
        return _Files(channel, self)

    async def _stop(self) -> None:
        self._server.close()
        for connection in self.there:
            connection.abort()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


class _Login(asyncssh.SSHServer):
    def __init__(self, of: SftpServed) -> None:
        self._of = of

    def connection_made(self, conn: Any) -> None:
        self._conn = conn
        self._of.there.append(conn)

    async def begin_auth(self, username: str) -> bool:
        if self._of.mute_at == "login":
            await asyncio.Event().wait()
        return True

    def password_auth_supported(self) -> bool:
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        self._of.logins += 1
        if self._of.cuts_login:
            self._conn.abort()
        return (username, password) == (LOGIN, PASSWORD)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: Any) -> bool:
        return any(key.public_data == known.public_data for known in self._of.public_keys)


class _Files(asyncssh.SFTPServer):
    def __init__(self, channel: Any, of: SftpServed) -> None:
        super().__init__(channel, chroot=str(of.folder).encode())
        self._of, self._conn, self._sent = of, channel.get_connection(), 0
        self._number = len(of.there)

    def map_path(self, path: bytes) -> bytes:
        return super().map_path(b"/" + path.removeprefix(FOLDER.encode()))

    async def stat(self, path: bytes) -> Any:
        await self._mute("stat")
        return super().stat(path)

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        self._of.opened += 1
        self._of.before(self._of.opened)
        return super().open(path, pflags, attrs)

    async def read(self, file_obj: Any, offset: int, size: int) -> Any:
        await self._mute("read")
        await asyncio.sleep(self._of.waits)
        self._of.reads.append((self._number, offset, size))
        data = super().read(file_obj, offset, min(size, self._of.shortest or size))
        self._sent += len(data)
        if self._of.drops_after is not None and self._sent > self._of.drops_after:
            self._conn.abort()
        self._of.after_read(len(self._of.reads))
        return data

    async def _mute(self, word: str) -> None:
        if self._of.mute_at == word:
            await asyncio.Event().wait()
