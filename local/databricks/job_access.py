"""Who may see, run and change which job: its owner, its access list and the workspace's admins."""

from __future__ import annotations

from starlette.routing import Route

from local.databricks import access_list
from local.databricks.access_list import MANAGE, OWNER
from local.databricks.account import Account, Principal
from local.databricks.errors import denied, invalid, missing
from local.databricks.jobs import Jobs
from local.databricks.store import Document
from local.databricks.web import Parameters, caller, integer, route

VIEW, RUN = "CAN_VIEW", "CAN_MANAGE_RUN"
_LEVELS = (VIEW, RUN, MANAGE, OWNER)  # each has the rights of those before it
_DESCRIBED = {
    VIEW: "Can view job and run results",
    RUN: "Can view, run and cancel the job",
    MANAGE: "Can view, run, cancel and change the job, and give permissions on it",
    OWNER: "Is owner of the job",
}
# The service names everyone who may, in no order that it keeps.
_WHO = {
    VIEW: "User {} does not have View or Admin or Manage Run or Owner permissions on job {}",
    RUN: "User {} does not have Manage Run or Owner or Admin permissions on job {}",
    MANAGE: "User {} does not have Admin or Owner permissions on job {}",
}


class JobAccess:
    """Handlers of /api/2.0/permissions/jobs, and the checks of all calls about jobs and runs."""

    def __init__(self, jobs: Jobs, account: Account) -> None:
        self._jobs, self._account = jobs, account

    def routes(self) -> list[Route]:
        """Every route."""
        at = "permissions/jobs/{job_id}"
        return [
            route("GET", at, self.get),
            route("PUT", at, self.replace),
            route("PATCH", at, self.change),
            route("GET", f"{at}/permissionLevels", self.levels),
        ]

    def may(self, who: Principal, level: str, job_id: int) -> bool:
        """Whether somebody has this level, or one above it."""
        enough = _LEVELS[_LEVELS.index(level) :]
        return who.is_admin or any(
            entry["permission_level"] in enough and access_list.named(entry) in who.identities
            for entry in self._jobs.access(job_id)
        )

    def check(self, level: str, job_id: int) -> None:
        """Refuse the caller who has less; a job that is not there is told to admins only."""
        if not self.may(caller(), level, job_id):
            raise denied(_WHO[level].format(caller().name, job_id))

    def check_run(self, level: str, run: Document) -> None:
        """The same for a run; one that is no job's belongs to who submitted it."""
        if not self.may_with(level, run):
            raise denied(_WHO[level].format(caller().name, run["job_id"]))

    def may_with(self, level: str, run: Document) -> bool:
        """Whether the caller has this level with a run."""
        if run["job_id"]:
            return self.may(caller(), level, run["job_id"])
        return caller().is_admin or run["creator_user_name"] == caller().name

    async def get(self, given: Parameters) -> Document:
        """The access list of a job."""
        return self._told(self._managed(given))

    async def replace(self, given: Parameters) -> Document:
        """Put a list in the place of the one that is there."""
        job_id = self._managed(given)
        return self._keep(job_id, self._asked(given))

    async def change(self, given: Parameters) -> Document:
        """Give the principals of a list their levels; others keep theirs."""
        job_id = self._managed(given)
        return self._keep(job_id, access_list.changed(self._jobs.access(job_id), self._asked(given)))

    async def levels(self, given: Parameters) -> Document:
        """What there is to give."""
        self._managed(given)
        return {"permission_levels": [{"permission_level": name, "description": _DESCRIBED[name]} for name in _LEVELS]}

    def _managed(self, given: Parameters) -> int:
        job_id = integer(given, "job_id")
        if job_id not in self._jobs.all():
            raise missing("RESOURCE_DOES_NOT_EXIST", f"Job {job_id} does not exist.")
        if not self.may(caller(), MANAGE, job_id):
            raise denied(
                f"{caller().name} does not have Manage permissions on Job with ID: ElasticJobId({job_id}). "
                f"Please contact the owner or an administrator for access."
            )
        return job_id

    def _keep(self, job_id: int, entries: list[Document]) -> Document:
        if sum(entry["permission_level"] == OWNER for entry in entries) != 1:
            raise invalid("The job must have exactly one owner.")
        self._jobs.let(job_id, entries)
        return self._told(job_id)

    def _asked(self, given: Parameters) -> list[Document]:
        return access_list.asked(given, _LEVELS, "Job", self._account)

    def _told(self, job_id: int) -> Document:
        return access_list.told(f"/jobs/{job_id}", "job", self._jobs.access(job_id), self._account)
