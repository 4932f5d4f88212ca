"""What a person sees of a landing while it runs."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import pytest

from anthill.landing.progress import Progress

from .test_content import page


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, as its last element; it stands still."""
    now = [100.0]
    monkeypatch.setattr("anthill.landing.progress.time", SimpleNamespace(monotonic=lambda: now[-1]))
    return now


def test_a_line_comes_every_ten_seconds_and_at_the_end(clock: list[float], caplog: pytest.LogCaptureFixture) -> None:
    """Pages, rows and bytes so far, and how fast; after exactly ten seconds none yet."""
    caplog.set_level("INFO")
    progress = Progress("stocks.bars")
    pages = [msgspec.structs.replace(page([1] * 700, number), size=1_000_000) for number in range(5)]
    said = []
    watched = progress.watch(pages)
    for number, at in enumerate((105.0, 110.0, 110.5, 120.5, 121.0)):
        clock.append(at)
        assert next(watched) is pages[number]
        said.append(len(caplog.records))
    assert said == [0, 0, 1, 1, 2]
    assert caplog.records[0].getMessage() == "stocks.bars: 3 pages, 2,100 rows, 3.0 MB in 10.5 s (0.3 MB/s)"
    clock.append(125.0)
    progress.close()
    assert caplog.records[-1].getMessage() == "stocks.bars: 5 pages, 3,500 rows, 5.0 MB in 25.0 s (0.2 MB/s)"


def test_what_took_no_time_is_told(clock: list[float], caplog: pytest.LogCaptureFixture) -> None:
    """Many landings may count in one; of none the line has zeros."""
    caplog.set_level("INFO")
    Progress("stocks.bars").close()
    assert "stocks.bars: 0 pages, 0 rows, 0.0 MB in 0.0 s (0.0 MB/s)" in caplog.text
    progress = Progress("stocks.bars")
    for _ in range(2):
        list(progress.watch([page([1])]))
    progress.close()
    assert "stocks.bars: 2 pages, 2 rows" in caplog.text
