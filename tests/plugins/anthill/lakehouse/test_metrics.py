"""Metric views: the engine here knows none, and says so; what they are is tried in tests/metrics."""

from __future__ import annotations

import pytest

from anthill.lakehouse import metrics
from anthill.lakehouse.engine import EngineError
from tests.plugins.anthill.lakehouse.lake import Lake


def test_an_engine_that_knows_none_is_named(lake: Lake) -> None:
    """The statement reaches the engine whole, and its refusal is told with the view."""
    with pytest.raises(EngineError, match=r"the metric view gold\.stocks_metrics: .*(?i:metrics|found)") as refused:
        metrics.run(lake.spark, catalog="dev")
    assert "\n" not in str(refused.value)
