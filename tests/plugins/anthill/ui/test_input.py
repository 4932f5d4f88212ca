"""Whatever comes in is answered, in bounded work: a result, or in words why there is none."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk.exceptions import ParamValidationError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from anthill import calendars, catalog
from anthill.backfill.dag import backfill_dag
from anthill.coverage import cost

Headers = dict[str, dict[str, str]]
FORM = {"asset_class": "stocks", "market_date_from": "2026-06-01", "market_date_to": "2026-06-30"}
SHARED = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("2026-06-01"),
    st.sampled_from(["stocks", "grouped_daily", "1e9", "0001-01-01/9999-12-31", "2026-06-30/2026-06-01"]),
)  # fmt: skip
ANY = st.recursive(
    ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD.map(str), inner, max_size=3), max_leaves=6
)


@pytest.fixture(autouse=True)
def bounded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The market days that were counted: nobody is made to count more than all days of all datasets."""
    counted: list[int] = []
    asked = cost.estimate

    def count(reader: Any, declared: Any, days: Any, rate: int) -> Any:
        counted.append(sum(map(len, days.values())))
        return asked(reader, declared, days, rate)

    monkeypatch.setattr(cost, "estimate", count)
    yield counted
    everything = len(calendars.market_days("24/7", dt.date.min, dt.date.max)) * 30
    assert all(number <= everything for number in counted)


def post(client: TestClient, headers: Headers, body: str | bytes) -> tuple[int, str]:
    """Ask for an estimate with a body as it is: the status and what was said."""
    sent = {**headers["vera"], "Content-Type": "application/json"}
    answer = client.post("/anthill/api/estimate", content=body, headers=sent)
    return answer.status_code, answer.text


@pytest.mark.parametrize("chunk", [0, -1, "x", None, 1e9, 505, 1.5, True, [63], {}, -(2**70), float("inf")])
def test_a_chunk_is_what_the_form_allows(client: TestClient, headers: Headers, chunk: Any) -> None:
    """Zero and less would make chunks without end: the answer names the field."""
    status, said = post(client, headers, json.dumps({**FORM, "chunk": chunk}))
    assert status == 422
    assert "chunk" in said


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"asset_class": "bonds"}, "asset_class"),
        ({"asset_class": "../grants/stocks"}, "asset_class"),
        ({"asset_class": ["stocks"]}, "asset_class"),
        ({"asset_class": None}, "asset_class"),
        ({"datasets": ["quotes"]}, "quotes"),
        ({"datasets": "splits"}, "datasets"),
        ({"datasets": [["splits"]]}, "datasets"),
        ({"market_date_from": None}, "market_date_from"),
        ({"market_date_to": "tomorrow"}, "market_date_to"),
        ({"market_date_to": 20260630}, "market_date_to"),
        ({"market_date_from": "2026-07-01"}, "no XNYS market day"),
        ({"only": ["splits"]}, "only"),
        ({"only": {"splits": "2026-06-01"}}, "only"),
        ({"only": {"splits": None}}, "only"),
        ({"only": {"splits": [None]}}, "only"),
        ({"only": {"splits": []}}, "names no market day"),
        ({"only": {"quotes": ["2026-06-01"]}}, "quotes"),
        ({"only": {"splits": ["2026-06-01/2026-06-02/2026-06-03"]}}, "no date"),
        ({"only": {"splits": ["2003-09-10/9999-12-31", "2010-01-04/2020-12-31"]}}, "more market days"),
        ({"again": "yes"}, "again"),
        ({"again": None}, "again"),
        ({"chunk": 1, "market_date_from": "2004-01-01"}, "chunk"),
        ({"dag": "doctor"}, "no such field"),
    ],
)
def test_a_form_that_the_dag_would_not_take_is_told_so(
    client: TestClient, headers: Headers, wrong: dict[str, Any], named: str
) -> None:
    """422 with the field or the name that is wrong."""
    status, said = post(client, headers, json.dumps({**FORM, **wrong}))
    assert status == 422
    assert named in json.loads(said)["detail"]


def test_huge_ranges_are_the_days_that_there_are(client: TestClient, headers: Headers, bounded: list[int]) -> None:
    """From the beginning of time to its end: the calendar's own days, of one dataset once."""
    span = {"market_date_from": "0001-01-01", "market_date_to": "9999-12-31"}
    status, said = post(client, headers, json.dumps({**FORM, **span, "datasets": ["splits"], "chunk": 504}))
    assert status == 200
    stocks = catalog.load("stocks")
    assert bounded == [len(calendars.market_days("XNYS", stocks.start_date, dt.date.max))]
    assert json.loads(said)["lines"][0]["days"] == bounded[0]


@SHARED
@given(form=st.dictionaries(st.sampled_from([*FORM, "datasets", "only", "chunk", "again", "more"]), ANY))
@example(form={"only": {"splits": ["0001-01-01/9999-12-31"] * 3}})
@example(form={"datasets": ["\ud800"]})
@example(form={"only": {"\ud800": []}})
@example(form={"chunk": float("nan")})
@example(form={"chunk": 63.0})
def test_any_form_is_estimated_or_refused(client: TestClient, headers: Headers, form: dict[str, Any]) -> None:
    """What the DAG's own form refuses is 422 here, and what is estimated the DAG takes as it is told."""
    whole = {**FORM, **form}
    status, said = post(client, headers, json.dumps(whole))
    assert status in (200, 422), said
    taken = backfill_dag("").params
    try:
        taken.update(whole)
        taken.validate()
    except ParamValidationError:
        assert status == 422
    if status == 200:
        backfill_dag("").params.update(json.loads(said)["conf"])


@SHARED
@given(body=st.one_of(st.binary(max_size=40), ANY.map(lambda value: json.dumps(value).encode())))
@example(body=b"[NaN]")
@example(body=b'["\\ud800"]')
@example(body=b"[" * 5_000)
@example(body=b'{"chunk": ' + b"9" * 5_000 + b"}")
@example(body=b'{"only": ' + b'{"a":' * 800 + b"1" + b"}" * 801)
@example(body=b"")
def test_any_body_is_answered(client: TestClient, headers: Headers, body: bytes) -> None:
    """Whatever bytes: an error in JSON, never a failure of the server."""
    status, said = post(client, headers, body)
    assert status in (400, 422)
    assert json.loads(said)["detail"]


def test_a_body_beyond_any_form_is_not_read(client: TestClient, headers: Headers) -> None:
    """Two megabytes, in one piece and in many of unknown number, and before anybody asks who sends them."""
    for sent in (headers["vera"], {}):
        for body in (b" " * 2**21, iter([b" " * 2**16] * 32)):
            answer = client.post("/anthill/api/estimate", content=body, headers=sent)
            assert answer.status_code == 413


WORDS = st.one_of(st.text(max_size=12), st.sampled_from(["stocks", "grouped_daily", "2026-06-30", "9999-12-31"]))
DATES = st.dates().map(str) | WORDS


@SHARED
@given(
    question=st.sampled_from(["coverage", "freshness", "cell", "series", "calls"]),
    query=st.fixed_dictionaries(
        {},
        optional={
            "asset_class": WORDS,
            "dataset": WORDS,
            "day": DATES,
            "first": DATES,
            "last": DATES,
            "days": st.integers().map(str) | WORDS,
        },
    ),
)
@example(question="coverage", query={"last": "0001-01-01"})
@example(question="coverage", query={"first": "9999-12-31", "last": "9999-12-31"})
@example(question="calls", query={"days": str(10**30)})
@example(question="calls", query={"days": str(-(10**30))})
@example(question="cell", query={"asset_class": "stocks", "dataset": "splits", "day": "0001-01-01"})
@example(question="cell", query={"asset_class": "stocks", "dataset": "splits", "day": "9999-12-31"})
@example(
    question="series",
    query={"asset_class": "stocks", "dataset": "splits", "first": "0001-01-01", "last": "9999-12-31"},
)
def test_any_question_is_answered(client: TestClient, headers: Headers, question: str, query: dict[str, str]) -> None:
    """An answer, or what is wrong about the question."""
    answer = client.get(f"/anthill/api/{question}", params=query, headers=headers["vera"])
    assert answer.status_code in (200, 400, 404, 422)
    if answer.status_code != 200:
        assert re.search(r"\w", answer.json()["detail"])
