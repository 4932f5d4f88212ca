"""Kept answers are served beside the simulated ones: that of the very call, or the rows that another call asks for."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog
from anthill.calendars import market_days, shift
from anthill.sources.polygon.urls import build
from local.polygon.answers import samples
from tests.local.polygon.serving import SMALL, Server, serving

PATH = "/fed/v9/rates"
ROWS = [{"date": f"2026-06-{day:02d}", "rate": day / 10, "kind": "a" if day % 2 else "b"} for day in range(1, 11)]
WHOLE = {"status": "OK", "request_id": "kept", "results": ROWS[:6]}
SECOND = {
    "status": "OK",
    "request_id": "kept",
    "results": ROWS[5:],
    "next_url": "https://api.example/fed/v9/rates?cursor=x",
}
MADE = [
    (PATH, {"date.lte": "2026-06-06"}, WHOLE),
    (PATH, {"date.gte": "2026-06-06", "limit": "5"}, SECOND),
    ("/fed/v9/one", {}, {"status": "OK", "results": {"rate": 1}}),
    ("/v1/marketstatus/now", {}, {"market": "kept"}),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with some samples in two folders."""
    folder = tmp_path_factory.mktemp("samples")
    for number, (path, params, body) in enumerate(MADE):
        put(folder / "first" / "deeper", f"{number}", path, params, body)
    put(folder / "second", "other", "/fed/v9/one", {}, {"status": "OK", "results": {"rate": 2}})
    (folder / "second" / "notes.txt").write_text("no sample")
    with serving(folder, *SMALL, "--samples", f"{folder / 'first'},{folder / 'second'},{folder / 'none'}") as found:
        yield found


def put(folder: Path, name: str, path: str, params: dict[str, str], body: Any) -> Path:
    """A file as `anthill sample` writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"path": path, "params": params, "body": body}))
    return file


def days(server: Server, query: str) -> list[int]:
    """The days of the rows that a call is given."""
    return [int(row["date"][-2:]) for row in server.rows(f"{PATH}?{query}")]


def test_the_call_that_was_kept_is_given_its_answer(server: Server) -> None:
    """As it is, in whatever order it is asked; its next page is asked of this server."""
    assert server.page(f"{PATH}?date.lte=2026-06-06") == WHOLE
    again = server.page(f"{PATH}?limit=5&date.gte=2026-06-06")
    assert again == SECOND | {"next_url": f"{server.base}{PATH}?cursor=x"}


def test_any_other_call_is_given_the_rows_that_it_asks_for(server: Server) -> None:
    """Of all answers of the path, each row once; filters, order and pages are those of the API."""
    assert days(server, "date.gt=2026-06-03&date.lte=2026-06-07") == [4, 5, 6, 7]
    assert days(server, "date=2026-06-08") == [8]
    assert days(server, "date.any_of=2026-06-02,2026-06-09&sort=date.desc") == [9, 2]
    assert days(server, "kind=b&limit=2") == [2, 4, 6, 8, 10]
    assert server.page(f"{PATH}?limit=4")["count"] == 4


def test_what_has_no_rows_is_one_answer(server: Server) -> None:
    """Whatever is asked; of two of one call that of the later folder."""
    assert server.page("/fed/v9/one?date=2026-06-01")["results"] == {"rate": 2}


def test_a_key_is_asked_for_and_what_is_simulated_goes_before(server: Server) -> None:
    """A sample stands still, and opens nothing."""
    assert server.get(PATH, key=None).status == 400
    assert server.page("/v1/marketstatus/now")["market"] != "kept"


def test_what_is_not_known_says_how_to_make_it_known(server: Server) -> None:
    """The path, the command that keeps a sample, and where it is told how to write one."""
    answer = server.get("/fed/v9/gold")
    assert answer.status == 404
    said = answer.data.decode()
    assert "/fed/v9/gold" in said
    assert "`anthill sample /fed/v9/gold`" in said
    assert "local/README.md" in said


@pytest.mark.parametrize("text", ["{", '{"path": "/x"}', '{"path": "/x", "params": {"a": 1}, "body": 1}'])
def test_a_file_that_is_no_sample_is_named(tmp_path: Path, text: str) -> None:
    """The server says so when it starts."""
    file = tmp_path / "odd.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"odd\.json: no sample, as `anthill sample` writes it"):
        samples.handlers([tmp_path])


def test_samples_by_hand_answer_what_the_demo_asks(tmp_path: Path) -> None:
    """As landing asks: the yields of the day before for each of its days, and two years of months until then."""
    declared = catalog.load("economy").datasets
    assert set(samples.handlers([samples.BY_HAND])) == {each.path for each in declared.values()}
    with serving(tmp_path, *SMALL, "--samples", str(samples.BY_HAND)) as server:
        for day in market_days("XNYS", dt.date(2026, 6, 4), dt.date(2026, 7, 2)):
            calls = {name: each.call(day) for name, each in declared.items()}
            told = {name: server.rows(build("", call.path, call.params)) for name, call in calls.items()}
            before = str(shift("XNYS", day, -1))
            assert [row["date"] for row in told["treasury_yields"]] == [before]
            for name in ("inflation", "inflation_expectations"):
                months = [row["date"] for row in told[name]]
                assert months == sorted(set(months))
                assert len(months) >= 22
                assert months[-1] <= str(day)
