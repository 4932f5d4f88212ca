"""What tasks share that land all tables of an asset class together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from anthill import assets

if TYPE_CHECKING:
    from anthill.ledger.results import Landed


class LandTogether(BaseOperator):
    """Names the tables' assets, waits in the pool of its source, and tells lineage what it has landed."""

    ui_color = "#e8d9b5"

    def __init__(
        self,
        *,
        asset_class: str,
        datasets: list[str],
        source: str,
        conn_id: str = "",
        aws_conn_id: str = "aws_default",
        **kwargs: Any,
    ) -> None:
        outlets = [assets.bronze(asset_class, name) for name in datasets]
        super().__init__(**{"pool": source, "outlets": outlets, **kwargs})
        self.asset_class = asset_class
        self.conn_id = conn_id
        self.aws_conn_id = aws_conn_id
        self._landed: dict[str, Landed] = {}

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """What Airflow's OpenLineage provider tells of the task: the source's tables, bronze's and their rows."""
        from anthill import catalog
        from anthill.landing import told

        datasets = catalog.load(self.asset_class).datasets
        return told.of([(dataset, self._landed.get(name)) for name, dataset in datasets.items()])

    get_openlineage_facets_on_failure = get_openlineage_facets_on_complete
