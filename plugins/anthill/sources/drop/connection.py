"""The bucket into which people put files, by Airflow's own connection to AWS."""

from __future__ import annotations

from collections.abc import Iterable

from anthill import settings
from anthill.bronze.connections import s3_client
from anthill.dataset import Dataset
from anthill.sources.drop.source import DropSource


def connect(datasets: Iterable[Dataset], slots: int, conn_id: str = "") -> DropSource:
    """The files of the bucket; slots share no rate here."""
    conn_id = conn_id or "aws_default"
    return DropSource(s3_client(conn_id), settings.drop_bucket(), conn_id)


def requests_per_minute() -> int:
    """Nothing limits how often files are asked for."""
    return 0
