"""Nobody is told the same thing twice, and nothing is lost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from anthill.alerts.alert import Alert
from anthill.alerts.told import Told
from anthill.ledger.documents import Documents

DAY = dt.date(2026, 7, 2)
FAILURE = Alert("failure", "stocks", DAY, "silver failed", "look", "link", ("silver: no object",))
OTHER = Alert("failure", "stocks", DAY, "gold failed", "look", "link")
DOUBT = Alert("quality", "stocks", DAY, "1 expectation is not met", "look", "link")


@pytest.fixture
def told(s3: Any, bucket: str) -> Told:
    """An empty memory."""
    return Told(Documents(s3, bucket), "stocks")


def test_the_same_is_told_once(told: Told) -> None:
    """Again only when it is something else; kinds and days do not hide each other."""
    sent: list[Alert] = []
    assert [told.once(each, sent.append) for each in (FAILURE, FAILURE, OTHER, DOUBT)] == [True, False, True, True]
    assert sent == [FAILURE, OTHER, DOUBT]


def test_what_could_not_be_sent_is_sent_the_next_time(told: Told) -> None:
    """A message counts as told when it went out, not before."""

    def refuse(_: Alert) -> None:
        raise RuntimeError("AccessDenied")

    with pytest.raises(RuntimeError):
        told.once(FAILURE, refuse)
    sent: list[Alert] = []
    assert told.once(FAILURE, sent.append)
    assert sent == [FAILURE]


def test_a_failure_is_open_until_it_is_closed(told: Told) -> None:
    """After a recovery the same failure is news again; a doubt never needs one."""
    told.once(DOUBT, lambda _: None)
    assert not told.is_open(DAY)
    told.once(FAILURE, lambda _: None)
    assert told.is_open(DAY)
    told.close(DAY)
    assert not told.is_open(DAY)
    assert told.once(FAILURE, lambda _: None)
    assert not told.once(DOUBT, lambda _: None)


def test_a_year_is_a_document_and_days_do_not_hide_each_other(told: Told, s3: Any, bucket: str) -> None:
    """Beside the coverage; a day that is closed leaves the others open."""
    days = [dt.date(2025, 12, 31), dt.date(2026, 1, 2), dt.date(2026, 1, 5)]
    for day in days:
        assert told.once(msgspec.structs.replace(FAILURE, market_date=day), lambda _: None)
    told.close(days[1])
    assert [told.is_open(day) for day in days] == [True, False, True]
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert keys == [f"polygon/stocks/_coverage/told/{year}.json.gz" for year in (2025, 2026)]


@pytest.mark.parametrize(("kind", "opens"), [("failure", True), ("late", True), ("missed", True), ("drift", False)])
def test_what_a_recovery_ends(told: Told, kind: Any, opens: bool) -> None:
    """A day that failed, is late or missed its deadline; once over, the same is news again, a notice is not."""
    alert = msgspec.structs.replace(FAILURE, kind=kind)
    told.once(alert, lambda _: None)
    assert told.is_open(DAY) is opens
    told.close(DAY)
    assert not told.is_open(DAY)
    assert told.once(alert, lambda _: None) is opens
