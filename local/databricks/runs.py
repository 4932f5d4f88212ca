"""The life cycle of job runs: queued or skipped at the job's limit, run, retried, repaired, cancelled, timed out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

from local.databricks.errors import ApiError, invalid, missing
from local.databricks.jobs import Jobs
from local.databricks.store import Document, Store
from local.databricks.tasks import Tasks, is_over, now, state

_LONGEST_TOKEN = 64
_LARGEST_NOTEBOOK_PARAMS = 10_000


class Runs:
    """Every run of the workspace. Call from the event loop only."""

    def __init__(self, store: Store, jobs: Jobs, tasks: Tasks, base_url: str) -> None:
        self._store, self._jobs, self._tasks = store, jobs, tasks
        self.base_url = base_url
        self._runs: dict[int, Document] = {run["run_id"]: run for run in store.all("runs")}
        self._going: dict[int, asyncio.Task[None]] = {}
        self._closing = False

    def recover(self) -> None:
        """End the runs that a killed server left behind, then start what was queued."""
        for run in self._runs.values():
            if not is_over(run) and run["state"]["life_cycle_state"] != "QUEUED":
                message = "The workspace stopped while this run was active. Repair it or run it again."
                self._end(run, "INTERNAL_ERROR", "FAILED", message)
        for run in [r for r in self._runs.values() if not is_over(r)]:
            self._wake(run["job_id"])

    async def close(self) -> None:
        """Stop every run's process; the runs are told of it by `recover`."""
        self._closing = True
        for going in self._going.values():
            going.cancel()
        await asyncio.gather(*self._going.values(), return_exceptions=True)

    def get(self, run_id: int) -> Document:
        """A run by its id, or the run that a task's id belongs to."""
        if run_id in self._runs:
            return self._runs[run_id]
        for run in self._runs.values():
            if any(task["run_id"] == run_id for task in run["tasks"]):
                return run
        raise missing("INVALID_PARAMETER_VALUE", f"Run {run_id} does not exist.")

    def all(self) -> list[Document]:
        """Every run, the youngest first."""
        return sorted(self._runs.values(), key=lambda run: -run["run_id"])

    def submit(self, job_id: int, settings: Document, request: Document, creator: str, runs_as: str) -> int:
        """Start a run of these settings, or queue it, or skip it; a known idempotency token gives its old run."""
        token = request.get("idempotency_token")
        if token:
            if len(token) > _LONGEST_TOKEN:
                raise invalid(f"idempotency_token must have at most {_LONGEST_TOKEN} characters; it has {len(token)}.")
            if (known := self._store.run_of(token)) is not None:
                if known not in self._runs:
                    raise invalid(f"The run {known} that idempotency_token {token!r} started was deleted.")
                return known
        limit = settings.get("max_concurrent_runs", 1)
        has_room = not job_id or len(self._active(job_id)) < limit
        run = self._make(job_id, settings, _parameters(settings, request))
        run |= {"creator_user_name": creator, "run_as_user_name": runs_as}
        if token:
            self._store.keep_token(token, run["run_id"])
        if has_room:
            self._start(run)
        elif settings.get("queue", {}).get("enabled"):
            reason = f"Queued due to reaching maximum concurrent runs of {limit}."
            run["state"] = {**state("QUEUED", message=reason), "queue_reason": reason}
        else:
            message = f"Skipping this run because the limit of {limit} maximum concurrent runs has been reached."
            self._end(run, "SKIPPED", "MAXIMUM_CONCURRENT_RUNS_REACHED", message)
        self._save(run)
        return int(run["run_id"])

    def _make(self, job_id: int, settings: Document, parameters: dict[str, str]) -> Document:
        run_id = self._store.next_id()
        run: Document = {
            "job_id": job_id,
            "run_id": run_id,
            "run_name": settings.get("name") or settings.get("run_name") or "Untitled",
            "run_page_url": f"{self.base_url}/jobs/{job_id}/runs/{run_id}",
            "run_type": "JOB_RUN" if job_id else "SUBMIT_RUN",
            "trigger": "ONE_TIME",
            "format": "MULTI_TASK",
            "start_time": now(),
            "end_time": 0,
            "state": state("PENDING"),
            "job_parameters": [{"name": name, "value": value} for name, value in parameters.items()],
            "tasks": [],
            "repair_history": [],
            "private": {"settings": settings},
        }
        self._runs[run_id] = run
        return run

    def _active(self, job_id: int) -> list[Document]:
        waiting = ("QUEUED",)
        runs = (r for r in self._runs.values() if r["job_id"] == job_id and not is_over(r))
        return [r for r in runs if r["state"]["life_cycle_state"] not in waiting]

    def _start(self, run: Document, keys: list[str] | None = None) -> None:
        run["state"] = state("PENDING", message="Waiting for compute")
        self._save(run)
        self._going[run["run_id"]] = asyncio.create_task(self._drive(run, keys))

    async def _drive(self, run: Document, keys: list[str] | None) -> None:
        """Run the tasks to their end, whatever it is."""
        settings = run["private"]["settings"]
        try:
            async with asyncio.timeout(settings.get("timeout_seconds") or None):
                run["state"] = state("RUNNING", message="In run")
                failed = await self._tasks.run(run, settings, keys, self._save)
            if failed:
                self._end(run, "INTERNAL_ERROR", "FAILED", failed)
            else:
                self._end(run, "TERMINATED", "SUCCESS", "")
        except TimeoutError:
            self._end(run, "TERMINATED", "TIMEDOUT", f"Run timed out after {settings['timeout_seconds']} seconds.")
        except asyncio.CancelledError:
            if self._closing:
                raise
            self._end(run, "TERMINATED", "CANCELED", "Run cancelled.")
        except Exception as error:  # a fault of this server must end the run, not leave it running
            self._end(run, "INTERNAL_ERROR", "FAILED", f"Internal error of the workspace: {error!r}")
        finally:
            self._going.pop(run["run_id"], None)
            if not self._closing:
                self._wake(run["job_id"])

    def _end(self, run: Document, life_cycle: str, result: str, message: str) -> None:
        run["state"] = state(life_cycle, result, message, by_user=result in {"CANCELED", "TIMEDOUT"})
        run["end_time"] = now()
        run["run_duration"] = run["end_time"] - run["start_time"]
        for task in run["tasks"]:
            if not is_over(task):
                task["state"] = state("TERMINATED", result, message, by_user=result in {"CANCELED", "TIMEDOUT"})
                task["end_time"] = now()
        if run["repair_history"]:
            run["repair_history"][-1] |= {"state": run["state"], "end_time": run["end_time"]}
        self._save(run)

    def _wake(self, job_id: int) -> None:
        """Start the oldest queued runs of a job, as many as its limit has room for."""
        queued = [
            r for r in self._runs.values() if r["job_id"] == job_id and r["state"]["life_cycle_state"] == "QUEUED"
        ]
        for run in sorted(queued, key=lambda r: r["run_id"]):
            if len(self._active(job_id)) >= run["private"]["settings"].get("max_concurrent_runs", 1):
                return
            self._start(run)

    def cancel(self, run_id: int) -> None:
        """Begin to end a run; one that is over stays as it is."""
        run = self.get(run_id)
        if is_over(run):
            return
        going = self._going.get(run["run_id"])
        if going is None:
            self._end(run, "TERMINATED", "CANCELED", "Run cancelled.")
            return
        run["state"] = state("TERMINATING", message="Run is being cancelled.")
        self._save(run)
        going.cancel()

    def cancel_all(self, job_id: int | None, queued_too: bool, may: Callable[[Document], bool]) -> None:
        """Cancel a job's active runs (every job's, when none is named), of those that may be cancelled."""
        for run in self._runs.values():
            queued = run["state"]["life_cycle_state"] == "QUEUED"
            asked = (job_id is None or run["job_id"] == job_id) and not is_over(run) and (queued_too or not queued)
            if asked and may(run):
                self.cancel(run["run_id"])

    def delete(self, run_id: int) -> None:
        """Forget a run that is over."""
        run = self.get(run_id)
        if not is_over(run):
            raise ApiError(400, "INVALID_STATE", f"Run {run_id} is active: cancel it before deleting it.")
        for task in run["tasks"]:
            self._store.delete("outputs", task["run_id"])
        self._store.delete("runs", run["run_id"])
        del self._runs[run["run_id"]]

    def repair(self, run_id: int, request: Document) -> int:
        """Run the named, or all failed, tasks of a run again, with the job's settings of today."""
        run = self.get(run_id)
        if not is_over(run):
            raise ApiError(400, "INVALID_STATE", f"Run {run_id} is active: only a run that is over can be repaired.")
        history = run["repair_history"]
        latest = history[-1]["id"] if len(history) > 1 else None
        given = request.get("latest_repair_id")
        if latest is not None and int(given or 0) != latest:
            raise invalid(f"latest_repair_id must be {latest}, the last repair of run {run_id}; it is {given}.")
        if run["job_id"]:
            run["private"]["settings"] = self._jobs.get(run["job_id"])
        settings = run["private"]["settings"]
        if request.get("job_parameters"):
            run["job_parameters"] = [
                {"name": name, "value": value} for name, value in _parameters(settings, request).items()
            ]
        keys = self._tasks.to_repair(run, settings, request)
        if not history:
            history.append({"type": "ORIGINAL", "start_time": run["start_time"], "end_time": run["end_time"]})
            history[0] |= {"state": run["state"], "task_run_ids": [task["run_id"] for task in run["tasks"]]}
        repair: Document = {"id": self._store.next_id(), "type": "REPAIR", "start_time": now(), "end_time": 0}
        history.append(repair)
        self._start(run, keys)
        return int(repair["id"])

    def history(self, run: Document) -> list[Document]:
        """The original run and its repairs."""
        original = {key: run[key] for key in ("start_time", "end_time", "state")} | {"type": "ORIGINAL"}
        return run["repair_history"] or [{**original, "task_run_ids": [task["run_id"] for task in run["tasks"]]}]

    def _save(self, run: Document) -> None:
        self._store.put("runs", run["run_id"], run)


def _parameters(settings: Document, request: Document) -> dict[str, str]:
    """The job's parameters for this run: the request's over the defaults, every name declared, every value text."""
    declared = {p["name"]: str(p.get("default", "")) for p in settings.get("parameters", [])}
    given = request.get("job_parameters") or {}
    if given and request.get("notebook_params"):
        raise invalid("job_parameters cannot be used together with notebook_params.")
    given = given or request.get("notebook_params") or {}
    if len(json.dumps(request.get("notebook_params") or {}).encode()) > _LARGEST_NOTEBOOK_PARAMS:
        raise invalid(f"notebook_params cannot exceed {_LARGEST_NOTEBOOK_PARAMS:,} bytes as JSON.")
    if not isinstance(given, dict):
        raise invalid("job_parameters must be an object of names and text values.")
    unknown = set(given) - set(declared)
    if declared and unknown:
        raise invalid(f"The job declares no parameter {', '.join(sorted(unknown))}: it has {', '.join(declared)}.")
    return {**declared, **{name: str(value) for name, value in given.items()}}
