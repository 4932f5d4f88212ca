"""MLflow on one machine: what a deployment of the bundle makes in the service is made before a notebook begins."""

from __future__ import annotations

import os


def make(deployed: list[dict[str, str]]) -> None:
    """Make in MLflow what a run is told of and is not there yet; nothing where MLflow is not."""
    if not deployed or "MLFLOW_TRACKING_URI" not in os.environ:
        return
    try:
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
    except ImportError:
        return
    client = MlflowClient()
    for each in deployed:
        if each["kind"] == "experiment":
            if client.get_experiment_by_name(each["name"]) is None:
                client.create_experiment(each["name"])
            continue
        try:
            client.get_registered_model(each["name"])
        except MlflowException:
            client.create_registered_model(each["name"])
