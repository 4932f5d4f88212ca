"""The task that makes Unity Catalog's grants those that are declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.governance.grants import Change, Grants, Securable
    from anthill.governance.permissions import Permissions
    from anthill.governance.refusals import RefusedError

    Plan = list[tuple[Securable, list[Change]]]


class ApplyGrants(BaseOperator):
    """Apply the grants of an asset class and those that all share; returns how many were granted and revoked.

    Without `asset_class` every declared area is applied. The catalog is the environment's unless one is given. What is
    refused is told at the end, when all else is as declared. `makes` is the task that makes the tables: where it ended
    well, one that does not exist is an error; else the others have their readers until it does.
    """

    template_fields: Sequence[str] = ("databricks_conn_id",)
    ui_color = "#e6dcf5"

    def __init__(
        self,
        *,
        asset_class: str | None = None,
        catalog: str | None = None,
        makes: str = "",
        databricks_conn_id: str = "databricks_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.asset_class = asset_class
        self.catalog = catalog
        self.makes = makes
        self.databricks_conn_id = databricks_conn_id

    def execute(self, context: Context) -> dict[str, int]:
        """Get, compare, change, get again; an error where Unity Catalog is not as declared afterwards."""
        from airflow.providers.databricks.hooks.databricks import DatabricksHook

        from anthill.governance import grants, refusals
        from anthill.governance.permissions import Permissions

        permissions = Permissions(DatabricksHook(self.databricks_conn_id, caller="ApplyGrants"))
        declared = self.declared(context)
        try:
            found = permissions.read(declared)
        except refusals.RefusedError as error:
            raise AirflowFailException(str(error)) from error
        there: list[tuple[Securable, Grants]] = []
        absent = []
        for securable, held in zip(declared, found, strict=True):
            if held is None:
                absent.append(securable)
            else:
                there.append((securable, held))
        plan = [(securable, changes) for securable, held in there if (changes := grants.diff(securable, held))]
        self._tell(plan, len(declared))
        wrong = list(self._apply(permissions, plan))
        for securable in absent:
            self.log.warning("%s %s does not exist: nobody is given it", securable.type, securable.name)
            if securable.type != "table" or self._are_made(context):
                wrong.append(refusals.not_there(securable))
        if wrong:
            raise AirflowFailException(refusals.told(wrong))
        return {
            "granted": sum(len(change.add) for _, changes in plan for change in changes),
            "revoked": sum(len(change.remove) for _, changes in plan for change in changes),
            "unchanged": sum(grants.unchanged(securable, held) for securable, held in there),
            **({"absent": len(absent)} if absent else {}),
        }

    def declared(self, context: Context) -> list[Securable]:
        """What is to be as it is declared."""
        from anthill import settings
        from anthill.governance import grants

        areas = ["shared", self.asset_class] if self.asset_class else grants.areas()
        return grants.load(areas, self.catalog or settings.catalog())

    def _are_made(self, context: Context) -> bool:
        """Whether every table should be there."""
        if not self.makes:
            return True
        from anthill.task import state_of

        return state_of(context, self.makes) == "success"

    def _apply(self, permissions: Permissions, plan: Plan) -> Iterator[RefusedError]:
        """Make the changes, and look whether they are there; what was refused."""
        from anthill.governance import grants
        from anthill.governance.permissions import GrantsNotAppliedError
        from anthill.governance.refusals import RefusedError

        for securable, changes in plan:
            refused = set()
            try:
                permissions.apply(securable, changes)
            except RefusedError:  # of all, since one of them cannot be: the others are made
                for change in changes:
                    try:
                        permissions.apply(securable, [change])
                    except RefusedError as error:
                        refused.add(change.principal)
                        yield error
            current = permissions.current(securable)
            if left := [each for each in grants.diff(securable, current) if each.principal not in refused]:
                raise GrantsNotAppliedError(
                    f"{securable.type} {securable.name} is not as {securable.file} declares after the change: "
                    f"{'; '.join(map(_line, left))}. {_why(left, current)}"
                )

    def _tell(self, plan: Plan, declared: int) -> None:
        """Log what is going to change, a line a principal."""
        if not plan:
            self.log.info("Grants of %d securables are as declared: nothing to do.", declared)
        for securable, changes in plan:
            for change in changes:
                self.log.info("%s %s: %s", securable.type, securable.name, _line(change))


def _why(left: Sequence[Change], current: Grants) -> str:
    """What may be done about changes that are not there."""
    for change in left:
        for held in current:
            if held != change.principal and held.lower() == change.principal.lower():
                return f"Unity Catalog writes {change.principal} as {held}: write it so."
    return "Does something else manage its grants?"


def _line(change: Change) -> str:
    signs = [f"+{privilege}" for privilege in change.add] + [f"-{privilege}" for privilege in change.remove]
    return f"{change.principal} {' '.join(signs)}"
