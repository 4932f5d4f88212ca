"""The registered models and experiments that the bundle deploys: whose they are, who may use them."""

from __future__ import annotations

from collections.abc import Iterable

from local.databricks.account import Principal
from local.databricks.bundle import BundleError, Deployed
from local.databricks.errors import ApiError
from local.databricks.held import of_schema
from local.databricks.rights import Rights
from local.databricks.store import Document, Store

STORED = "models"  # in the store, by name


def deploy(deployed: Deployed, store: Store, rights: Rights, deployer: Principal) -> None:
    """Keep them, models as whose who runs the jobs; BundleError where who deploys may not make one."""
    for model in deployed.models.values():
        name = model["full_name"]
        try:
            if store.get(STORED, name) is None:
                rights.check(deployer, of_schema(name.rpartition(".")[0], "CREATE_MODEL"))
        except ApiError as error:
            raise BundleError(f"the bundle's registered model {name} cannot be made: {error.message}") from error
        store.put(STORED, name, {"name": name, "kind": "model"})
        rights.own("function", name, deployed.run_as or deployer.name)
        rights.grant("function", name, {each["principal"]: each["privileges"] for each in model.get("grants", [])})
    for experiment in deployed.experiments.values():
        store.put(STORED, experiment["name"], {"name": experiment["name"], "kind": "experiment"})


def named(store: Store, parameters: Iterable[str]) -> list[Document]:
    """Those of them that a run's parameters name."""
    asked = set(parameters)
    return [each for each in store.all(STORED) if each["name"] in asked]
