"""An SFTP server is read as a web server is: resumed, one version, bounded; and only if it shows the declared key."""

from __future__ import annotations

import itertools
import json
import logging
import os
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
import pytest
from airflow.providers.sftp.hooks.sftp import SFTPHook

from anthill.sources import kinds
from anthill.sources.errors import (
    BadAnswerError,
    ConnectionFailedError,
    FatalError,
    NotEntitledError,
    NotReadyError,
    ReplacedError,
    ServerFailedError,
    UnknownKeyError,
)
from anthill.sources.files import host_key
from anthill.sources.files.errors import HostKeyError, RefusedZipError
from anthill.sources.files.sftp import SftpServer
from anthill.sources.files.source import FilesSource

from .published import CONTENT, FOLDER, MEMBER, PLACE, SHORT, dataset, taken, told, zipped
from .sftp_served import LOGIN, PASSWORD, SftpServed
from .test_remote import LARGE
from .test_zips import unpacked

PATH = f"{FOLDER}marks.zip"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody's keys and known hosts."""
    monkeypatch.setenv("HOME", str(folder := tmp_path / "home"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    (folder / ".ssh").mkdir(parents=True)
    return folder


@pytest.fixture
def served(tmp_path: Path) -> Iterator[SftpServed]:
    """A server with one small table in a zip."""
    (folder := tmp_path / "served").mkdir()
    with SftpServed(folder) as server:
        put(server, zipped({MEMBER: CONTENT}))
        yield server


@pytest.fixture
def connected(served: SftpServed, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Airflow's connection to it, with other words where a test has them."""

    def connecting(extra: Any = None, **other: Any) -> None:
        known = {"conn_type": "sftp", "host": "127.0.0.1", "port": served.port, "login": LOGIN, "password": PASSWORD}
        monkeypatch.setenv("AIRFLOW_CONN_SCHOOL_DEFAULT", json.dumps({**known, "extra": extra or {}, **other}))

    connecting()
    return connecting


def put(server: SftpServed, body: bytes, seconds: int = 0) -> None:
    """Publish a zip in the place of the one before, so many seconds later than at first."""
    partial = server.folder / "partial"
    partial.write_bytes(body)
    os.utime(partial, (1_650_000_000 + seconds,) * 2)
    partial.replace(server.folder / "marks.zip")


def shelf(server: SftpServed, key: str = "", timeout: float = 30.0) -> SftpServer:
    """The server, as it is known by a key."""
    known = paramiko.PKey.from_type_string(*host_key.parsed(key or server.host_key))
    return SftpServer(SFTPHook(ssh_conn_id="school_default"), known, SHORT, timeout)


def source(server: SftpServed, **how: Any) -> FilesSource:
    """Somebody who reads it."""
    return FilesSource(shelf(server, **how), "school_default")


pytestmark = pytest.mark.usefixtures("connected")


def test_a_member_is_taken(served: SftpServed) -> None:
    """As it is packed; its clock is the file's."""
    page = taken(source(served))
    assert unpacked(page.member) == CONTENT
    assert page.asof is not None
    assert page.asof.timestamp() == 1_650_000_000
    assert page.url == f"sftp://127.0.0.1:{served.port}{PATH}!{MEMBER}"


def test_a_cut_connection_goes_on_where_it_broke(served: SftpServed) -> None:
    """By a new connection each time: what has come is not asked for again, and the member is whole."""
    put(served, body := zipped({MEMBER: LARGE}))
    served.drops_after = 300_000
    assert unpacked(taken(source(served)).member) == LARGE
    assert served.connections > len(body) // 400_000
    by_connection = [list(reads) for _, reads in itertools.groupby(served.reads, key=lambda read: read[0])]
    begins = [min(offset for _, offset, _ in reads) for reads in by_connection[1:]]
    assert begins == sorted(set(begins))  # each begins behind the one before


def test_who_never_gets_on_gives_up(served: SftpServed) -> None:
    """After so many tries in a row that brought next to nothing, with their number."""
    put(served, zipped({MEMBER: LARGE}))
    served.drops_after = 0
    with pytest.raises(ConnectionFailedError, match=r"the connection broke, .* after 3 tries") as caught:
        taken(source(served))
    assert caught.value.url == f"sftp://127.0.0.1:{served.port}{PATH}"


def test_nobody_is_there(tmp_path: Path, connected: Callable[..., None]) -> None:
    """Told as what it is, with host, port and path."""
    with SftpServed(tmp_path) as gone:
        connected(port=gone.port)
    with pytest.raises(ConnectionFailedError, match=rf"no answer, .*sftp://127.0.0.1:{gone.port}/x.zip"):
        shelf(gone).version("/x.zip")


def test_another_key_than_the_declared_one(served: SftpServed, caplog: pytest.LogCaptureFixture) -> None:
    """Is refused with both keys, before the server has seen the password; no try is made twice."""
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode()
    declared = " ".join(other.split()[:2])
    said = r"shows the key ssh-ed25519 SHA256:\S+, declared is ssh-ed25519 SHA256:\S+ .*ask.*publisher"
    with pytest.raises(HostKeyError, match=f"(?i){said}") as caught:
        taken(source(served, key=declared))
    shown = served.key.get_fingerprint()
    assert f"shows the key ssh-ed25519 {shown}," in str(caught.value)
    assert (served.logins, served.connections) == (0, 1)


@pytest.mark.parametrize("kind", ["ssh-rsa", "ecdsa-sha2-nistp256"])
def test_a_key_of_another_type(served: SftpServed, kind: str) -> None:
    """Is another key."""
    other = asyncssh.generate_private_key(kind).export_public_key("openssh").decode()
    with pytest.raises(HostKeyError, match=f"shows the key ssh-ed25519 .*, declared is {kind}"):
        taken(source(served, key=" ".join(other.split()[:2])))
    assert served.logins == 0


@pytest.mark.parametrize("kind", ["ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"])
def test_every_type_of_key(tmp_path: Path, connected: Callable[..., None], kind: str) -> None:
    """That may be declared is known again."""
    with SftpServed(tmp_path, asyncssh.generate_private_key(kind)) as server:
        put(server, zipped({MEMBER: CONTENT}))
        connected(port=server.port)
        assert len(taken(source(server)).rows) == 1000


def test_a_key_that_changes_in_the_middle(served: SftpServed) -> None:
    """The connection that takes the place of a broken one is checked like the first."""
    opened = shelf(served)
    version = opened.version(PATH)
    served.begin_again(asyncssh.generate_private_key("ssh-ed25519"))
    with pytest.raises(HostKeyError, match="shows the key"):
        list(opened.read(PATH, version, 0, 9, threading.Event()))


def test_what_the_machine_knows_does_not_count(served: SftpServed, home: Path) -> None:
    """A key in the machine's own known_hosts is not the declared one."""
    (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{served.port} {served.host_key}\n")
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode()
    with pytest.raises(HostKeyError, match="shows the key"):
        taken(source(served, key=" ".join(other.split()[:2])))


def test_a_wrong_password(served: SftpServed, connected: Callable[..., None], caplog: Any) -> None:
    """Is asked once and told; it is in no text and no log."""
    caplog.set_level(logging.DEBUG)
    connected(password="not-this-one")  # pragma: allowlist secret
    with pytest.raises(UnknownKeyError, match=r"refuses the login.* Correct login, password or private_key") as caught:
        taken(source(served))
    assert served.logins == 1
    assert "not-this-one" not in str(caught.value) + caplog.text + repr(caught.value.__cause__)


def test_a_login_that_is_cut(served: SftpServed) -> None:
    """Is no wrong password: it is tried again."""
    served.cuts_login = True
    with pytest.raises(ConnectionFailedError, match=r"no answer, .* after 3 tries"):
        taken(source(served))
    assert served.logins == SHORT.tries


def test_a_key_in_the_place_of_a_password(served: SftpServed, connected: Callable[..., None]) -> None:
    """The connection's private_key lets it in, another one does not, and none at all is told."""
    mine = asyncssh.generate_private_key("ssh-ed25519")
    served.public_keys = [mine.convert_to_public()]
    extra = {"private_key": mine.export_private_key("openssh").decode()}
    connected(extra, password="")
    assert len(taken(source(served)).rows) == 1000
    other = asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh")
    connected({"private_key": other.decode()}, password="")
    with pytest.raises(UnknownKeyError, match="refuses the login"):
        taken(source(served))
    connected(password="")
    with pytest.raises(UnknownKeyError, match="neither password nor key"):
        taken(source(served))


def test_a_file_that_is_not_there(served: SftpServed) -> None:
    """May come later."""
    (served.folder / "marks.zip").unlink()
    with pytest.raises(NotReadyError, match=rf"there is no such file \[GET sftp://.*{PATH}\]. Compare the path"):
        taken(source(served))


def test_a_file_that_may_not_be_read(served: SftpServed) -> None:
    """Is the publisher's to mend, and breaks nothing for others."""

    def refusing(number: int) -> None:
        raise asyncssh.SFTPPermissionDenied("not for you")

    opened = shelf(served)
    version = opened.version(PATH)
    served.before = refusing
    with pytest.raises(NotEntitledError, match="does not let this login read the file"):
        list(opened.read(PATH, version, 0, 9, threading.Event()))
    served.before = lambda number: None
    assert len(b"".join(opened.read(PATH, version, 0, 9, threading.Event()))) == 10
    assert served.connections == 1


def test_a_folder(served: SftpServed) -> None:
    """Is no file."""
    (served.folder / "marks.zip").unlink()
    (served.folder / "marks.zip").mkdir()
    with pytest.raises(FatalError, match="it is a folder"):
        taken(source(served))


def test_a_fault_of_the_server(served: SftpServed) -> None:
    """Passes, or is told after the last try."""

    def failing(number: int) -> None:
        if number in (1, 3):
            raise asyncssh.SFTPFailure("disk is tired")

    served.before = failing
    assert len(taken(source(served)).rows) == 1000
    served.before = lambda number: failing(1)
    with pytest.raises(ServerFailedError, match=r"the server answered disk is tired after 3 tries"):
        taken(source(served))


def test_a_file_that_is_replaced_while_it_is_read(served: SftpServed) -> None:
    """By another in its place, or over its own bytes: found by size and time before a byte of it counts."""
    put(served, zipped({MEMBER: LARGE}))
    served.drops_after = 300_000
    served.before = lambda number: put(served, zipped({MEMBER: LARGE}), 60) if number == 4 else None
    with pytest.raises(ReplacedError, match=r"was replaced while it was read: .* 2022-04-15 05:21:00 UTC came after"):
        taken(source(served))
    served.drops_after, served.before = None, lambda number: None

    def overwrite(reads: int) -> None:
        os.utime(served.folder / "marks.zip", (1_650_000_100,) * 2)

    opened = shelf(served)
    version = opened.version(PATH)
    served.after_read = overwrite  # behind the last answer
    with pytest.raises(ReplacedError, match="was replaced while it was read"):
        list(opened.read(PATH, version, 0, 9, threading.Event()))


def test_a_file_of_the_same_size_and_second(served: SftpServed) -> None:
    """Which SFTP cannot tell from the one before: its bytes are not those of the directory."""
    body = bytearray(zipped({MEMBER: LARGE}))
    put(served, bytes(body))
    opened = source(served)
    opened.version(dataset(), PLACE)
    body[len(body) // 2] ^= 1
    put(served, bytes(body))
    with pytest.raises(RefusedZipError, match=r"CRC-32|deflate|inflates"):
        taken(opened)


def test_a_file_that_is_renamed(served: SftpServed) -> None:
    """Is gone from its path for who comes later; who has it open reads it to its end."""
    put(served, zipped({MEMBER: LARGE}))
    opened = shelf(served)
    version = opened.version(PATH)
    parts = opened.read(PATH, version, 0, version.size - 1, threading.Event())
    first = next(parts)
    (served.folder / "marks.zip").rename(served.folder / "old.zip")
    assert first + b"".join(parts) == (served.folder / "old.zip").read_bytes()
    with pytest.raises(NotReadyError, match="there is no such file"):
        list(opened.read(PATH, version, 0, 9, threading.Event()))


def test_a_file_that_became_shorter(served: SftpServed) -> None:
    """In its own place, within the second: not read as if it were whole."""
    opened = shelf(served)
    version = opened.version(PATH)
    with (served.folder / "marks.zip").open("r+b") as file:
        file.truncate(100)
    with pytest.raises(ReplacedError, match="100 bytes of"):
        list(opened.read(PATH, version, 0, version.size - 1, threading.Event()))


def test_a_server_that_is_slow(served: SftpServed) -> None:
    """Is waited for as long as something comes."""
    served.waits = 0.2
    assert len(taken(source(served, timeout=2.0)).rows) == 1000


@pytest.mark.parametrize("step", ["login", "session", "stat", "read"])
def test_a_server_that_is_mute(served: SftpServed, step: str) -> None:
    """Is given up in time, at whatever step; each try is by a new connection."""
    served.mute_at = step
    with pytest.raises(ConnectionFailedError, match=r"(no answer|the connection broke), .* after 3 tries"):
        taken(source(served, timeout=0.5))
    assert step == "session" or served.connections == SHORT.tries


def test_a_server_that_answers_with_less(served: SftpServed) -> None:
    """Than was asked for: the rest is asked for, and nothing piles up."""
    put(served, zipped({MEMBER: LARGE}))
    served.shortest = 5000
    assert unpacked(taken(source(served)).member) == LARGE


def test_a_large_file_takes_little_memory(served: SftpServed) -> None:
    """However slow its reader is: what is under way is bounded."""
    put(served, os.urandom(24 << 20))
    opened, most = shelf(served), 0
    version = opened.version(PATH)
    tracemalloc.start()
    try:
        for _ in opened.read(PATH, version, 0, version.size - 1, threading.Event()):
            most = max(most, tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert most < 12 << 20


def test_two_threads_read_at_once(served: SftpServed) -> None:
    """By one connection and a session each."""
    put(served, body := os.urandom(9 << 20))  # three windows
    opened, found = shelf(served), {}
    version = opened.version(PATH)

    def read(number: int) -> None:
        found[number] = b"".join(opened.read(PATH, version, 0, version.size - 1, threading.Event()))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0: body, 1: body}
    assert (served.connections, served.sessions) == (1, 2)


def test_who_stops_in_the_middle(served: SftpServed) -> None:
    """Leaves nothing that the next one would read."""
    put(served, body := zipped({MEMBER: LARGE}))
    opened = shelf(served)
    version = opened.version(PATH)
    parts = opened.read(PATH, version, 0, version.size - 1, threading.Event())
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert b"".join(opened.read(PATH, version, 0, version.size - 1, threading.Event())) == body


def test_a_zip_that_lies(served: SftpServed) -> None:
    """Is refused as on a web server: the check is of the bytes, not of the way."""
    put(served, told(zipped({MEMBER: CONTENT}), crc=7))
    with pytest.raises(RefusedZipError, match="CRC-32"):
        taken(source(served))


def test_no_zip(served: SftpServed) -> None:
    """Is told as what it is."""
    put(served, b"<html>maintenance</html>")
    with pytest.raises(BadAnswerError, match="the file is no zip"):
        taken(source(served))


def test_the_declaration_and_the_connection(served: SftpServed, connected: Callable[..., None]) -> None:
    """Where and who says the connection, by which key it is known the declaration."""
    table = dataset(host_key=served.host_key)
    opened = kinds.connect("files", [table], 1)
    assert isinstance(opened, FilesSource)
    assert len(taken(opened, table).rows) == 1000


UNSAFE: dict[str, tuple[dict[str, Any], list[str], str]] = {
    "no key": ({}, [""], "no key is declared for the one SFTP server of the connection school_default"),
    "two keys": ({}, ["ssh-ed25519 AAAA", "ssh-ed25519 BBBB"], "2 keys are declared"),
    "no check": ({"no_host_key_check": "true"}, ["own"], "the extra of the connection school_default has no_host_key"),
    "a change": ({"allow_host_key_change": True}, ["own"], "has allow_host_key_change"),
    "a key there": ({"host_key": "AAAA"}, ["own"], "has host_key.*Take it out"),
}


@pytest.mark.parametrize("what", UNSAFE)
def test_what_would_not_be_checked(served: SftpServed, connected: Callable[..., None], what: str) -> None:
    """Is refused before anybody is asked."""
    extra, keys, said = UNSAFE[what]
    connected(extra)
    tables = [dataset(host_key=served.host_key if key == "own" else key) for key in keys]
    with pytest.raises(HostKeyError, match=said):
        kinds.connect("files", tables, 1)
    assert served.connections == 0


UNUSABLE: dict[str, dict[str, Any]] = {
    "no host": {"host": ""},
    "a key that is none": {"extra": {"private_key": "no-key-at-all"}},  # pragma: allowlist secret
}


@pytest.mark.parametrize("what", UNUSABLE)
def test_a_connection_that_cannot_be_used(served: SftpServed, connected: Callable[..., None], what: str) -> None:
    """Is told by its name, without what is secret in it."""
    connected(**UNUSABLE[what])
    with pytest.raises(FatalError, match="the connection school_default cannot be used") as caught:
        kinds.connect("files", [dataset(host_key=served.host_key)], 1)
    assert "no-key-at-all" not in str(caught.value)
