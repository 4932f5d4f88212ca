"""Files on an SFTP server, by one connection; a server that shows another key than the declared one is refused."""

from __future__ import annotations

import datetime as dt
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import paramiko
from airflow.providers.sftp.hooks.sftp import SFTPHook
from airflow.providers.ssh.hooks.ssh import SSHHook
from paramiko.sftp import SFTPError

from anthill.sources.errors import (
    BadAnswerError,
    ConnectionFailedError,
    FatalError,
    NotEntitledError,
    NotReadyError,
    ReplacedError,
    ServerFailedError,
    SourceError,
    UnknownKeyError,
)
from anthill.sources.files.errors import HostKeyError
from anthill.sources.files.shelf import Patience, Shelf, Version

_REQUEST = 1 << 15  # what every server answers at once
_WINDOW = 128  # requests that are under way together: all that is in memory
# What paramiko tells as a refused login, and is none.
_CUT = ("Authentication failed: transport shut down or saw EOF", "Authentication timeout.")


class SftpServer(Shelf):
    """Files of one SFTP server."""

    def __init__(
        self,
        hook: SFTPHook,
        host_key: paramiko.PKey,
        patience: Patience = Patience(),  # noqa: B008 frozen
        timeout: float = 60.0,
    ) -> None:
        super().__init__(f"sftp://{hook.remote_host}:{hook.port}", patience)
        hook.host_key, hook.no_host_key_check, hook.allow_host_key_change = host_key, False, False
        hook.look_for_keys = False  # whoever the machine belongs to is not who reads
        hook.compress = False  # zips do not become smaller
        hook.conn_retry_attempts = 1  # it would try a wrong password again
        hook.conn_timeout = hook.conn_timeout or min(10, timeout)  # type: ignore[assignment] # parts of a second, too
        hook.auth_timeout = hook.auth_timeout or timeout  # type: ignore[assignment] # the same
        self._hook, self._host_key, self._timeout = hook, host_key, timeout
        self._lock = threading.Lock()
        self._idle: list[paramiko.SFTPClient] = []

    def close(self) -> None:
        """Give back the connection."""
        with self._lock:
            self._idle.clear()
            if self._hook.client:
                self._hook.client.close()

    def _head(self, path: str) -> Version:
        url = self.url(path)
        with self._session(url) as session:
            return _version(session.stat(path), url)

    def _part(self, path: str, version: Version, first: int, last: int) -> Iterator[bytes]:
        url = self.url(path)
        for begin in range(first, last + 1, _WINDOW * _REQUEST):
            end = min(begin + _WINDOW * _REQUEST, last + 1)
            asked = [(at, min(_REQUEST, end - at)) for at in range(begin, end, _REQUEST)]
            with self._session(url) as session:
                # Opened each time: a file that takes another's place is another file, and what a server answers too
                # short, which paramiko asks for again, does not pile up.
                file = session.open(path)
                _check(file.stat(), version, url)
                for (_, size), piece in zip(asked, file.readv(asked), strict=True):
                    yield piece
                    if len(piece) < size:
                        break
                _check(file.stat(), version, url)
                file.close()
            if len(piece) < size:
                return

    @contextmanager
    def _session(self, url: str) -> Iterator[paramiko.SFTPClient]:
        """A session that nobody else uses meanwhile; one that failed is not used again."""
        session = self._taken(url)
        try:
            yield session
        except (OSError, EOFError, paramiko.SSHException, SFTPError) as error:
            raise self._failed(session, error, url) from error
        except BaseException:
            session.close()  # answers to it may be on their way
            raise
        self._idle.append(session)

    def _taken(self, url: str) -> paramiko.SFTPClient:
        with suppress(IndexError):
            while True:
                session = self._idle.pop()
                if not session.get_channel().closed:
                    return session
        with self._lock:
            return self._opened(url)

    def _opened(self, url: str) -> paramiko.SFTPClient:
        """A session of its own: the hook has one, which threads cannot share."""
        try:
            client = SSHHook.get_conn(self._hook)
            transport = client.get_transport()
            shown = transport.get_remote_server_key()
            if shown != self._host_key:  # the machine's known_hosts has it, which paramiko asks first
                transport.close()
                raise paramiko.BadHostKeyException(self._hook.remote_host, shown, self._host_key)
            watch = threading.Timer(self._timeout, transport.close)  # paramiko waits for a session without end
            watch.start()
            try:
                session = client.open_sftp()
            finally:
                watch.cancel()
        except (OSError, EOFError, paramiko.SSHException, SFTPError) as error:
            raise _refusal(error, url) from error
        session.get_channel().settimeout(self._timeout)
        return session

    def _failed(self, session: paramiko.SFTPClient, error: Exception, url: str) -> SourceError:
        """What came in the place of an answer; a connection that brings none is closed for all."""
        if isinstance(error, FileNotFoundError):
            session.close()
            advice = "Compare the path in include/datasets with the publisher's; what is to come is asked for again"
            return NotReadyError("there is no such file", url, advice)
        if isinstance(error, PermissionError):
            session.close()
            advice = "Let the publisher give the connection's login the right to read it"
            return NotEntitledError("the server does not let this login read the file", url, advice)
        if isinstance(error, OSError) and not isinstance(error, TimeoutError) and not session.get_channel().closed:
            session.close()
            return ServerFailedError(f"the server answered {error}", url)
        session.get_channel().get_transport().close()
        if isinstance(error, SFTPError):
            return BadAnswerError(f"what came is no answer: {error}", url)
        return ConnectionFailedError(f"the connection broke, {type(error).__name__}: {error}", url)


def _version(found: paramiko.SFTPAttributes, url: str) -> Version:
    if stat.S_ISDIR(found.st_mode or 0):
        raise FatalError("it is a folder", url, "Put the path of a file into include/datasets")
    if found.st_size is None or found.st_mtime is None:
        raise BadAnswerError(f"the server tells no {'size' if found.st_size is None else 'time'} of the file", url)
    return Version("", found.st_size, dt.datetime.fromtimestamp(found.st_mtime, dt.UTC))


def _check(found: paramiko.SFTPAttributes, version: Version, url: str) -> None:
    """Whether it is the version that is read; SFTP has no better word for one than size and second."""
    came = _version(found, url)
    if came != version:
        was = f"{version.size:,} bytes of {version.modified:%Y-%m-%d %H:%M:%S}"
        said = f"{came.size:,} bytes of {came.modified:%Y-%m-%d %H:%M:%S} UTC came after {was}"
        raise ReplacedError(f"the file was replaced while it was read: {said}", url)


def _refusal(error: Exception, url: str) -> SourceError:
    """Why there is no connection."""
    if isinstance(error, paramiko.BadHostKeyException):
        shown, known = (f"{key.get_name()} {key.fingerprint}" for key in (error.key, error.expected_key))
        return HostKeyError(f"the server shows the key {shown}, declared is {known}", url)
    if isinstance(error, paramiko.AuthenticationException) and str(error) not in _CUT:
        return UnknownKeyError(
            f"the server refuses the login: {error}", url, "Correct login, password or private_key of the connection"
        )
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return FatalError(f"no common algorithm: {error}", url, "Ask the publisher for one that OpenSSH has today")
    if str(error) == "No authentication methods available":
        advice = "Put a password, or a private_key in the extra, into the connection"
        return UnknownKeyError("the connection has neither password nor key", url, advice)
    if isinstance(error, OSError) and error.filename:
        return FatalError(f"the connection's key_file cannot be read ({error.strerror})", url, "Correct it")
    return ConnectionFailedError(f"no answer, {type(error).__name__}: {error}", url)
