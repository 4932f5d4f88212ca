"""Airflow's REST API by one of two ways in: an address with a token or password, or an Amazon MWAA environment."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlencode

_CREDENTIALS = "Check the AWS credentials and the region"
_CONNECT, _READ = 10, 60  # seconds


class AirflowError(RuntimeError):
    """Airflow cannot be reached or refused a call; the text says what to do."""


class NotAllowedError(AirflowError):
    """Airflow does not know who asks, or does not let them."""


class Airflow(Protocol):
    """Whatever answers calls under /api/v2."""

    name: str

    def call(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """The JSON of an answer; AirflowError for any but 2xx."""


class PlainAirflow:
    """An Airflow at an address: with a token, with a user and password, or where everyone is admin with neither."""

    def __init__(self, url: str, token: str = "", user: str = "", password: str = "") -> None:
        import urllib3

        self.name = self.url = url.rstrip("/")
        self._token = token
        self._user, self._password = user, password
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=_CONNECT, read=_READ), retries=False)

    def call(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """A call under /api/v2."""
        return self.at(method, f"/api/v2{path}", query, body)

    def at(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """A call to any path of the web server, such as the coverage page's own."""
        self._token = self._token or self._sign_in()
        text = urlencode({name: value for name, value in (query or {}).items() if value is not None}, doseq=True)
        return self._request(method, f"{path}?{text}" if text else path, body)

    def _sign_in(self) -> str:
        if self._user:
            body = {"username": self._user, "password": self._password}
            return str(self._request("POST", "/auth/token", body)["access_token"])
        try:
            return str(self._request("GET", "/auth/token", None)["access_token"])
        except NotAllowedError as error:
            who = "set ANTHILL_TOKEN, or ANTHILL_USER and ANTHILL_PASSWORD"
            raise AirflowError(f"{self.url} asks who you are: {who}") from error

    def _request(self, method: str, path: str, body: Any) -> Any:
        from urllib3.exceptions import HTTPError

        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {self._token}"} if self._token else {})}
        try:
            answer = self._http.request(method, f"{self.url}{path}", json=body, headers=headers)
        except HTTPError as error:
            what = f"{self.url} does not answer ({type(error).__name__})"
            raise AirflowError(f"{what}: check ANTHILL_URL; for the local stack, `make up`") from error
        return _checked(f"{method} {path}", answer.status, answer.data)


class Mwaa:
    """An Amazon MWAA environment, with the caller's AWS credentials and the right airflow:InvokeRestApi."""

    def __init__(self, environment: str, client: Any) -> None:
        self.name = environment
        self._client = client
        self._described: dict[str, Any] | None = None

    def call(self, method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        """A call under /api/v2."""
        from botocore.exceptions import BotoCoreError, ClientError

        given: dict[str, Any] = {"Name": self.name, "Path": path, "Method": method}
        if query:
            given["QueryParameters"] = {name: value for name, value in query.items() if value is not None}
        if body is not None:
            given["Body"] = body
        try:
            answer = self._client.invoke_rest_api(**given)
        except ClientError as error:
            status = error.response.get("RestApiStatusCode")
            if status is not None:
                said = json.dumps(error.response.get("RestApiResponse", {})).encode()
                return _checked(f"{method} {path}", int(status), said)
            raise AirflowError(f"{self.name}: {error}. {_advice(error, 'airflow:InvokeRestApi')}") from error
        except BotoCoreError as error:
            raise AirflowError(f"{self.name}: {error}. {_CREDENTIALS}") from error
        return answer.get("RestApiResponse")

    def option(self, name: str, default: str) -> str:
        """An Airflow configuration option of the environment, such as anthill.bronze_bucket."""
        from botocore.exceptions import BotoCoreError, ClientError

        if self._described is None:
            try:
                self._described = self._client.get_environment(Name=self.name)["Environment"]
            except ClientError as error:
                raise AirflowError(f"{self.name}: {error}. {_advice(error, 'airflow:GetEnvironment')}") from error
            except BotoCoreError as error:
                raise AirflowError(f"{self.name}: {error}. {_CREDENTIALS}") from error
        return str(self._described.get("AirflowConfigurationOptions", {}).get(name, default))


def wait(
    airflow: Airflow,
    dag: str,
    run: str,
    tell: Callable[[str], None] = lambda note: None,
    patience: float = 7200.0,
    look: float = 2.0,
) -> str:
    """The state in which a run ends; its note is told at each look. AirflowError after so many seconds of patience."""
    end = time.monotonic() + patience
    while True:
        seen = airflow.call("GET", f"/dags/{dag}/dagRuns/{run}")
        state = str(seen["state"])
        tell(str(seen.get("note") or ""))
        if state in ("success", "failed"):
            return state
        if time.monotonic() > end:
            raise AirflowError(f"{dag} {run} is still {state} after {patience / 60:.0f} minutes; it goes on in Airflow")
        time.sleep(look)


def _checked(what: str, status: int, body: bytes) -> Any:
    try:
        answer = json.loads(body or b"null")
    except ValueError:
        answer = {"detail": body[:300].decode(errors="replace")}
    if status < 400:
        return answer
    said = answer.get("detail", answer) if isinstance(answer, dict) else answer
    if status in (401, 403):
        raise NotAllowedError(
            f"{what}: you may not do this ({status}): {said}. Sign in as who may, or ask for the right"
        )
    raise AirflowError(f"{what}: Airflow answered {status}: {said}")


def _advice(error: Any, right: str) -> str:
    match error.response.get("Error", {}).get("Code", ""):
        case "AccessDeniedException":
            return f"Let your role call {right} on this environment"
        case "ResourceNotFoundException":
            return "Check the name of the environment and the region"
    return "See the health of the environment in the MWAA console"
