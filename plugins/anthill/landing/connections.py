"""What a landing needs of the outside, from Airflow connections."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import boto3
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk.exceptions import AirflowNotFoundException
from botocore.loaders import Loader, create_loader

from anthill import settings
from anthill.coverage.documents import Documents
from anthill.landing.bronze import S3Client
from anthill.landing.land import THREADS
from anthill.landing.source import Source
from anthill.landing.storage import client_config
from anthill.polygon import plans
from anthill.polygon.flat_files import FlatFiles
from anthill.polygon.hook import PolygonHook
from anthill.polygon.transport import Limits

log = logging.getLogger(__name__)


def s3_client(aws_conn_id: str, threads: int = THREADS) -> S3Client:
    """A client that so many threads may share; its calls are tried once, the landing's own patience does the rest."""
    return _client(S3Hook(aws_conn_id=aws_conn_id, config=client_config(threads, 1)))


def documents(s3: S3Client, bronze: str = "") -> Documents:
    """The environment's documents; those that still lie in bronze's bucket are read there."""
    return Documents(s3, settings.documents_bucket(), bronze or settings.bronze_bucket())


def source(polygon_conn_id: str, flat_files_conn_id: str | None, slots: int) -> Source:
    """The API at so many slots' part of its rate, and the flat files where they are asked for and have a connection."""
    limits = Limits(memory=settings.landing_memory())
    hook = PolygonHook(polygon_conn_id)
    client = hook.client(connections=THREADS, limits=limits, slots=slots, of_slots=settings.pool_slots())
    return Source(client, _flat_files(flat_files_conn_id, limits) if flat_files_conn_id else None)


def requests_per_minute(polygon_conn_id: str) -> int:
    """The calls a minute that the connection's key may make, 0 where nothing limits them."""
    return plans.requests_per_minute(PolygonHook.get_connection(polygon_conn_id).extra_dejson)


def _flat_files(conn_id: str, limits: Limits) -> FlatFiles | None:
    try:
        S3Hook.get_connection(conn_id)
    except AirflowNotFoundException:
        log.info("There is no connection %s: the REST API is called instead of reading flat files", conn_id)
        return None
    config = client_config(THREADS, 5, s3={"addressing_style": "path"})  # its endpoint has no host a bucket
    return FlatFiles(_client(S3Hook(aws_conn_id=conn_id, config=config)), limits=limits)


def new_client(session: boto3.session.Session, service: str, **more: Any) -> Any:
    """A session's client of an AWS service; what botocore reads of the service is read once a process."""
    session._session.register_component("data_loader", _loader())  # boto3 has no name of its own for it
    return session.client(service, **more)


@cache
def _loader() -> Loader:
    return create_loader()


def _client(hook: S3Hook) -> S3Client:
    """What hook.get_conn() gives, but for its user agent: for that it reads the source of every module on the stack."""
    endpoint = hook.conn_config.get_service_endpoint_url("s3")
    session = hook.get_session(region_name=hook.region_name)
    return new_client(session, "s3", endpoint_url=endpoint, config=hook.config, verify=hook.verify)
