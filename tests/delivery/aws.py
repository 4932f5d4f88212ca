"""AWS as a delivery sees it: moto's S3, Secrets Manager and STS, and MWAA with the phases of its updates."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import re
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import FakeKey
from werkzeug.serving import make_server

from terraform.rehearsal.mwaa import Mwaa, RefusedError

ACCOUNT, REGION = "123456789012", "us-east-1"
NAME, BUCKET = "anthill-dev", "anthill-dev-mwaa"
CONNECTIONS_PREFIX, CONNECTIONS = "anthill/dev/connections", ("polygon_default", "databricks_default")
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": REGION}
_KEYS = {"Plugins": "plugins.zip", "Requirements": "requirements.txt", "StartupScript": "startup.sh"}
READY = {"AVAILABLE", "UPDATE_FAILED"}


@dataclass
class Airflow:
    """The environment's Airflow: it parses what lies in the bucket; a file that holds `raise` cannot be imported."""

    read: Callable[[], dict[str, bytes]]
    plugins: Callable[[], bytes | None]
    pools: dict[str, dict[str, Any]] = field(default_factory=dict)
    ill: dict[str, str] = field(default_factory=dict)  # part → its status
    late: int = 0  # looks at the DAGs that still show the former parse
    paused: set[str] = field(default_factory=set)
    deaf: int = 0  # calls that fail because a web server is being replaced
    calls: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: Any, query: dict[str, Any]) -> Any:
        """The answer to one call below /api/v2."""
        self.calls.append((method, path))
        if self.deaf:
            self.deaf -= 1
            raise RefusedError("400 Bad Request", "RestApiServerException", "the web server starts")
        if path == "/monitor/health":
            parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
            return {part: {"status": self.ill.get(part, "healthy")} for part in parts}
        if path == "/plugins/importErrors":
            broken = self.plugins() and "raise" in _plugin(self.plugins())
            return _listed("import_errors", [{"source": "anthill/plugin.py", "error": "ImportError"}] if broken else [])
        if path in ("/importErrors", "/dags"):
            return self._parsed(path)
        return self._pools(method, path, body)

    def _parsed(self, path: str) -> Any:
        files = {key: data for key, data in self.read().items() if key.endswith(".py")}
        moment = dt.datetime.now(dt.UTC)
        if path == "/importErrors":
            errors = [
                {"filename": key, "timestamp": moment.isoformat(), "stack_trace": "Traceback\nImportError: no module"}
                for key, data in files.items()
                if b"raise" in data
            ]
            return _listed("import_errors", errors)
        if self.late:
            self.late -= 1
            moment -= dt.timedelta(minutes=5)
        return _listed(
            "dags",
            [
                {
                    "dag_id": key[5:-3],
                    "last_parsed_time": moment.isoformat(),
                    "is_stale": False,
                    "is_paused": key[5:-3] in self.paused,
                }
                for key, data in files.items()
                if b"raise" not in data
            ],
        )

    def _pools(self, method: str, path: str, body: Any) -> Any:
        if method == "GET":
            return _listed("pools", list(self.pools.values()))
        if "include_deferred" not in body:
            raise RefusedError("400 Bad Request", "RestApiClientException", "include_deferred: Field required")
        self.pools[body["name"]] = body
        return body


class Service(Mwaa):
    """MWAA whose updates take looks: each look at the environment shows the next phase."""

    def __init__(self, s3: Any) -> None:
        super().__init__(ACCOUNT, REGION)
        self.s3 = s3
        self.phases = ["UPDATING", "UPDATING"]
        self.failing: Callable[[dict[str, Any]], str | None] = lambda update: None
        self.updates: list[dict[str, Any]] = []
        self.airflow = Airflow(self._dags, self._plugins)
        self._left: list[str] = []
        self._wanted: dict[str, Any] = {}

    def _route(self, method: str, path: str, query: str, body: dict[str, Any]) -> dict[str, Any]:
        if found := re.fullmatch(r"/restapi/([^/]+)", path):
            self._existing(found[1])
            return {
                "RestApiStatusCode": 200,
                "RestApiResponse": self._answered(body),
            }
        return super()._route(method, path, query, body)

    def _answered(self, call: dict[str, Any]) -> Any:
        return self.airflow(call["Method"], call["Path"], call.get("Body"), call.get("QueryParameters") or {})

    def _get(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        environment = self._existing(name)
        if environment["Status"] not in READY:
            if self._left:
                environment["Status"] = self._left.pop(0)
            else:
                self._end(environment)
        return super()._get(name, body)

    def _end(self, environment: dict[str, Any]) -> None:
        if error := self.failing(self._wanted):
            environment["Status"] = "UPDATE_FAILED"
            told = {"ErrorCode": "INCORRECT_CONFIGURATION", "ErrorMessage": error}
            environment["LastUpdate"] |= {"Status": "FAILED", "Error": told}
            return
        environment |= {**self._wanted, "Status": "AVAILABLE"}
        environment["LastUpdate"] |= {"Status": "SUCCESS"}

    def _update(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        environment = self._existing(name)
        if environment["Status"] not in READY:
            raise RefusedError("400 Bad Request", "ValidationException", f"environment is {environment['Status']}")
        for part, key in _KEYS.items():
            if version := body.get(f"{part}S3ObjectVersion"):
                try:
                    self.s3.head_object(Bucket=BUCKET, Key=key, VersionId=version)
                except self.s3.exceptions.ClientError:
                    raise RefusedError("400 Bad Request", "ValidationException", f"no {key} {version}") from None
        self.updates.append(body)
        self._wanted, self._left = body, list(self.phases)
        environment["Status"] = "UPDATING"
        environment["LastUpdate"] = {"Status": "PENDING", "CreatedAt": time.time()}
        return {"Arn": environment["Arn"]}

    def _dags(self) -> dict[str, bytes]:
        # Not over HTTP as all else: this is what MWAA's own containers have copied.
        held = get_backend("s3")[ACCOUNT]["aws"].get_bucket(BUCKET).keys
        return {
            name: key.value
            for name, key in held.items()
            if isinstance(key, FakeKey) and name.startswith("dags/") and name.endswith(".py")
        }

    def _plugins(self) -> bytes | None:
        version = self.environments[NAME].get("PluginsS3ObjectVersion")
        return (
            self.s3.get_object(Bucket=BUCKET, Key="plugins.zip", VersionId=version)["Body"].read() if version else None
        )


@dataclass
class Cloud:
    """The running server, its MWAA and a client of each service."""

    url: str
    service: Service
    asked: list[str]

    def client(self, service: str) -> Any:
        """A client of a service, by the address and keys in the environment."""
        return boto3.client(service, region_name=REGION)

    @property
    def environment(self) -> dict[str, Any]:
        """The environment as it is."""
        return self.service.environments[NAME]

    def keys(self) -> dict[str, int]:
        """How many versions each object has."""
        listed = self.client("s3").list_object_versions(Bucket=BUCKET).get("Versions", [])
        return {entry["Key"]: sum(other["Key"] == entry["Key"] for other in listed) for entry in listed}


Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Any]


@contextlib.contextmanager
def serving(before: Callable[[Wsgi], Wsgi] = lambda moto: moto) -> Iterator[Cloud]:
    """The server on a free port, with nothing in it; what stands `before` moto may answer for it.

    The variables that clients read must be set by `variables` first.
    """
    moto = before(DomainDispatcherApplication(create_backend_app))
    asked: list[str] = []
    found: list[Cloud] = []

    def serve(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request", environ.get("HTTP_AUTHORIZATION", ""))
        asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        if scope and scope[1] == "airflow":
            return found[0].service(environ, start)
        return moto(environ, start)

    server = make_server("127.0.0.1", 0, serve, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.port}"
    s3 = boto3.client("s3", endpoint_url=url, **KEYS)
    found.append(Cloud(url, Service(s3), asked))
    try:
        yield found[0]
    finally:
        server.shutdown()
        s3.close()


@contextlib.contextmanager
def cloud() -> Iterator[Cloud]:
    """The same with one empty environment, its bucket and the secrets of its connections."""
    with serving() as found:
        environment(found)
        secrets = boto3.client("secretsmanager", endpoint_url=found.url, **KEYS)
        for name in CONNECTIONS:
            secrets.create_secret(Name=f"{CONNECTIONS_PREFIX}/{name}", SecretString="{}")
        yield found


def environment(found: Cloud) -> None:
    """Make an environment without a delivery, and its bucket."""
    s3 = found.service.s3
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    backend = json.dumps({"connections_prefix": CONNECTIONS_PREFIX})
    found.service._create(
        NAME,
        {
            "NetworkConfiguration": {"SubnetIds": ["subnet-1", "subnet-2"]},
            "SourceBucketArn": f"arn:aws:s3:::{BUCKET}",
            "DagS3Path": "dags/",
            "AirflowConfigurationOptions": {"secrets.backend_kwargs": backend},
        },
    )


def variables(url: str) -> dict[str, str]:
    """What sends every client of AWS to the server."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # the server has one name
    }


def _plugin(data: bytes | None) -> str:
    with zipfile.ZipFile(io.BytesIO(data or b"")) as archive:
        return archive.read("anthill/plugin.py").decode()


def _listed(key: str, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {key: entries, "total_entries": len(entries)}
