"""A run's output is a result about what was asked for, or one error in words."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anthill.lakehouse import output

ASKED = {"asset_class": "stocks", "from": "2026-06-02", "to": "2026-06-02"}
RESULTS: dict[str, dict[str, Any]] = {
    "silver": {"datasets": {"splits": {"days": 1, "silver_rows": 5, "quarantined": 0, "restated": {"2026-06-01": 2}}}},
    "quality": {"days": 1, "checks": 29, "warnings": ["splits: late"], "datasets": {"splits": 29}},
    "reconcile": {"checks": 3, "warnings": ["splits: ours is 1"], "datasets": {"splits": 3}},
    "gold": {"tables": {"daily_prices": {"rows": 5, "days": 1, "fresh_until": "2026-06-02", "held_back": []}}},
}


def answer(result: Any, **more: Any) -> dict[str, Any]:
    """The API's answer about a run whose notebook exited with a result."""
    return {"notebook_output": {"result": json.dumps(result), **more}, "metadata": {}}


@pytest.mark.parametrize("job", RESULTS)
def test_a_result_is_what_the_notebook_returned(job: str) -> None:
    """All of it, also what nobody reads here."""
    result = {**ASKED, **RESULTS[job], "more": [1, {"deep": None}]}
    assert output.read(answer(result), job, ASKED) == result


@pytest.mark.parametrize(
    ("job", "other"),
    [pair for pair in itertools.permutations(RESULTS, 2) if set(pair) != {"quality", "reconcile"}],  # results alike
)
def test_the_result_of_another_job_is_none(job: str, other: str) -> None:
    """Each job has its own."""
    with pytest.raises(output.OutputError, match=f"none of the job {job}: .*version"):
        output.read(answer({**ASKED, **RESULTS[other]}), job, ASKED)


@pytest.mark.parametrize("wrong", ["asset_class", "from", "to"])
@pytest.mark.parametrize("value", ["forex", "2026-06-01", None, 7, ["stocks"]])
def test_the_result_of_another_run_is_none(wrong: str, value: Any) -> None:
    """Another asset class or day, or none at all, is named beside what was asked for."""
    result = {**ASKED, **RESULTS["gold"], wrong: value}
    with pytest.raises(output.OutputError, match=f"of another run: {wrong} .* for '{ASKED[wrong]}'"):
        output.read(answer(result), "gold", ASKED)
    del result[wrong]
    with pytest.raises(output.OutputError, match=f"of another run: {wrong} None for '{ASKED[wrong]}'"):
        output.read(answer(result), "gold", ASKED)


def test_a_cut_result_is_none() -> None:
    """Databricks cuts what is longer than 5 MB, and says so."""
    with pytest.raises(output.OutputError, match="is cut: the limit is 5 MB"):
        output.read(answer({**ASKED, **RESULTS["gold"]}, truncated=True), "gold", ASKED)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.one_of(JSON, st.fixed_dictionaries({"notebook_output": JSON})))
@example(None)
@example({})
@example({"notebook_output": {}})
@example({"notebook_output": {"result": None}})
@example({"notebook_output": {"result": "{}"}})
@example({"notebook_output": {"result": "NaN"}})
@example({"notebook_output": {"result": "[" * 100_000}})
@example({"notebook_output": {"result": '"\ud800"'}})
def test_any_answer_without_a_result_is_one_error(found: Any) -> None:
    """Whatever JSON the API gives, the error is typed and says that the run was a success."""
    with pytest.raises(output.OutputError, match="SUCCESS"):
        output.read(found, "silver", ASKED)


@given(st.sampled_from(sorted(RESULTS)), JSON)
@example("silver", {"splits": None})
@example("silver", {"splits": {"quarantined": "3"}})
@example("silver", {"splits": {"restated": ["2026-06-01"]}})
@example("gold", {"daily_prices": "unchanged"})
@example("quality", [None])
def test_what_is_read_later_has_its_type(job: str, odd: Any) -> None:
    """Whatever a result holds in the fields that others read, it has their types or is refused here."""
    field = {"silver": "datasets", "gold": "tables"}.get(job, "warnings")
    try:
        result = output.read(answer({**ASKED, "checks": 1, field: odd}), job, ASKED)
    except output.OutputError:
        return
    match job:
        case "silver":
            loads = result["datasets"].values()
            assert all(type(load.get("quarantined", 0)) is int for load in loads)
            assert all(type(rows) is int for load in loads for rows in load.get("restated", {}).values())
        case "quality" | "reconcile":
            assert all(isinstance(line, str) for line in result["warnings"])
        case "gold":
            assert all(isinstance(table.get("fresh_until"), str | None) for table in result["tables"].values())
