"""The form by which operators see, start and stop recorders."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import ParamValidationError

from anthill.recorders.dag import recorder_dag


def test_the_form_looks_unless_told_otherwise() -> None:
    """By itself it changes nothing, and takes only what there is."""
    dag = recorder_dag("")
    assert (dag.schedule, dag.is_paused_upon_creation, dag.max_active_runs) == (None, False, 1)
    assert {name: dag.params.get_param(name).resolve() for name in dag.params} == {"do": "look", "asset_class": "all"}
    for name, wrong in (("do", "restart"), ("asset_class", "bonds")):
        with pytest.raises(ParamValidationError):
            dag.params.get_param(name).resolve(wrong)
