"""Write what the list of environments decides: the bundle's targets, and what the workflows offer and go through.

The list is the folders of terraform/environments. `--check` writes nothing and fails where a file says otherwise.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from scripts import generated
from terraform.root import environments

ROOT = Path(__file__).parents[1]
BUNDLE = "databricks/databricks.yml"
BEGIN = "  # From here on written by `make environments`.\n"
TARGET = """
  {environment}:
    mode: production
    workspace:
      root_path: /Workspace/Users/${{var.deployer}}/.bundle/${{bundle.name}}/${{bundle.target}}
    variables:
      warehouse: {{lookup: {{warehouse: anthill-{environment}-analysts}}}}
    presets:
      tags: {{environment: {environment}, project: anthill, team: innovation_development}}
    run_as:
      service_principal_name: ${{var.run_as}}
    permissions:
      - service_principal_name: ${{var.deployer}}
        level: CAN_MANAGE
      - service_principal_name: ${{var.run_as}}
        level: CAN_RUN
      - service_principal_name: ${{var.drift}}
        level: CAN_VIEW
      - group_name: ${{var.engineers}}
        level: {level}
    resources:
      registered_models:
        volatility:
          grants: # beside its readers; a deployment makes it run_as's own
            - principal: ${{var.deployer}}
              privileges: [EXECUTE, MANAGE]
            - principal: ${{var.drift}}
              privileges: [EXECUTE]
      experiments:
        volatility_training:
          permissions:
            - service_principal_name: ${{var.run_as}}
              level: CAN_EDIT
"""
# Each line of a workflow that lists environments: the word before the brackets tells it from other lists.
LISTS = {
    ".github/workflows/recovery.yml": r"(What is to be recovered\n +type: choice\n +options: )\[.*\]",
    ".github/workflows/project.yml": r"(Where the project is\n +type: choice\n +options: )\[.*\]",
    ".github/workflows/drift.yml": r"(matrix:\n +environment: )\[.*\]",
    ".github/workflows/notification.yml": r"(matrix:\n +environment: )\[.*\]",
}


def written(root: Path = ROOT) -> dict[str, str]:
    """Each file's path and text as it should be; RuntimeError where a file has no place for the list."""
    names = environments(root / "terraform")
    texts = {}
    for name, pattern in LISTS.items():
        texts[name], count = re.subn(pattern, rf"\g<1>[{', '.join(names)}]", (root / name).read_text())
        if not count:
            raise RuntimeError(f"{name} lists no environments where {pattern} would find them")
    own, found, _ = (root / BUNDLE).read_text().partition(BEGIN)
    if not found:
        raise RuntimeError(f"{BUNDLE} has no line {BEGIN.strip()!r}")
    # In prod an engineer starts and stops jobs; their definition comes from a release.
    targets = [TARGET.format(environment=e, level="CAN_RUN" if e == "prod" else "CAN_MANAGE") for e in names]
    return {**texts, BUNDLE: own + found + "".join(targets)}


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Exit code 0 when written, or where nothing was to be written."""
    complaint = "are not of these environments: make environments"
    return generated.run(__doc__, arguments, root, lambda: written(root), complaint)


if __name__ == "__main__":
    sys.exit(main())
