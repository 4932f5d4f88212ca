"""An S3 for plans and their records: moto over HTTP, a bucket a test."""

from __future__ import annotations

from tests.plugins.anthill.landing.conftest import bucket, s3, s3_url

__all__ = ["bucket", "s3", "s3_url"]
