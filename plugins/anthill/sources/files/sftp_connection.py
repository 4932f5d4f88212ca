"""How an SFTP server is opened: Airflow's connection says where and who, the declaration by which key it is known."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import paramiko
from airflow.providers.sftp.hooks.sftp import SFTPHook
from airflow.sdk.exceptions import AirflowException

from anthill.sources.errors import FatalError
from anthill.sources.files import host_key
from anthill.sources.files.errors import HostKeyError
from anthill.sources.files.sftp import SftpServer

if TYPE_CHECKING:
    from airflow.sdk import Connection

_OTHER_WORDS = {
    "host_key",
    "no_host_key_check",
    "allow_host_key_change",
}  # by which the hook would check, or not


def opened(known: Connection, host_keys: Collection[str]) -> SftpServer:
    """The server of a connection; HostKeyError unless one key is declared, and nothing but it counts."""
    if others := sorted(_OTHER_WORDS & known.extra_dejson.keys()):
        said = f"the extra of the connection {known.conn_id} has {', '.join(others)}"
        raise HostKeyError(said, "", "Take it out: a server is known by the datasets' 'host_key', and by nothing else")
    if len(host_keys) != 1:
        said = f"{len(host_keys)} keys are declared" if host_keys else "no key is declared"
        raise HostKeyError(f"{said} for the one SFTP server of the connection {known.conn_id}")
    try:
        key = paramiko.PKey.from_type_string(*host_key.parsed(*host_keys))
        hook = SFTPHook(ssh_conn_id=known.conn_id)
    except (ValueError, paramiko.SSHException, AirflowException) as error:
        raise FatalError(f"the connection {known.conn_id} cannot be used: {error}", "", "Correct it") from error
    return SftpServer(hook, key)
