"""The pages for people: the list of runs, a run with its notebook's cells as they happen, and a schema's tables."""

from __future__ import annotations

import asyncio
import html
import json
from datetime import UTC, datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from local.databricks.errors import ApiError, invalid
from local.databricks.job_access import VIEW, JobAccess
from local.databricks.jobs import Jobs
from local.databricks.lakehouse import Lakehouse
from local.databricks.runs import Runs
from local.databricks.store import Document, Store
from local.databricks.tasks import is_over, now
from local.databricks.web import Parameters, integer, route

_SHOWN_RUNS = 200
_STYLE = """
body{font:14px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1100px;padding:24px;color:#1b2a33;background:#fafafa}
a{color:#0a66c2;text-decoration:none}a:hover{text-decoration:underline}h1{font-size:22px;margin:8px 0}
h2{font-size:16px;margin:24px 0 8px}table{border-collapse:collapse;background:#fff;width:100%}
td,th{border:1px solid #e1e6ea;padding:5px 9px;text-align:left;vertical-align:top}th{background:#f1f4f6;font-weight:600}
pre{margin:0;padding:10px;white-space:pre-wrap;overflow-wrap:anywhere;font:12.5px/1.45 ui-monospace,monospace}
.cell{background:#fff;border:1px solid #e1e6ea;border-radius:6px;margin:10px 0;overflow:auto}
.cell .out{border-top:1px solid #e1e6ea;background:#fcfcfd}.cell .err,.err{background:#fdecea;color:#8c1d18}
.note{color:#60717d;font-size:12px;padding:3px 10px}.tag{padding:1px 8px;border-radius:10px;color:#fff;font-size:12px}
.SUCCESS{background:#1e7e4e}.FAILED,.UPSTREAM_FAILED{background:#b3261e}.RUNNING,.TERMINATING{background:#0a66c2}
.TIMEDOUT,.CANCELED,.SKIPPED{background:#8a5a00}.PENDING,.QUEUED,.BLOCKED,.WAITING_FOR_RETRY{background:#60717d}
"""


class Pages:
    """HTML for a browser; needs no token."""

    def __init__(self, store: Store, runs: Runs, jobs: Jobs, lakehouse: Lakehouse, access: JobAccess) -> None:
        self._store, self._runs, self._jobs, self._lakehouse, self._access = store, runs, jobs, lakehouse, access

    def routes(self) -> list[Route]:
        """Every page."""
        return [
            Route("/", self.home),
            Route("/jobs/{job_id:int}/runs/{run_id:int}", self.run),
            Route("/explore/data/{catalog}/{schema}", self.schema),
            route("GET", "jobs/runs/export", self.export),
        ]

    async def home(self, _: Request) -> Response:
        """The jobs, and the youngest runs."""
        jobs = "".join(
            f"<tr><td>{_text(s['name'])}</td><td>{job_id}</td><td>{_text(s.get('description', ''))}</td></tr>"
            for job_id, s in sorted(self._jobs.all().items(), key=lambda item: str(item[1]["name"]))
        )
        runs = self._runs.all()
        rows = "".join(_row(run) for run in runs[:_SHOWN_RUNS])
        body = (
            "<h1>Workspace</h1><h2>Jobs</h2>"
            f"<table><tr><th>Name</th><th>Id</th><th>What it does</th></tr>{jobs}</table>"
            f"<h2>Runs ({len(runs)})</h2><table><tr><th>Run</th><th>Job</th><th>State</th><th>Parameters</th>"
            f"<th>Started (UTC)</th><th>Took</th></tr>{rows}</table>"
        )
        return _page("Runs", body, refresh=any(not is_over(run) for run in runs))

    async def run(self, request: Request) -> Response:
        """One run."""
        run_id = int(request.path_params["run_id"])
        try:
            run = self._runs.get(run_id)
        except ApiError as error:
            return _page("No such run", f"<h1>No such run</h1><p>{_text(error.message)}</p>", status=404)
        parameters = "".join(
            f"<tr><th>{_text(p['name'])}</th><td>{_text(p['value'])}</td></tr>" for p in run["job_parameters"]
        )
        tasks = "".join(self._task(task) for task in run["tasks"])
        message = _text(run["state"]["state_message"])
        body = (
            f"<a href='/'>All runs</a><h1>{_text(run['run_name'])} · run {run['run_id']} {_tag(run)}</h1>"
            f"<p>{message}</p><p>Started {_moment(run['start_time'])}, took {_took(run)}"
            f"{', repaired ' + str(len(run['repair_history']) - 1) + ' times' if run['repair_history'] else ''}.</p>"
            f"<h2>Parameters</h2><table>{parameters or '<tr><td>none</td></tr>'}</table>{tasks}"
        )
        return _page(f"Run {run['run_id']}", body, refresh=not is_over(run))

    async def export(self, given: Parameters) -> Document:
        """A task's notebook with what it put out, as a page of its own."""
        run_id = integer(given, "run_id")
        run = self._runs.get(run_id)
        self._access.check_run(VIEW, run)
        asked = [task for task in run["tasks"] if run_id in {task["run_id"], run["run_id"]}]
        if len(asked) != 1:
            raise invalid(
                "Exporting runs with multiple tasks is not supported. Export each individual task run instead."
            )
        name = Path(asked[0].get("notebook_task", {}).get("notebook_path", "")).name
        content = bytes(_page(name, self._task(asked[0])).body).decode()
        return {"views": [{"content": content, "name": name, "type": "NOTEBOOK"}]}

    async def schema(self, request: Request) -> Response:
        """The tables of a schema, with what they hold."""
        name = request.path_params["schema"]
        tables = await asyncio.to_thread(self._tables, name)
        if request.path_params["catalog"] != self._lakehouse.catalog or name not in self._lakehouse.schemas:
            return _page("No such schema", f"<h1>No such schema</h1><p>{_text(request.url.path)}</p>", status=404)
        rows = "".join(
            f"<tr><td id='{_text(table['name'])}'>{_text(table['name'])}</td><td>{_text(table['comment'] or '')}</td>"
            f"<td>{', '.join(_text(column['name']) for column in table['columns'])}</td></tr>"
            for table in tables
        )
        title = f"{self._lakehouse.catalog}.{name}"
        head = "<tr><th>Table</th><th>What it holds</th><th>Columns</th></tr>"
        return _page(title, f"<a href='/'>All runs</a><h1>{_text(title)}</h1><table>{head}{rows}</table>")

    def _tables(self, schema: str) -> list[Document]:
        found = self._lakehouse.tables() if schema in self._lakehouse.schemas else {}
        mine = sorted(table for table in found if table.startswith(f"{schema}."))
        return [self._lakehouse.describe(table, found[table]) for table in mine]

    def _task(self, task: Document) -> str:
        output = self._store.get("outputs", task["run_id"]) or {}
        attempt = f", attempt {task['attempt_number'] + 1}" if task["attempt_number"] else ""
        cells = "".join(_cell(cell) for cell in output.get("cells", []))
        result = (
            f"<h2>Result</h2><div class=cell><pre>{_pretty(output['result'])}</pre></div>" if "result" in output else ""
        )
        error = f"<div class='cell err'><pre>{_text(output['error'])}</pre></div>" if "error" in output else ""
        return (
            f"<h2 id='{task['run_id']}'>Task {_text(task['task_key'])}{attempt} {_tag(task)}</h2>"
            f"<div class=note>{_text(task.get('notebook_task', {}).get('notebook_path', ''))} · run {task['run_id']} · "
            f"started {_moment(task['start_time'])} · took {_took(task)}</div>{error}{result}{cells}"
        )


def _cell(cell: Document) -> str:
    if cell["kind"] == "md":
        return f"<div class='cell'><pre>{_text(cell['source'])}</pre></div>"
    seconds = f"{cell['seconds']:.2f} s" if "seconds" in cell else "not run"
    out = f"<pre class=out>{_text(cell['output'])}</pre>" if cell.get("output") else ""
    table = f"<div class=out>{cell['html']}</div>" if cell.get("html") else ""
    error = f"<pre class=err>{_text(cell['trace'])}</pre>" if "trace" in cell else ""
    note = f"<div class=note>{cell['kind']} · {seconds}</div>"
    return f"<div class=cell>{note}<pre>{_text(cell['source'])}</pre>{out}{table}{error}</div>"


def _row(run: Document) -> str:
    given = ", ".join(f"{p['name']}={p['value']}" for p in run["job_parameters"])
    link = f"<a href='/jobs/{run['job_id']}/runs/{run['run_id']}'>{run['run_id']}</a>"
    return (
        f"<tr><td>{link}</td><td>{_text(run['run_name'])}</td><td>{_tag(run)}</td><td>{_text(given)}</td>"
        f"<td>{_moment(run['start_time'])}</td><td>{_took(run)}</td></tr>"
    )


def _tag(run: Document) -> str:
    shown = run["state"].get("result_state") or run["state"]["life_cycle_state"]
    return f"<span class='tag {_text(shown)}'>{_text(shown)}</span>"


def _text(value: object) -> str:
    return html.escape(str(value))


def _pretty(value: str) -> str:
    try:
        return _text(json.dumps(json.loads(value), indent=2))
    except ValueError:
        return _text(value)


def _moment(epoch_ms: int) -> str:
    return f"{datetime.fromtimestamp(epoch_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}"


def _took(run: Document) -> str:
    return f"{((run['end_time'] or now()) - run['start_time']) / 1000:.1f} s"


def _page(title: str, body: str, *, refresh: bool = False, status: int = 200) -> Response:
    again = "<meta http-equiv=refresh content=2>" if refresh else ""
    head = f"<!doctype html><html lang=en><meta charset=utf-8>{again}<title>{_text(title)}</title>"
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:"}
    return HTMLResponse(f"{head}<style>{_STYLE}</style><body>{body}</body></html>", status, headers=policy)
