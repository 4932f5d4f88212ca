"""States of before decision 39: what another stack has taken over is forgotten, and nothing of it is destroyed."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from terraform.providers import TREE, Providers

DATABRICKS = 'provider["registry.terraform.io/databricks/databricks"]'
ACCOUNT = f"{DATABRICKS}.account"
PROVIDERS = 'provider "databricks" {}\nprovider "databricks" {\n  alias = "account"\n}\n'
# The addresses as the states had them: stack, its file, module, and what was in it with a key of its instances.
FORMER: dict[str, tuple[str, str, list[tuple[str, str, str | int | None, str]]]] = {
    "innovation_development/compute": (
        "given_up.tf",
        "module.compute",
        [
            ("databricks_service_principal", "this", "pipeline", DATABRICKS),
            ("databricks_service_principal", "this", "bundle", DATABRICKS),
            ("databricks_service_principal_federation_policy", "this", "bundle", ACCOUNT),
            ("databricks_service_principal_secret", "this", "pipeline", ACCOUNT),
            ("databricks_access_control_rule_set", "pipeline", None, ACCOUNT),
        ],
    ),
    "platform_development/databricks": (
        "taken_over.tf",
        "module.databricks",
        [("databricks_metastore", "this", 0, ACCOUNT)],
    ),
}


def state(module: str, resources: list[tuple[str, str, str | int | None, str]]) -> dict[str, Any]:
    """A state file that holds these."""
    return {
        "version": 4,
        "terraform_version": "1.11.0",
        "serial": 1,
        "lineage": "00000000-0000-4000-8000-000000000000",
        "outputs": {},
        "resources": [
            {
                "module": module,
                "mode": "managed",
                "type": kind,
                "name": name,
                "provider": provider,
                "instances": [
                    {"schema_version": 0, "attributes": {"id": "1"}} | ({} if key is None else {"index_key": key})
                ],
            }
            for kind, name, key, provider in resources
        ],
    }


@pytest.mark.parametrize("stack", FORMER)
def test_what_went_to_another_state_is_forgotten(tmp_path: Path, providers: Providers, stack: str) -> None:
    """By Terraform's own plan over such a state: each resource is let go, none is deleted."""
    if lacking := providers.lacking(TREE / stack):
        pytest.skip(f"{', '.join(sorted(lacking))} cannot be had")
    file, module, resources = FORMER[stack]
    # The file without what imports: that asks Databricks.
    text = (TREE / stack / file).read_text()
    (tmp_path / file).write_text("\n".join(part for part in text.split("\n\n") if "\nimport {" not in f"\n{part}"))
    shutil.copy(TREE / stack / "versions.tf", tmp_path)
    (tmp_path / "providers.tf").write_text(
        'provider "databricks" {}\nprovider "databricks" {\n  alias = "account"\n}\n'
    )
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state(module, resources)))
    for command in (["plan", "-refresh=false", "-out=plan", "-input=false", "-no-color"], ["show", "-json", "plan"]):
        done = providers.terraform(tmp_path, *command)
        assert done.returncode == 0, done.stdout + done.stderr
    changes = {c["address"]: c["change"]["actions"] for c in json.loads(done.stdout)["resource_changes"]}
    assert len(changes) == len(resources)
    assert {tuple(actions) for actions in changes.values()} == {("forget",)}, changes
