"""Bodies that are made once."""

import gzip
from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from local.polygon.answers.cache import Cache, fingerprint, sources
from local.polygon.answers.envelopes import Packed
from tests.local.polygon.serving import GROUPED, SMALL, Server


@given(st.text(), st.binary())
def test_packed_bodies_are_one_gzip_member(text: str, end: bytes) -> None:
    """A beginning and any end together are what gzip reads, and what goes out plain."""
    packed = Packed.of(text)
    assert gzip.decompress(packed.gzipped(end)) == packed.plain(end) == text.encode() + end


def test_a_body_is_made_once(tmp_path: Path) -> None:
    """What is kept in memory, or in the folder by an earlier server, is not made again."""
    made: list[str] = []

    def make() -> str:
        made.append("body")
        return "body"

    for cache in (Cache(1000, tmp_path), Cache(1000, tmp_path)):
        assert cache.get("a", make).plain(b"!") == cache.get("a", make).plain(b"!") == b"body!"
    assert made == ["body"]
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_memory_is_bounded() -> None:
    """The least recently used bodies are forgotten."""
    cache, made = Cache(60), list[str]()

    def get(name: str) -> None:
        cache.get(name, lambda: made.append(name) or name * 3)  # type: ignore[func-returns-value]

    for name in ("a", "b", "a", "c", "d", "e", "f", "g", "h", "a", "h"):
        get(name)
    assert made.count("h") == 1
    assert made.count("a") == 2


def test_a_later_server_reads_the_folder(tmp_path: Path, serve: Callable[..., Server]) -> None:
    """The same market's days come from the folder with the same rows; another seed has a folder of its own."""
    folder = tmp_path / "cache"
    pages = [serve(*SMALL, "--cache", str(folder)).page(f"{GROUPED}/2026-06-15") for _ in range(2)]
    assert pages[0]["results"] == pages[1]["results"]
    assert len(list(folder.glob("*/*"))) == 1
    serve(*SMALL, "--cache", str(folder), "--seed", "8").page(f"{GROUPED}/2026-06-15")
    assert len(list(folder.glob("*/*"))) == 2


def test_fingerprints_tell_facts_apart() -> None:
    """Other facts, another name."""
    assert fingerprint(7, 1) == fingerprint(7, 1) != fingerprint(8, 1)


def test_fingerprints_are_of_code_and_data() -> None:
    """What a market is made of stands in Python and in YAML: a change of either makes other bodies."""
    made_of = {path.suffix for path in sources()}
    assert made_of == {".py", ".yaml"}
    assert {"notable.yaml", "script.yaml", "walk.py", "app.py", "simulated.py"} <= {path.name for path in sources()}
