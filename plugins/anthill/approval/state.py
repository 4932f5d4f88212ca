"""What the tasks of `governance` look at: the kinds of things over the workspace, and what an approval is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowFailException

from anthill import settings
from anthill.task import airflow_errors

if TYPE_CHECKING:
    from anthill.governance.kinds import Kind
    from anthill.governance.plan import Plan
    from anthill.governance.records import Records


def hook(databricks_conn_id: str, caller: str) -> Any:
    """The provider's hook."""
    from airflow.providers.databricks.hooks.databricks import DatabricksHook

    return DatabricksHook(databricks_conn_id, caller=caller)


def kinds_of(databricks_conn_id: str, caller: str) -> list[Kind]:
    """All kinds over what is declared, once the workspace would refuse none of it; else AirflowFailException."""
    from anthill.governance import kinds, refusals

    found = kinds.of(hook(databricks_conn_id, caller), settings.catalog())
    if refused := [error for kind in found for error in kind.refused()]:
        raise AirflowFailException(f"Nothing was changed.\n{refusals.told(refused)}")
    return found


def due(plan: Plan, records: Records) -> Plan:
    """The part of a plan that an approval is about."""
    from anthill.governance import approved

    return approved.due(plan, approved.Approved(records.approved()), settings.approval())


@contextmanager
def errors() -> Iterator[None]:
    """What is declared or asked for wrongly fails at once, as do refusals."""
    from anthill.governance.refusals import RefusedError

    try:
        with airflow_errors():
            yield
    except RefusedError as error:
        raise AirflowFailException(str(error)) from error
