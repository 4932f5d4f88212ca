"""Lists of Unity Catalog over REST, whole."""

from __future__ import annotations

from typing import Any

from anthill.governance.permissions import Api

AT = "2.1/unity-catalog"


def everything(hook: Api, what: str, key: str = "", at: str = AT, **asked: str) -> list[dict[str, Any]]:
    """All pages of a list, such as tables of a schema; `key` is what its answers call it, where that differs."""
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        page = hook._do_api_call(("GET", f"{at}/{what}"), {**asked, **({"page_token": token} if token else {})})
        found += page.get(key or what) or []
        following = page.get("next_page_token") or ""
        if not following or following == token:
            return found
        token = following
