"""What the stand-ins open is this machine's own: no other address, and no other name."""

from __future__ import annotations

import pytest
import requests

from local.stack import Stack
from tests.sockets import open_to_others


def test_nothing_listens_elsewhere(stack: Stack) -> None:
    """S3, the API, the workspace and all that they start, after a statement has started an engine."""
    stack.warehouse().records("SELECT 1 AS one")
    assert open_to_others(stack.running().values()) == []


@pytest.mark.parametrize("name", ["s3", "polygon", "databricks"])
def test_a_server_has_no_other_name(stack: Stack, name: str) -> None:
    """A page whose name was bound to 127.0.0.1 afterwards (421), or any other page (403), reads and writes nothing."""
    address = getattr(stack.addresses, name)
    path = {"s3": "/_ministack/health", "polygon": "/healthz", "databricks": "/"}[name]
    port = address.rsplit(":", 1)[1]
    assert requests.get(f"http://localhost:{port}{path}").ok
    for method in ("GET", "PUT", "POST", "DELETE"):
        assert requests.request(method, address + path, headers={"Host": f"evil.example:{port}"}).status_code == 421
        assert requests.request(method, address + path, headers={"Origin": "http://evil.example"}).status_code == 403
