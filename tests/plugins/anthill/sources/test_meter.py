"""What calls cost is added up, whatever comes of them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from anthill.sources.errors import RateLimitedError, ServerFailedError
from anthill.sources.meter import Cost, Meter


def test_costs_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answered and failed calls, their seconds, the slowest of them, and waits; taken once."""
    moments = iter([10.0, 12.0, 20.0, 20.5, 30.0, 31.0, 40.0, 40.25])
    monkeypatch.setattr("anthill.sources.meter.time", SimpleNamespace(monotonic=lambda: next(moments)))
    meter = Meter()
    assert meter.take() == Cost(0, 0, 0, 0.0, 0.0, 0.0)
    with meter.call():
        pass
    for error in (RateLimitedError("429"), ServerFailedError("500")):
        with pytest.raises(type(error)), meter.call():
            raise error
    meter.waited(3.0)
    meter.waited(0.5)
    with meter.call():
        pass
    assert meter.take() == Cost(2, 2, 1, 3.75, 2.0, 3.5)
    assert meter.take() == Cost()
