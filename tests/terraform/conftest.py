"""Policies as Terraform renders them, without a cloud."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from terraform.check import TREE, offline_tool

KEY = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
Render = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def render(tmp_path_factory: pytest.TempPathFactory) -> Render:
    """A function (module, its variables) → the module's outputs that are known at plan time."""
    tool = offline_tool()
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed")
    if tool is None:
        pytest.skip("no offline schemas on this machine (ANTHILL_SHARED)")

    def outputs(module: str, wanted: list[str], **variables: Any) -> dict[str, Any]:
        root = tmp_path_factory.mktemp(module)
        root.joinpath("main.tf.json").write_text(
            json.dumps(
                {
                    "module": {"it": {"source": os.path.relpath(TREE / "modules" / module, root), **variables}},
                    "output": {name: {"value": f"${{module.it.{name}}}"} for name in wanted},
                    "provider": {"aws": {"region": "us-east-1"}},
                }
            )
        )
        environment = {**os.environ, "PYTHON": sys.executable}
        for command in (["get"], ["plan", "-out=plan", "-input=false"], ["show", "-json", "plan"]):
            done = subprocess.run(
                [str(tool), *command], cwd=root, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
        planned = json.loads(done.stdout)["planned_values"]["outputs"]
        return {name: planned[name]["value"] for name in wanted}

    return outputs
