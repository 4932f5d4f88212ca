"""The workspace as a test starts it: a process of its own, schemas in folders, notebooks written on the spot."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from local.databricks.account import Account

ROOT = Path(__file__).parents[3]
ACCOUNT = Account()
TOKEN = ACCOUNT.role("pipeline").token  # Airflow's, who starts the jobs and owns what they make
OVER = {"TERMINATED", "SKIPPED", "INTERNAL_ERROR"}


def let_the_pipeline_ask(workspace: str) -> None:
    """Give it the warehouse, which Terraform gives to people alone: tests make and read tables as the owner does."""
    entry = {"service_principal_name": ACCOUNT.role("pipeline").name, "permission_level": "CAN_USE"}
    answer = requests.patch(
        f"{workspace}/api/2.0/permissions/warehouses/local",
        headers={"Authorization": f"Bearer {ACCOUNT.role('terraform').token}"},
        json={"access_control_list": [entry]},
    )
    answer.raise_for_status()


@dataclass
class Workspace:
    """A running workspace under `folder`; its state stays there from one start to the next."""

    folder: Path
    options: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    schemas: dict[str, str] | None = None
    bronze: str = "s3://lake"
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Workspace:
        """Start it and wait until it answers."""
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        schemas = self.schemas or {name: str(self.folder / "lake" / name) for name in ("silver", "gold", "quality")}
        command = [sys.executable, "-m", "local.databricks", "--port", str(self.port), "--port-file", str(port_file)]
        command += ["--state", str(self.folder / "state"), *self.options]
        command += [f"--schema={name}={location}" for name, location in schemas.items()]
        command += ["--location", f"anthill-dev-bronze-polygon={self.bronze}"]
        self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **self.environment})
        while not port_file.exists():
            assert self.process.poll() is None, f"the workspace ended with {self.process.returncode}"
            time.sleep(0.02)
        self.port = int(port_file.read_text())
        let_the_pipeline_ask(self.url)
        return self

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it and wait for its end."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def connection(self) -> str:
        """The Airflow connection to it, for an AIRFLOW_CONN_ variable."""
        fields = {"conn_type": "databricks", "host": "127.0.0.1", "schema": "http", "port": self.port}
        return json.dumps({**fields, "password": TOKEN})

    def call(self, method: str, path: str, /, *, status: int = 200, by: str = "pipeline", **body: Any) -> Any:
        """A REST call by a principal of the account; its JSON answer."""
        url, headers = f"{self.url}/api/{path}", {"Authorization": f"Bearer {ACCOUNT.role(by).token}"}
        given = {"params": body} if method == "GET" else {"json": body}
        answer = requests.request(method, url, headers=headers, **given)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def notebook(self, name: str, *cells: str) -> str:
        """Write a notebook; its workspace path."""
        file = self.folder / "notebooks" / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        text = "\n\n# COMMAND ----------\n\n".join(cells)
        file.write_text(f"# Databricks notebook source\n{text}\n")
        return str(file.with_suffix(""))

    def job(self, name: str, path: str, **settings: Any) -> int:
        """Create a job of one notebook task."""
        task = {"task_key": "main", "notebook_task": {"notebook_path": path}, **settings.pop("task", {})}
        return int(self.call("POST", "2.2/jobs/create", name=name, tasks=[task], **settings)["job_id"])

    def run_now(self, job_id: int, **body: Any) -> int:
        """Start a run."""
        return int(self.call("POST", "2.2/jobs/run-now", job_id=job_id, **body)["run_id"])

    def run(self, run_id: int, **parameters: Any) -> Any:
        """A run as it is at this moment."""
        return self.call("GET", "2.2/jobs/runs/get", run_id=run_id, **parameters)

    def wait(self, run_id: int, *states: str) -> Any:
        """The run once it is in one of the states (over, by default)."""
        while (run := self.run(run_id))["state"]["life_cycle_state"] not in (states or OVER):
            time.sleep(0.02)
        return run

    def output(self, run: Any) -> Any:
        """The output of the run's last task."""
        return self.call("GET", "2.2/jobs/runs/get-output", run_id=run["tasks"][-1]["run_id"])

    def result(self, path: str, **parameters: str) -> Any:
        """Run a notebook once; what it exits with."""
        task = {"task_key": "main", "notebook_task": {"notebook_path": path, "base_parameters": parameters}}
        run_id = self.call("POST", "2.2/jobs/runs/submit", run_name="once", tasks=[task])["run_id"]
        output = self.output(self.wait(run_id))
        assert "error" not in output, output["error_trace"]
        return output["notebook_output"].get("result")

    def sql(self, statement: str, *, by: str = "pipeline", **body: Any) -> Any:
        """Run a statement to its end, or as long as `wait_timeout` says."""
        given = {"statement": statement, "warehouse_id": "local", "wait_timeout": "30s", **body}
        answer = self.call("POST", "2.0/sql/statements", by=by, **given)
        return answer if "wait_timeout" in body else self.ended(answer, by)

    def ended(self, statement: Any, by: str = "pipeline") -> Any:
        """A statement once it is over."""
        while statement["status"]["state"] in {"PENDING", "RUNNING"}:
            time.sleep(0.02)
            statement = self.call("GET", f"2.0/sql/statements/{statement['statement_id']}", by=by)
        return statement
