"""Airflow's REST API, as much as the demo speaks of it."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

from local import patience

AGAIN = 1.0  # seconds between two tries


class AirflowError(RuntimeError):
    """Airflow refused a call; the message has its answer."""


class AirflowApi:
    """Calls under /api/v2 with a token that is fetched once; without `user` everyone is admin.

    A call without an answer is made again for as long as `check` raises nothing; without it once.
    """

    def __init__(self, address: str, check: Callable[[], None] | None = None, user: str = "") -> None:
        self.address = address
        self._user = user  # whose name is the password
        self._check = check
        self._token = ""

    def get(self, path: str, **query: Any) -> Any:
        """The answer to a GET."""
        text = urllib.parse.urlencode(query, doseq=True)
        return self._call("GET", f"{path}?{text}" if text else path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to a POST."""
        return self._call("POST", path, body)

    def put(self, path: str) -> Any:
        """The answer to a PUT without a body."""
        return self._call("PUT", path)

    def patch(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to a PATCH."""
        return self._call("PATCH", path, body)

    def all(self, path: str, key: str, **query: Any) -> list[dict[str, Any]]:
        """Every entry of a paged list."""
        entries: list[dict[str, Any]] = []
        while True:
            page = self.get(path, limit=100, offset=len(entries), **query)
            entries += page[key]
            if not page[key] or len(entries) >= page["total_entries"]:
                return entries

    def xcoms(self, dag: str, run: str, task: str) -> Any:
        """What a task returned; None where it returned nothing."""
        try:
            return self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/xcomEntries/return_value")["value"]
        except AirflowError:
            return None

    def wait_for_dag(self, dag: str, longest: float = 600) -> None:
        """Return when the DAG is there; AirflowError with its import error, or when it takes too long."""
        end = time.monotonic() + longest
        while True:
            try:
                self.get(f"/dags/{dag}")
                return
            except AirflowError:
                for problem in self.get("/importErrors")["import_errors"]:
                    raise AirflowError(f"{problem['filename']} cannot be imported:\n{problem['stack_trace']}") from None
                if self._check is not None:
                    self._check()
                if time.monotonic() > end:
                    raise AirflowError(f"DAG {dag} did not appear within {longest:.0f} s") from None
                time.sleep(0.3)

    def reason(self, dag: str, run: str, task: str, attempt: int, map_index: int = -1) -> str:
        """Why a try of a task failed: the last error in its log, or what the scheduler noted of it."""
        path = f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{attempt}"
        log = self.get(path, full_content=True, map_index=map_index)
        errors = [
            entry for entry in log["content"] if isinstance(entry, dict) and entry.get("level") in ("error", "critical")
        ]
        if errors:
            last = errors[-1]
            details = [f"{item.get('exc_type')}: {item.get('exc_value')}" for item in last.get("error_detail") or []]
            return "\n".join([str(last.get("event")), *details])
        place = {"dag_id": dag, "run_id": run, "task_id": task, "map_index": map_index}
        noted = self.get("/eventLogs", order_by="-when", limit=20, **place)["event_logs"]
        for entry in noted:
            if entry["event"] not in ("running", "success", "failed") and entry["extra"]:
                return f"{entry['event']}: {entry['extra']}"
        return "its process ended without a word"

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if not self._token:
            signed = {"username": self._user, "password": self._user} if self._user else None
            signs = self._request("POST" if signed else "GET", f"{self.address}/auth/token", signed)
            self._token = signs["access_token"]
        return self._request(method, f"{self.address}/api/v2{path}", body)

    def _request(self, method: str, url: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(
            url, json.dumps(body).encode() if body is not None else None, headers, method=method
        )
        tries = 0
        while True:
            tries += 1
            try:
                with urllib.request.urlopen(request, timeout=patience.STANDSTILL) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if tries > 1 and error.code == 409:
                    return body  # made by a try whose answer was lost
                raise AirflowError(
                    f"{method} {url} answered {error.code}: {error.read().decode(errors='replace')[:2000]}"
                ) from error
            except OSError as error:
                if self._check is None:
                    raise AirflowError(f"{method} {url} has no answer: {error}") from error
                self._check()
                time.sleep(AGAIN)
