"""The bundle's own jobs: as the target deploys them, read again when they change, refused when they are wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
import yaml

from anthill import catalog, settings
from local.databricks.bundle import BundleError, load
from tests.local.databricks.workspace import ACCOUNT, ROOT, Workspace

BUNDLE = ROOT / "databricks"
TARGETS = sorted(msgspec.yaml.decode((BUNDLE / "databricks.yml").read_text())["targets"])


def test_targets() -> None:
    """The bundle has a shared target for each environment, and a personal one that is the default."""
    targets = msgspec.yaml.decode((BUNDLE / "databricks.yml").read_text())["targets"]
    assert {name: target["mode"] for name, target in targets.items()} == {
        "personal": "development",
        "dev": "production",
        "staging": "production",
        "prod": "production",
    }
    assert [name for name, target in targets.items() if target.get("default")] == ["personal"]


RANGE = ["catalog", "asset_class", "market_date_from", "market_date_to"]
MORE = {
    "silver": [*RANGE, "manifest", "sandbox"],
    "quality": [*RANGE, "datasets", "sandbox"],
    "reconcile": [*RANGE, "sandbox"],
    "gold": [*RANGE, "sandbox"],
    "as_of": [*RANGE, "manifest", "as_of"],
    "erasure": ["catalog", "asset_class", "plan"],
    "metrics": ["catalog"],
    "models": ["catalog", "action", "market_date_from", "market_date_to", "version", "model", "experiment"],
    "postgres_silver": [*RANGE, "manifest", "sandbox"],
    "postgres_quality": [*RANGE, "datasets", "sandbox"],
    "postgres_gold": [*RANGE, "sandbox"],
    "smoke": ["catalog", "digest"],
}
AT_ONCE = {"smoke", "postgres_silver", "postgres_quality", "postgres_gold"}  # that somebody waits for


@pytest.mark.parametrize("target", TARGETS)
def test_committed_jobs(target: str) -> None:
    """Each target deploys its jobs: one writer a table, queued, limited in time, notebooks that exist."""
    jobs = load(BUNDLE, target).jobs
    prefix = "[dev local] " if target == "personal" else ""
    names = {key: f"{prefix}anthill-{key.replace('postgres_', 'postgres-')}" for key in MORE}
    assert {key: job["name"] for key, job in jobs.items()} == names
    for key, job in jobs.items():
        assert job["performance_target"] == ("PERFORMANCE_OPTIMIZED" if key in AT_ONCE else "STANDARD")
        assert job["budget_policy_id"] == "policy"
        assert [p["name"] for p in job["parameters"]] == MORE[key]
        given = {p["name"]: p["default"] for p in job["parameters"]}
        assert given.get("sandbox", "local") == (
            "local" if target == "personal" else "" if "sandbox" in given else "local"
        )
        assert job["parameters"][0]["default"] == ("dev" if target == "personal" else target)
        assert (job["max_concurrent_runs"], job["queue"]) == (1, {"enabled": True})
        assert job["timeout_seconds"] > 0
        (task,) = job["tasks"]
        assert (
            Path(task["notebook_task"]["notebook_path"]) == BUNDLE / "notebooks" / f"{key.removeprefix('postgres_')}.py"
        )
        (environment,) = job["environments"]
        assert task["environment_key"] == environment["environment_key"]
        assert (BUNDLE / "resources" / environment["spec"]["dependencies"][0]).parent.resolve() == ROOT / "dist"


def test_file_is_read_again_when_it_changes(own_workspace: Workspace) -> None:
    """A new resource file is a job at the next call, with the prefix of a development target."""
    bundle = own_workspace.folder / "bundle"
    (bundle / "resources").mkdir(parents=True)
    runner = {"service_principal_name": ACCOUNT.role("pipeline").name, "level": "CAN_RUN"}
    dev = {"mode": "development", "permissions": [runner]}
    text = yaml.safe_dump({"bundle": {"name": "b"}, "include": ["resources/*.yml"], "targets": {"dev": dev}})
    (bundle / "databricks.yml").write_text(text)
    own_workspace.options = ["--bundle", str(bundle)]
    own_workspace.start()
    assert own_workspace.call("GET", "2.2/jobs/list") == {}
    own_workspace.notebook("hello", "dbutils.notebook.exit('hello')")
    task = {"task_key": "t", "notebook_task": {"notebook_path": "../../notebooks/hello.py"}}
    job = {"resources": {"jobs": {"hello": {"name": "hello-${bundle.target}", "tasks": [task]}}}}
    (bundle / "resources" / "hello.yml").write_text(yaml.safe_dump(job))
    (found,) = own_workspace.call("GET", "2.2/jobs/list", name="[dev local] hello-dev")["jobs"]
    run = own_workspace.wait(own_workspace.run_now(found["job_id"]))
    assert own_workspace.output(run)["notebook_output"]["result"] == "hello"


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes with a deployment, as the CLI takes it."""
    for name, value in {"BUNDLE_VAR_budget_policy": "policy", **ACCOUNT.variables}.items():
        monkeypatch.setenv(name, value)


WRONG = {
    "unknown reference": (
        "resources/gold.yml",
        "anthill-gold",
        "${var.gold}",
        r"gold\.yml: \$\{var\.gold\} has no value",
    ),
    "twice": ("resources/gold.yml", "    gold:", "    silver:", r"silver\.yml: the job 'silver' is declared twice"),
    "not YAML": ("resources/gold.yml", "resources:", "resources: [", r"gold\.yml cannot be read"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_bundle_is_named(tmp_path: Path, case: str) -> None:
    """A bundle that cannot be deployed is refused with its file."""
    file, old, new, message = WRONG[case]
    shutil.copytree(BUNDLE, tmp_path / "databricks")
    changed = tmp_path / "databricks" / file
    changed.write_text(changed.read_text().replace(old, new))
    with pytest.raises(BundleError, match=message):
        load(tmp_path / "databricks", "dev")


def test_unknown_target_is_named() -> None:
    """A target that is not there is told with those that are."""
    with pytest.raises(BundleError, match="no target 'test': it has personal, dev, prod, staging"):
        load(BUNDLE, "test")


def test_job_over_the_api(workspace: Workspace) -> None:
    """A job is created, changed in part, replaced whole, and deleted."""
    path = workspace.notebook("quick", "pass")
    job = workspace.job("api", path, timeout_seconds=5)
    workspace.call("POST", "2.2/jobs/update", job_id=job, new_settings={"timeout_seconds": 9})
    settings = workspace.call("GET", "2.2/jobs/get", job_id=job)["settings"]
    assert (settings["name"], settings["timeout_seconds"]) == ("api", 9)
    task = {"task_key": "main", "notebook_task": {"notebook_path": path}}
    workspace.call("POST", "2.2/jobs/reset", job_id=job, new_settings={"name": "reset", "tasks": [task]})
    assert "timeout_seconds" not in workspace.call("GET", "2.2/jobs/get", job_id=job)["settings"]
    workspace.call("POST", "2.2/jobs/delete", job_id=job)
    assert "does not exist" in workspace.call("GET", "2.2/jobs/get", status=404, by="terraform", job_id=job)["message"]


def test_every_queue_has_the_jobs_that_a_cut_starts() -> None:
    """Of each kind of source whose gold is due within the hour, and of no other."""
    queues = {catalog.load(name).queue for name in catalog.asset_classes()} - {""}
    assert queues == {"postgres"}
    wanted = {settings.job_name(job, queue) for queue in queues for job in ("silver", "quality", "gold")}
    assert {job["name"] for key, job in load(BUNDLE, "dev").jobs.items() if key in AT_ONCE - {"smoke"}} == wanted
