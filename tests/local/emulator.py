"""A running emulator, and S3 as the owner of a key sees it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import psutil
from botocore.config import Config

from local import lake
from local.service import Service, free_port, stop

ROOT = Path(__file__).parents[2]


@contextmanager
def running(home: Path) -> Iterator[str]:
    """The address of an emulator with the lake's buckets."""
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    env = {**os.environ, **lake.emulator_environment(home, port)}
    service = Service("s3", [sys.executable, "-m", "local.aws"], env, home, ROOT, f"{url}/_ministack/health")
    service.start()
    try:
        service.wait()
        lake.create_buckets(client(url, lake.KEY))
        yield url
    finally:
        assert service.child is not None
        stop([psutil.Process(service.child.pid)])


def client(url: str, key: str) -> Any:
    """S3 as the owner of a key sees it."""
    config = Config(retries={"total_max_attempts": 1})
    names = {"aws_access_key_id": key, "aws_secret_access_key": key, "region_name": lake.REGION}
    return boto3.client("s3", endpoint_url=url, config=config, **names)
