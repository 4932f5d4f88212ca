"""What a run came to is told in words that somebody can act on."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from anthill.alerts.outcome import Outcome

FINE = {"land.bars": "success", "land.codes": "skipped", "silver": "success", "quality": "success", "gold": "success"}


def outcome(states: dict[str, str] | None = None, errors: dict[str, str] | None = None, **results: Any) -> Outcome:
    """A run of stocks."""
    return Outcome("stocks", dt.date(2026, 7, 2), "link", {**FINE, **(states or {})}, errors or {}, results)


def test_a_whole_day_is_not_worth_a_word() -> None:
    """Skipped tasks belong to a whole day."""
    assert outcome().is_whole
    assert list(outcome(silver={"datasets": {"bars": {"restated": {}, "quarantined": 0}}}).alerts()) == []


def test_a_failure_names_each_red_task_with_its_words() -> None:
    """What only waited for it is not named; the first step is that of the first red task."""
    (alert,) = outcome({"silver": "failed", "gold": "upstream_failed"}, {"silver": "BronzeError: r000001"}).alerts()
    assert (alert.kind, alert.severity, alert.summary) == ("failure", "alert", "silver failed")
    assert alert.details == ("silver: BronzeError: r000001",)
    assert "Databricks run" in alert.first_step


def test_what_failed_first_leads() -> None:
    """Not the first by name: gold failed for want of what was not landed."""
    (alert,) = outcome({"gold": "failed", "land.bars": "failed", "grants": "failed"}, {"land.bars": "no key"}).alerts()
    assert alert.summary == "land.bars, gold, grants failed"
    assert alert.details[0] == "land.bars: no key"
    assert "connection" in alert.first_step


def test_one_cause_is_one_line() -> None:
    """Datasets that were refused alike are told once, with the words of the first; another reason has its own line."""
    text = "{0} on 2026-07-02: the API answered 401 ERROR: Unknown Key [GET http://x/{0}]. Put a valid key there."
    names = ["land.bars", "land.codes", "land.fixes", "land.news", "land.ratios"]
    errors = {name: text.format(f"stocks.{name[5:]}") for name in names}
    (alert,) = outcome(dict.fromkeys([*names, "land.splits"], "failed"), {**errors, "land.splits": "no room"}).alerts()
    assert alert.details == (
        f"land.bars, land.codes, land.fixes and 2 more: {errors['land.bars']}",
        "land.splits: no room",
    )
    assert alert.summary == "land.bars, land.codes, land.fixes and 3 more failed"


def test_a_task_that_died_without_a_word_is_named_too() -> None:
    """A worker that was killed leaves no error behind."""
    (alert,) = outcome({"land.bars": "failed"}).alerts()
    assert alert.details == ("land.bars: it said nothing; see its log",)
    (two,) = outcome({"land.bars": "failed", "land.codes": "failed"}).alerts()
    assert len(two.details) == 2


def test_what_gold_held_back_is_a_failure_too() -> None:
    """Every task is green or skipped, and yet not all that was loaded can be seen."""
    held = msgspec.structs.replace(outcome({"gold": "skipped"}), held_back=("bars of 2026-07-02: not checked",))
    assert not held.is_whole
    (alert,) = held.alerts()
    assert (alert.kind, alert.severity, alert.summary) == ("failure", "alert", "gold held days back")
    assert alert.details == ("gold holds back bars of 2026-07-02: not checked",)
    assert "quality" in alert.first_step


def test_a_run_that_was_stopped_is_a_failure() -> None:
    """No task is red, and yet not all were run."""
    (alert,) = outcome({"gold": "none"}).alerts()
    assert (alert.kind, alert.summary) == ("failure", "not every task was run")


def test_what_quality_and_reconciliation_doubt_is_one_notice() -> None:
    """Each line of both; neither makes the day less whole."""
    run = outcome(quality={"warnings": ["few rows"]}, reconcile={"warnings": ["splits: ours is 1"]})
    (alert,) = run.alerts()
    assert (run.is_whole, alert.kind, alert.severity) == (True, "quality", "notice")
    assert alert.details == ("few rows", "splits: ours is 1")


def test_doubts_are_counted_beyond_those_that_are_handed_on() -> None:
    """A notebook hands back the first of many, and how many there were."""
    run = outcome(quality={"warned": 25_000, "warnings": ["few rows"]}, reconcile={"warnings": ["splits: ours is 1"]})
    (alert,) = run.alerts()
    assert (alert.summary, len(alert.details)) == ("25001 expectations are not met", 2)


def test_restatements_doubts_and_drift_are_notices() -> None:
    """Each with its numbers."""
    silver = {"datasets": {"bars": {"restated": {"2026-07-01": 1200}, "quarantined": 3}}}
    landed = {"land.bars": {"rows": 5, "drift": ["the new field 'otc'"]}}
    found = outcome(None, None, silver=silver, quality={"warnings": ["rows of bars: 5, usually 9"]}, **landed).alerts()
    told = {alert.kind: alert for alert in found}
    assert told.keys() == {"restatement", "quality", "drift"}
    assert {alert.severity for alert in told.values()} == {"notice"}
    assert told["restatement"].details == ("bars 2026-07-01: 1,200 rows changed",)
    assert told["quality"].details == ("rows of bars: 5, usually 9",)
    assert told["drift"].details == ("bars: 3 rows are in quarantine", "bars: the new field 'otc'")
