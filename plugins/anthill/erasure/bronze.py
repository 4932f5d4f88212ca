"""Erases objects of bronze, as the one role that can; safe to run again after it was cut off anywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from anthill.bronze import landed_pages
from anthill.bronze.commits import Commit, Place, S3Client, parse
from anthill.bronze.storage import Patience
from anthill.erasure import plan as plans
from anthill.erasure.plan import Plan
from anthill.landing.commit import Committer
from anthill.landing.content import Content


class Erased(msgspec.Struct, frozen=True):
    """What was done by this attempt: objects written anew, and versions that are gone."""

    rewritten: tuple[str, ...] = ()
    versions: int = 0


class LandedMeanwhileError(RuntimeError):
    """What is erased came again while it was: another run finds it."""


class Eraser:
    """Works through a plan as the role that erases."""

    def __init__(self, s3: S3Client, plan: Plan, run: str) -> None:
        self._s3, self._plan, self._bucket, self._run = s3, plan, plan.bucket, run
        self._patience = Patience()

    def erase(self) -> Erased:
        """First what others need is written anew, then every version that held rows goes; the newest objects last.

        A landing that comes between finds a whole newest revision at any moment.
        """
        places: defaultdict[Place, list[str]] = defaultdict(list)
        for each in self._plan.objects:
            places[parse(each.key)[0]].append(each.key)
        rewritten: list[str] = []
        versions = 0
        for place, keys in places.items():
            if not self._plan.asked.market_date and (commit := self._rewritten(place)):
                rewritten.append(commit.key)
            versions += sum(self._gone(key) for key in sorted(keys))
        self._check()
        return Erased(tuple(rewritten), versions)

    def _rewritten(self, place: Place) -> Commit | None:
        """The newest revision without the rows as the next one; None where it has none of them."""
        committer = Committer(self._s3, self._bucket, self._run, self._patience)
        newest = committer.newest(place)
        if newest is None:
            return None
        whose = plans.person(self._plan.asked)
        if not whose.look(landed_pages.read(self._s3, newest, self._patience)).theirs:
            return None
        pages = landed_pages.read(self._s3, newest, self._patience)
        with Content.of(whose.without(pages, newest.asof)) as content:
            return committer.commit(place, content, newest).commit

    def _gone(self, key: str) -> int:
        """Delete every version of a key, and what marks it as deleted; how many there were."""
        versions = list(self._versions(key))
        for version in versions:
            self._patience.call(
                lambda version=version: self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=version),  # type: ignore[misc]
                self._bucket,
                key,
            )
        return len(versions)

    def _versions(self, key: str) -> Iterator[str]:
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key)
        for page in self._patience.call(lambda: list(pages), self._bucket, key):
            for entry in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                if entry["Key"] == key:
                    yield entry["VersionId"]

    def _check(self) -> None:
        """LandedMeanwhileError where anything of it is there."""
        left = plans.make(self._s3, self._bucket, self._plan.asked).objects
        if left:
            some = ", ".join(each.key for each in left[:3])
            raise LandedMeanwhileError(
                f"{len(left)} objects hold what was erased ({some}): it was landed meanwhile, for the source still "
                f"gives it: have it erased there first, then start another run"
            )
