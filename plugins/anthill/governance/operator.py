"""The task that makes Unity Catalog's grants those that are declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.governance.grants import Change, Securable


class ApplyGrants(BaseOperator):
    """Apply the grants of an asset class and those that all share; returns how many were granted and revoked.

    Without `asset_class` every declared area is applied. The catalog is the environment's unless one is given.
    """

    template_fields: Sequence[str] = ("databricks_conn_id",)
    ui_color = "#e6dcf5"

    def __init__(
        self,
        *,
        asset_class: str | None = None,
        catalog: str | None = None,
        databricks_conn_id: str = "databricks_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.asset_class = asset_class
        self.catalog = catalog
        self.databricks_conn_id = databricks_conn_id

    def execute(self, context: Context) -> dict[str, int]:
        """Get, compare, change, get again; an error where Unity Catalog is not as declared afterwards."""
        from airflow.providers.databricks.hooks.databricks import DatabricksHook

        from anthill.governance import grants
        from anthill.governance.permissions import GrantsNotAppliedError, Permissions

        declared = self.declared(context)
        permissions = Permissions(DatabricksHook(self.databricks_conn_id, caller="ApplyGrants"))
        plan = []
        counts = {"granted": 0, "revoked": 0, "unchanged": 0}
        for securable in declared:
            current = permissions.current(securable)
            counts["unchanged"] += grants.unchanged(securable, current)
            if changes := grants.diff(securable, current):
                plan.append((securable, changes))
        self._tell(plan, len(declared))
        for securable, changes in plan:
            permissions.apply(securable, changes)
            if left := grants.diff(securable, permissions.current(securable)):
                raise GrantsNotAppliedError(
                    f"{securable.type} {securable.name} is not as {securable.file} declares after the change: "
                    f"{'; '.join(map(_line, left))}. Does something else manage its grants?"
                )
            counts["granted"] += sum(len(change.add) for change in changes)
            counts["revoked"] += sum(len(change.remove) for change in changes)
        return counts

    def declared(self, context: Context) -> list[Securable]:
        """What is to be as it is declared."""
        from anthill import settings
        from anthill.governance import grants

        areas = ["shared", self.asset_class] if self.asset_class else grants.areas()
        return grants.load(areas, self.catalog or settings.catalog())

    def _tell(self, plan: list[tuple[Securable, list[Change]]], declared: int) -> None:
        """Log what is going to change, a line a principal."""
        if not plan:
            self.log.info("Grants of %d securables are as declared: nothing to do.", declared)
        for securable, changes in plan:
            for change in changes:
                self.log.info("%s %s: %s", securable.type, securable.name, _line(change))


def _line(change: Change) -> str:
    signs = [f"+{privilege}" for privilege in change.add] + [f"-{privilege}" for privilege in change.remove]
    return f"{change.principal} {' '.join(signs)}"
