"""The names under which the servers of this machine answer: a page of another name cannot ask them anything."""

from __future__ import annotations

import os
from typing import Any

from anthill.ui.hosts import OwnHosts

LOOPBACK = "127.0.0.1,localhost"
_VARIABLE = "AIRFLOW__ANTHILL__HOSTS"  # as Airflow has it; containers have names of their own


def own(app: Any, address: str) -> OwnHosts:
    """The app, for the machine's names and the address that it listens on."""
    return OwnHosts(app, {*os.environ.get(_VARIABLE, LOOPBACK).split(","), address} - {"0.0.0.0"})  # noqa: S104
