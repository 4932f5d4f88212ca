"""The jobs: those that the bundle deploys, and those made over the API."""

from __future__ import annotations

import zlib
from pathlib import Path

from local.databricks import bundle
from local.databricks.account import Principal
from local.databricks.errors import invalid, missing
from local.databricks.store import Document, Store


def _is(entry: Document, principal: Principal) -> bool:
    return principal.name in entry.values()


class Jobs:
    """Jobs by id. A bundle's file is read again when it has changed; API jobs are kept in the store."""

    def __init__(self, store: Store, root: Path | None, target: str, deployer: Principal) -> None:
        self._store, self._bundle, self._target, self._deployer = store, root, target, deployer
        self._seen: tuple[tuple[str, int], ...] = ()
        self._jobs: dict[int, Document] = {}

    def _bundled(self) -> dict[int, Document]:
        if self._bundle is None:
            return {}
        seen = tuple((str(f), f.stat().st_mtime_ns) for f in sorted(self._bundle.rglob("*.yml")))
        if seen != self._seen:
            loaded = bundle.load(self._bundle, self._target).jobs
            self._jobs = {zlib.crc32(f"{self._target}/{key}".encode()): value for key, value in loaded.items()}
            self._seen = seen
            for job_id, settings in self._jobs.items():  # a deployment writes the list whole
                given = settings.pop("permissions")
                self.let(job_id, [*self._owned(self._deployer), *(e for e in given if not _is(e, self._deployer))])
        return self._jobs

    @staticmethod
    def _owned(owner: Principal) -> list[Document]:
        kind = "service_principal_name" if owner.is_service else "user_name"
        return [{kind: owner.name, "permission_level": "IS_OWNER"}]

    def access(self, job_id: int) -> list[Document]:
        """Who may do what with a job."""
        found: list[Document] = (self._store.get("job_access", job_id) or {"entries": []})["entries"]
        return found

    def owner(self, job_id: int) -> str:
        """Whose job it is."""
        owners = [entry for entry in self.access(job_id) if entry["permission_level"] == "IS_OWNER"]
        return next((value for key, value in owners[0].items() if key != "permission_level"), "") if owners else ""

    def runs_as(self, job_id: int) -> str:
        """Whose rights its runs have: its owner's where nobody else is named."""
        named = self.get(job_id).get("run_as") or {}
        return next(iter(named.values()), "") or self.owner(job_id)

    def let(self, job_id: int, entries: list[Document]) -> None:
        """Write who may do what with a job."""
        self._store.put("job_access", job_id, {"entries": entries})

    def all(self) -> dict[int, Document]:
        """Every job's settings by id; what the API reset or updated stands over the bundle's."""
        return {**self._bundled(), **{job["job_id"]: job["settings"] for job in self._store.all("jobs")}}

    def get(self, job_id: int) -> Document:
        """One job's settings."""
        jobs = self.all()
        if job_id not in jobs:
            raise missing("INVALID_PARAMETER_VALUE", f"Job {job_id} does not exist.")
        return jobs[job_id]

    def create(self, settings: Document, owner: Principal) -> int:
        """Keep a new job."""
        job_id = self._store.next_id()
        given = settings.pop("access_control_list", None) or []
        self.let(job_id, [*self._owned(owner), *given])
        self.reset(job_id, settings)
        return job_id

    def reset(self, job_id: int, settings: Document) -> None:
        """Replace a job's settings whole."""
        if not isinstance(settings, dict):
            raise invalid("new_settings must be an object.")
        body = {"job_id": job_id, "settings": {"name": "Untitled", **settings}}
        self._store.put("jobs", job_id, body)

    def update(self, job_id: int, settings: Document, removed: list[str]) -> None:
        """Replace the named top-level settings of a job."""
        merged = {**self.get(job_id), **settings}
        self.reset(job_id, {key: value for key, value in merged.items() if key not in removed})

    def delete(self, job_id: int) -> None:
        """Forget a job that the API made."""
        self.get(job_id)
        self._store.delete("jobs", job_id)
        self._store.delete("job_access", job_id)
