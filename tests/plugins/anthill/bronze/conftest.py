"""The S3 of the landing's tests."""

from tests.plugins.anthill.landing.conftest import bucket, committer, s3, s3_url

__all__ = ["bucket", "committer", "s3", "s3_url"]
