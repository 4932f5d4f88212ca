"""Corrections: what an operator declares counts until a day, and a file that is wrong is told where."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from anthill import catalog, corrections
from anthill.corrections import CorrectionError

WRITTEN = """
splits:
  - {ticker: ABCD, market_date: 2024-05-01, ratio: 0.1, who: jane, why: notice of the exchange, until: 2024-06-30}
  - {ticker: ABCD, market_date: 2024-04-01, ratio: 1, who: jane, why: there was none, until: 2025-06-30}
"""


def test_a_correction_holds_until_its_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the day given it still holds, the day after it does not; without a file nothing is corrected."""
    monkeypatch.setattr(corrections, "include_dir", lambda: tmp_path)
    assert corrections.of("stocks") == []
    (tmp_path / "corrections").mkdir()
    (tmp_path / "corrections" / "stocks.yaml").write_text(WRITTEN)
    held = corrections.of("stocks", dt.date(2024, 6, 30))
    assert [(split.market_date, split.ratio) for split in held] == [
        (dt.date(2024, 4, 1), 1.0),
        (dt.date(2024, 5, 1), 0.1),
    ]
    assert [split.why for split in corrections.of("stocks", dt.date(2024, 7, 1))] == ["there was none"]


@pytest.mark.parametrize(
    ("found", "meant", "said"),
    [
        ("ratio: 0.1", "ratio: 0", "ratio"),
        ("ratio: 0.1", "ratio: two", "ratio"),
        ("who: jane, ", "", "who"),
        ("why: notice of the exchange, ", "", "why"),
        (", until: 2024-06-30", "", "until"),
        ("until: 2024-06-30", "until: soon", "until"),
        ("who: jane", "by: jane", "by"),
        ("2024-04-01", "2024-05-01", "ABCD of 2024-05-01 twice"),
        ("splits:", "dividends:", "dividends"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_allowed(tmp_path: Path, found: str, meant: str, said: str) -> None:
    """Nobody's correction is without a reason, an author and an end; no other key is taken in silence."""
    file = tmp_path / "stocks.yaml"
    file.write_text(WRITTEN.replace(found, meant))
    with pytest.raises(CorrectionError, match=rf"stocks\.yaml: .*{said}.*ratio \(above 0\), who, why and until"):
        corrections.read(file)


def test_what_is_delivered_is_right() -> None:
    """Every file of corrections is of an asset class, and can be read."""
    files = sorted((corrections.include_dir() / "corrections").glob("*.yaml"))
    assert {file.stem for file in files} <= set(catalog.asset_classes())
    for file in files:
        corrections.read(file)
