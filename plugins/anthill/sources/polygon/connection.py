"""The API, and the flat files where the plan has them, as Airflow's connections say."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.sdk.exceptions import AirflowNotFoundException

from anthill import settings
from anthill.bronze.connections import client_of
from anthill.bronze.storage import THREADS, client_config
from anthill.dataset import Dataset
from anthill.sources.polygon import plans
from anthill.sources.polygon.flat_files import FlatFiles
from anthill.sources.polygon.hook import PolygonHook
from anthill.sources.polygon.source import PolygonSource
from anthill.sources.polygon.transport import Limits

log = logging.getLogger(__name__)

CONN_ID = PolygonHook.default_conn_name
_FLAT_FILES = "polygon_flat_files"


def connect(datasets: Iterable[Dataset], slots: int, conn_id: str = CONN_ID) -> PolygonSource:
    """The API at so many slots' part of its rate, and the flat files where a dataset and a connection have them."""
    limits = Limits(memory=settings.landing_memory())
    hook = PolygonHook(conn_id)
    client = hook.client(connections=THREADS, limits=limits, slots=slots, of_slots=settings.pool_slots())
    flat_files = _flat_files(limits) if any(each.file_fields for each in datasets) else None
    return PolygonSource(client, flat_files, conn_id)


def requests_per_minute(conn_id: str = CONN_ID) -> int:
    """The calls a minute that the connection's key may make, 0 where nothing limits them."""
    return plans.requests_per_minute(PolygonHook.get_connection(conn_id).extra_dejson)


def _flat_files(limits: Limits) -> FlatFiles | None:
    try:
        S3Hook.get_connection(_FLAT_FILES)
    except AirflowNotFoundException:
        log.info("There is no connection %s: the REST API is called instead of reading flat files", _FLAT_FILES)
        return None
    config = client_config(THREADS, 5, s3={"addressing_style": "path"})  # its endpoint has no host a bucket
    return FlatFiles(client_of(S3Hook(aws_conn_id=_FLAT_FILES, config=config)), limits=limits)
