"""The index of this environment, kept between requests."""

from __future__ import annotations

import functools

from anthill import settings
from anthill.bronze.connections import s3_client
from anthill.coverage.reader import THREADS, Reader
from anthill.ledger.documents import documents


@functools.cache
def reader() -> Reader:
    """What all views read."""
    return Reader(documents(s3_client("aws_default", THREADS)), settings.bronze_bucket(), settings.personal_bucket())
