"""The bundle's registered model and experiment: where they are, whose, and who forecasts with them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from anthill import catalog
from anthill.governance import grants
from local.databricks import app, bundle
from local.databricks.account import FILE
from tests.local.databricks.workspace import ACCOUNT, ROOT, Workspace

BUNDLE = ROOT / "databricks"
MODEL = "2.1/unity-catalog/permissions/function/dev.gold.volatility"
EXPERIMENT = f"/Users/{ACCOUNT.role('bundle').name}/anthill-volatility"


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes with a deployment, as the CLI takes it."""
    for name, value in {"BUNDLE_VAR_budget_policy": "policy", **ACCOUNT.variables}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("target", "model", "experiment"),
    [(name, f"{name}.gold.volatility", EXPERIMENT) for name in ("dev", "staging", "prod")]
    # `local` deploys a copy: with a prefix, in the schema where people make models.
    + [("personal", "dev.sandbox.dev_local_volatility", "/Users/local/[dev local] anthill-volatility")],
)
def test_a_training_is_told_what_its_deployment_makes(target: str, model: str, experiment: str) -> None:
    """The job's parameters are the names of the one model and the one experiment of each target."""
    found = bundle.load(BUNDLE, target)
    assert [each["full_name"] for each in found.models.values()] == [model]
    assert [each["name"] for each in found.experiments.values()] == [experiment]
    told = {each["name"]: each["default"] for each in found.jobs["models"]["parameters"]}
    assert (told["model"], told["experiment"]) == (model, experiment)


def test_who_reads_forecasts_may_make_some() -> None:
    """EXECUTE is whose SELECT include/grants declares on gold.volatility_forecasts."""
    declared = grants.load(["shared", *catalog.asset_classes()], "prod")
    (forecasts,) = (each for each in declared if each.name == "prod.gold.volatility_forecasts")
    (model,) = bundle.load(BUNDLE, "prod").models.values()
    held = {each["principal"]: each["privileges"] for each in model["grants"]}
    deployer, drift = (ACCOUNT.role(role).name for role in ("bundle", "drift"))
    assert (held.pop(deployer), held.pop(drift)) == (["EXECUTE", "MANAGE"], ["EXECUTE"])
    assert held == {who: ["EXECUTE"] for who, what in forecasts.grants.items() if "SELECT" in what}
    (experiment,) = bundle.load(BUNDLE, "prod").experiments.values()
    assert {tuple(each.values()) for each in experiment["permissions"]} == {
        ("data_scientists", "CAN_READ"),
        (ACCOUNT.role("pipeline").name, "CAN_EDIT"),
    }


def test_a_deployment_makes_the_model_the_pipelines(own_workspace: Workspace) -> None:
    """Its owner and who deployed it read and change who has it; a reader does not, and another model is not there."""
    own_workspace.options = ["--bundle", str(BUNDLE)]
    own_workspace.start()
    for who in ("pipeline", "bundle"):
        held = own_workspace.call("GET", MODEL, by=who)["privilege_assignments"]
        assert {"principal": "analysts", "privileges": ["EXECUTE"]} in held
    change = {"principal": "analysts", "add": ["SELECT"]}
    for method, who, path, status in (
        ("GET", "data_scientist", MODEL, 403),
        ("GET", "bundle", f"{MODEL}_2", 404),
        ("PATCH", "bundle", MODEL, 400),
    ):
        own_workspace.call(method, path, by=who, status=status, **({"changes": [change]} if method == "PATCH" else {}))


@pytest.mark.parametrize("lacking", ["CREATE_MODEL", "USE_SCHEMA", "USE_CATALOG"])
def test_who_may_make_no_model_deploys_none(tmp_path: Path, lacking: str) -> None:
    """Without what Terraform gives to who deploys, the deployment fails, and says what is missing."""
    account = msgspec.yaml.decode(FILE.read_text())
    for held in (account["catalog"]["grants"]["bundle"], account["catalog"]["model_makers"]["gold"]["bundle"]):
        held[:] = [privilege for privilege in held if privilege != lacking]
    (tmp_path / "account.yaml").write_bytes(msgspec.yaml.encode(account))
    schemas = {name: str(tmp_path / name) for name in ("silver", "gold", "quality")}
    settings = app.Settings(tmp_path / "state", "http://x", tmp_path / "account.yaml", schemas=schemas, bundle=BUNDLE)
    words = rf"dev\.gold\.volatility cannot be made: User does not have {lacking.replace('_', ' ')} on"
    with pytest.raises(bundle.BundleError, match=words):
        app.build(settings)
