"""The web app as Airflow mounts it: loaded at the first request, since every Airflow process imports the plugin."""

from __future__ import annotations

import functools
from typing import Any

PREFIX = "/anthill"


@functools.cache
def _app() -> Any:
    from anthill.ui.app import app

    return app


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The ASGI app."""
    await _app()(scope, receive, send)


FASTAPI_APP = {"app": app, "url_prefix": PREFIX, "name": "Anthill"}
COVERAGE_VIEW = {
    "name": "Coverage",
    "href": f"{PREFIX}/coverage",
    "destination": "nav",
    "url_route": "coverage",
    "icon": f"{PREFIX}/static/icon.svg",
    "icon_dark_mode": f"{PREFIX}/static/icon-dark.svg",
    "nav_top_level": True,
}
