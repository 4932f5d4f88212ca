"""The S3 client of a landing, from an Airflow connection."""

from __future__ import annotations

from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from botocore.config import Config

from anthill.landing.bronze import S3Client
from anthill.landing.land import THREADS


def s3_client(aws_conn_id: str, threads: int = THREADS) -> S3Client:
    """A client that so many threads may share; its calls are tried once, the landing's own patience does the rest."""
    config = Config(
        max_pool_connections=threads,
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=10,
        read_timeout=60,
    )
    return S3Hook(aws_conn_id=aws_conn_id, config=config).get_conn()
