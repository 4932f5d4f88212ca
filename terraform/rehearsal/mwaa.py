"""What the emulator lacks, by name: the control plane of Amazon MWAA, as a WSGI application."""

import json
import re
import secrets
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Environment = dict[str, Any]

_FIXED = {"Name", "KmsKey", "NetworkConfiguration.SubnetIds", "EndpointManagement"}
_LOGS = ("DagProcessingLogs", "SchedulerLogs", "TaskLogs", "WebserverLogs", "WorkerLogs")


class RefusedError(Exception):
    """An answer other than 200: its HTTP status, MWAA's name of the error and its message."""

    def __init__(self, status: str, kind: str, message: str):
        super().__init__(message)
        self.status, self.kind, self.message = status, kind, message


class Mwaa:
    """Environments of one account and region; every change is done when its answer is sent."""

    def __init__(self, account: str, region: str):
        self.account, self.region = account, region
        self.environments: dict[str, Environment] = {}
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = json.loads(environ["wsgi.input"].read(size) or b"{}") if size else {}
        path, query = unquote(environ["PATH_INFO"]), environ.get("QUERY_STRING", "")
        try:
            with self.lock:
                status, answer = "200 OK", self._route(environ["REQUEST_METHOD"], path, query, body)
        except RefusedError as refused:
            status, answer = refused.status, {"message": refused.message}
            start(status, [("Content-Type", "application/json"), ("X-Amzn-ErrorType", refused.kind)])
            return [json.dumps(answer).encode()]
        start(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    def _route(self, method: str, path: str, query: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/environments" and method == "GET":
            return {"Environments": sorted(self.environments)}
        if found := re.fullmatch(r"/environments/([^/]+)", path):
            call = {"PUT": self._create, "GET": self._get, "PATCH": self._update, "DELETE": self._delete}[method]
            return call(found[1], body)
        if (found := re.fullmatch(r"/webtoken/([^/]+)", path)) and method == "POST":
            server = self._existing(found[1])["WebserverUrl"]
            return {"WebServerHostname": server, "WebToken": secrets.token_urlsafe(24)}
        if found := re.fullmatch(r"/tags/.+:environment/(.+)", path):
            return self._tags(method, self._existing(found[1]), query, body)
        raise RefusedError("404 Not Found", "ResourceNotFoundException", f"no such operation: {method} {path}")

    def _existing(self, name: str) -> Environment:
        if name not in self.environments:
            raise RefusedError("404 Not Found", "ResourceNotFoundException", f"environment {name} not found")
        return self.environments[name]

    def _create(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        if name in self.environments:
            raise RefusedError("400 Bad Request", "ValidationException", f"environment {name} already exists")
        if len(body["NetworkConfiguration"]["SubnetIds"]) != 2:
            raise RefusedError("400 Bad Request", "ValidationException", "SubnetIds must be two subnets")
        arn = f"arn:aws:airflow:{self.region}:{self.account}:environment/{name}"
        defaults = {"EndpointManagement": "SERVICE", "Tags": {}, "AirflowConfigurationOptions": {}}
        self.environments[name] = {
            **defaults,
            **body,
            "Name": name,
            "Arn": arn,
            "Status": "AVAILABLE",
            "CreatedAt": datetime.now(UTC).timestamp(),
            "LastUpdate": {"Status": "SUCCESS", "CreatedAt": datetime.now(UTC).timestamp()},
            "WebserverUrl": f"{name}.c2.{self.region}.airflow.amazonaws.com",
            "ServiceRoleArn": f"arn:aws:iam::{self.account}:role/aws-service-role/airflow.amazonaws.com/AirflowRole",
            "LoggingConfiguration": self._logs(name, body.get("LoggingConfiguration", {})),
        }
        return {"Arn": arn}

    def _logs(self, name: str, asked: dict[str, Any]) -> dict[str, Any]:
        group = f"arn:aws:logs:{self.region}:{self.account}:log-group:airflow-{name}-"
        return {
            kind: {
                "Enabled": False,
                "LogLevel": "INFO",
                **asked.get(kind, {}),
                "CloudWatchLogGroupArn": group + kind[:-4],
            }
            for kind in _LOGS
        }

    def _get(self, name: str, _: dict[str, Any]) -> dict[str, Any]:
        return {"Environment": self._existing(name)}

    def _update(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        environment = self._existing(name)
        if _FIXED & body.keys():
            raise RefusedError(
                "400 Bad Request", "ValidationException", f"cannot be changed: {sorted(_FIXED & body.keys())}"
            )
        logs = self._logs(name, {**environment["LoggingConfiguration"], **body.pop("LoggingConfiguration", {})})
        network = {**environment["NetworkConfiguration"], **body.pop("NetworkConfiguration", {})}
        environment |= {**body, "LoggingConfiguration": logs, "NetworkConfiguration": network}
        environment["LastUpdate"] = {"Status": "SUCCESS", "CreatedAt": datetime.now(UTC).timestamp()}
        return {"Arn": environment["Arn"]}

    def _delete(self, name: str, _: dict[str, Any]) -> dict[str, Any]:
        self._existing(name)
        del self.environments[name]
        return {}

    @staticmethod
    def _tags(method: str, environment: Environment, query: str, body: dict[str, Any]) -> dict[str, Any]:
        if method == "GET":
            return {"Tags": environment["Tags"]}
        if method == "POST":
            environment["Tags"] |= body["Tags"]
        else:
            for key in re.findall(r"tagKeys=([^&]+)", query):
                environment["Tags"].pop(unquote(key), None)
        return {}
