"""A project on the emulator, made and destroyed: AWS's half by its provider, Databricks' by its schema and mocks."""

import datetime as dt
import sys
from pathlib import Path

from terraform.providers import offline_tool
from terraform.rehearsal import older
from terraform.rehearsal.workspace import Workspace
from terraform.root import PROJECT

# Providers that nothing on this machine can apply with.
_MOCKED = {"databricks/databricks": "databricks", "hashicorp/time": "time"}
# Somebody works in it for a while: what is in the bucket then goes with the project.
_USED = """
variable "object" {
  type = string
}

resource "terraform_data" "kept" {
  provisioner "local-exec" {
    command = "curl -sf -X PUT --data kept ${var.object}"
  }
}
"""
_MADE = """
mock_provider "time" {{}}

mock_provider "databricks" {{
  source = "../../modules/environment/mocks/databricks"
}}

mock_provider "databricks" {{
  alias  = "account"
  source = "../../modules/environment/mocks/databricks"
}}

run "made" {{
  variables {{
    ends = "{ends}"
  }}
}}

run "used" {{
  module {{
    source = "./used"
  }}
  variables {{
    object = "{endpoint}/${{run.made.bucket}}/tables/kept"
  }}
}}
"""


def missing() -> str | None:
    """Why no project can be rehearsed here; None where it can."""
    return None if offline_tool() else "no schema of Databricks' provider on this machine (ANTHILL_SHARED)"


def made_and_destroyed(workspace: Workspace, environment: str, name: str) -> str:
    """What Terraform said of it; RuntimeError where something was refused, or is left."""
    root = workspace.root(environment, f"{PROJECT}/{name}")
    workspace.override(root.folder, backend=False)
    for folder, file, text in (
        ("used", "main.tf", _USED),
        ("made", "made.tftest.hcl", _MADE.format(endpoint=workspace.endpoint, ends=_tomorrow())),
    ):
        (root.folder / folder).mkdir(exist_ok=True)
        (root.folder / folder / file).write_text(text)
    settings = _settings(workspace, root.folder)
    workspace.terraform(root, "get", "-no-color", "-test-directory=made", settings=settings)
    return workspace.terraform(root, "test", "-no-color", "-test-directory=made", settings=settings).stdout


def _tomorrow() -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date().isoformat()


def _settings(workspace: Workspace, folder: Path) -> Path:
    """Terraform's settings: AWS's own provider, and for the others what knows their schema."""
    tool = offline_tool()
    if tool is None:
        raise RuntimeError(missing())
    version = ".".join(map(str, older.version(workspace.plugins)))
    (binary,) = workspace.plugins.glob(f"registry.terraform.io/hashicorp/aws/{version}/*")
    lines = [f'    "hashicorp/aws" = "{binary}"']
    for address, name in _MOCKED.items():
        place = folder / "providers" / name
        place.mkdir(parents=True, exist_ok=True)
        script = place / f"terraform-provider-{name}"
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tool.parent}/schema_provider.py" {name}\n')
        script.chmod(0o755)
        lines.append(f'    "{address}" = "{place}"')
    overrides = "\n".join(lines)
    settings = folder / "terraformrc"
    settings.write_text(f"provider_installation {{\n  dev_overrides {{\n{overrides}\n  }}\n  direct {{}}\n}}\n")
    return settings
