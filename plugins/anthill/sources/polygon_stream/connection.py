"""The API as the connection says, for what nobody heard of a stream; the stream itself is a recorder's."""

from __future__ import annotations

from collections.abc import Iterable

from anthill.dataset import Dataset
from anthill.sources.polygon import connection
from anthill.sources.polygon_stream.source import StreamSource, account_of


def connect(datasets: Iterable[Dataset], slots: int, conn_id: str = connection.CONN_ID) -> StreamSource:
    """The API at so many slots' part of its rate."""
    return StreamSource(connection.connect(map(account_of, datasets), slots, conn_id))


def requests_per_minute(conn_id: str = connection.CONN_ID) -> int:
    """Those of the API."""
    return connection.requests_per_minute(conn_id)
