"""What our tasks share."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSkipException,
)

from anthill.bronze.commits import TamperedError
from anthill.bronze.storage import ContentError, StorageError, StorageFatalError
from anthill.calendars import ClosedError, NotAMarketDayError
from anthill.catalog import DeclarationError
from anthill.names import ParameterError
from anthill.sources.errors import FatalError, NotReadyError
from anthill.task import airflow_errors, run_of


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (FatalError("gone", "http://x"), AirflowFailException, r"^gone \[GET http://x\]\.$"),
        (ParameterError("no catalog"), AirflowFailException, "^no catalog$"),
        (ClosedError("no market"), AirflowSkipException, "^no market$"),
        (StorageFatalError("s3 no"), AirflowFailException, "^s3 no$"),
        (TamperedError("other bytes"), AirflowFailException, "^other bytes$"),
        (NotAMarketDayError("a day off"), AirflowFailException, "^a day off$"),
        (DeclarationError("no such key"), AirflowFailException, "^no such key$"),
        (AirflowNotFoundException("nowhere"), AirflowFailException, "^nowhere. Create the connection, or name another"),
        (NotReadyError("later"), AirflowException, "^later"),
        (StorageError("slow"), AirflowException, "^slow$"),
        (ContentError("full"), AirflowException, "^full$"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_only_what_a_retry_may_help_is_retried(error: Exception, kind: type[Exception], said: str) -> None:
    """Each of the landing's errors is one of Airflow's; those that stay fail at once. Others go on as they are."""
    with pytest.raises(kind, match=said) as caught, airflow_errors():
        raise error
    assert type(caught.value) is kind
    # No frames of ours above the sentence: Airflow would log them with it.
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
    with pytest.raises(KeyError), airflow_errors():
        raise KeyError


def test_a_try_is_told_apart() -> None:
    """A mapped task by its index, zero included."""
    names = [
        run_of({"ti": SimpleNamespace(dag_id="d", run_id="r", task_id="t", id="a2", map_index=index)})  # type: ignore[typeddict-item]
        for index in (None, -1, 0, 7)
    ]
    assert names == ["d/r/t/a2", "d/r/t/a2", "d/r/t/0/a2", "d/r/t/7/a2"]
