"""The local lake: buckets on the AWS emulator, and where the catalog's schemas lie in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

CATALOG = "dev"
BRONZE = f"anthill-{CATALOG}-bronze"
PERSONAL = f"anthill-{CATALOG}-personal"
DOCUMENTS = f"anthill-{CATALOG}-documents"
DROP = f"anthill-{CATALOG}-drop"
BUCKETS = (BRONZE, f"anthill-{CATALOG}-silver", f"anthill-{CATALOG}-gold", DOCUMENTS, PERSONAL, DROP)
SCHEMAS = {
    "silver": f"s3://anthill-{CATALOG}-silver/silver",
    "quality": f"s3://anthill-{CATALOG}-silver/quality",
    "gold": f"s3://anthill-{CATALOG}-gold/gold",
    # Where people work.
    "sandbox": f"s3://anthill-{CATALOG}-silver/sandbox",
    "features": f"s3://anthill-{CATALOG}-gold/features",
    "models": f"s3://anthill-{CATALOG}-gold/models",
}
# Of bronze, a kind of source each, as the stack lake publishes them.
FOLDERS = ("drop/", "files/", "polygon/", "polygon_stream/", "postgres/")
LOCATIONS = {
    **{f"{name}-{folder.strip('/')}": f"s3://{name}/{folder}" for name in (BRONZE, PERSONAL) for folder in FOLDERS},
    **{name: f"s3://{name}/" for name in BUCKETS if name not in (BRONZE, PERSONAL, DOCUMENTS, DROP)},
}
"""Unity Catalog's external locations, by name."""
KEY = "local"  # may do everything but what a bucket's policy denies to everybody
LANDING_KEY = "local-landing"  # Airflow's: MWAA's execution role
ENGINE_KEY = "local-engine"  # the workspace's: the roles of Unity Catalog's credentials
CONSUMPTION_KEY = "local-consumption"  # the connection aws_consumption's: the role that keeps gold for other readers
RECORDER_KEY = "local-recorder"  # who listens to streams: the role of a recorder's task
ERASURE_KEY = "local-erasure"  # the connection aws_erasure's: the role that erases
FAULT_KEY = "local-fault"  # stands above all policies: tests damage with it what nobody else could
REGION = "us-east-1"


def emulator_environment(home: Path, port: str) -> dict[str, str]:
    """MiniStack's settings: loopback only, objects and state on disk under the stack's home."""
    return {
        "GATEWAY_PORT": port,
        "BIND_HOST": "127.0.0.1",
        "SERVICES": "events,s3,secretsmanager,sns,sqs",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",  # where its library is installed it would listen to everybody
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home / "s3"),
        "PERSIST_STATE": "1",
        "STATE_DIR": str(home / "aws"),
    }


def create_buckets(client: Any) -> None:
    """Make the buckets that are missing, with a client of S3."""
    there = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
    for bucket in BUCKETS:
        if bucket not in there:
            client.create_bucket(Bucket=bucket)
    # As all are in the cloud; here only where something is erased, or read, version by version.
    for bucket in (PERSONAL, DROP):
        client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
