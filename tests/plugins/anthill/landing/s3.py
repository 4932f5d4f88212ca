"""A client of an S3 for tests."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config


def s3_at(url: str, read_timeout: float = 60, key: str = "test") -> Any:
    """A client of the S3 at an address, without hidden retries."""
    return boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=key,
        aws_secret_access_key=key,
        region_name="us-east-1",
        config=Config(
            max_pool_connections=16,
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=60,
            read_timeout=read_timeout,
            s3={"addressing_style": "path"},
        ),
    )
