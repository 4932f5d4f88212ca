"""Where MLflow of a local notebook keeps what it is given: `make test-models` runs it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local import notebooks
from local.databricks import tracking

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
    made = client.get_experiment(client.create_experiment("/Users/local/where"))
    assert mlflow.get_tracking_uri() == os.environ["MLFLOW_TRACKING_URI"]
    assert made.artifact_location.removeprefix("file://").startswith(f"{tmp_path}/mlflow/")
    assert (tmp_path / "mlflow.db").exists()
    assert not list(elsewhere.iterdir())


def test_what_the_bundle_deploys_is_there_before_a_notebook_begins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The experiment and the model that a run's parameters name, once; without a place to keep them nothing is made."""
    deployed = [{"name": "/Users/a/runs", "kind": "experiment"}, {"name": "dev.gold.x", "kind": "model"}]
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(name, raising=False)
    tracking.make(deployed)
    for name, value in notebooks.mlflow(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("mlflow.tracking._tracking_service.utils._tracking_uri", None)
    monkeypatch.setattr("mlflow.tracking._model_registry.utils._registry_uri", None)
    client = mlflow.MlflowClient(os.environ["MLFLOW_TRACKING_URI"], os.environ["MLFLOW_TRACKING_URI"])
    assert [each.name for each in client.search_experiments()] == ["Default"]
    for _ in range(2):
        tracking.make(deployed)
    assert {each.name for each in client.search_experiments()} == {"Default", "/Users/a/runs"}
    assert [each.name for each in client.search_registered_models()] == ["dev.gold.x"]
