"""A client of a scripted server that is patient for a moment only."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings

from anthill.polygon.client import Client, Patience
from anthill.polygon.rate_limit import Gate
from anthill.polygon.transport import Limits, Transport
from tests.scripted_server import ScriptedServer

KEY = "KEY-marked-8c1d"
LIMITS = Limits(connect=5, read=1, total=20, received=1 << 20, inflated=4 << 20)
PATIENCE = Patience(total=0.5, first=0.01, longest=0.05, rate_limited=0.05)

settings.register_profile("anthill", deadline=None)  # a busy machine is no failure
settings.load_profile("anthill")


@pytest.fixture
def client_of() -> Callable[[ScriptedServer], Client]:
    """Make a client of a server."""
    return lambda server: Client(Transport(server.url, KEY, LIMITS), Gate(0), PATIENCE)
