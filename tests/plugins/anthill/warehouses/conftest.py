"""An S3 and an empty warehouse in a real PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

if TYPE_CHECKING:
    from local.totesys.server import Server

__all__ = ["bucket", "s3", "s3_url"]


@pytest.fixture
def star(totesys: Server) -> Server:
    """The server whose warehouse has the star's tables, without rows."""
    totesys.reset_warehouse()
    return totesys
