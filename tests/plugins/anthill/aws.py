"""Airflow's connection to an S3 of the tests."""

import json


def aws_connection(endpoint_url: str, region: str = "us-east-1") -> str:
    """The connection as the variable AIRFLOW_CONN_AWS_DEFAULT holds it."""
    extra = {"endpoint_url": endpoint_url, "region_name": region}
    return json.dumps({"conn_type": "aws", "login": "test-id", "password": "test-secret", "extra": extra})
