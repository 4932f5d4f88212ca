"""Plans of erasures and what came of them, beside bronze: each written once, and nobody's name in any."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Literal

import msgspec

from anthill.asset_class import AssetClass
from anthill.bronze import written_once
from anthill.bronze.commits import S3Client, TamperedError
from anthill.bronze.storage import Patience
from anthill.erasure import plan as plans
from anthill.erasure.asked import Asked
from anthill.erasure.plan import Plan

Outcome = Literal["erased", "rejected", "failed"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Who approved which plan when, and what was erased; a person is known by the digest."""

    plan: str  # its sha256
    asked: Asked
    outcome: Outcome
    approved_by: str
    approved_at: str
    run: str
    at: dt.datetime
    objects: int = 0
    versions: int = 0
    rewritten: tuple[str, ...] = ()
    rows: Mapping[str, int] = {}  # by table


class Records:
    """Those of one asset class, in the bucket that nothing is deleted from."""

    def __init__(self, s3: S3Client, bucket: str, declared: AssetClass) -> None:
        self._s3, self._bucket = s3, bucket
        self._folder = f"{declared.source}/{declared.asset_class}/_erasure/"
        self._patience = Patience()

    def keep(self, plan: Plan) -> str:
        """Keep a plan under its sha256; its URI."""
        key = self._plan_key(plan.sha256)
        written_once.put(self._s3, self._bucket, key, plan.body(), self._patience)
        return f"s3://{self._bucket}/{key}"

    def plan(self, sha256: str) -> Plan:
        """A plan that was kept; TamperedError where its bytes are others."""
        key = self._plan_key(sha256)
        body: bytes = self._patience.call(
            lambda: self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read(), self._bucket, key
        )
        if hashlib.sha256(body).hexdigest() != sha256:
            raise TamperedError(f"s3://{self._bucket}/{key} is not the plan that it is named by: nothing was erased")
        return plans.read(body)

    def write(self, record: Record) -> str:
        """Keep what came of a plan; its URI."""
        key = f"{self._folder}records/{record.at:%Y%m%dT%H%M%S%f}Z-{record.outcome}-{record.plan}.json"
        written_once.put(self._s3, self._bucket, key, msgspec.json.encode(record, order="sorted"), self._patience)
        return f"s3://{self._bucket}/{key}"

    def _plan_key(self, sha256: str) -> str:
        return f"{self._folder}plans/{sha256}.json"
