"""Where MLflow of a local notebook keeps what it is given: `make test-models` runs it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local import notebooks

mlflow = pytest.importorskip("mlflow", reason="mlflow is not here: make test-models")


def test_runs_and_files_lie_in_the_workspaces_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By its variables alone, whatever the folder is that a notebook runs in."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for name, value in notebooks.mlflow(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("mlflow.tracking._tracking_service.utils._tracking_uri", None)
    client = mlflow.MlflowClient(tracking_uri=os.environ["MLFLOW_TRACKING_URI"])
    made = client.get_experiment(client.create_experiment("/Shared/where"))
    assert mlflow.get_tracking_uri() == os.environ["MLFLOW_TRACKING_URI"]
    assert made.artifact_location.removeprefix("file://").startswith(f"{tmp_path}/mlflow/")
    assert (tmp_path / "mlflow.db").exists()
    assert not list(elsewhere.iterdir())
