"""A client of a scripted server that is patient for a moment only."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.transport import Limits, Transport
from tests.scripted_server import ScriptedServer

from .clock import clock

__all__ = ["clock"]

KEY = "KEY-marked-8c1d"
LIMITS = Limits(received=1 << 20, inflated=4 << 20)
PATIENCE = Patience(total=0.5, first=0.01, longest=0.05, rate_limited=0.05)
PATIENT = msgspec.structs.replace(PATIENCE, total=600)  # for a fault that passes, on a machine however slow


@pytest.fixture
def client_of() -> Callable[..., Client]:
    """Make a client of a server, which may wait so many seconds between two bytes."""

    def made(server: ScriptedServer, read: float = LIMITS.read, patience: Patience = PATIENCE) -> Client:
        limits = msgspec.structs.replace(LIMITS, read=read)
        return Client(Transport(server.url, KEY, limits), Gate(0), patience)

    return made
