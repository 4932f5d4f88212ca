"""Who looks, and what Airflow lets them see and start."""
# FastAPI reads these annotations at run time: no `from __future__ import annotations`.

import functools
from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.models.dag import DagModel
from fastapi import Depends, HTTPException

from anthill import catalog, history, settings
from anthill.catalog import AssetClass
from anthill.include import include_dir

BACKFILL = "market_backfill"


class Viewer:
    """A user that Airflow knows; HTTP 401 for anybody else, 403 for one who may read no DAG of ours."""

    def __init__(self, user: GetUserDep) -> None:
        self._user = user
        names = [name for name in catalog.asset_classes() if self._may("GET", name)]
        if not names:
            raise HTTPException(403, "You may read none of the market DAGs: ask for the right to read them in Airflow")
        self.asset_classes = names

    def declared(self, asset_class: str) -> AssetClass:
        """An asset class whose DAG the viewer may read; HTTP 404 for any other."""
        if asset_class not in self.asset_classes:
            raise HTTPException(404, f"No asset class {asset_class!r}; there are {', '.join(self.asset_classes)}")
        return _declared(asset_class)

    def all(self) -> list[AssetClass]:
        """Every asset class whose DAG the viewer may read."""
        return [_declared(name) for name in self.asset_classes]

    @property
    def may_fill(self) -> bool:
        """Whether the viewer may start backfills; Airflow itself asks again when one is started."""
        return self._may("POST", BACKFILL, DagAccessEntity.RUN)

    def _may(self, method: str, dag: str, entity: DagAccessEntity | None = None) -> bool:
        details = DagDetails(id=dag, team_name=DagModel.get_team_name(dag))
        return get_auth_manager().is_authorized_dag(
            method=method,  # type: ignore[arg-type]
            access_entity=entity,
            details=details,
            user=self._user,
        )


def _declared(asset_class: str) -> AssetClass:
    path = include_dir() / "datasets" / f"{asset_class}.yaml"
    return _loaded(asset_class, path.stat().st_mtime_ns, settings.history_from())


@functools.lru_cache(maxsize=64)
def _loaded(asset_class: str, _: int, history_from: str) -> AssetClass:
    """Read once, and again when the file has changed: reading YAML takes longer than all the rest of a view."""
    return history.wanted(catalog.load(asset_class), history_from)


ViewerDep = Annotated[Viewer, Depends(Viewer)]
