"""Versions of the model in MLflow: kept with a signature, found by alias, promoted, rolled back, copied."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from anthill.models.evaluation import Loss, whole
from anthill.models.forecaster import INPUT, Forecaster
from anthill.models.reviewed import Reviewed

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAMPION, CHALLENGER = "champion", "challenger"
PINNED = "pinned"  # tag of the model: whose champion stays, whatever is fitted anew
_EVALUATION = "evaluation.json"
_DEPLOY = "deploy the bundle, which makes it (databricks/resources/models.yml)"
# A run that cannot reach the service says so within a minute, and not after a quarter of an hour.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}


class ModelError(RuntimeError):
    """There is no model to forecast with; the message says why."""


class Held(NamedTuple):
    """A version that may forecast."""

    version: str
    forecaster: Forecaster


class Registry:
    """The versions of one registered model, such as prod.gold.volatility; it and the experiment are the bundle's."""

    def __init__(self, name: str, experiment: str) -> None:
        self.name, self.experiment = name, experiment

    def must_be_deployed(self) -> str:
        """The experiment's id; ModelError where it or the model is not there, for neither is made here."""
        with _service() as client:
            from mlflow.exceptions import MlflowException

            found = client.get_experiment_by_name(self.experiment)
            if found is None or found.lifecycle_stage != "active":
                raise ModelError(f"there is no experiment {self.experiment}; {_DEPLOY}")
            try:
                client.get_registered_model(self.name)
            except MlflowException as error:
                raise ModelError(f"the model {self.name} cannot be had: {error.message}; {_DEPLOY}") from error
            return str(found.experiment_id)

    def keep(self, forecaster: Forecaster, losses: Sequence[Loss]) -> str:
        """A run of the experiment with its losses, and a version of the model; its number."""
        experiment = self.must_be_deployed()
        with _service() as client:
            import mlflow

            with mlflow.start_run(experiment_id=experiment, run_name=forecaster.kind):
                mlflow.set_tag("kind", forecaster.kind)
                for asset_class in forecaster.estimators:
                    mlflow.log_metric(f"qlike_ratio_{asset_class}", whole(losses, forecaster.kind, asset_class))
                mlflow.log_metric("qlike_ratio", whole(losses, forecaster.kind))
                told = json.dumps([loss._asdict() for loss in losses])
                mlflow.log_text(told, _EVALUATION)
                model = mlflow.pyfunc.log_model(
                    name="model",
                    python_model=_wrapped(forecaster),
                    signature=_signature(),
                    metadata={"evaluation": told},  # with the weights, or a copy would leave it behind
                    pip_requirements=["anthill"],
                    registered_model_name=self.name,
                )
            version = str(model.registered_model_version)
            tags = {"kind": forecaster.kind, "qlike_ratio": f"{whole(losses, forecaster.kind):.6f}"}
            for key, value in {**tags, "evaluation": _digest(told)}.items():
                client.set_model_version_tag(self.name, version, key, value)
            return version

    def champion(self) -> Held:
        """The version that forecasts; ModelError where there is none that may."""
        return self.held(CHAMPION)

    def held(self, alias: str) -> Held:
        """The version that an alias names, loaded."""
        with _service() as client:
            from mlflow.exceptions import MlflowException

            try:
                version = client.get_model_version_by_alias(self.name, alias).version
            except MlflowException as error:
                raise ModelError(f"{self.name} has no version with the alias {alias}: {error.message}") from error
            return Held(str(version), self._loaded(str(version)))

    def kind(self, alias: str) -> str:
        """What kind the version is that an alias names; "" where there is none."""
        with _service() as client:
            from mlflow.exceptions import MlflowException

            try:
                return str(client.get_model_version_by_alias(self.name, alias).tags.get("kind", ""))
            except MlflowException:
                return ""

    def point(self, alias: str, version: str) -> None:
        """Let an alias name a version."""
        with _service() as client:
            client.set_registered_model_alias(self.name, alias, version)

    def roll_back(self, version: str) -> None:
        """An earlier version is champion, and stays so until a challenger is promoted or somebody unpins it."""
        self._loaded(version)  # one that cannot forecast does not become champion
        with _service() as client:
            client.set_registered_model_alias(self.name, CHAMPION, version)
            client.set_registered_model_tag(self.name, PINNED, version)

    @property
    def pinned(self) -> str:
        """The version to which somebody has rolled back; "" for none."""
        with _service() as client:
            return str(client.get_registered_model(self.name).tags.get(PINNED, ""))

    def unpin(self) -> None:
        """Let what is fitted anew follow the champion again."""
        with _service() as client:
            client.set_registered_model_tag(self.name, PINNED, "")

    def take(self, reviewed: Reviewed) -> str:
        """The number here of the version that was reviewed, copied from its environment as challenger."""
        source = Registry(reviewed.model, self.experiment)
        origin = f"{source.name}/{reviewed.version}"
        source._must_be(reviewed)
        self.must_be_deployed()
        with _service() as client:
            for there in client.search_model_versions(f"name='{self.name}'"):
                if there.tags.get("copied_from") == origin:
                    return str(there.version)
            tags = client.get_model_version(source.name, reviewed.version).tags
            made = client.copy_model_version(f"models:/{origin}", self.name)
            for key, value in {**tags, "copied_from": origin}.items():
                client.set_model_version_tag(self.name, made.version, key, value)
            client.set_registered_model_alias(self.name, CHALLENGER, made.version)
            return str(made.version)

    def _must_be(self, reviewed: Reviewed) -> None:
        """ModelError unless the version has the evaluation that the review saw: its own losses, and not its tags."""
        if not reviewed.version:
            raise ModelError("include/models/volatility.yaml names no version: none was reviewed")
        forecaster = self._loaded(reviewed.version)
        with _service():
            import mlflow

            info = mlflow.models.get_model_info(f"models:/{self.name}/{reviewed.version}")
        told = (info.metadata or {}).get("evaluation", "[]")
        ratio = round(whole([Loss(**loss) for loss in json.loads(told)], forecaster.kind), 6)
        if (_digest(told), ratio) != (reviewed.evaluation, reviewed.qlike_ratio):
            raise ModelError(
                f"version {reviewed.version} of {self.name} has the evaluation {_digest(told)} and the QLIKE {ratio}, "
                f"include/models/volatility.yaml {reviewed.evaluation} and {reviewed.qlike_ratio}: review it anew"
            )

    def _loaded(self, version: str) -> Forecaster:
        with _service():
            import mlflow

            model = mlflow.pyfunc.load_model(f"models:/{self.name}/{version}")
        if model.metadata.signature is None:
            raise ModelError(f"version {version} of {self.name} has no signature: train it again, or roll back")
        forecaster = getattr(model.unwrap_python_model(), "forecaster", None)
        if not isinstance(forecaster, Forecaster):
            raise ModelError(f"version {version} of {self.name} is no forecaster of ours")
        return forecaster


@contextmanager
def _service() -> Iterator[MlflowClient]:
    """MLflow; ModelError where it is not installed or does not answer."""
    for name, value in _PATIENCE.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow
        from mlflow.exceptions import MlflowException
    except ImportError as error:
        raise ModelError("MLflow is not installed here: the group `models` has it") from error
    if not os.environ.get("MLFLOW_REGISTRY_URI") and mlflow.get_tracking_uri() == "databricks":
        mlflow.set_registry_uri("databricks-uc")
    try:
        yield mlflow.MlflowClient()
    except (MlflowException, OSError) as error:
        raise ModelError(f"MLflow does not give it: {str(error).splitlines()[0]}") from error


def _digest(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()


def _wrapped(forecaster: Forecaster) -> Any:
    """The forecaster as MLflow keeps a model."""
    from mlflow.pyfunc import PythonModel

    from anthill.models.served import Served

    served: PythonModel = Served(forecaster)
    return served


def _signature() -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, DataType, Schema

    numbers = [ColSpec(DataType.double, name) for name in INPUT]
    given = Schema([ColSpec(DataType.string, "asset_class"), *numbers])
    told = Schema([ColSpec(DataType.double, name) for name in ("variance", "variance_low", "variance_high")])
    return ModelSignature(given, told)
