"""The note of a DAG run, where people look while it runs; written through Airflow's REST API."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from airflow.sdk.configuration import conf

from anthill.cut import cut

if TYPE_CHECKING:
    from airflow.sdk import Context

log = logging.getLogger(__name__)

_LONGEST = 1000  # characters that Airflow keeps


def write(context: Context, text: str) -> bool:
    """Put the text in the place of the run's note; False, and a line in the log, where that is not possible."""
    run = context["dag_run"]
    # The call for many runs: with its id, the path of one run can have more than the 64 characters that MWAA takes.
    path = f"/dags/{run.dag_id}/dagRuns"
    note = {"dag_run_id": run.run_id, "note": cut(text, _LONGEST)}
    body = {"actions": [{"action": "update", "entities": [note], "update_mask": ["note"]}]}
    try:
        if environment := os.environ.get("AIRFLOW_ENV_NAME"):  # set by MWAA
            answer = _through_mwaa(environment, path, body)
        else:
            answer = _through_http(path, body)
        if errors := answer["update"]["errors"]:
            raise RuntimeError(str(errors))
    except Exception as error:  # a note is a courtesy: the run goes on without it
        log.warning("The run's note could not be written: %s: %s", type(error).__name__, error)
        return False
    return True


def _through_mwaa(environment: str, path: str, body: dict[str, Any]) -> Any:
    import boto3

    answer = boto3.client("mwaa").invoke_rest_api(Name=environment, Path=path, Method="PATCH", Body=body)
    return answer["RestApiResponse"]


def _through_http(path: str, body: dict[str, Any]) -> Any:
    """For Airflow where everyone is admin, as on one machine: its API server hands out tokens."""
    import urllib3

    base = conf.get("api", "base_url").rstrip("/")
    http = urllib3.PoolManager(retries=False, timeout=10)
    token = _checked(http.request("GET", f"{base}/auth/token")).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return _checked(http.request("PATCH", f"{base}/api/v2{path}", json=body, headers=headers)).json()


def _checked(answer: Any) -> Any:
    if answer.status >= 400:
        raise RuntimeError(f"Airflow answered {answer.status}: {answer.data[:200]!r}")
    return answer
