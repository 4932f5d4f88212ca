"""Chains of pages."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anthill.sources import digest
from anthill.sources.page import Page
from anthill.sources.polygon.client import Client
from anthill.sources.polygon.envelope import parse
from anthill.sources.polygon.errors import BrokenChainError, ForeignOriginError
from anthill.sources.polygon.paging import chain
from tests.scripted_server import Chain, ScriptedServer, page

ClientOf = Callable[[ScriptedServer], Client]
START = "http://x/v3/rows"


def fetch_from(pages: list[list[int]], links: dict[int, str | None]) -> Callable[[str], Page]:
    """A fetch over numbered pages; a link leads from a page to a URL."""

    def fetch(url: str) -> Page:
        number = int(url.partition("cursor=")[2] or 0)
        rows = parse(json.dumps(pages[number]).encode()).rows
        return Page(url, b"", 0, rows, digest.of_rows(rows), None, links.get(number))

    return fetch


@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_every_row_once_in_order(sizes: list[int]) -> None:
    """Pages of any sizes, empty ones among them, give every row of the last one too."""
    counter = iter(range(10_000))
    pages = [[next(counter) for _ in range(size)] for size in sizes]
    links = {number: f"{START}?cursor={number + 1}" for number in range(len(pages) - 1)}
    read = [int(bytes(row)) for page in chain(fetch_from(pages, links), START) for row in page.rows]
    assert read == list(range(sum(sizes)))


@given(st.integers(1, 8), st.data())
def test_any_loop_ends(length: int, data: st.DataObject) -> None:
    """Wherever the last page leads back to, the chain stops with an error."""
    back = data.draw(st.integers(0, length - 1))
    links = {number: f"{START}?cursor={number + 1}" for number in range(length - 1)}
    links[length - 1] = f"{START}?cursor={back}" if back else START
    with pytest.raises(BrokenChainError, match="already fetched"):
        list(chain(fetch_from([[number] for number in range(length)], links), START))


def test_a_repeated_page_ends_it() -> None:
    """The same rows under another URL, in another order, are seen."""
    links = {0: f"{START}?cursor=1", 1: f"{START}?cursor=2"}
    with pytest.raises(BrokenChainError, match="page 3 repeats"):
        list(chain(fetch_from([[1, 2], [3], [2, 1]], links), START))


def test_the_key_does_not_follow_to_another_host(client_of: ClientOf) -> None:
    """A next_url elsewhere ends the chain, and nobody there is asked."""
    with ScriptedServer(lambda _: page([])) as evil:
        first = {"status": "OK", "results": [1], "next_url": f"{evil.url}/v3/rows?cursor=1"}
        with ScriptedServer(lambda _: page(first)) as server, pytest.raises(ForeignOriginError):
            list(client_of(server).chain("/v3/rows", {}))
        assert evil.asked == []


def test_a_key_in_next_url_is_dropped(client_of: ClientOf) -> None:
    """It is asked for without, and the chain goes on."""
    script = Chain([[1, 2], [3]])
    with ScriptedServer(script) as server:
        script.base = lambda: server.url
        script.always = {0: page({**script.document(0), "next_url": f"{server.url}/v3/rows?cursor=1&apiKey=abc"})}
        assert sum(len(page.rows) for page in client_of(server).chain("/v3/rows", {"limit": "2"})) == 3
        assert [asked.target for asked in server.asked] == ["/v3/rows?limit=2", "/v3/rows?cursor=1"]


def test_a_chain_has_so_many_pages_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one that is allowed is taken; what never ends is not followed for ever."""
    monkeypatch.setattr("anthill.sources.polygon.paging._MOST_PAGES", 1000)
    links: dict[int, str | None] = {number: f"{START}?cursor={number + 1}" for number in range(1000)}
    pages = [[number] for number in range(1001)]
    whole = chain(fetch_from(pages, {**links, 999: None}), START)
    assert sum(1 for _ in whole) == 1000
    with pytest.raises(BrokenChainError, match=r"the chain does not end within 1,000 pages.*cursor=1000"):
        list(chain(fetch_from(pages, links), START))


def test_what_breaks_a_chain_is_named() -> None:
    """The page's number and the URL; pages without rows repeat nothing."""
    links: dict[int, str | None] = {0: f"{START}?cursor=1", 1: f"{START}?cursor=2", 2: f"{START}?cursor=1"}
    with pytest.raises(
        BrokenChainError, match=r"next_url of page 3 leads back to .* \[GET http://x/v3/rows\?cursor=1\]"
    ):
        list(chain(fetch_from([[1], [], []], links), START))
    with pytest.raises(BrokenChainError, match=r"page 2 repeats the rows .* \[GET http://x/v3/rows\?cursor=1\]"):
        list(chain(fetch_from([[1], [1]], {0: f"{START}?cursor=1"}), START))


def test_the_same_digest_with_another_number_of_rows_is_another_page() -> None:
    """A digest is a sum: by chance it may be the same."""
    pages = [
        Page(START, b"", 0, [msgspec.Raw(b"1")] * n, 7, None, f"{START}?{n}" if n < 3 else None) for n in (1, 2, 3)
    ]
    left = iter(pages)
    assert list(chain(lambda _: next(left), START)) == pages
