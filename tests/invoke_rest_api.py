"""A client of MWAA whose environment is an Airflow on this machine: InvokeRestApi handed on to its REST API."""

from __future__ import annotations

from email.utils import formatdate
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from local.airflow_api import AirflowApi


def client(api: AirflowApi, **described: Any) -> Any:
    """What boto3's client would be; `described` is what the environment says of itself."""

    def invoke_rest_api(**asked: Any) -> Any:
        query = urlencode(asked.get("QueryParameters", {}))
        path = f"{asked['Path']}?{query}" if query else asked["Path"]
        body = [asked["Body"]] if "Body" in asked else []
        return {"RestApiResponse": getattr(api, asked["Method"].lower())(path, *body)}

    told = {"Environment": described, "ResponseMetadata": {"HTTPHeaders": {"date": formatdate()}}}
    return SimpleNamespace(invoke_rest_api=invoke_rest_api, get_environment=lambda **_: told)
