"""`anthill sample` keeps the API's answers as files that the simulator serves, and never the key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from local.polygon.answers import samples
from tests.scripted_server import Asked, Reply, ScriptedServer, http, page

from .conftest import Run

Sampled = Callable[..., tuple[Result, list[Path]]]
KEY = "not-a-key-of-anybody"
YIELDS = "/fed/v1/treasury-yields"


def answer(asked: Asked) -> Reply:
    """Two pages of yields, one of splits, an answer that repeats the key, and a refusal of all else."""
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["authorization"] == f"Bearer {KEY}"
    next_url = f"http://{headers['host']}{YIELDS}?cursor=two&apiKey={KEY}"
    if asked.path == YIELDS and "cursor" not in asked.params:
        return page({"status": "OK", "results": [{"date": "2026-07-01"}], "next_url": next_url})
    if asked.path == YIELDS:
        return page({"status": "OK", "results": [{"date": "2026-06-30"}]})
    if asked.path == "/stocks/v1/splits":
        return page({"status": "OK", "results": [], "asked": asked.params})
    if asked.path == "/echo":
        return page({"status": "OK", "said": KEY})
    return http(b'{"status": "NOT_AUTHORIZED", "message": "no"}', 403, {"Content-Type": "application/json"})


@pytest.fixture
def sample(run: Run, tmp_path: Path) -> Iterator[Sampled]:
    """Run the command against the scripted API, into a folder; what it says, and the files."""
    with ScriptedServer(answer) as server:

        def sampled(*arguments: str) -> tuple[Result, list[Path]]:
            done = run("sample", *arguments, "--api", server.url, "--out", str(tmp_path / "kept"), POLYGON_API_KEY=KEY)
            return done, sorted((tmp_path / "kept").rglob("*.json"))

        yield sampled


def test_each_page_is_a_file_without_the_key(sample: Sampled) -> None:
    """Under its path, named by what was asked; the simulator knows them."""
    done, files = sample(f"{YIELDS}?date.lte=2026-07-01")
    assert done.exit_code == 0, done.output
    assert [file.relative_to(file.parents[3]).as_posix() for file in files] == [
        "fed/v1/treasury-yields/cursor=two.json",
        "fed/v1/treasury-yields/date.lte=2026-07-01.json",
    ]
    second, first = (json.loads(file.read_text()) for file in files)
    assert (first["path"], first["params"]) == (YIELDS, {"date.lte": "2026-07-01"})
    assert first["body"]["results"] == [{"date": "2026-07-01"}]
    assert first["body"]["next_url"].endswith(f"{YIELDS}?cursor=two")
    assert second["params"] == {"cursor": "two"}
    assert not any(KEY in file.read_text() for file in files)
    assert "1 rows" in done.output
    assert set(samples.handlers([files[0].parents[3]])) == {YIELDS}


def test_pages_are_as_many_as_are_asked_for(sample: Sampled) -> None:
    """A sample need not be all there is."""
    _, files = sample(f"{YIELDS}?date.lte=2026-07-01", "--pages", "1")
    assert len(files) == 1


def test_a_declared_dataset_is_asked_as_landing_asks_it(sample: Sampled) -> None:
    """For a market day, with the parameters of its declaration."""
    done, (file,) = sample("stocks.splits", "2026-07-01")
    assert done.exit_code == 0, done.output
    kept = json.loads(file.read_text())
    assert kept["path"] == "/stocks/v1/splits"
    assert kept["params"] == kept["body"]["asked"]
    assert "2026-07-01" in kept["params"].values()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["/echo"], "the answer repeats your key; nothing was written"),
        (["/secret"], "NOT_AUTHORIZED"),
        (["stocks.spilts", "2026-07-01"], "'stocks.spilts' is neither a path nor a dataset; stocks has grouped_daily"),
        (["stocks.splits"], "Give the market day to ask stocks.splits for"),
        (["options.daily_bars", "2026-07-01"], "is asked for each contracts.ticker: give the path of one"),
    ],
)
def test_what_cannot_be_kept_is_told(sample: Sampled, arguments: list[str], said: str) -> None:
    """In words, with nothing written."""
    done, files = sample(*arguments)
    assert done.exit_code == 1
    assert said in " ".join(done.output.split())
    assert KEY not in done.output
    assert files == []


def test_without_a_key_nobody_is_asked(run: Run, tmp_path: Path) -> None:
    """It is taken from where the local stack takes it."""
    done = run("sample", YIELDS, "--out", str(tmp_path), POLYGON_API_KEY="")
    assert done.exit_code == 1
    assert "POLYGON_API_KEY" in done.output
