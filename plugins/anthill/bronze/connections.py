"""S3 as Airflow's connections say."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from botocore.loaders import Loader, create_loader

from anthill.bronze.commits import S3Client
from anthill.bronze.storage import THREADS, client_config


def s3_client(aws_conn_id: str, threads: int = THREADS) -> S3Client:
    """A client that so many threads may share; its calls are tried once, the landing's own patience does the rest."""
    return client_of(S3Hook(aws_conn_id=aws_conn_id, config=client_config(threads, 1)))


def client_of(hook: S3Hook) -> S3Client:
    """What hook.get_conn() gives, but for its user agent: for that it reads the source of every module on the stack."""
    endpoint = hook.conn_config.get_service_endpoint_url("s3")
    session = hook.get_session(region_name=hook.region_name)
    return new_client(session, "s3", endpoint_url=endpoint, config=hook.config, verify=hook.verify)


def new_client(session: boto3.session.Session, service: str, **more: Any) -> Any:
    """A session's client of an AWS service; what botocore reads of the service is read once a process."""
    session._session.register_component("data_loader", _loader())  # boto3 has no name of its own for it
    return session.client(service, **more)


@cache
def _loader() -> Loader:
    return create_loader()
