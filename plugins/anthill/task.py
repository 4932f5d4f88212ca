"""What our tasks share: the declaration, the name of an attempt, and the house's errors as Airflow's."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSkipException,
)

if TYPE_CHECKING:
    from airflow.sdk import Context

    from anthill.catalog import AssetClass
    from anthill.dataset import Dataset

log = logging.getLogger(__name__)


def declaration(asset_class: str, dataset: str) -> tuple[AssetClass, Dataset]:
    """A dataset and its asset class; AirflowFailException names the datasets there are."""
    from anthill import catalog

    declared = catalog.load(asset_class)
    if dataset not in declared.datasets:
        raise AirflowFailException(f"{asset_class} has no dataset {dataset!r}, only {', '.join(declared.datasets)}")
    return declared, declared.datasets[dataset]


def run_of(context: Context) -> str:
    """This attempt: dag/run/task[/map index]/Airflow's id of it, which no other try or run of the same name has."""
    instance = context["ti"]
    mapped = "" if instance.map_index is None or instance.map_index < 0 else f"/{instance.map_index}"
    return f"{instance.dag_id}/{instance.run_id}/{instance.task_id}{mapped}/{instance.id}"


def state_of(context: Context, task_id: str) -> str:
    """How another task of the same run ended, or stands."""
    ti = context["ti"]
    return str(ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id].get(task_id))


@contextmanager
def airflow_errors() -> Iterator[None]:
    """The house's errors as Airflow's: those that a retry cannot help fail at once.

    Their text is all that a person needs: where in our code they were raised is told where the log is at debug.
    """
    from anthill import calendars, catalog
    from anthill.bronze.commits import TamperedError
    from anthill.bronze.storage import ContentError, StorageError, StorageFatalError
    from anthill.names import ParameterError
    from anthill.sources.errors import FatalError, SourceError

    wrong_input = (ParameterError, calendars.NotAMarketDayError, catalog.DeclarationError)
    try:
        yield
    except AirflowNotFoundException as error:
        raise AirflowFailException(f"{error}. Create the connection, or name another one in the DAG") from None
    except calendars.ClosedError as error:
        raise AirflowSkipException(str(error)) from None
    except (FatalError, StorageFatalError, TamperedError, *wrong_input) as error:
        log.debug("%s", error, exc_info=True)
        raise AirflowFailException(str(error)) from None
    except (SourceError, StorageError, ContentError) as error:
        log.debug("%s", error, exc_info=True)
        raise AirflowException(str(error)) from None
