"""The task that looks at everything a landing needs, from where landings run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowFailException

from anthill import settings

if TYPE_CHECKING:
    from airflow.sdk import Context


class Examine(BaseOperator):
    """Returns every check with what was seen and what to do; red when one is not well."""

    ui_color = "#d7e3f4"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pool=settings.POOL, pool_slots=settings.pool_slots(), **kwargs)

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Look at everything, whatever fails."""
        import msgspec

        from anthill.doctor.checks import Check

        checks: list[Check] = self._checks()
        found: list[dict[str, Any]] = msgspec.to_builtins(checks)
        context["ti"].xcom_push(key="return_value", value=found)  # a red task keeps its answer
        for check in checks:
            line = f"{check.name}: {check.said}" + (f". {check.do}" if check.do and not check.ok else "")
            (self.log.info if check.ok else self.log.error)("%s", line)
        if bad := [check.name for check in checks if not check.ok and check.asked]:
            raise AirflowFailException(f"not well: {', '.join(bad)}; the log says what to do")
        return found

    def _checks(self) -> list[Any]:
        from airflow.providers.databricks.hooks.databricks import DatabricksHook

        from anthill.bronze.connections import s3_client
        from anthill.doctor import checks
        from anthill.doctor.checks import Check
        from anthill.sources.polygon.connection import connect, requests_per_minute

        s3 = s3_client("aws_default")
        found = [checks.versions(), *checks.storage(s3, settings.bronze_bucket())]
        found += checks.storage(s3, settings.personal_bucket(), "personal_bucket")
        found.append(checks.documents(s3, settings.documents_bucket()))
        try:
            rate = requests_per_minute()
            found.append(checks.rate(rate, settings.pool_slots()))
            client = connect([], self.pool_slots).client
        except Exception as error:
            found.append(
                Check("polygon_default", False, str(error), "Create or correct the connection polygon_default")
            )
        else:
            found += checks.api(client, settings.now())
        found.append(checks.jobs(DatabricksHook("databricks_default")))
        return [*found, *self._slots()]

    def _slots(self) -> list[Any]:
        """The slots of each database that there is a connection to."""
        from airflow.sdk.exceptions import AirflowNotFoundException

        from anthill import catalog
        from anthill.doctor.slots import slots
        from anthill.sources.postgres.connection import Hook, slot_of

        hooks: dict[str, Hook] = {}
        for name in catalog.of_kind("postgres"):
            hook = Hook(f"{name}_default")
            try:
                hook.get_connection(hook.postgres_conn_id)
            except AirflowNotFoundException:
                continue  # its DAG is not used here
            hooks[name] = hook
        own = {name: slot_of(catalog.load(name).datasets.values(), hook) for name, hook in hooks.items()}
        return [
            check
            for name, hook in hooks.items()
            for check in slots(name, own[name], set(own.values()) - {own[name]}, hook.get_conn)
        ]
