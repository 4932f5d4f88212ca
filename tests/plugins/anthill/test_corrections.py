"""Corrections: what an operator declares counts until a day, and a file that is wrong is told where."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from anthill import catalog, corrections
from anthill.corrections import CorrectionError

WRITTEN = """
splits:
  - {ticker: ABCD, market_date: 2024-05-01, ratio: 0.1, who: jane, why: notice of the exchange, until: 2024-06-30}
  - {ticker: ABCD, market_date: 2024-04-01, ratio: 1, who: jane, why: there was none, until: 2025-06-30}
dividends:
  - ticker: ABCD
    market_date: 2024-05-02
    cash: 0
    who: jane
    why: not paid
    until: 2024-06-30
  - {ticker: ABCD, market_date: 2024-05-03, cash: 0.25, who: jane, why: the right day, until: 2025-06-30}
"""


def test_a_correction_holds_until_its_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the day given it still holds, the day after it does not; without a file nothing is corrected."""
    monkeypatch.setattr(corrections, "include_dir", lambda: tmp_path)
    assert corrections.of("stocks") == corrections.Corrections()
    (tmp_path / "corrections").mkdir()
    (tmp_path / "corrections" / "stocks.yaml").write_text(WRITTEN)
    held = corrections.of("stocks", dt.date(2024, 6, 30))
    assert [(split.market_date, split.ratio) for split in held.splits] == [
        (dt.date(2024, 4, 1), 1.0),
        (dt.date(2024, 5, 1), 0.1),
    ]
    assert [(paid.market_date, paid.cash) for paid in held.dividends] == [
        (dt.date(2024, 5, 2), 0.0),
        (dt.date(2024, 5, 3), 0.25),
    ]
    held = corrections.of("stocks", dt.date(2024, 7, 1))
    assert [each.why for each in (*held.splits, *held.dividends)] == ["there was none", "the right day"]


@pytest.mark.parametrize(
    ("found", "meant", "said"),
    [
        ("ratio: 0.1", "ratio: 0", "line 3: .*ratio"),
        ("ratio: 0.1", "ratio: two", "line 3: .*ratio"),
        ("who: jane, ", "", "line 3: .*who"),
        ("why: notice of the exchange, ", "", "line 3: .*why"),
        (", until: 2024-06-30", "", "line 3: .*until"),
        ("until: 2024-06-30", "until: soon", "line 3: .*until"),
        ("who: jane", "by: jane", "line 3: .*by"),
        ("2024-04-01", "2024-05-01", "line 4: splits has ABCD of 2024-05-01 twice"),
        ("cash: 0\n", "cash: -1\n", "line 6: .*cash"),
        ("    why: not paid\n", "", "line 6: .*why"),
        ("cash: 0.25", "ratio: 0.25", "line 12: .*ratio"),
        ("2024-05-03", "2024-05-02", "line 12: dividends has ABCD of 2024-05-02 twice"),
        ("splits:", "spin_offs:", ".*spin_offs"),
        ("dividends:\n", "dividends: {\n", "line 6"),
    ],
)
def test_a_wrong_file_is_named_with_its_line_and_what_is_allowed(
    tmp_path: Path, found: str, meant: str, said: str
) -> None:
    """Nobody's correction is without a reason, an author and an end; no other key is taken in silence."""
    file = tmp_path / "stocks.yaml"
    assert found in WRITTEN
    file.write_text(WRITTEN.replace(found, meant, 1))
    with pytest.raises(CorrectionError) as error:
        corrections.read(file)
    assert re.search(rf"stocks\.yaml.*{said}", str(error.value), re.DOTALL)
    assert re.search(r"ratio \(above 0\), who, why and until, .*cash \(USD, 0 for none\)", str(error.value))


def test_what_is_delivered_is_right() -> None:
    """Every file of corrections is of an asset class, and can be read."""
    files = sorted((corrections.include_dir() / "corrections").glob("*.yaml"))
    assert {file.stem for file in files} <= set(catalog.asset_classes())
    for file in files:
        corrections.read(file)
