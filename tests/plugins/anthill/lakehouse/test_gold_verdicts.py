"""Gold shows what was checked, of the very load that was checked."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from anthill.lakehouse import gold_table, tables
from anthill.lakehouse.quality import QualityError
from tests.plugins.anthill.lakehouse.lake import Lake, bar

ONE, TWO, THREE = dt.date(2024, 1, 2), dt.date(2024, 1, 3), dt.date(2024, 1, 4)


def closes(lake: Lake) -> list[tuple[str, float]]:
    """What analysts see: market day and close."""
    rows = lake.table("gold.stocks_daily_prices").sort("market_date", "ticker")
    return [(str(day), close) for day, close in rows.select("market_date", "close").rows()]


@pytest.fixture(scope="module")
def template(sail: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Two market days of one stock, checked and in gold."""
    lake = Lake(sail, tmp_path_factory.mktemp("lake"))
    lake.only("daily_prices")
    lake.put_day(ONE, [bar("AAA", 10.0)])
    lake.put_day(TWO, [bar("AAA", 11.0)])
    lake.run(ONE, TWO)
    yield lake
    lake.close()


def reload(lake: Lake, close: float, day: dt.date = TWO) -> None:
    """Another answer for a day comes into silver."""
    lake.put("grouped_daily", day, [bar("AAA", close)])
    lake.silver(day)


def test_a_load_that_was_not_checked_stays_out(copied: Lake) -> None:
    """The verdict of the load before does not count; gold says which dataset and day wait, and did nothing."""
    reload(copied, -16_739.0)
    done = copied.gold(TWO)
    assert closes(copied) == [("2024-01-02", 10.0), ("2024-01-03", 11.0)]
    (held,) = done["held_back"]
    assert held == "stocks.grouped_daily of 2024-01-03: not checked since they were loaded: run the quality job"
    assert done["nothing_done"] == f"gold stays as it is: {held}"
    before = done["loads"]
    assert [
        {**each, "published": stands["published"]}
        for stands in done["standing"].values()
        for each in stands["held_back"]
        if "grouped_daily" in stands["reads"]
    ][:1] == [
        {
            "days": ["2024-01-03"],
            "why": "grouped_daily was not checked since it was loaded",
            "outdated": True,
            "published": [],
        }
    ]
    with pytest.raises(QualityError):
        copied.quality(TWO)
    assert "broke a critical expectation" in copied.gold(TWO)["nothing_done"]
    reload(copied, 12.0)
    copied.quality(TWO)
    done = copied.gold(TWO)
    assert closes(copied) == [("2024-01-02", 10.0), ("2024-01-03", 12.0)]
    assert not {"held_back", "nothing_done"} & done.keys()
    # What reads the day knows it by this: another load has another, the same one the same.
    assert done["loads"]["daily_prices"] not in ("", before["daily_prices"])
    assert copied.gold(TWO)["loads"] == done["loads"]


def test_the_same_bytes_typed_otherwise_are_another_load(copied: Lake) -> None:
    """A verdict names what typed the rows, too."""
    copied.spark.sql("UPDATE dev.quality.loads SET logic = 'other' WHERE dataset = 'grouped_daily'")
    assert "grouped_daily of 2024-01-02, 2024-01-03" in copied.gold(ONE, TWO)["nothing_done"]


@pytest.mark.long
def test_what_else_changes_leaves_a_verdict_as_it_is(copied: Lake) -> None:
    """Another dataset's load and another day's count were read beside it: they void no verdict but their own."""
    reload(copied, 10.5, day=ONE)
    copied.put("dividends", TWO, [{"id": "d", "ticker": "AAA", "ex_dividend_date": str(TWO), "cash_amount": 0.1}])
    copied.silver(TWO)
    copied.put_day(THREE, [bar("AAA", 12.0)])
    copied.silver(THREE)
    copied.quality(THREE)
    done = copied.gold(ONE, THREE)
    assert [line.partition(":")[0] for line in done["held_back"]] == [
        "stocks.grouped_daily of 2024-01-02",
        "stocks.dividends of 2024-01-03",
    ]
    assert closes(copied) == [("2024-01-02", 10.0), ("2024-01-03", 11.0), ("2024-01-04", 12.0)]
    assert "nothing_done" not in done


@pytest.mark.long
def test_a_later_day_does_not_read_what_was_not_checked(copied: Lake) -> None:
    """A split that came into an earlier day unchecked changes no number of a day that looks back."""
    split = {"id": "s", "ticker": "AAA", "execution_date": str(TWO), "split_from": 1, "split_to": 2}
    copied.put("splits", TWO, [split])
    copied.silver(TWO)
    dividend = {"id": "d", "ticker": "AAA", "ex_dividend_date": str(THREE), "cash_amount": 1.1}
    copied.put_day(THREE, [bar("AAA", 10.0)], dividends=[dividend])
    copied.silver(THREE)
    copied.quality(THREE)
    copied.gold(THREE)
    (action,) = copied.table("gold.stocks_corporate_actions").to_dicts()
    assert (action["market_date"], action["split_ratio"]) == (THREE, 1)
    assert action["kept_by_dividend"] == pytest.approx(1 - 1.1 / 11)


@pytest.mark.long
def test_a_load_that_ends_while_gold_computes(copied: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gold shows the load that it began with, and computes the day again once the other one is checked."""
    reload(copied, 12.0)
    copied.quality(TWO)
    replaced, meanwhile = tables.replace, [13.0]

    def replace(*given: Any) -> None:
        if meanwhile and ".gold." in given[1]:
            reload(copied, meanwhile.pop())
        replaced(*given)

    with monkeypatch.context() as patch:
        patch.setattr(gold_table.tables, "replace", replace)
        copied.gold(TWO)
    assert not meanwhile
    assert closes(copied)[-1] == ("2024-01-03", 12.0)
    assert "nothing_done" in copied.gold(TWO)
    copied.quality(TWO)
    copied.gold(TWO)
    assert closes(copied)[-1] == ("2024-01-03", 13.0)


def killed(*_: Any) -> None:
    """What ends a process, in the place of what it would have done."""
    raise KeyboardInterrupt


def test_a_load_under_way_has_no_verdict(copied: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are in silver before their load is recorded are nobody's, also where the load was killed there."""
    silver = importlib.import_module("anthill.lakehouse.silver")
    with monkeypatch.context() as patch:
        patch.setattr(silver, "_record", killed)
        with pytest.raises(KeyboardInterrupt):
            reload(copied, -1.0)
    assert copied.table("silver.stocks_grouped_daily").filter(market_date=TWO)["close"].to_list() == [-1.0]
    copied.spark.sql("UPDATE dev.quality.published SET loads = 'others'")  # what makes gold compute a day again
    done = copied.gold(ONE, TWO)
    assert done["tables"]["traded_prices"]["days"] == 1
    assert closes(copied) == [("2024-01-02", 10.0), ("2024-01-03", 11.0)]
    with pytest.raises(QualityError, match="grouped_daily is not loaded"):
        copied.quality(TWO)
    reload(copied, 12.0)
    copied.quality(TWO)
    copied.gold(TWO)
    assert closes(copied)[-1] == ("2024-01-03", 12.0)


@pytest.mark.parametrize(("hours", "counts"), [(1, True), (-1, False)])
def test_verdicts_from_before_they_named_their_load(copied: Lake, hours: int, counts: bool) -> None:
    """One counts for a load that ended before it; what gold had of it is computed again."""
    copied.spark.sql(
        "UPDATE dev.quality.results SET sha256 = NULL, logic = NULL, judged_by = NULL, "
        f"checked_at = checked_at + INTERVAL '{hours}' HOUR"
    )
    copied.spark.sql("UPDATE dev.quality.published SET loads = NULL")
    done = copied.gold(ONE, TWO)
    assert done["tables"]["traded_prices"]["days"] == (2 if counts else 0)
    assert ("nothing_done" in done) is not counts
