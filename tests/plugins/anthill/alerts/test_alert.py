"""A message says what happened to which day, what to do first, and where."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from anthill.alerts.alert import Alert

DAY = dt.date(2026, 7, 2)


def alert(summary: str, *details: str) -> Alert:
    """A failure of stocks."""
    return Alert("failure", "stocks", DAY, summary, "open the log", "https://airflow.example/runs/1", details)


@given(st.text())
def test_a_subject_is_one_that_sns_takes(summary: str) -> None:
    """At most 100 ASCII characters on one line, whatever a source said."""
    subject = alert(summary).subject
    assert len(subject) <= 100
    assert subject.isascii()
    assert "\n" not in subject
    assert subject.startswith("stocks 2026-07-02 failure: ")


def test_the_text_has_the_first_step_and_the_link() -> None:
    """Long lists are cut, and say how much is left out."""
    text = alert("2 tasks failed", *(f"task {number}" for number in range(25))).text
    assert text.startswith("stocks, market day 2026-07-02: 2 tasks failed\n- task 0\n")
    assert "- and 5 more" in text
    assert text.endswith(
        "First: open the log\nThe run: https://airflow.example/runs/1\nThe runbook: docs/runbook.md#failure"
    )


def test_the_digest_tells_messages_apart() -> None:
    """Other red tasks are another failure, other numbers another doubt; the same ones in another run are not."""
    assert alert("a").digest != alert("b").digest
    assert alert("a", "run 1").digest == alert("a", "run 2").digest
    doubts = [Alert("quality", "stocks", DAY, "1", "look", link, (rows,)) for link in "xy" for rows in ("5", "6")]
    assert [doubts.index(next(d for d in doubts if d.digest == each.digest)) for each in doubts] == [0, 1, 0, 1]
