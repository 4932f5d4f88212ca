"""The committed configuration fits together, and each rule is broken once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts import configuration
from terraform.lock import FILE, locked
from terraform.root import environments

ROOT = Path(__file__).parents[2]
HOME = "terraform/environments/staging"
VALUES = f"{HOME}/environment.tfvars"
MWAA = "    mwaa = {\n"


def given(line: str, said: str) -> tuple[str, str, str, str]:
    """A line more for the stack mwaa, and what is said of it."""
    return VALUES, MWAA, f"{MWAA}{line}\n", said


BROKEN = {
    "environment": (VALUES, '"staging"', '"stage"', "environment is 'stage'"),
    "bucket": (f"{HOME}/state.tfbackend", "staging-terraform-state", "dev-terraform-state", "bucket is 'anthill-dev"),
    "region": (f"{HOME}/state.tfbackend", "us-east-1", "eu-west-1", "region is 'eu-west-1'"),
    "account": (VALUES, "222222222222", "111111111111", "account_id is that of dev"),
    "key's account": (VALUES, ":222222222222:", ":333333333333:", "state_kms_key_arn is of another account"),
    "repository": (
        VALUES,
        '"anthill/anthill"',
        '"anthill/other"',
        "repository is 'anthill/anthill', and 'anthill/other'",
    ),
    "cidr": (VALUES, 'cidr   = "10.', 'cidr   = "10.20.0.0/16" # 10.', "overlaps that of dev"),
    "zones": (VALUES, "us-east-1a", "us-west-2a", "us-west-2a are not in us-east-1"),
    "target": ("databricks/databricks.yml", "  staging:", "  stage:", "there is no target staging"),
    "mode": ("databricks/databricks.yml", "mode: production", "mode: development", "mode must be production"),
    "tag": (
        "databricks/databricks.yml",
        "environment: staging",
        "environment: dev",
        "presets.tags.environment is 'dev'",
    ),
    "catalog": (
        "databricks/databricks.yml",
        "${bundle.target}\n  deployer",
        "main\n  deployer",
        "writes to the catalog 'main'",
    ),
    "jobs' principal": (
        "databricks/databricks.yml",
        "    run_as:\n      service_principal_name: ${var.run_as}",
        "    run_as:\n      service_principal_name: ${var.deployer}",
        "targets.staging.run_as is {'service_principal_name': '${var.deployer}'}",
    ),
    "a job's own principal": (
        "databricks/resources/gold.yml",
        "      name: anthill-gold\n",
        "      name: anthill-gold\n      run_as: {user_name: anna@example.com}\n",
        "jobs.gold.run_as is {'user_name': 'anna@example.com'}: no policy exempts it",
    ),
    "the bundle's principal": (
        ".github/repository.yaml",
        "application_ids.pipeline",
        "application_ids.bundle",
        "whom Airflow signs in as, pipeline",
    ),
    "Airflow's principal": (
        "terraform/platform_development/mwaa/main.tf",
        "application_ids.pipeline",
        "application_ids.bundle",
        "whom Airflow signs in as, bundle",
    ),
    "option": given('airflow_options = { "anthill.bucket" = "x" }', "anthill.bucket, which nothing reads"),
    "own option": given('airflow_options = { "anthill.catalog" = "x" }', "which the stack sets itself"),
    "slots": given('airflow_options = { "anthill.pool_slots" = "9" }', "gives the pool 4 slots"),
    "prefix": given('job_prefix = "dev "', "job_prefix is 'dev '"),
    "auth": given('databricks_auth = "secret"', "databricks_auth differs"),
    "connections": given('connections = ["other"]', "connections lacks polygon_default"),
    "group": ("include/grants/shared.yaml", "analysts: [", "analytics: [", "analytics are no groups"),
    "maker": (VALUES, 'makers = ["data_engineers", ', 'makers = ["engineers", ', "engineers are no groups"),
    "bronze": (VALUES, 'bronze_readers = ["', 'bronze_readers = ["data_", "', "data_ are no groups"),
}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of everything that is compared."""
    for folder in ("terraform", "databricks", "include/grants", "plugins/anthill"):
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("stacks", "tests", "__pycache__")
        )
    shutil.copy(ROOT / "include/pools.json", tmp_path / "include")
    shutil.copytree(ROOT / ".github/workflows", tmp_path / ".github/workflows")
    shutil.copy(ROOT / ".github/repository.yaml", tmp_path / ".github")
    return tmp_path


@pytest.mark.parametrize("environment", environments())
def test_the_committed_configuration_fits(environment: str) -> None:
    """Each environment's, with nothing to correct."""
    assert list(configuration.problems(environment)) == []


@pytest.mark.parametrize("case", BROKEN)
def test_what_does_not_fit_is_named(tree: Path, case: str) -> None:
    """A file changed in one place: the message names what is wrong there."""
    name, before, after, said = BROKEN[case]
    file = tree / name
    assert before in file.read_text()
    text = file.read_text()
    file.write_text(text.replace(before, after, 1 if case in ("cidr", "zones", "repository") else -1))
    found = list(configuration.problems("staging", tree))
    assert any(said in line for line in found), found


@pytest.mark.parametrize(
    ("kind", "name", "refused"),
    [
        ("catalog", "{catalog}", True),
        ("schema", "{catalog}.sandbox", True),
        ("external_location", "anthill-staging-bronze", True),
        ("schema", "{catalog}.gold", False),
        ("table", "{catalog}.gold.dim_date", False),
    ],
)
def test_a_thing_has_one_writer(tree: Path, kind: str, name: str, refused: bool) -> None:
    """What Terraform grants (catalog, people's schemas, locations) is refused in include/grants, with its line."""
    right = {"catalog": "USE_CATALOG", "schema": "USE_SCHEMA", "table": "SELECT"}.get(kind, "READ_FILES")
    text = f'securables:\n  - type: {kind}\n    name: "{name}"\n    grants: {{analysts: [{right}]}}\n'
    (tree / "include/grants/forex.yaml").write_text(text)
    full = name.replace("{catalog}", "staging")
    said = f"{tree}/include/grants/forex.yaml:3: Terraform grants the {kind} {full}: say it there, and remove it here"
    assert list(configuration.problems("staging", tree)) == ([said] if refused else [])


def test_placeholders_are_no_deployment(capsys: pytest.CaptureFixture[str]) -> None:
    """What is published here is nobody's: a check passes, a deployment does not begin, and each place is named."""
    assert configuration.main(["--environment", "dev"]) == 0
    assert configuration.main(["--environment", "dev", "--deployable"]) == 1
    err = capsys.readouterr().err
    assert "terraform/environments/dev/environment.tfvars:4: 111111111111 is a placeholder" in err
    assert "data-platform@example.com" in err
    unlocked = [str((folder / FILE).relative_to(ROOT)) for folder in locked() if not (folder / FILE).exists()]
    assert [line.split()[0] for line in err.splitlines() if FILE in line] == unlocked


def test_a_fork_cannot_deploy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The roles trust one repository: a workflow in another says so before it tries."""
    monkeypatch.setenv("GITHUB_REPOSITORY", "somebody/anthill")
    assert any("'somebody/anthill' is what fits" in line for line in configuration.problems("dev"))
