"""Versions in MLflow on SQLite: signature, aliases, promotion by the rule alone, rollback to the digit, copies."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import socket
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

mlflow = pytest.importorskip("mlflow", reason="mlflow is not here: make test-models")

from anthill.models import forecasts, job, reviewed  # noqa: E402
from anthill.models.estimators import KINDS, Boosted, Har  # noqa: E402
from anthill.models.evaluation import BASELINE, Loss  # noqa: E402
from anthill.models.forecaster import INPUT, Forecaster  # noqa: E402
from anthill.models.job import _champion  # noqa: E402
from anthill.models.panel import Floats, Panel  # noqa: E402
from anthill.models.registry import CHALLENGER, CHAMPION, ModelError, Registry  # noqa: E402
from anthill.models.training import settle, train  # noqa: E402
from tests.plugins.anthill.models.simulated import features, market  # noqa: E402


class Scaled:
    """A forecast that is off by a factor: worse than HAR, or better than another."""

    factor = 3.0

    def fit(self, panel: Panel) -> Scaled:
        """As HAR."""
        self._har = Har().fit(panel)
        return self

    def predict(self, panel: Panel) -> Floats:
        """HAR's, off by the factor."""
        return self._har.predict(panel) * self.factor


EXPERIMENT = "/Users/deployer/anthill-volatility"


def deployed(catalog: str) -> Registry:
    """The registry of a model that a deployment has made."""
    name, client = f"{catalog}.gold.volatility", mlflow.MlflowClient()
    if not client.search_registered_models(f"name='{name}'"):
        client.create_registered_model(name)
    return Registry(name, EXPERIMENT)


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of its own, with its files beside it."""
    root = tmp_path_factory.mktemp("mlflow")
    uri = f"sqlite:///{root}/mlflow.db"
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    mlflow.create_experiment(EXPERIMENT, artifact_location=f"file://{root}/artifacts")
    return uri


@pytest.fixture(scope="module")
def panel() -> Panel:
    """Enough for three quarters."""
    return market(30, 300)


@pytest.fixture(scope="module")
def trained(tracking: str, panel: Panel) -> dict[str, Any]:
    """A first training: HAR and one that is off."""
    return train(deployed("dev"), {"stocks": panel}, {"har": Har, "boosted": Scaled})


def forecast(registry: Registry) -> list[Any]:
    """The champion's variances."""
    rows = forecasts.of("stocks", features(30, 300), registry.champion(), "", NOW)
    return rows.column("variance").to_pylist()


NOW = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)


def losses(**by_model: list[float]) -> list[Loss]:
    """QLIKE by quarter of each kind."""
    models = {**by_model, BASELINE: [1.0] * 3}
    return [
        Loss("stocks", f"2024Q{at + 1}", name, 10, value, 0.0, value)
        for name, values in models.items()
        for at, value in enumerate(values)
    ]


def test_the_first_training_makes_a_champion_with_signature_and_evaluation(trained: dict[str, Any]) -> None:
    """HAR, with what it lost in each quarter kept in its run; it serves by MLflow's own interface, too."""
    registry = deployed("dev")
    assert trained["champion"] == "har"
    assert trained["qlike_ratio"]["har"] < 0.8 < trained["qlike_ratio"]["boosted"]
    assert registry.held(CHALLENGER).forecaster.kind == "boosted"
    client = mlflow.MlflowClient()
    version = client.get_model_version_by_alias("dev.gold.volatility", CHAMPION)
    assert client.list_artifacts(version.run_id, "evaluation.json") is not None
    told = mlflow.artifacts.load_dict(f"runs:/{version.run_id}/evaluation.json")
    assert {(loss["model"], loss["quarter"]) for loss in told} >= {(BASELINE, "2022Q4"), ("har", "2022Q4")}
    model = mlflow.pyfunc.load_model("models:/dev.gold.volatility@champion")
    assert [column.name for column in model.metadata.signature.inputs.inputs] == ["asset_class", *INPUT]
    frame = features(30, 300).to_pandas().tail(30).assign(asset_class="stocks")[["asset_class", *INPUT]]
    frame = frame.astype(dict.fromkeys(INPUT, float))
    served = model.predict(frame)["variance"].to_numpy()
    mine = forecasts.of("stocks", features(30, 300), registry.champion(), "", NOW).to_pandas()
    newest = mine[mine.market_date == mine.market_date.max()].sort_values("ticker")["variance"].to_numpy()
    np.testing.assert_array_equal(served, newest)


def test_a_better_challenger_is_promoted_one_quarter_is_not_and_a_rollback_is_to_the_digit(
    trained: dict[str, Any], panel: Panel
) -> None:
    """By the rule alone; earlier forecasts come back as they were, and what is fitted anew leaves a rollback alone."""
    registry = deployed("dev")
    first, before = registry.champion(), forecast(registry)
    versions = {name: registry.keep(_fitted(name, panel), []) for name in ("har", "boosted")}
    once = settle(registry, versions, losses(har=[0.7, 0.7, 0.7], boosted=[0.1, 0.71, 0.71]))
    assert once["champion"] == "har"
    assert registry.champion().version == versions["har"]  # the same kind, fitted anew
    better = settle(registry, versions, losses(har=[0.7, 0.7, 0.7], boosted=[0.6, 0.6, 0.71]))
    assert better["champion"] == "boosted"
    assert "better in 2 of 3 quarters" in better["why"]
    assert registry.champion().version == versions["boosted"]
    assert registry.held(CHALLENGER).version == versions["har"]
    assert forecast(registry) != before
    registry.roll_back(first.version)
    assert forecast(registry) == before
    again = settle(registry, versions, losses(har=[0.7, 0.7, 0.7], boosted=[0.7, 0.7, 0.7]))
    assert again["pinned"] == first.version
    assert registry.champion().version == first.version
    registry.unpin()
    settle(registry, versions, losses(har=[0.7, 0.7, 0.7], boosted=[0.7, 0.7, 0.7]))
    assert registry.champion().version == versions["har"]


def _fitted(kind: str, panel: Panel) -> Forecaster:
    made = Forecaster(kind)
    known = panel.where(panel.whole & np.isfinite(panel.next_variance))
    made.learn("stocks", {"har": Har, "boosted": Scaled}[kind]().fit(known), np.array([0.5, 1.0, 2.0]))
    return made


def shaped(panel: Panel, bent: bool) -> Panel:
    """What HAR is made for, or what it cannot learn: a quiet day and a wild one both come before a high variance."""
    own, moved = panel.columns["variance_252d"], panel.columns["variance_1d"]
    logs = np.log(moved / own)
    expected = own * (np.where(abs(logs) > 0.8, 4.0, 0.5) if bent else np.exp(0.5 * logs))
    return replace(panel, next_variance=expected * np.random.default_rng(3).gamma(8, 0.125, len(panel)))


def test_boosted_trees_of_lightgbm_go_by_the_same_rule(tracking: str) -> None:
    """Champion on a market that HAR cannot learn, challenger where it can; kept, loaded and rolled back like any."""
    registry, held = deployed("trees"), market(30, 300)
    straight = train(registry, {"stocks": shaped(held, bent=False)})
    assert (straight["champion"], set(straight["qlike_ratio"])) == ("har", set(KINDS))
    assert straight["qlike_ratio"]["har"] < straight["qlike_ratio"]["boosted"]
    first, before = registry.champion(), forecast(registry)
    assert isinstance(registry.held(CHALLENGER).forecaster.estimators["stocks"], Boosted)
    bent = train(registry, {"stocks": shaped(held, bent=True)})
    assert bent["champion"] == "boosted"
    assert bent["qlike_ratio"]["boosted"] < 0.8 * bent["qlike_ratio"]["har"]
    champion = registry.champion()
    assert (champion.version, champion.forecaster.kind) == (bent["versions"]["boosted"], "boosted")
    learned = shaped(held, bent=True)
    known = learned.where(learned.whole & learned.universe & np.isfinite(learned.next_variance))
    fitted = Boosted().fit(known).predict(known)
    np.testing.assert_array_equal(champion.forecaster.forecast("stocks", known)[0], fitted)
    registry.roll_back(first.version)
    assert forecast(registry) == before


def copy_what_says(file: Path, **declared: Any) -> dict[str, Any]:
    """The job's action `copy` in prod, by a file of its own."""
    file.write_text(json.dumps({"model": "dev.gold.volatility", **declared}))
    days = {"market_date_from": "2026-11-02", "market_date_to": "2026-11-02"}
    names = {"model": "prod.gold.volatility", "experiment": EXPERIMENT}
    spark: Any = None  # nothing is read
    return job.run(spark, catalog="prod", action="copy", **names, **days)


def test_only_the_version_that_was_reviewed_is_copied_once_as_challenger(
    trained: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its evaluation, which says where it is from; another digest, number or none at all is refused."""
    client, version, file = mlflow.MlflowClient(), trained["versions"]["har"], tmp_path / "volatility.yaml"
    monkeypatch.setattr(reviewed, "FILE", file)
    told = client.get_model_version("dev.gold.volatility", version)
    seen = {"evaluation": told.tags["evaluation"], "qlike_ratio": float(told.tags["qlike_ratio"])}
    kept = (Path(mlflow.artifacts.download_artifacts(run_id=told.run_id)) / "evaluation.json").read_bytes()
    assert seen["evaluation"] == hashlib.sha256(kept).hexdigest()
    assert seen["qlike_ratio"] == pytest.approx(trained["qlike_ratio"]["har"], abs=1e-4)
    for wrong in ({"evaluation": "0" * 64}, {"qlike_ratio": 0.1}, {"version": trained["versions"]["boosted"]}):
        client.set_model_version_tag("dev.gold.volatility", trained["versions"]["boosted"], "evaluation", "0" * 64)
        with pytest.raises(ModelError, match="review it anew"):
            copy_what_says(file, **{"version": version, **seen, **wrong})
    with pytest.raises(ModelError, match="names no version"):
        copy_what_says(file, **{"version": "", **seen})
    with pytest.raises(ModelError, match="alias champion"):
        deployed("prod").champion()
    assert not client.search_model_versions("name='prod.gold.volatility'")
    number = copy_what_says(file, version=version, **seen)["challenger"]
    assert copy_what_says(file, version=version, **seen)["challenger"] == number
    assert deployed("prod").held(CHALLENGER).version == number
    tags = client.get_model_version("prod.gold.volatility", number).tags
    assert tags["copied_from"] == f"dev.gold.volatility/{version}"
    assert tags["evaluation"] == seen["evaluation"]


@pytest.mark.parametrize(
    ("model", "experiment", "lacking"),
    [
        ("nowhere.gold.volatility", EXPERIMENT, "the model nowhere.gold.volatility cannot be had"),
        ("dev.gold.volatility", "/Users/deployer/elsewhere", "there is no experiment /Users/deployer/elsewhere"),
    ],
)
def test_a_training_makes_neither_model_nor_experiment(
    trained: dict[str, Any], panel: Panel, model: str, experiment: str, lacking: str
) -> None:
    """What the bundle has not deployed is told with what to do, before anything is read, and is not made."""
    client, spark = mlflow.MlflowClient(), None
    days = {"market_date_from": "2026-11-02", "market_date_to": "2026-11-02"}
    known = len(client.search_registered_models()), len(client.search_experiments())
    with pytest.raises(ModelError, match=rf"^{lacking}.*deploy the bundle"):
        job.run(spark, catalog="dev", action="train", model=model, experiment=experiment, **days)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=f"^{lacking}"):
        Registry(model, experiment).keep(_fitted("har", panel), [])
    assert (len(client.search_registered_models()), len(client.search_experiments())) == known


def test_a_model_without_a_signature_forecasts_nothing(tracking: str, panel: Panel) -> None:
    """It becomes no champion by a rollback, and where somebody made it one, rows say so."""
    from anthill.models.served import Served

    with mlflow.start_run(experiment_id=mlflow.get_experiment_by_name(EXPERIMENT).experiment_id):
        mlflow.pyfunc.log_model(
            name="m", python_model=Served(_fitted("har", panel)), pip_requirements=[],
            registered_model_name="bare.gold.volatility",
        )  # fmt: skip
    registry = deployed("bare")
    with pytest.raises(ModelError, match="has no signature"):
        registry.roll_back("1")
    registry.point(CHAMPION, "1")
    champion, why = _champion(registry)
    assert champion is None
    assert why.startswith("no model: version 1 of bare.gold.volatility has no signature")


def test_an_alias_that_points_nowhere_is_told(tracking: str, panel: Panel) -> None:
    """Its version was deleted by hand."""
    registry = deployed("gone")
    version = registry.keep(_fitted("har", panel), [])
    registry.point(CHAMPION, version)
    mlflow.MlflowClient().delete_model_version("gone.gold.volatility", version)
    champion, why = _champion(registry)
    assert champion is None
    assert "gone.gold.volatility has no version with the alias champion" in why


def test_a_service_that_is_down_is_told_soon(tracking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a quarter of an hour."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setitem(os.environ, "MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    mlflow.set_registry_uri(f"http://127.0.0.1:{port}")
    try:
        began = time.monotonic()
        champion, why = _champion(Registry("dev.gold.volatility", EXPERIMENT))
        assert time.monotonic() - began < 60
    finally:
        mlflow.set_registry_uri(tracking)
    assert champion is None
    assert why.startswith("no model: ")
    assert str(port) in why


def test_each_row_without_a_forecast_says_why(trained: dict[str, Any], tmp_path: Path) -> None:
    """Ten days of history, an asset class that the version has not learned, no model at all."""
    champion = deployed("dev").champion()
    short = forecasts.of("stocks", features(2, 10), champion, "", NOW)
    assert short.column("variance").null_count == 20
    said = dict(zip(short.column("market_date").to_pylist(), short.column("reason").to_pylist(), strict=True))
    assert said[max(said)] == "too short a history: 10 of 252 market days have a variance, 22 are needed"
    other = forecasts.of("forex", features(1, 60, calendar="forex"), champion, "", NOW)
    assert set(other.column("reason").to_pylist()) == {f"version {champion.version} has not learned forex"}
    none = forecasts.of("stocks", features(1, 60), None, "no model: down", NOW)
    assert set(none.column("reason").to_pylist()) == {"no model: down"}
    assert none.column("model_version").null_count == 60


def test_a_forecast_is_about_the_next_market_day_and_has_its_interval(trained: dict[str, Any]) -> None:
    """A Friday's is of Monday; of ten days eight lie in the interval, over the years it was made of."""
    registry = deployed("dev")
    registry.roll_back(trained["versions"]["har"])
    rows = forecasts.of("stocks", features(30, 300), registry.champion(), "", NOW).to_pandas()
    friday = rows[rows.market_date == dt.date(2022, 12, 30)]
    assert set(friday.forecast_date) == {dt.date(2023, 1, 3)}
    told = rows[rows.variance.notna()].merge(
        features(30, 300).to_pandas()[["ticker", "market_date", "variance_1d"]],
        left_on=["ticker", "forecast_date"], right_on=["ticker", "market_date"],
    )  # fmt: skip
    within = told.variance_1d.between(told.variance_low, told.variance_high).mean()
    assert 0.76 < within < 0.84
    np.testing.assert_allclose(told.volatility_annualised, np.sqrt(told.variance * 252))


def test_a_champion_that_loses_for_twenty_days_is_told() -> None:
    """To the mean of 20 days; not with fewer days, and not where it wins."""
    import pyarrow as pa

    days = np.repeat(np.arange("2026-01-01", "2026-01-21", dtype="datetime64[D]"), 2)
    actual = np.full(40, 1e-4)

    def table(said: float, mean: float, many: int = 40) -> pa.Table:
        told = {"variance": np.full(40, said), "mean_variance_20d": np.full(40, mean)}
        return pa.table({"market_date": days, **told, "actual": actual}).slice(0, many)

    line = forecasts.beaten(table(3e-4, 1.1e-4))
    assert line.startswith(
        "from 2026-01-01 to 2026-01-20 the mean of 20 days had a QLIKE of 0.0044, the champion 0.4319"
    )
    assert forecasts.beaten(table(1.1e-4, 3e-4)) == ""
    assert forecasts.beaten(table(3e-4, 1.1e-4, 38)) == ""
