"""The workspace put together: one Starlette application."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware

from local.databricks import account, bundle, models
from local.databricks.account import Account
from local.databricks.audit import Audit
from local.databricks.credentials import Credentials
from local.databricks.external_lineage_api import ExternalLineageApi
from local.databricks.external_metadata_api import ExternalMetadataApi
from local.databricks.faults import Faults
from local.databricks.functions_api import FunctionsApi
from local.databricks.job_access import JobAccess
from local.databricks.jobs import Jobs
from local.databricks.jobs_api import JobsApi
from local.databricks.kernel import Kernels
from local.databricks.lakehouse import Lakehouse
from local.databricks.links import Links
from local.databricks.pages import Pages
from local.databricks.permissions_api import PermissionsApi
from local.databricks.policies import Policies
from local.databricks.policies_api import PoliciesApi
from local.databricks.recipients_api import RecipientsApi
from local.databricks.results import Results
from local.databricks.rights import Rights
from local.databricks.runs import Runs
from local.databricks.scim_api import ScimApi
from local.databricks.securables import Securables
from local.databricks.shares_api import SharesApi
from local.databricks.sharing import Sharing
from local.databricks.statements import Statements
from local.databricks.store import Store
from local.databricks.tags_api import TagsApi
from local.databricks.tasks import Tasks
from local.databricks.unity_catalog import UnityCatalog
from local.databricks.warehouse import Warehouse
from local.databricks.web import Authentication, unknown
from local.databricks.workspace_api import WorkspaceApi


@dataclass(frozen=True)
class Settings:
    """What a workspace is started with."""

    state: Path
    base_url: str
    account: Path = account.FILE
    catalog: str = "dev"
    schemas: dict[str, str] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)
    bundle: Path | None = None
    target: str = "dev"
    s3_endpoint: str | None = None
    python_path: tuple[str, ...] = ()
    kernels: int = 2
    faults: Path | None = None


def build(settings: Settings) -> Starlette:
    """The application; raises BundleError when the bundle cannot be deployed."""
    store, known = Store(settings.state), Account(settings.account)
    made = {schema["name"]: schema["storage_location"] for schema in store.all("schemas")}
    lakehouse = Lakehouse(settings.catalog, {**settings.schemas, **made}, settings.s3_endpoint, settings.locations)
    kernels = Kernels(settings.kernels, lakehouse.environment)
    jobs = Jobs(store, settings.bundle, settings.target, known.role("bundle"))
    access = JobAccess(jobs, known)
    jobs.all()
    policies = Policies(store, lakehouse)
    audit = Audit(store, settings.state / "audit", known.audit_readers)
    rights = Rights(store, lakehouse, known, policies)
    if settings.bundle is not None:
        models.deploy(bundle.load(settings.bundle, settings.target), store, rights, known.role("bundle"))
    tasks = Tasks(store, kernels, lakehouse, rights, list(settings.python_path))
    runs = Runs(store, jobs, tasks, settings.base_url)
    links = Links(_key_of_links(store), settings.base_url)
    results = Results(settings.state / "results", links)
    warehouse, securables = Warehouse(store, known), Securables(store, lakehouse)
    lineage = ExternalLineageApi(store, rights, securables, audit)
    statements = Statements(store, kernels, lakehouse, rights, warehouse, results, audit)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        kernels.start()
        runs.recover()
        statements.recover()
        yield
        await runs.close()
        await statements.close()
        kernels.stop()
        store.close()

    routes = [
        *JobsApi(store, jobs, runs, access).routes(),
        *access.routes(),
        *WorkspaceApi(settings.bundle).routes(),
        *ScimApi(known).routes(),
        *warehouse.routes(),
        *statements.routes(),
        *Credentials(lakehouse, rights, policies).routes(),
        *PermissionsApi(lakehouse, known, rights, securables, audit).routes(),
        *PoliciesApi(store, known, rights, securables, audit).routes(),
        *TagsApi(store, rights, securables, audit).routes(),
        *FunctionsApi(store, rights, securables, audit).routes(),
        *lineage.routes(),
        *ExternalMetadataApi(store, rights, lineage, audit).routes(),
        *SharesApi(store, lakehouse, rights, policies, audit).routes(),
        *RecipientsApi(store, rights, audit, settings.base_url).routes(),
        *Sharing(store, lakehouse, links).routes(),
        *UnityCatalog(store, lakehouse, rights, securables, audit).routes(),
        *Pages(store, runs, jobs, lakehouse, access).routes(),
    ]
    middleware = [Middleware(Authentication, account=known)]
    if settings.faults is not None:
        middleware.append(Middleware(Faults, file=settings.faults))
    handlers = {404: unknown, 405: unknown}
    return Starlette(routes=routes, middleware=middleware, exception_handlers=handlers, lifespan=lifespan)


def _key_of_links(store: Store) -> bytes:
    """What signs the links to results: made once a workspace, or a link would not outlive a restart."""
    if (kept := store.get("keys", "links")) is None:
        kept = {"key": secrets.token_hex(32)}
        store.put("keys", "links", kept)
    return bytes.fromhex(kept["key"])
