"""Airflow's web server in this process, with users of three kinds, over an S3 that holds a small index."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from anthill import catalog
from anthill.intervals import market_day
from anthill.ledger import gold
from anthill.ledger.documents import Documents
from anthill.ledger.recorder import Recorder
from anthill.ledger.results import Refused
from anthill.sources.errors import NotEntitledError, UnknownKeyError
from anthill.streams import listed
from anthill.streams.gaps import Gap
from anthill.streams.listed import Listed
from tests.plugins.anthill.aws import aws_connection
from tests.plugins.anthill.coverage.entries import BARS, commit, landed
from tests.plugins.anthill.landing.conftest import s3_url
from tests.plugins.anthill.landing.s3 import s3_at

__all__ = ["s3_url"]

BUCKET = "bronze-of-the-page"
NOW = "2026-07-03T18:00-04:00"
TODAY = dt.date(2026, 7, 3)
DAY, REFUSED, MISSING = dt.date(2026, 6, 30), dt.date(2026, 6, 29), dt.date(2026, 6, 26)


def at(clock: str) -> dt.datetime:
    """A time of the present day (UTC)."""
    return dt.datetime.fromisoformat(f"{TODAY}T{clock}+00:00")


@pytest.fixture(scope="module")
def app(airflow_database: None, s3_url: str) -> Iterator[Any]:
    """Airflow's app with the plugin mounted, as `airflow api-server` builds it."""
    polygon = {"conn_type": "polygon", "password": "k", "extra": {"plan": "basic"}}
    settings = {
        "AIRFLOW_CONN_AWS_DEFAULT": aws_connection(s3_url),
        "AIRFLOW_CONN_POLYGON_DEFAULT": json.dumps(polygon),
        "AIRFLOW__ANTHILL__BRONZE_BUCKET": BUCKET,
        "AIRFLOW__ANTHILL__DOCUMENTS_BUCKET": BUCKET,
        "AIRFLOW__ANTHILL__CLOCK": NOW,
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "ann:op,vera:viewer",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a-secret-of-this-test " * 4,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        fill(s3_at(s3_url))
        from anthill.ui.index import reader

        reader.cache_clear()
        yield web_server()
        reader.cache_clear()


@functools.cache
def web_server() -> Any:
    """Made once for all files that ask it, under the settings of `app`."""
    from airflow.api_fastapi.app import create_app, purge_cached_app

    with contextlib.suppress(Exception):
        purge_cached_app()
    return create_app(apps="core")


def fill(s3: Any) -> None:
    """One day landed, one refused, one of forex for its key; all others are missing; of crypto's stream two gaps."""
    s3.create_bucket(Bucket=BUCKET)
    recorder = Recorder(Documents(s3, BUCKET), "stocks/manual__1/land.grouped_daily/1")
    recorder.note(BARS, landed(commit(DAY), day=DAY))
    recorder.note(BARS, Refused(market_day("XNYS", REFUSED), NotEntitledError("your plan has no bars of that day")))
    by_key = UnknownKeyError("the API answered 401 ERROR: Unknown API Key")
    by_key.connection = "polygon_default"
    forex = catalog.load("forex").datasets["grouped_daily"]
    recorder.note(forex, Refused(market_day("forex", REFUSED), by_key))
    recorder.write()
    held = {"days": [str(REFUSED)], "why": "grouped_daily broke row_count", "outdated": False}
    standing = {"daily_prices": {"reads": ["grouped_daily"], "published": [str(DAY)], "held_back": [held]}}
    gap = Gap(at("10:00:02"), at("10:03:00"), "closed with 1006")
    late = Gap(at("20:30:00"), at("20:45:30"), "killed")
    known = Listed([gap, late], at("00:00:00"), at("21:54:00"), [gap.span])
    listed.note(Documents(s3, BUCKET), catalog.load("crypto").streams["minute_stream"], TODAY, known)
    gold.record(Documents(s3, BUCKET), catalog.load("stocks"), "stocks/manual__1/gold/2", standing)


@pytest.fixture(scope="module")
def client(app: Any) -> TestClient:
    """Somebody without a session."""
    return TestClient(app, raise_server_exceptions=True)


@pytest.fixture(scope="module")
def headers(app: Any) -> dict[str, dict[str, str]]:
    """What each user sends: the token that Airflow gave."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    roles = {"ann": "op", "vera": "viewer", "nobody": None}
    users = [SimpleAuthManagerUser(username=name, role=role) for name, role in roles.items()]
    return {user.username: {"Authorization": f"Bearer {get_auth_manager().generate_jwt(user)}"} for user in users}
