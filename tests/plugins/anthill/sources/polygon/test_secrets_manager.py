"""The key comes from Secrets Manager, by the backend that Terraform gives MWAA."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import boto3

from tests.moto_server import moto_server
from tests.plugins.anthill.landing.workers import environment
from tests.scripted_server import Asked, Reply, ScriptedServer, error, page

ROOT = Path(__file__).parents[5]
KEY = "KEY-marked-9a"
ASK = "from anthill.sources.polygon.hook import PolygonHook; print(*PolygonHook().test_connection())"


def api(asked: Asked) -> Reply:
    """Market status, for whoever knows the key."""
    if asked.headers.get("Authorization") != f"Bearer {KEY}":
        return error(401, {"status": "ERROR", "error": "Unknown API Key"})
    return page({"market": "open", "serverTime": "2014-06-06T15:00:00-04:00"})


def declared(option: str) -> str:
    """The value of an Airflow option in the module that makes the environment."""
    found = re.search(rf'{option}\s*= "(.*?)"', (ROOT / "terraform" / "modules" / "mwaa" / "main.tf").read_text())
    assert found, option
    return found[1]


def test_the_key_is_read_from_secrets_manager() -> None:
    """With nothing but these options the hook has its connection; at MWAA's level of logging, no line has the key."""
    backend, pattern = declared('"secrets.backend"'), declared("connections_lookup_pattern")
    options = {"connections_prefix": "anthill/key-test/connections", "connections_lookup_pattern": pattern}
    with moto_server() as url:
        aws = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
        aws["AWS_ENDPOINT_URL"] = url
        manager = boto3.client(
            "secretsmanager",
            endpoint_url=aws["AWS_ENDPOINT_URL"],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        with ScriptedServer(api) as polygon:
            connection = {"conn_type": "polygon", "host": polygon.url, "password": KEY}
            name = f"{options['connections_prefix']}/polygon_default"
            manager.create_secret(Name=name, SecretString=json.dumps(connection))
            given = {**environment(), **aws, "AIRFLOW__SECRETS__BACKEND": backend}
            given |= {"AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps(options)}
            done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True, env=given)
            assert f"True {polygon.url} knows the key" in done.stdout
    assert KEY not in done.stdout + done.stderr
    assert not [name for name in os.environ if name.startswith("AIRFLOW_CONN_")]
