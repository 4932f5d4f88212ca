"""The Jobs REST calls: jobs and runs."""

from __future__ import annotations

from starlette.routing import Route

from local.databricks import run_status
from local.databricks.errors import missing
from local.databricks.job_access import MANAGE, RUN, VIEW, JobAccess
from local.databricks.jobs import Jobs
from local.databricks.runs import Runs
from local.databricks.store import Document, Store
from local.databricks.tasks import check, is_over
from local.databricks.web import Parameters, caller, flag, integer, page, route


class JobsApi:
    """Handlers of /api/2.x/jobs."""

    def __init__(self, store: Store, jobs: Jobs, runs: Runs, access: JobAccess) -> None:
        self._store, self._jobs, self._runs, self._access = store, jobs, runs, access

    def routes(self) -> list[Route]:
        """Every route."""
        return [
            route("GET", "jobs/list", self.list_jobs),
            route("GET", "jobs/get", self.get_job),
            route("POST", "jobs/create", self.create),
            route("POST", "jobs/reset", self.reset),
            route("POST", "jobs/update", self.update),
            route("POST", "jobs/delete", self.delete),
            route("POST", "jobs/run-now", self.run_now),
            route("POST", "jobs/runs/submit", self.submit),
            route("GET", "jobs/runs/get", self.get_run),
            route("GET", "jobs/runs/get-output", self.get_output),
            route("GET", "jobs/runs/list", self.list_runs),
            route("POST", "jobs/runs/cancel", self.cancel),
            route("POST", "jobs/runs/cancel-all", self.cancel_all),
            route("POST", "jobs/runs/delete", self.delete_run),
            route("POST", "jobs/runs/repair", self.repair),
        ]

    async def list_jobs(self, given: Parameters) -> Document:
        """The jobs that the caller may see by id, those of one name when `name` is given."""
        name = given.get("name")
        jobs: list[Document] = [
            self._told(job_id, settings)
            for job_id, settings in sorted(self._jobs.all().items())
            if (not name or settings["name"].lower() == name.lower()) and self._access.may(caller(), VIEW, job_id)
        ]
        if not flag(given, "expand_tasks"):
            jobs = [{**job, "settings": _brief(job["settings"])} for job in jobs]
        shown, more = page(jobs, given, "limit", 20, 100)
        return {"jobs": shown, **more} if shown else more

    async def get_job(self, given: Parameters) -> Document:
        """One job."""
        job_id = integer(given, "job_id")
        self._access.check(VIEW, job_id)
        return self._told(job_id, self._jobs.get(job_id))

    def _told(self, job_id: int, settings: Document) -> Document:
        owner, runs_as = self._jobs.owner(job_id), self._jobs.runs_as(job_id)
        return {"job_id": job_id, "settings": settings, "creator_user_name": owner, "run_as_user_name": runs_as}

    async def create(self, given: Parameters) -> Document:
        """Keep a new job."""
        settings = _settings(given)
        check(settings)
        return {"job_id": self._jobs.create(settings, caller())}

    async def reset(self, given: Parameters) -> Document:
        """Replace a job's settings."""
        job_id = integer(given, "job_id")
        self._access.check(MANAGE, job_id)
        self._jobs.get(job_id)
        check(given.get("new_settings") or {})
        self._jobs.reset(job_id, given["new_settings"])
        return {}

    async def update(self, given: Parameters) -> Document:
        """Replace some of a job's settings."""
        fields = list(given.get("fields_to_remove") or [])
        self._access.check(MANAGE, integer(given, "job_id"))
        self._jobs.update(integer(given, "job_id"), given.get("new_settings") or {}, fields)
        return {}

    async def delete(self, given: Parameters) -> Document:
        """Forget a job."""
        self._access.check(MANAGE, integer(given, "job_id"))
        self._jobs.delete(integer(given, "job_id"))
        return {}

    async def run_now(self, given: Parameters) -> Document:
        """Start a run of a job."""
        job_id = integer(given, "job_id")
        self._access.check(RUN, job_id)
        settings = self._jobs.get(job_id)
        check(settings)
        run_id = self._runs.submit(job_id, settings, given, caller().name, self._jobs.runs_as(job_id))
        return {"run_id": run_id, "number_in_job": run_id}

    async def submit(self, given: Parameters) -> Document:
        """Start a run that is no job's."""
        settings = _settings(given)
        settings.pop("idempotency_token", None)
        if "notebook_task" in settings:  # the form of one task, without `tasks`
            settings["tasks"] = [{"task_key": "main", "notebook_task": settings.pop("notebook_task")}]
        check(settings)
        return {"run_id": self._runs.submit(0, settings, given, caller().name, caller().name)}

    async def get_run(self, given: Parameters) -> Document:
        """A run, or one task of it by its own id."""
        run_id = integer(given, "run_id")
        run = self._seen(run_id)
        if run["run_id"] != run_id:
            task = next(task for task in _public(run)["tasks"] if task["run_id"] == run_id)
            return {**_public(run), **task, "parent_run_id": run["run_id"], "tasks": [task]}
        found = _public(run)
        found["tasks"], more = page(found["tasks"], given, "limit", 100, 100)
        if flag(given, "include_history"):
            found["repair_history"] = self._runs.history(run)
        return {**found, **more}

    async def get_output(self, given: Parameters) -> Document:
        """What a task's run gave: its notebook's exit value, or its error."""
        run_id = integer(given, "run_id")
        run = self._seen(run_id)
        if run["run_id"] == run_id:
            if len(run["tasks"]) > 1:
                raise missing(
                    "INVALID_PARAMETER_VALUE",
                    "Retrieving the output of runs with multiple tasks is not "
                    "supported. Retrieve the output of each individual task run instead.",
                )
            run_id = run["tasks"][0]["run_id"] if run["tasks"] else run_id
        metadata = next((task for task in _public(run)["tasks"] if task["run_id"] == run_id), _public(run))
        output = self._store.get("outputs", run_id) or {}
        found: Document = {"metadata": {"job_id": run["job_id"], **metadata}}
        if "result" in output:
            found["notebook_output"] = {"result": output["result"], "truncated": output["truncated"]}
        elif is_over(run):
            found["notebook_output"] = {}
        if "error" in output:
            found |= {"error": output["error"], "error_trace": output.get("trace", "")}
        logs = "".join(cell.get("output", "") for cell in output.get("cells", []))
        return {**found, "logs": logs, "logs_truncated": False}

    async def list_runs(self, given: Parameters) -> Document:
        """Runs, the youngest first, of one job when `job_id` is given."""
        job_id = integer(given, "job_id", -1)
        active, completed = flag(given, "active_only"), flag(given, "completed_only")
        runs = [
            _public(run)
            for run in self._runs.all()
            if job_id in {-1, run["job_id"]}
            and self._access.may_with(VIEW, run)
            and not (active and is_over(run))
            and not (completed and not is_over(run))
        ]
        if not flag(given, "expand_tasks"):
            for run in runs:
                run.pop("tasks")
        shown, more = page(runs, given, "limit", 20, 25)
        return {"runs": shown, **more} if shown else more

    async def cancel(self, given: Parameters) -> Document:
        """Begin to end a run."""
        self._access.check_run(RUN, self._runs.get(integer(given, "run_id")))
        self._runs.cancel(integer(given, "run_id"))
        return {}

    async def cancel_all(self, given: Parameters) -> Document:
        """Begin to end the active runs of a job."""
        job_id = integer(given, "job_id") if given.get("job_id") else None
        if job_id is not None:
            self._access.check(RUN, job_id)
        queued_too = flag(given, "all_queued_runs") or job_id is not None
        self._runs.cancel_all(job_id, queued_too, lambda run: self._access.may_with(RUN, run))
        return {}

    async def delete_run(self, given: Parameters) -> Document:
        """Forget a run that is over."""
        self._access.check_run(MANAGE, self._runs.get(integer(given, "run_id")))
        self._runs.delete(integer(given, "run_id"))
        return {}

    async def repair(self, given: Parameters) -> Document:
        """Run failed tasks again."""
        self._access.check_run(RUN, self._runs.get(integer(given, "run_id")))
        return {"repair_id": self._runs.repair(integer(given, "run_id"), given)}

    def _seen(self, run_id: int) -> Document:
        """A run that the caller may see."""
        run = self._runs.get(run_id)
        self._access.check_run(VIEW, run)
        return run


def _settings(given: Parameters) -> Document:
    return {key: value for key, value in given.items() if key != "version"}


def _brief(settings: Document) -> Document:
    return {key: value for key, value in settings.items() if key not in {"tasks", "environments", "job_clusters"}}


def _public(run: Document) -> Document:
    """A run as clients see it, with the `status` of itself and of its tasks."""
    told = {key: value for key, value in run.items() if key not in {"private", "repair_history"}}
    tasks = [{**task, "status": run_status.of(task["state"])} for task in run["tasks"]]
    return {**told, "status": run_status.of(run["state"]), "tasks": tasks}
