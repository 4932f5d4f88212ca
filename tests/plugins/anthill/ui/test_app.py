"""The page is behind Airflow's sign-in, and says what the index says."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from anthill import catalog
from anthill.backfill.plan import plan
from anthill.ui.app import STATIC
from anthill.ui.app import app as ours

from .conftest import DAY, MISSING, REFUSED

Headers = dict[str, dict[str, str]]
ROUTES = [(route.path, sorted(route.methods)[0]) for route in ours.routes if hasattr(route, "methods")]  # type: ignore[attr-defined]
DETAIL = {"asset_class": "stocks", "dataset": "grouped_daily"}


def test_every_route_is_known_to_these_tests() -> None:
    """A page of documentation or a new route would answer anybody: it must be looked at here."""
    assert {path for path, _ in ROUTES} == {
        "/coverage",
        "/trace",
        "/static/{name}",
        *(
            f"/api/{name}"
            for name in ("coverage", "freshness", "cell", "gold", "series", "minutes", "calls", "estimate")
        ),
        *(f"/api/{name}" for name in ("readers", "objects", "runs", "trace")),
    }


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_anonymous_is_refused(client: TestClient, path: str, method: str) -> None:
    """Without a session, with a session that is none, and with a token of somebody else's making."""
    address = f"/anthill{path.replace('{name}', 'main.js')}"
    assert client.request(method, address).status_code == 401
    for given in ({"Authorization": "Bearer forged"}, {"Cookie": "_token=forged"}):
        answer = client.request(method, address, headers=given)
        assert answer.status_code in (401, 403)
        assert "grouped_daily" not in answer.text


def test_a_person_without_a_session_is_led_to_the_sign_in(client: TestClient) -> None:
    """A page instead of JSON, still refused."""
    answer = client.get("/anthill/coverage", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert "Go to Airflow" in answer.text


def test_who_may_read_no_dag_is_refused(client: TestClient, headers: Headers) -> None:
    """Known to Airflow, but not to these DAGs."""
    assert client.get("/anthill/api/coverage", headers=headers["nobody"]).status_code == 403


def test_who_may_read_sees_and_may_not_fill(client: TestClient, headers: Headers) -> None:
    """The page knows it beforehand, and Airflow refuses the run itself."""
    for name, may in (("vera", False), ("ann", True)):
        answer = client.get("/anthill/api/coverage", headers=headers[name]).json()
        assert answer["may_fill"] is may
        assert [group["asset_class"] for group in answer["groups"]] == catalog.asset_classes()
    body = {"logical_date": None, "conf": {}}
    assert client.post("/api/v2/dags/market_backfill/dagRuns", json=body, headers=headers["vera"]).status_code == 403
    # Let through, she is told of what is wrong: no such DAG yet, or, where another test has made it, the empty form.
    passed = client.post("/api/v2/dags/market_backfill/dagRuns", json=body, headers=headers["ann"])
    assert passed.status_code in {400, 404}


def test_the_heat_map_tells_landed_refused_and_missing_apart(client: TestClient, headers: Headers) -> None:
    """A letter a day; a day off is a dot."""
    query = {"first": "2026-06-26", "last": "2026-07-03"}
    heat = client.get("/anthill/api/coverage", params=query, headers=headers["vera"]).json()
    stocks = next(group for group in heat["groups"] if group["asset_class"] == "stocks")
    states = dict(zip(heat["days"], stocks["rows"][0]["states"], strict=True))
    assert stocks["rows"][0]["dataset"] == "grouped_daily"
    assert [states[str(day)] for day in (MISSING, REFUSED, DAY)] == ["M", "X", "L"]
    assert (states["2026-06-27"], states["2026-07-02"], states["2026-07-03"]) == (".", "T", ".")


def test_a_streams_minutes_are_told(client: TestClient, headers: Headers) -> None:
    """Of the present day unless another one is asked for, with each gap's cause."""
    streams = client.get("/anthill/api/minutes", headers=headers["vera"]).json()
    assert [each["asset_class"] for each in streams] == ["crypto", "forex", "indices", "stocks"]
    crypto = streams[0]
    assert (crypto["market_date"], len(crypto["states"])) == ("2026-07-03", 1440)
    assert crypto["states"][600:603] + crypto["states"][1230:1246] == "F" * 3 + "G" * 16
    assert [(gap["cause"], gap["state"]) for gap in crypto["gaps"]] == [("closed with 1006", "F"), ("killed", "G")]
    sunday = client.get("/anthill/api/minutes", params={"day": "2026-06-28"}, headers=headers["vera"]).json()
    assert "stocks" not in {each["asset_class"] for each in sunday}
    assert set(sunday[0]["states"]) == {"N"}


def test_gold_stands_below_its_asset_class(client: TestClient, headers: Headers) -> None:
    """Its tables with their days; a cell says why, and a table that is not there is told with those that are."""
    query = {"first": str(REFUSED), "last": str(DAY)}
    heat = client.get("/anthill/api/coverage", params=query, headers=headers["vera"]).json()
    stocks = next(group for group in heat["groups"] if group["asset_class"] == "stocks")
    assert {"table": "daily_prices", "reads": ["grouped_daily"], "states": "HP"} in stocks["gold"]
    assert heat["meaning"]["H"].startswith("held back: ")
    where = {"asset_class": "stocks", "table": "daily_prices", "day": str(REFUSED)}
    cell = client.get("/anthill/api/gold", params=where, headers=headers["vera"]).json()
    assert (cell["state"], cell["why"]) == ("H", "grouped_daily broke row_count")
    assert "dataset IN ('grouped_daily')" in cell["query"]
    landed = client.get("/anthill/api/cell", params={**DETAIL, "day": str(DAY)}, headers=headers["vera"]).json()
    assert "dataset IN ('grouped_daily')" in landed["query"]
    unknown = client.get("/anthill/api/gold", params={**where, "table": "prices"}, headers=headers["vera"])
    assert (unknown.status_code, "daily_prices" in unknown.json()["detail"]) == (404, True)


def test_what_begins_behind_the_source_costs_no_call(client: TestClient, headers: Headers) -> None:
    """And is a form of the backfill as it was asked for; nothing can be fetched again by it."""
    form = {"asset_class": "stocks", "only": {"grouped_daily": ["2026-06-26/2026-06-30"]}, "begin_at": "silver"}
    cost = client.post("/anthill/api/estimate", json=form, headers=headers["vera"]).json()
    assert (cost["calls"], cost["lines"], cost["conf"]["begin_at"]) == (0, [], "silver")
    refused = client.post("/anthill/api/estimate", json={**form, "again": True}, headers=headers["vera"])
    assert (refused.status_code, refused.json()["detail"][:6]) == (422, "again:")


def test_since_when_history_is_wanted_is_a_setting(
    client: TestClient, headers: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is before it is no gap; a setting that is none is told with its name."""
    query = {"first": "2026-06-29", "last": "2026-07-02"}
    monkeypatch.setenv("AIRFLOW__ANTHILL__HISTORY_FROM", "2026-07-03")
    heat = client.get("/anthill/api/coverage", params=query, headers=headers["vera"]).json()
    assert {letter for group in heat["groups"] for row in group["rows"] for letter in row["states"]} <= {*"LER."}
    monkeypatch.setenv("AIRFLOW__ANTHILL__HISTORY_FROM", "soon")
    refused = client.get("/anthill/api/coverage", params=query, headers=headers["vera"])
    assert (refused.status_code, "history_from has 'soon'" in refused.json()["detail"]) == (500, True)


def test_a_cell_tells_where_it_lies_and_who_landed_it(client: TestClient, headers: Headers) -> None:
    """The key, the run, the rows; for a refused day the reason."""
    found = client.get("/anthill/api/cell", params={**DETAIL, "day": str(DAY)}, headers=headers["vera"]).json()
    assert found["objects"][0]["uri"].endswith("/polygon/stocks/grouped_daily/date=2026-06-30/r000001.jsonl.gz")
    assert (found["state"], found["rows"], found["pages"], found["revision"]) == ("L", 10, 2, 1)
    assert found["landed_by"] == {"dag": "stocks", "run": "run1", "task": "land", "map_index": None}
    refused = client.get("/anthill/api/cell", params={**DETAIL, "day": str(REFUSED)}, headers=headers["vera"]).json()
    assert (refused["state"], refused["by_plan"]) == ("X", True)
    assert refused["reason"] == "your plan has no bars of that day"


def test_the_cost_is_told_before_and_its_form_is_one_of_the_backfill(client: TestClient, headers: Headers) -> None:
    """Landed days are not fetched again; what is asked for is planned as it was selected."""
    only = {"grouped_daily": ["2026-06-26/2026-06-30"], "tickers": ["2026-06-26"]}
    form = {"asset_class": "stocks", "only": only}
    cost = client.post("/anthill/api/estimate", json=form, headers=headers["vera"]).json()
    # Two pages a day were measured for bars, and two shards of tickers are two calls; the plan allows five a minute.
    assert {line["dataset"]: (line["days"], line["calls"], line["measured"]) for line in cost["lines"]} == {
        "grouped_daily": (2, 4, True),
        "tickers": (1, 2, False),
    }
    assert (cost["calls"], cost["per_minute"], cost["minutes"]) == (6, 5, 1.2)
    asked = plan({"market_date_from": None, "market_date_to": None, **cost["conf"]})
    assert {name: len(days) for name, days in asked.asked.items()} == {"grouped_daily": 3, "tickers": 1}
    again = client.post("/anthill/api/estimate", json={**form, "again": True}, headers=headers["vera"]).json()
    assert again["calls"] == 8


@pytest.mark.parametrize(
    ("path", "query", "status", "said"),
    [
        ("cell", {"asset_class": "bonds", "dataset": "x", "day": "2026-06-30"}, 404, "No asset class 'bonds'"),
        ("cell", {"asset_class": "stocks", "dataset": "x", "day": "2026-06-30"}, 404, "no dataset 'x'"),
        ("coverage", {"first": "2001-01-01", "last": "2026-01-01"}, 400, "0 days to 6 years"),
        ("coverage", {"first": "June"}, 422, ""),
    ],
)
def test_a_wrong_question_is_told_so(
    client: TestClient, headers: Headers, path: str, query: dict[str, Any], status: int, said: str
) -> None:
    """The answer says what there is."""
    answer = client.get(f"/anthill/api/{path}", params=query, headers=headers["vera"])
    assert answer.status_code == status
    assert said in answer.text


def test_a_wrong_selection_is_told_so(client: TestClient, headers: Headers) -> None:
    """In the words of the backfill's own plan."""
    form = {"asset_class": "stocks", "only": {"grouped_daily": ["2026-06-27"]}}
    answer = client.post("/anthill/api/estimate", json=form, headers=headers["vera"])
    assert answer.status_code == 422
    assert "has no XNYS market day on 2026-06-27" in answer.json()["detail"]


def test_freshness_and_calls_answer(client: TestClient, headers: Headers) -> None:
    """An asset class each, and the rate of the connection."""
    fresh = client.get("/anthill/api/freshness", headers=headers["vera"]).json()
    assert [stage["name"] for stage in fresh[0]["stages"]] == ["bronze", "silver", "gold"]
    calls = client.get("/anthill/api/calls", headers=headers["vera"]).json()
    assert calls["per_minute"] == 5
    assert sum(bucket["rows"] for bucket in calls["asset_classes"]["stocks"]) == 10


def test_the_page_takes_nothing_from_other_hosts(client: TestClient, headers: Headers) -> None:
    """Neither by its text nor by its policy; every file it names is there."""
    page = client.get("/anthill/coverage", headers=headers["vera"])
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for path in STATIC.iterdir():
        text = path.read_text()
        assert "https://" not in text
        assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert client.get(f"/anthill/static/{path.name}", headers=headers["vera"]).status_code == 200
    assert client.get("/anthill/static/..%2Fapp.py", headers=headers["vera"]).status_code == 404
