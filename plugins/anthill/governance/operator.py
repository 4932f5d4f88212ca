"""The task that gives an asset class's tables the readers that are declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.governance.kinds.grants import Grants
    from anthill.governance.plan import Item, Plan
    from anthill.governance.refusals import RefusedError
    from anthill.governance.securables import Securable


class ApplyGrants(BaseOperator):
    """Apply the grants of an asset class and those that all share; returns how many were granted and revoked.

    Where a person agrees to changes (`anthill.approval`), only what an approved plan holds is applied; the rest waits
    for the DAG `governance`, and the task is green and says what waits. Without `asset_class` every declared area is
    applied. What is refused is told at the end, when all else is as declared. `makes` is the task that makes the
    tables: where it ended well, one that does not exist is an error; else the others have their readers until it does.
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
        aws_conn_id: str = "aws_default",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.asset_class = asset_class
        self.catalog = catalog
        self.makes = makes
        self.databricks_conn_id = databricks_conn_id
        self.aws_conn_id = aws_conn_id

    def execute(self, context: Context) -> dict[str, int]:
        """Plan, change what may be changed, and look whether it is so; an error where it is not."""
        from airflow.providers.databricks.hooks.databricks import DatabricksHook

        from anthill import settings
        from anthill.governance import kinds, refusals
        from anthill.governance.kinds.grants import Grants, on

        declared = {on(each): each for each in self.declared(context)}
        hook = DatabricksHook(self.databricks_conn_id, caller="ApplyGrants")
        kind = Grants(hook, list(declared.values()), beside=False)
        try:
            plan = kinds.made([kind], self.catalog or settings.catalog())
        except refusals.RefusedError as error:
            raise AirflowFailException(str(error)) from error
        now, waiting = self._parted(context, plan)
        self._tell(now, len(declared))
        wrong = [*self._apply(kind, now), *self._absent(context, plan, declared)]
        if wrong:
            raise AirflowFailException(refusals.told(wrong))
        counts = {"granted": len(now.added), "revoked": len(now.removed), "unchanged": len(plan.kept)}
        absent = len({item.on for item in plan.absent})
        return {**counts, **({"absent": absent} if absent else {}), **({"waiting": waiting} if waiting else {})}

    def declared(self, context: Context) -> list[Securable]:
        """What is to be as it is declared."""
        from anthill import settings
        from anthill.governance import grants

        areas = ["shared", self.asset_class] if self.asset_class else grants.areas()
        return grants.load(areas, self.catalog or settings.catalog())

    def approved(self, context: Context) -> Plan | None:
        """The newest plan that was approved."""
        from anthill.governance.records import Records

        return Records.of(self.aws_conn_id).approved()

    def _parted(self, context: Context, plan: Plan) -> tuple[Plan, int]:
        """What may be changed now, and how much waits."""
        from anthill import settings
        from anthill.governance import approved
        from anthill.task import airflow_errors

        if not settings.approval() or not (plan.added or plan.removed):
            return plan, 0
        with airflow_errors():
            agreed = approved.Approved(self.approved(context))
        waits = approved.waiting(plan, agreed)
        for item in (*waits.added, *waits.removed):
            self.log.warning(
                "%s waits for an approval: run the DAG governance", _line(item, "+" if item in waits.added else "-")
            )
        return approved.free(plan, agreed), len(waits.added) + len(waits.removed)

    def _absent(self, context: Context, plan: Plan, declared: dict[str, Securable]) -> Iterator[RefusedError]:
        """What does not exist and should."""
        from anthill.governance import refusals

        for name in dict.fromkeys(item.on for item in plan.absent):
            self.log.warning("%s does not exist: nobody is given it", name)
            if declared[name].type != "table" or self._are_made(context):
                yield refusals.not_there(declared[name])

    def _are_made(self, context: Context) -> bool:
        """Whether every table should be there."""
        if not self.makes:
            return True
        from anthill.task import state_of

        return state_of(context, self.makes) == "success"

    def _apply(self, kind: Grants, plan: Plan) -> list[RefusedError]:
        """Make the changes, and look whether they are there; what was refused."""
        from anthill.governance import kinds

        refused = kinds.applied([kind], plan)
        kinds.check([kind.only(item.on for item in (*plan.added, *plan.removed))], plan, refused)
        return refused

    def _tell(self, plan: Plan, declared: int) -> None:
        """Log what is going to change, a line each."""
        if not (plan.added or plan.removed):
            self.log.info("Grants of %d securables are as declared, or wait: nothing to do.", declared)
        for sign, items in (("+", plan.added), ("-", plan.removed)):
            for item in items:
                self.log.info("%s", _line(item, sign))


def _line(item: Item, sign: str) -> str:
    return f"{item.on}: {item.who} {sign}{item.what}"
