"""A chain of pages: each URL once, each page once, until one has no next_url."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from anthill.sources.page import Page
from anthill.sources.polygon.errors import BrokenChainError
from anthill.sources.polygon.urls import without_key

_MOST_PAGES = 100_000


def chain(fetch: Callable[[str], Page], first_url: str) -> Iterator[Page]:
    """All pages from the first URL on; BrokenChainError if one comes twice."""
    url: str | None = first_url
    urls: set[str] = set()
    contents: set[tuple[int, int]] = set()
    while url is not None:
        url = without_key(url)
        if url in urls:
            raise BrokenChainError(f"next_url of page {len(urls)} leads back to a URL already fetched", url)
        if len(urls) == _MOST_PAGES:
            raise BrokenChainError(f"the chain does not end within {_MOST_PAGES:,} pages", url)
        urls.add(url)
        page = fetch(url)
        content = (len(page.rows), page.digest)
        if page.rows and content in contents:
            raise BrokenChainError(f"page {len(urls)} repeats the rows of an earlier page", url)
        contents.add(content)
        yield page
        url = page.next_url
