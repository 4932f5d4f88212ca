"""Erases objects of bronze, as the one role that can; safe to run again after it was cut off anywhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from anthill.bronze import landed_pages
from anthill.bronze.commits import Commit, Place, S3Client, form_of, parse
from anthill.bronze.cuts import Cuts
from anthill.bronze.erased import Erased as Replaced
from anthill.bronze.storage import Patience
from anthill.erasure import plan as plans
from anthill.erasure.plan import Object, Plan
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

    def __init__(self, s3: S3Client, plan: Plan, run: str, cuts: Cuts | None = None) -> None:
        """`cuts` are those of the database that the dataset is a table of: they go on naming what is rewritten."""
        self._s3, self._plan, self._bucket, self._run, self._cuts = s3, plan, plan.bucket, run, cuts
        self._patience = Patience()

    def erase(self) -> Erased:
        """First what others need is written anew, then every version that held rows goes; the newest objects last.

        A landing that comes between finds a whole newest revision at any moment.
        """
        places: defaultdict[Place, list[Object]] = defaultdict(list)
        for each in self._plan.objects:
            places[parse(each.key)[0]].append(each)
        by_day = self._plan.asked.market_date
        rewritten = [] if by_day else [commit for place, of in places.items() if (commit := self._rewritten(place, of))]
        if self._cuts:
            self._note(self._cuts, places)
        versions = sum(self._gone(key) for of in places.values() for key in sorted(each.key for each in of))
        self._check()
        return Erased(tuple(commit.key for commit in rewritten), versions)

    def _rewritten(self, place: Place, objects: list[Object]) -> Commit | None:
        """The newest revision without the rows as the next one; None where it has none of them."""
        committer = Committer(self._s3, self._bucket, self._run, self._patience)
        newest = committer.newest(place)
        if newest is None:
            return None
        asked, keys = self._plan.asked, self._plan.keys
        told = (asked.key, keys) if self._cuts else (asked.column, asked.digests)
        whose = plans.rows_of(asked, objects[-1].columns, *told)
        if not whose.look(landed_pages.read(self._s3, newest, self._patience)).theirs:
            return None
        pages = landed_pages.read(self._s3, newest, self._patience)
        with Content.of(whose.without(pages, newest.asof, form_of(newest.key))) as content:
            return committer.commit(place, content, newest).commit

    def _note(self, cuts: Cuts, places: Mapping[Place, list[Object]]) -> None:
        """Say what stands for what cuts name, before it is gone; the next try finds the same."""
        committer = Committer(self._s3, self._bucket, self._run, self._patience)
        newest = {place: committer.newest(place) for place in places}
        commits = {each.key: commit for place, commit in newest.items() if commit for each in places[place]}
        asked = self._plan.asked
        cuts.erasures.note(self._plan.sha256, Replaced(asked.dataset, asked.key, self._plan.keys, commits))

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
        left = plans.make(self._s3, self._bucket, self._plan.asked, self._cuts).objects
        if left:
            some = ", ".join(each.key for each in left[:3])
            raise LandedMeanwhileError(
                f"{len(left)} objects hold what was erased ({some}): it was landed meanwhile, for the source still "
                f"gives it: have it erased there first, then start another run"
            )
