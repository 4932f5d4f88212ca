"""The Airflow hook for the Polygon.io (Massive) REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook

from anthill.sources.polygon.plans import requests_per_minute

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from anthill.sources.polygon.client import Client, Patience
    from anthill.sources.polygon.transport import Limits

DEFAULT_BASE_URL = "https://api.polygon.io"


class PolygonHook(BaseHook):
    """Speaks to the API as a connection says: key in `password`, address in `host`, plan and rate in `extra`."""

    conn_name_attr = "polygon_conn_id"
    default_conn_name = "polygon_default"
    conn_type = "polygon"
    hook_name = "Polygon.io"

    def __init__(self, polygon_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.polygon_conn_id = polygon_conn_id

    def get_conn(self) -> Client:
        """A client with the connection's key, address and rate."""
        return self.client()

    def client(
        self,
        *,
        connections: int = 16,
        limits: Limits | None = None,
        patience: Patience | None = None,
        slots: int = 1,
        of_slots: int = 1,
    ) -> Client:
        """A client that threads may share; FatalError if the connection is incomplete or wrong.

        It keeps to `slots` parts of the rate of `of_slots`: the tasks that share a key share its rate.
        """
        from anthill.sources.errors import UnknownKeyError
        from anthill.sources.polygon.client import Client, Patience
        from anthill.sources.polygon.errors import BadAddressError
        from anthill.sources.polygon.rate_limit import Gate
        from anthill.sources.polygon.transport import Limits, Transport

        connection = self.get_connection(self.polygon_conn_id)
        if not connection.password:
            raise UnknownKeyError(f"connection {self.polygon_conn_id} has no API key")
        try:
            rate = share(requests_per_minute(connection.extra_dejson), slots, of_slots)
        except ValueError as error:
            raise BadAddressError(f"connection {self.polygon_conn_id}: {error}", advice="Correct its extra.") from None
        transport = Transport(base_url(connection), connection.password, limits or Limits(), connections)
        return Client(transport, Gate(rate), patience or Patience())

    def test_connection(self) -> tuple[bool, str]:
        """Make one cheap call; whether it worked, and what it says to a person."""
        from anthill.sources.errors import SourceError
        from anthill.sources.polygon.market_status import market_status
        from anthill.sources.polygon.transport import Limits

        try:
            client = self.client(connections=1, limits=Limits(connect=5, read=10, total=15))
            status = market_status(client)
        except SourceError as error:
            return False, str(error)
        base = client.transport.base_url
        return True, f"{base} knows the key; the market is {status.market} at {status.server_time}."


def base_url(connection: Connection) -> str:
    """The address a connection names: `host` with or without scheme and port, https unless it says otherwise."""
    host = connection.host or DEFAULT_BASE_URL
    if "://" not in host:
        scheme = connection.schema if connection.schema in {"http", "https"} else "https"
        host = f"{scheme}://{host}"
    authority = host.partition("://")[2]
    if connection.port and ":" not in authority:
        host = f"{host}:{connection.port}"
    return host


def share(rate: int, slots: int, of_slots: int) -> int:
    """So many slots' part of a rate (0 is none); ValueError where a slot's part is less than one request a minute."""
    if not rate:
        return 0
    if rate < of_slots:
        raise ValueError(
            f"{rate} requests a minute cannot be shared by {of_slots} slots: give the pool and the option "
            f"[anthill] pool_slots {rate} or fewer"
        )
    return rate * min(slots, of_slots) // of_slots
