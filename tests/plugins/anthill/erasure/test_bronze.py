"""A person, or a day, leaves bronze: every version of every object, and nobody else's rows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anthill import catalog
from anthill.bronze.commits import newest_revisions, read_commit
from anthill.bronze.copied import digest
from anthill.erasure import plan as plans
from anthill.erasure.asked import Asked
from anthill.erasure.bronze import Eraser, LandedMeanwhileError
from local import lake

from .panel import ANNA, BERT, CARL, DAY, NEXT, land, row

BUCKET = lake.PERSONAL
pytestmark = pytest.mark.usefixtures("people")


def everything(s3: Any) -> dict[str, bytes]:
    """What any version of any object holds, inflated."""
    found = s3.list_object_versions(Bucket=BUCKET)
    assert not found.get("DeleteMarkers")
    return {
        f"{each['Key']}@{each['VersionId']}": gzip.decompress(
            s3.get_object(Bucket=BUCKET, Key=each["Key"], VersionId=each["VersionId"])["Body"].read()
        )
        for each in found.get("Versions", [])
    }


def rows(s3: Any, key: str) -> list[tuple[str, float]]:
    """Who says what in an object, in its order."""
    body = gzip.decompress(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    pages = [json.loads(line) for line in body.splitlines()]
    assert all(page["count"] == len(page["results"]) for page in pages)
    return [(each["who"]["email"], each["says"]) for page in pages for each in page["results"]]


def asked(*people: str, column: str = "email") -> Asked:
    """An erasure of people."""
    return Asked("people", "panel", column, tuple(sorted(map(digest, people))))


def landed(s3: Any) -> list[str]:
    """Two revisions of a day, of which Bert is in both, and one of the next, in which he is not; their keys."""
    return [
        land(s3, BUCKET, DAY, [row(ANNA, 1), row(BERT, 2)], [row(CARL, 3)]),
        land(s3, BUCKET, DAY, [row(ANNA, 1), row(BERT, 4)], [row(CARL, 3)], minute=5),
        land(s3, BUCKET, NEXT, [row(ANNA, 5), row(CARL, 6)]),
    ]


def test_a_person_is_in_no_version_and_all_others_are_as_they_were(landing: Any, eraser: Any) -> None:
    """The newest answer is there without him, as of the same moment; the ones before it are gone."""
    first, second, other = landed(landing)
    before = read_commit(landing, BUCKET, second)
    plan = plans.make(landing, BUCKET, asked(BERT))
    assert [(each.key, each.rows) for each in plan.objects] == [(first, 1), (second, 1)]
    done = Eraser(eraser, plan, "run").erase()
    assert done.versions == 2
    (newest,) = newest_revisions(landing, BUCKET, catalog.load("people").datasets["panel"], DAY.isoformat()).values()
    assert done.rewritten == (newest,)
    assert rows(landing, newest) == [(ANNA, 1), (CARL, 3)]
    commit = read_commit(landing, BUCKET, newest)
    assert (commit.rows, commit.pages, commit.asof, commit.revision) == (2, 2, before.asof, 3)
    assert rows(landing, other) == [(ANNA, 5), (CARL, 6)]
    held = everything(eraser)
    assert len(held) == 2
    assert not any(BERT.encode() in body for body in held.values())


def test_the_same_answer_without_them_is_no_further_revision(landing: Any, eraser: Any) -> None:
    """What is written anew is known by the rows that are left: a source that erased them, too, adds nothing."""
    landed(landing)
    Eraser(eraser, plans.make(landing, BUCKET, asked(BERT)), "run").erase()
    (newest,) = newest_revisions(landing, BUCKET, catalog.load("people").datasets["panel"], DAY.isoformat()).values()
    assert land(landing, BUCKET, DAY, [row(ANNA, 1), row(CARL, 3)], minute=9) == newest


def test_whole_numbers_and_several_people(landing: Any, eraser: Any) -> None:
    """A column of numbers is asked for by their digits; a page whose rows all go stays, empty."""
    landed(landing)
    wanted = Asked("people", "panel", "member", tuple(sorted(map(digest, ("2", "3", "77")))))
    Eraser(eraser, plans.make(landing, BUCKET, wanted), "run").erase()
    keys = [
        key
        for day in (DAY, NEXT)
        for key in newest_revisions(landing, BUCKET, catalog.load("people").datasets["panel"], day.isoformat()).values()
    ]
    assert [rows(landing, key) for key in keys] == [[(ANNA, 1)], [(ANNA, 5)]]
    assert not any(who.encode() in body for who in (BERT, CARL) for body in everything(eraser).values())


def test_a_day_goes_whole(landing: Any, eraser: Any) -> None:
    """All its revisions, and nothing of another day."""
    first, second, other = landed(landing)
    plan = plans.make(landing, BUCKET, Asked("people", "panel", market_date=DAY))
    assert [each.key for each in plan.objects] == [first, second]
    assert Eraser(eraser, plan, "run").erase().versions == 2
    assert [key.partition("@")[0] for key in everything(eraser)] == [other]


class _CutOffError(Exception):
    """The process is killed."""


class Dying:
    """S3 whose process is killed before or after its nth call that changes anything."""

    def __init__(self, s3: Any, nth: int, after: bool) -> None:
        self._s3, self._left, self._after = s3, nth, after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._s3, name)
        return self._guarded(found) if name in ("put_object", "delete_object") else found

    def _guarded(self, found: Callable[..., Any]) -> Callable[..., Any]:
        def call(**given: Any) -> Any:
            self._left -= 1
            if not self._left and not self._after:
                raise _CutOffError
            answer = found(**given)
            if not self._left:
                raise _CutOffError
            return answer

        return call


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_cut_off_at_any_step_it_ends_the_same(landing: Any, eraser: Any, nth: int, after: bool) -> None:
    """Before or after each call that changes anything: a whole newest revision is there, and the next try ends it."""
    landed(landing)
    plan = plans.make(landing, BUCKET, asked(BERT))
    with pytest.raises(_CutOffError):
        Eraser(Dying(eraser, nth, after), plan, "run").erase()
    (newest,) = newest_revisions(landing, BUCKET, catalog.load("people").datasets["panel"], DAY.isoformat()).values()
    assert [each for each in rows(landing, newest) if each[0] != BERT] == [(ANNA, 1), (CARL, 3)]
    Eraser(eraser, plan, "again").erase()
    (newest,) = newest_revisions(landing, BUCKET, catalog.load("people").datasets["panel"], DAY.isoformat()).values()
    assert rows(landing, newest) == [(ANNA, 1), (CARL, 3)]
    assert len(everything(eraser)) == 2
    assert not any(BERT.encode() in body for body in everything(eraser).values())


def test_a_person_who_is_landed_meanwhile_is_told(landing: Any, eraser: Any) -> None:
    """A source that still gives them: red, and what to do, without a name."""
    landed(landing)
    plan = plans.make(landing, BUCKET, asked(BERT))
    again = land(landing, BUCKET, NEXT, [row(ANNA, 5), row(BERT, 7)], minute=9)
    with pytest.raises(LandedMeanwhileError, match=f"1 objects hold what was erased .{again}.: it was landed") as told:
        Eraser(eraser, plan, "run").erase()
    assert BERT not in str(told.value)


def test_a_plan_names_nobody(landing: Any) -> None:
    """Neither as it is kept nor as it is read; the same question has the same plan."""
    landed(landing)
    plan = plans.make(landing, BUCKET, asked(BERT, CARL))
    for text in (plan.body().decode(), plan.markdown()):
        assert not any(part in text for who in (BERT, CARL) for part in (who, who.split("@")[0]))
    assert plans.read(plan.body()) == plan
    assert plans.make(landing, BUCKET, asked(CARL, BERT)).sha256 == plan.sha256
    assert "3 objects" in plan.markdown()
    assert "5 rows" in plan.markdown()


def test_rows_that_nobody_can_read_are_counted(landing: Any, people: Path) -> None:
    """A row that no decoder takes may be anybody's: it stays, and who approves is told so."""
    from anthill.erasure.pages import Person

    dataset = catalog.load("people").datasets["panel"]
    page = rb'{"results":[{"who":{"email":"bert@example.org"}},{"who":{"email":"\ud800"}},{"who":[1]}]}'
    assert Person(dataset, "who.email", [digest(BERT)]).look([page]) == (1, 1)
