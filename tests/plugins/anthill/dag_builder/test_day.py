"""The form's market day: one that there is, or none."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import ParamValidationError

from anthill.dag_builder import day
from anthill.market_day import PARAM


@pytest.mark.parametrize("given", ["2024-02-29", None])
def test_a_day_or_nothing_is_taken(given: str | None) -> None:
    """As it was given."""
    assert day.asked()[PARAM].resolve(given) == given


@pytest.mark.parametrize("given", ["2023-02-29", "29.02.2024", "2024-02-29T00:00:00Z", "", 20240229])
def test_what_is_no_day_is_refused(given: object) -> None:
    """By the form, before a run begins."""
    with pytest.raises(ParamValidationError):
        day.asked()[PARAM].resolve(given)
