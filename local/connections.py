"""Where the parts answer, and the Airflow connections to them: a person's own connections go before ours."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from anthill.warehouse.warehouse import Warehouse
from anthill.warehouse.workspace import Workspace
from local import lake, patience
from local.databricks.account import Account

TOKEN = Account().role("pipeline").token  # Airflow's; opens the stand-in on this machine only
READER = Account().role("data_engineer").token  # a person's, who reads what include/grants gives them
POLYGON_KEY = "local-polygon-key"
FLAT_FILES_KEY, FLAT_FILES_SECRET = "anthill-flat-files", "anthill-local-secret"
PLAN = {"plan": "advanced", "requests_per_minute": 0}  # the stand-in has no limits
_OWN = {
    "polygon": ("POLYGON_API_KEY", "AIRFLOW_CONN_POLYGON_DEFAULT"),
    "s3": ("AIRFLOW_CONN_AWS_DEFAULT",),
    "databricks": ("AIRFLOW_CONN_DATABRICKS_DEFAULT",),
}


@dataclass(frozen=True)
class Addresses:
    """Where the running stack answers."""

    airflow: str
    s3: str
    polygon: str
    databricks: str
    database: str
    served: dict[str, str] = field(default_factory=dict)  # connections to the sources beside the market, as variables


def brought() -> set[str]:
    """The parts for which the person's own environment has a connection or key."""
    return {part for part, variables in _OWN.items() if any(os.environ.get(name) for name in variables)}


def pool_slots() -> int:
    """Slots that share the API's rate: one for a person's own key, whose plan may be 5 calls a minute."""
    return 1 if "polygon" in brought() else 4


def environment(addresses: Addresses) -> dict[str, str]:
    """The connections as variables, without those that the person brings."""
    own = brought()
    ours = {name: os.environ.get(name, value) for name, value in addresses.served.items()}
    if key := os.environ.get("POLYGON_API_KEY"):
        ours["AIRFLOW_CONN_POLYGON_DEFAULT"] = json.dumps({"conn_type": "polygon", "password": key})
    elif "polygon" not in own:
        ours["AIRFLOW_CONN_POLYGON_DEFAULT"] = json.dumps(
            {"conn_type": "polygon", "host": addresses.polygon, "password": POLYGON_KEY, "extra": PLAN}
        )
        ours["AIRFLOW_CONN_POLYGON_FLAT_FILES"] = json.dumps(
            {
                "conn_type": "aws",
                "login": FLAT_FILES_KEY,
                "password": FLAT_FILES_SECRET,
                "extra": {"endpoint_url": addresses.polygon, "region_name": lake.REGION},
            }
        )
    if "s3" not in own:
        ours |= {
            "AIRFLOW_CONN_AWS_DEFAULT": json.dumps({"conn_type": "aws"}),
            # Where an environment has a role to take, this one has a key of its own.
            "AIRFLOW_CONN_AWS_ERASURE": json.dumps(
                {"conn_type": "aws", "login": lake.ERASURE_KEY, "password": lake.ERASURE_KEY}
            ),
            "AIRFLOW_CONN_AWS_CONSUMPTION": json.dumps(
                {"conn_type": "aws", "login": lake.CONSUMPTION_KEY, "password": lake.CONSUMPTION_KEY}
            ),
            "AWS_ENDPOINT_URL": addresses.s3,
            "AWS_ACCESS_KEY_ID": lake.LANDING_KEY,
            "AWS_SECRET_ACCESS_KEY": lake.LANDING_KEY,
            "AWS_DEFAULT_REGION": lake.REGION,
        }
    if "databricks" not in own:
        place = urlsplit(addresses.databricks)
        ours["AIRFLOW_CONN_DATABRICKS_DEFAULT"] = json.dumps(
            {
                "conn_type": "databricks",
                "host": place.hostname,
                "schema": place.scheme,
                "port": place.port,
                "password": TOKEN,
            }
        )
        ours["AIRFLOW_CONN_DATABRICKS_READER"] = json.dumps(
            {
                "conn_type": "databricks",
                "host": place.hostname,
                "schema": place.scheme,
                "port": place.port,
                "password": READER,
                "extra": {"http_path": "/sql/1.0/warehouses/local"},
            }
        )
    return ours


def warehouse(addresses: Addresses) -> Warehouse:
    """The stand-in's warehouse, or ANTHILL_WAREHOUSE_ID at the person's own connection (JSON with a token)."""
    if "databricks" not in brought():
        return Warehouse(Workspace(addresses.databricks, READER, patience.STANDSTILL), lake.CATALOG, "local")
    own = json.loads(os.environ["AIRFLOW_CONN_DATABRICKS_DEFAULT"])
    port = f":{own['port']}" if own.get("port") else ""
    address = f"{own.get('schema') or 'https'}://{own['host'].removeprefix('https://').rstrip('/')}{port}"
    warehouse_id = os.environ.get("ANTHILL_WAREHOUSE_ID", "local")
    return Warehouse(Workspace(address, own["password"], patience.STANDSTILL), lake.CATALOG, warehouse_id)


def s3_client(addresses: Addresses, key: str = "") -> Any:
    """A client of the emulator, or of AWS with the person's own credentials unless a key of `lake` is asked for."""
    import boto3

    return boto3.client("s3") if not key and "s3" in brought() else emulator_client(addresses, "s3", key)


def emulator_client(addresses: Addresses, service: str, key: str = "") -> Any:
    """A client of one of the emulator's services."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        endpoint_url=addresses.s3,
        aws_access_key_id=key or lake.KEY,
        aws_secret_access_key=key or lake.KEY,
        region_name=lake.REGION,
        config=Config(read_timeout=patience.STANDSTILL * 5),
    )
