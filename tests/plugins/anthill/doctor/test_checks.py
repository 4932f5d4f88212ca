"""Each check sees what is well and what is not, and says what to do."""

from __future__ import annotations

import datetime as dt
import re
import time
from types import SimpleNamespace
from typing import Any

import pytest

from anthill import catalog
from anthill.doctor import checks
from anthill.sources.polygon.client import Client, Patience
from anthill.sources.polygon.rate_limit import Gate
from anthill.sources.polygon.transport import Transport
from tests.scripted_server import Asked, Reply, ScriptedServer, error, http, page

NOW = dt.datetime(2026, 7, 3, 22, tzinfo=dt.UTC)


def client(server: ScriptedServer) -> Client:
    """A client with little patience."""
    return Client(Transport(server.url, "KEY"), Gate(0), Patience(0.1, 0.01, 0.02, 0.02))


def test_a_storage_that_is_well(s3: Any, bucket: str) -> None:
    """Listed, written once and never over, read."""
    found = checks.storage(s3, bucket)
    assert [check.ok for check in found] == [True] * 4
    assert found[2].said == "a second writer is refused"


def test_a_storage_that_lets_writers_overwrite_is_not_well(s3: Any, bucket: str) -> None:
    """Without conditional writes revisions may be lost."""

    def put_object(**arguments: Any) -> Any:
        arguments.pop("IfNoneMatch")
        return s3.put_object(**arguments)

    careless = SimpleNamespace(put_object=put_object, list_objects_v2=s3.list_objects_v2, get_object=s3.get_object)
    (bad,) = [check for check in checks.storage(careless, bucket) if not check.ok]
    assert "was not refused" in bad.said
    assert bad.do


def test_documents_that_are_well(s3: Any, bucket: str) -> None:
    """Created, replaced by who has read it; who has read what was there before is refused."""
    check = checks.documents(s3, bucket)
    assert (check.ok, check.said) == (True, "replaced by who has read it, and by nobody else")
    (kept,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert s3.get_object(Bucket=bucket, Key=kept["Key"])["Body"].read() == b"read"


def test_documents_that_anybody_replaces_are_not_well(s3: Any, bucket: str) -> None:
    """Without If-Match what another writer told may be lost."""

    def put_object(**arguments: Any) -> Any:
        return s3.put_object(**{name: value for name, value in arguments.items() if name != "IfMatch"})

    check = checks.documents(SimpleNamespace(put_object=put_object), bucket)
    assert not check.ok
    assert "was not refused" in check.said


def test_documents_that_have_no_bucket(s3: Any) -> None:
    """It is said, with the option to correct."""
    check = checks.documents(s3, "no-such-bucket")
    assert not check.ok
    assert "NoSuchBucket" in check.said
    assert "documents_bucket" in check.do


def test_a_bucket_that_is_not_there(s3: Any) -> None:
    """Each look says so, with what to do."""
    found = checks.storage(s3, "no-such-bucket")
    assert [check.ok for check in found] == [False] * 4
    assert all("NoSuchBucket" in check.said and "bronze_bucket" in check.do for check in (found[0], found[1], found[3]))


def test_the_peoples_bucket_that_is_not_there(s3: Any) -> None:
    """The option that names it is the one to correct."""
    found = checks.storage(s3, "no-such-bucket", "personal_bucket")
    assert ["personal_bucket" in check.do for check in found] == [True, True, False, True]


@pytest.mark.parametrize(("skew", "ok"), [(5.0, True), (-90.0, False)])
def test_clocks_that_differ(skew: float, ok: bool) -> None:
    """Half a minute is well, a minute and a half is not."""
    with ScriptedServer(lambda _: http(b"{}", date=time.time() + skew)) as server:
        assert checks.clock(client(server)).ok is ok


def test_a_key_and_its_plan() -> None:
    """What the plan has is told by its rows, what it lacks by the API's words; a wrong key is told as one."""

    def answer(asked: Asked) -> Reply:
        if "crypto" in asked.path:
            return error(403, {"status": "NOT_AUTHORIZED", "message": "You are not entitled to this data."})
        if asked.path == "/v1/marketstatus/now":
            return page({"market": "closed", "serverTime": "2026-07-03T18:00:00-04:00"})
        return page({"status": "OK", "resultsCount": 1, "results": [{"T": "A"}]})

    with ScriptedServer(answer) as server:
        assert checks.key(client(server)).ok
        plan = {check.name: check for check in checks.entitlements(client(server), NOW)}
    assert set(plan) == {f"plan has {name}" for name in catalog.with_past()}
    assert [name for name, check in plan.items() if not check.ok] == ["plan has crypto"]
    assert "not entitled" in plan["plan has crypto"].said
    assert "Upgrade" in plan["plan has crypto"].do
    with ScriptedServer(lambda _: error(401, {"status": "ERROR", "error": "Unknown API Key"})) as server:
        assert not checks.key(client(server)).ok


def test_a_refused_key_is_told_once() -> None:
    """The rest is not asked: nobody upgrades a plan or sets a clock for it, and the API has one call."""
    asked: list[str] = []

    def answer(question: Asked) -> Reply:
        asked.append(question.path)
        return error(401, {"status": "ERROR", "error": "Unknown API Key"})

    with ScriptedServer(answer) as server:
        first, *others = checks.api(client(server), NOW)
    assert (first.name, first.ok, first.do) == (
        "polygon_default",
        False,
        "Put a valid key into the password of polygon_default",
    )
    assert "Unknown API Key" in first.said
    assert "Put a valid" not in first.said  # `do` says it
    assert [check.name for check in others] == ["clock", *(f"plan has {name}" for name in catalog.with_past())]
    said = {(check.ok, check.asked, check.said, check.do) for check in others}
    assert said == {(False, False, "not asked: the key is refused", "")}
    assert asked == ["/v1/marketstatus/now"]


def test_an_api_that_fails_is_no_matter_of_key_plan_or_clock() -> None:
    """What is advised fits what happened."""
    with ScriptedServer(lambda _: error(503, {"status": "ERROR", "error": "down"})) as server:
        down = client(server)
        found = [checks.key(down), checks.clock(down), *checks.entitlements(down, NOW)]
        others = checks.api(down, NOW)[1:]
    assert {check.said for check in others} == {"not asked: the API did not answer"}
    for check in found:
        assert "503" in check.said
        assert not re.search("key|Upgrade|NTP", check.do)
        assert "status page" in check.do


def test_where_the_key_is_well_all_is_asked() -> None:
    """The key, the clock, and each asset class."""

    def answer(asked: Asked) -> Reply:
        if asked.path == "/v1/marketstatus/now":
            return page({"market": "closed", "serverTime": "2026-07-03T18:00:00-04:00"})
        return page({"status": "OK", "resultsCount": 1, "results": [{"T": "A"}]})

    with ScriptedServer(answer) as server:
        found = checks.api(client(server), NOW)
    assert len(found) == 2 + len(catalog.with_past())
    assert all(check.ok and check.asked for check in found if check.name != "clock"), found


@pytest.mark.parametrize(("rate", "slots", "ok"), [(5, 4, True), (5, 1, True), (3, 4, False), (0, 4, True)])
def test_a_rate_that_cannot_be_shared(rate: int, slots: int, ok: bool) -> None:
    """Each slot needs one call a minute."""
    assert checks.rate(rate, slots).ok is ok


def test_jobs_that_are_not_deployed() -> None:
    """Named, with what to deploy."""
    hook = SimpleNamespace(find_job_id_by_name=lambda name: None if name.endswith("gold") else 1)
    check = checks.jobs(hook)
    assert (check.ok, check.said) == (False, "no job anthill-gold, anthill-postgres-gold")
    assert "bundle" in check.do
