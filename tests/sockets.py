"""Where processes listen, as the machine itself sees it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

import psutil


def open_to_others(processes: Iterable[psutil.Process]) -> list[str]:
    """What these processes and their descendants have open on another address than loopback's: process and address."""
    family = {
        member.pid: member.name() for process in processes for member in (process, *process.children(recursive=True))
    }
    found = [each for each in psutil.net_connections("inet") if each.pid in family]
    listening = [each for each in found if each.status == psutil.CONN_LISTEN or not each.raddr]
    assert listening, f"nobody listens among {family}"
    return [
        f"{family[each.pid]} {each.pid}: {each.laddr.ip}:{each.laddr.port}"
        for each in listening
        if not ipaddress.ip_address(each.laddr.ip).is_loopback
    ]
