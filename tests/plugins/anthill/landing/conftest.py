"""An S3 for landing tests: moto over HTTP, a bucket a test."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from anthill.bronze.storage import Patience
from anthill.landing.commit import Committer
from tests.moto_server import moto_server

from .s3 import s3_at
from .workers import Workers


@pytest.fixture(scope="session")
def s3_url() -> Iterator[str]:
    """The address of a moto server."""
    with moto_server() as url:
        yield url


@pytest.fixture
def s3(s3_url: str) -> Any:
    """A client of moto."""
    return s3_at(s3_url)


@pytest.fixture
def bucket(s3: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket, for documents too."""
    name = f"bronze-{uuid.uuid4().hex[:12]}"
    s3.create_bucket(Bucket=name)
    monkeypatch.setenv("AIRFLOW__ANTHILL__DOCUMENTS_BUCKET", name)
    return name


@pytest.fixture
def committer(s3: Any, bucket: str) -> Committer:
    """A committer into the test's bucket."""
    return Committer(s3, bucket, "run", Patience(tries=3, first=0.01))


@pytest.fixture(scope="session")
def workers() -> Iterator[Workers]:
    """Landings in processes of their own."""
    with Workers() as workers:
        yield workers
