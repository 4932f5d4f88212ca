"""The S3 and SNS of the alerts' tests."""

from tests.plugins.anthill.alerts.conftest import bucket, s3, s3_url, topic

__all__ = ["bucket", "s3", "s3_url", "topic"]
