"""The tasks of one run: in the order of `depends_on`, retried as declared, each attempt on a kernel of its own."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

from local.databricks import models
from local.databricks.errors import invalid
from local.databricks.kernel import KernelDied, Kernels
from local.databricks.lakehouse import Lakehouse, LakehouseError
from local.databricks.notebook import NotebookError, find
from local.databricks.rights import TELLS, Rights
from local.databricks.store import Document, Store

Save = Callable[[Document], None]
_FAILED = "Workload failed, see run output for details"
_OVER = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")
_REFERENCE = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_LARGEST_RESULT = 5 * 1024 * 1024
_SAVE_EVERY = 0.5


def now() -> int:
    """This moment in epoch milliseconds."""
    return int(time.time() * 1000)


def state(life_cycle: str, result: str = "", message: str = "", *, by_user: bool = False) -> Document:
    """A run's or a task's `state`; no result_state until it is over."""
    found = {"life_cycle_state": life_cycle, "state_message": message, "user_cancelled_or_timedout": by_user}
    return {**found, "result_state": result} if result else found


def is_over(run: Document) -> bool:
    """Whether a run or task has come to its end."""
    return run["state"]["life_cycle_state"] in _OVER


class Tasks:
    """Runs the tasks of runs."""

    def __init__(
        self, store: Store, kernels: Kernels, lakehouse: Lakehouse, rights: Rights, python_path: list[str]
    ) -> None:
        self._store, self._kernels, self._lakehouse, self._python_path = store, kernels, lakehouse, python_path
        self._rights = rights

    async def run(self, run: Document, settings: Document, keys: list[str] | None, save: Save) -> str:
        """Run the tasks named (all, by default); the message of what failed, empty when nothing did."""
        specs = {spec["task_key"]: spec for spec in settings["tasks"]}
        chosen = specs if keys is None else {key: specs[key] for key in keys}
        ended: dict[str, asyncio.Task[str]] = {}
        async with asyncio.TaskGroup() as group:
            for key in _in_order(chosen):
                ended[key] = group.create_task(self._task(run, chosen[key], ended, save))
        results = {task["task_key"]: task["state"]["result_state"] for task in run["tasks"]}
        upstream = {d["task_key"] for spec in specs.values() for d in spec.get("depends_on", [])}
        if all(results[key] == "SUCCESS" for key in specs if key not in upstream):
            return ""
        failed = [t for t in run["tasks"] if t["state"]["result_state"] in {"FAILED", "TIMEDOUT"}][-1]
        more = " This caused all downstream tasks to get skipped." if failed["task_key"] in upstream else ""
        return f"Task {failed['task_key']} failed with message: {failed['state']['state_message']}.{more}"

    async def _task(self, run: Document, spec: Document, ended: dict[str, asyncio.Task[str]], save: Save) -> str:
        """One task with its retries; its last result state."""
        needs = [d["task_key"] for d in spec.get("depends_on", [])]
        task = self._attempt(run, spec, 0, "BLOCKED" if needs else "PENDING")
        save(run)
        done = {t["task_key"]: t["state"].get("result_state", "") for t in run["tasks"]}
        results = [await ended[need] if need in ended else done.get(need, "") for need in needs]
        if not _may_run(spec.get("run_if", "ALL_SUCCESS"), results):
            task["state"] = state("TERMINATED", "UPSTREAM_FAILED", "Upstream task failed")
            task["end_time"] = now()
            save(run)
            return "UPSTREAM_FAILED"
        retries = int(spec.get("max_retries") or 0)
        number = 0
        while True:
            result = await self._attempted(run, spec, task, save)
            if result == "SUCCESS" or retries == number:
                return result
            if result == "TIMEDOUT" and not spec.get("retry_on_timeout"):
                return result
            number += 1
            task = self._attempt(run, spec, number, "WAITING_FOR_RETRY")
            save(run)
            await asyncio.sleep(int(spec.get("min_retry_interval_millis") or 0) / 1000)

    def _attempt(self, run: Document, spec: Document, number: int, life_cycle: str) -> Document:
        kept = (
            "task_key",
            "depends_on",
            "notebook_task",
            "max_retries",
            "timeout_seconds",
            "environment_key",
            "run_if",
        )
        task: Document = {
            **{key: spec[key] for key in kept if key in spec},
            "run_id": self._store.next_id(),
            "attempt_number": number,
            "start_time": now(),
            "end_time": 0,
            "state": state(life_cycle),
        }
        task["run_page_url"] = f"{run['run_page_url']}#{task['run_id']}"
        run["tasks"].append(task)
        return task

    async def _attempted(self, run: Document, spec: Document, task: Document, save: Save) -> str:
        """Run one attempt; its result state."""
        output: Document = {"run_id": task["run_id"], "cells": []}
        limit = int(spec.get("timeout_seconds") or 0) or None
        try:
            async with self._kernels.free, asyncio.timeout(limit):
                task["state"], task["start_time"] = state("RUNNING", message="In run"), now()
                save(run)
                job = await self._job(run, spec)
                await self._follow(job, run, task, output, save)
        except TimeoutError:
            task["state"] = state("TERMINATED", "TIMEDOUT", f"Run timed out after {limit} seconds", by_user=True)
        except (KernelDied, LakehouseError, NotebookError) as error:
            output["error"] = str(error)
        finally:
            self._store.put("outputs", task["run_id"], output)
        if not is_over(task):
            failed = "error" in output
            task["state"] = state("TERMINATED", *(("FAILED", _FAILED) if failed else ("SUCCESS", "")))
        task["end_time"] = now()
        task["execution_duration"] = task["end_time"] - task["start_time"]
        save(run)
        return str(task["state"]["result_state"])

    async def _job(self, run: Document, spec: Document) -> Document:
        given = {p["name"]: p["value"] for p in run["job_parameters"]}
        base = (spec["notebook_task"].get("base_parameters") or {}).items()
        values = {t["task_key"]: t.get("values", {}) for t in run["tasks"]}
        tables = await asyncio.to_thread(self._lakehouse.tables)
        return {
            "notebook": str(find(spec["notebook_task"]["notebook_path"])),
            "parameters": {**{k: _referred(str(v), run, spec, values) for k, v in base}, **given},
            "task_values": values,
            "mlflow": models.named(self._store, given.values()),
            "principal": self._rights.of_run(run["run_as_user_name"], tables),
            "tables": tables,
            "views": [view["statement"] for view in self._store.all("views")],
            "schemas": self._lakehouse.schemas,
            "locations": self._lakehouse.locations,
            "catalog": self._lakehouse.catalog,
            "python_path": self._python_path,
        }

    async def _follow(self, job: Document, run: Document, task: Document, output: Document, save: Save) -> None:
        """Write what the kernel tells into the task's output."""
        saved = 0.0
        async with aclosing(self._kernels.run(job)) as events:
            async for event in events:
                if event["event"] in TELLS:
                    self._rights.happened(event, run["run_as_user_name"])
                    continue
                match event.pop("event"):
                    case "cells":
                        output["cells"] = [{**cell, "output": ""} for cell in event["cells"]]
                    case "cell":
                        output["cells"][event["index"]] |= event
                    case "output":
                        shown = event.get("html") or event["text"]
                        kind = "html" if "html" in event else "output"
                        cell = output["cells"][event["cell"]] if output["cells"] else {}
                        cell[kind] = (cell.get(kind, "") + shown)[:_LARGEST_RESULT]
                    case "exit":
                        output["result"] = event["value"][:_LARGEST_RESULT]
                        output["truncated"] = len(event["value"]) > _LARGEST_RESULT
                    case "error":
                        output |= event
                    case "task_value":
                        task.setdefault("values", {})[event["key"]] = event["value"]
                        save(run)
                if time.monotonic() - saved > _SAVE_EVERY:
                    self._store.put("outputs", task["run_id"], output)
                    saved = time.monotonic()

    def to_repair(self, run: Document, settings: Document, request: Document) -> list[str]:
        """The keys of the tasks that a repair runs again, with those that depend on them."""
        known = [spec["task_key"] for spec in settings["tasks"]]
        latest = {task["task_key"]: task["state"].get("result_state") for task in run["tasks"]}
        keys = {str(key) for key in request.get("rerun_tasks") or []}
        if unknown := keys - set(known):
            raise invalid(f"rerun_tasks names {', '.join(sorted(unknown))}; the run has {', '.join(known)}.")
        if request.get("rerun_all_failed_tasks"):
            keys |= {key for key in known if latest.get(key) != "SUCCESS"}
        if not keys:
            raise invalid("There is nothing to repair: give rerun_tasks, or rerun_all_failed_tasks for a failed run.")
        while more := {
            spec["task_key"]
            for spec in settings["tasks"]
            if spec["task_key"] not in keys and keys & {d["task_key"] for d in spec.get("depends_on", [])}
        }:
            keys |= more
        return [key for key in known if key in keys]


def check(settings: Document) -> None:
    """Refuse tasks that cannot run here: no notebook, unknown or circular dependencies."""
    specs = {str(spec.get("task_key")): spec for spec in settings.get("tasks") or []}
    if not specs:
        raise invalid("tasks must have at least one task.")
    for key, spec in specs.items():
        if not (spec.get("notebook_task") or {}).get("notebook_path"):
            raise invalid(f"Task {key}: only notebook_task with a notebook_path runs here.")
        path = spec["notebook_task"]["notebook_path"]
        if not Path(path).is_absolute():
            raise invalid(f"Task {key}: notebook_path must be absolute, not {path!r}.")
        for needed in spec.get("depends_on", []):
            if needed["task_key"] not in specs:
                raise invalid(f"Task {key} depends on {needed['task_key']!r}, which is no task of the job.")
    if len(_in_order(specs)) < len(specs):
        raise invalid("The tasks depend on each other in a circle.")


def _in_order(specs: dict[str, Document]) -> list[str]:
    """The tasks, each after those it depends on; those in a circle are left out."""
    order: list[str] = []
    while ready := [
        key
        for key, spec in specs.items()
        if key not in order
        and all(d["task_key"] in order or d["task_key"] not in specs for d in spec.get("depends_on", []))
    ]:
        order += ready
    return order


def _may_run(condition: str, results: list[str]) -> bool:
    good = [result == "SUCCESS" for result in results]
    match condition:
        case "ALL_DONE":
            return True
        case "AT_LEAST_ONE_SUCCESS":
            return any(good) or not good
        case "ALL_FAILED":
            return not any(good)
        case "AT_LEAST_ONE_FAILED":
            return not all(good)
        case "NONE_FAILED":
            return not any(result in {"FAILED", "TIMEDOUT", "UPSTREAM_FAILED"} for result in results)
    return all(good)


def _referred(text: str, run: Document, spec: Document, values: dict[str, dict[str, Any]]) -> str:
    """A task parameter with its `{{job.…}}` and `{{tasks.….values.…}}` references filled in."""
    known = {"job.id": run["job_id"], "job.run_id": run["run_id"], "job.name": run["run_name"]}
    known |= {"task.name": spec["task_key"]}
    known |= {f"job.parameters.{p['name']}": p["value"] for p in run["job_parameters"]}
    known |= {f"tasks.{key}.values.{name}": v for key, found in values.items() for name, v in found.items()}
    return _REFERENCE.sub(lambda match: str(known.get(match[1], match[0])), text)
