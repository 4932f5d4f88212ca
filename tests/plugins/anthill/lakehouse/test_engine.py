"""What the engine cannot do is told with what it was about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from anthill.calendars import market_days
from anthill.lakehouse import checks, engine, statements
from anthill.lakehouse.engine import EngineError
from tests.plugins.anthill.lakehouse.lake import Lake, bar

DAYS = market_days("XNYS", dt.date(2024, 1, 2), dt.date(2024, 1, 3))


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Let a SQL file read a column that is not there."""
    code = statements.code

    def broken(name: str, column: str) -> None:
        def read(file: Path) -> str:
            text = code(file)
            return text.replace(column, "nowhere") if str(file).endswith(name) else text

        monkeypatch.setattr(statements, "code", read)

    return broken


@pytest.fixture
def loaded(lake: Lake) -> Lake:
    """Two days of bars in silver."""
    lake.only("traded_prices")
    for day in DAYS:
        lake.put_day(day, [bar("AAA", 10.0)])
    lake.silver(DAYS[0], DAYS[-1])
    return lake


def test_gold_names_its_table_and_days(loaded: Lake, breaks: Callable[[str, str], None]) -> None:
    """In one line, before what the engine says."""
    loaded.quality(DAYS[0], DAYS[-1])
    breaks("gold/stocks/traded_prices.sql", "bars.close")
    with pytest.raises(
        EngineError, match=r"^dev\.gold\.stocks_traded_prices of 2024-01-02 to 2024-01-03: .*nowhere"
    ) as told:
        loaded.gold(DAYS[0], DAYS[-1])
    assert "\n" not in str(told.value)


def test_quality_names_its_dataset_and_days(loaded: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for what is expected of a dataset."""
    select = checks.select
    monkeypatch.setattr(checks, "select", lambda dataset: select(dataset).replace("window_end", "nowhere"))
    with pytest.raises(
        EngineError, match=r"^the expectations of stocks\.grouped_daily of 2024-01-02 to 2024-01-03: .*nowhere"
    ):
        loaded.quality(DAYS[0], DAYS[-1])


def test_errors_of_our_own_stay_as_they_are() -> None:
    """They name what they are about themselves."""
    with pytest.raises(KeyError), engine.about("a table", DAYS):
        raise KeyError("mine")


def test_one_day_is_named_once() -> None:
    """And an error without words by its kind."""
    assert engine.words(ValueError()) == "ValueError"
    from pyspark.errors import PySparkException

    with pytest.raises(EngineError, match=r"^a table of 2024-01-02: first$"), engine.about("a table", DAYS[:1]):
        raise PySparkException("first\nsecond")
