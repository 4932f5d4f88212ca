"""What notebooks run in on one machine: the stack's own interpreter, or that of `make models`, which has MLflow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_MODELS = Path(__file__).parents[1] / "var" / "models"


def python() -> str:
    """That of `make models` where it has been made: a job has libraries of its own, as in the cloud."""
    return str(_MODELS / "bin" / "python") if (_MODELS / ".ready").exists() else sys.executable


def has_mlflow(interpreter: str) -> bool:
    """Whether models can be trained in it."""
    asked = "import importlib.util, sys; sys.exit(importlib.util.find_spec('mlflow') is None)"
    return subprocess.run([interpreter, "-c", asked], check=False).returncode == 0


def mlflow(home: Path) -> dict[str, str]:
    """Where MLflow keeps runs and versions, as variables; it tells nobody that it is used."""
    return {
        "MLFLOW_TRACKING_URI": f"sqlite:///{home / 'mlflow.db'}",
        "_MLFLOW_SERVER_ARTIFACT_ROOT": str(home / "mlflow"),  # without it they lie in the folder of who calls
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
